# SPDX-License-Identifier: Apache-2.0
"""Keys that systems give to values of data classes, and values that only look like one."""
import hashlib, string, uuid

from fresh_makers import (PLACES, SURNAMES, aadhaar, aba, address, b64, bsn, card, codice, cpf, day, digits, dni, hkid, iban, id18, imei, jwt, luhn, mobile, mod31, mynumber,
                          name, nhs, nir, nric, nrn, orgcode, password, pem, pesel, pick, pnr, rrn, ssn, steuer, twid, vin, word)

CLASSES = {  # class: maker, keys
    'id_card': (id18, ['cust id no', 'cert no', 'id card num', 'identity card no', 'zjhm', 'sfzhm', 'khzjhm', 'applicant id card', 'cert nbr', 'legal person id no', '身份证号', '证件号码', '法人身份证号码', '公民身份证号', '身份证', 'id card number', 'shenfenzheng hao', 'idcard no', 'holder id card no', 'insured cert no']),
    'id_card_15': (lambda r: r.choice(PLACES) + day(r, 1940, 1985).strftime('%y%m%d') + digits(r, 3), ['old id card', 'cert no old', 'cert no', 'idno', '身份证号', '证件号码', 'sfzh']),
    'mobile': (mobile, ['mobile', 'user mobile', 'mob phone', 'phone nbr', 'mobile tel', 'contact mobile', 'lxdh', 'sjhm', 'hand phone', 'cell num', 'link phone no', 'cust mobile no', 'reserved mobile', 'recv phone', '手机号码', '联系电话', '预留手机号', '联系人手机', 'sj hm', 'receiver phone', 'emergency contact phone', 'tel no', 'msisdn', 'bind mobile', 'phone1']),
    'landline': (lambda r: r.choice(['010', '021', '0571', '0755', '028', '025']) + '-' + r.choice('23456789') + digits(r, 7), ['office tel', 'fixed phone', 'home tel', 'fax no', '固定电话', '办公电话', '座机号码', 'company tel', 'unit phone', 'landline']),
    'email': (lambda r: '%s%s@%s' % (r.choice(['wang', 'li.na', 'zhang_wei', 'chen-x', 'liu']), digits(r, 3), r.choice(['163.com', 'qq.com', 'foxmail.com', 'bank.com.cn', 'gmail.com', 'sina.cn'])), ['email', 'e mail', 'mail addr', 'contact email', 'dzyx', '电子邮箱', '邮箱地址', 'user email', 'email address', 'notify to']),
    'name': (name, ['cust name', 'cust nm', 'kh xm', 'owner name', 'real name', 'xm', 'xing ming', 'contact person', 'borrower name', 'applicant name', 'insured name', 'payee name', 'acct name', 'account holder', 'link man', 'holder name', 'legal rep name', 'teller name', 'cust full name', '姓名', '客户姓名', '联系人', '联系人姓名', '申请人姓名', '户名', '持卡人姓名', '法定代表人', '收款人姓名', '借款人', 'khmc', 'recipient name', 'guarantor name', 'spouse name', 'pat name', 'doctor name', 'student name']),
    'name_latin': (lambda r: r.choice(['ZHANG WEI', 'LI XIAOMING', 'Wang Fang', 'Mary Johnson', 'John A Smith', 'CHEN JIE', 'Emma Thompson', 'Robert Miller']), ['card holder', 'cardholder name', 'english name', 'customer name', 'name on card', 'passenger name', '英文姓名', '姓名拼音', 'beneficiary name']),
    'address': (address, ['address', 'home addr', 'reg address', 'contact address', 'txdz', 'jtzz', '家庭住址', '联系地址', '通讯地址', '户籍地址', 'detail addr', 'work address', 'recv addr', 'residence addr', 'mailing address', 'delivery address', 'company addr', '收货地址', '单位地址']),
    'passport': (lambda r: r.choice(['E', 'G', 'EA', 'EB', 'EJ']).ljust(2, r.choice('0123456789')) + digits(r, 7), ['passport', 'passport no', 'hzhm', '护照号码', 'passport num', 'passport number', '护照号']),
    'hk_macau_permit': (lambda r: r.choice('HM') + digits(r, 8), ['hk permit', 'hkm permit no', '港澳通行证号', 'gatxz', '港澳居民来往内地通行证', 'home return permit']),
    'tw_permit': (lambda r: digits(r, 8), ['tw permit no', '台胞证号', 'taiwan permit', '台胞证']),
    'foreign_permit': (lambda r: r.choice(['USA', 'GBR', 'DEU', 'JPN']) + r.choice(['1100', '3100', '4400']) + day(r, 1950, 1999).strftime('%y%m%d') + digits(r, 2), ['foreign permit', 'permanent residence no', '外国人永久居留证', '永久居留证号']),
    'military_id': (lambda r: r.choice('南北沈兰成济广') + '字第' + digits(r, 8) + '号', ['officer card no', '军官证号', '军官证', 'military id no', '军人证件号']),
    'drivers_licence': (lambda r: digits(r, 12), ['driver license no', 'driving licence', '驾驶证号', '驾照号码', 'jsz', 'drivers license number', '驾驶证档案编号']),
    'plate': (lambda r: r.choice('京沪粤浙苏川鄂鲁') + r.choice('ABCDEFG') + r.choice([digits(r, 5), 'D' + digits(r, 5), word(r, 2, 'ABCDEFGH') + digits(r, 3)]), ['plate no', 'car no', 'license plate', 'cphm', '车牌号', '车牌号码', 'vehicle no', 'car plate no', '号牌号码']),
    'birthday': (lambda r: day(r).strftime(r.choice(['%Y-%m-%d', '%Y%m%d', '%Y/%m/%d', '%Y年%m月%d日'])), ['birthday', 'birth date', 'date of birth', 'dob', 'csrq', '出生日期', '生日', 'cust birthday', 'birth dt']),
    'gender': (pick('男', '女', 'M', 'F', 'male', 'female'), ['gender', 'sex', 'xb', '性别', 'cust sex', 'user gender']),
    'marital_status': (pick('已婚', '未婚', '离异', 'married', 'single'), ['marital status', 'hyzk', '婚姻状况', 'marriage', 'marriage status', '婚姻']),
    'education': (pick('本科', '硕士研究生', '大专', '高中', 'bachelor'), ['education', 'edu level', 'xl', '学历', '最高学历', 'highest education', 'degree', '文化程度']),
    'occupation': (pick('教师', '软件工程师', '公务员', '个体户', 'engineer'), ['occupation', 'profession', '职业', 'zhiye', 'job title', 'cust occupation', '职业名称']),
    'income': (lambda r: '%d' % (r.randint(30, 900) * 1000), ['annual income', 'month income', '年收入', '月收入', 'family income', 'salary', '税后月薪', 'yearly income']),
    'ethnicity': (pick('汉族', '回族', '满族', '壮族', '维吾尔族'), ['nation', 'ethnic', '民族', 'mz', 'minzu', 'ethnic group']),
    'religion': (pick('佛教', '基督教', '伊斯兰教', '无'), ['religion', '宗教信仰', 'religious belief']),
    'political_status': (pick('群众', '中共党员', '共青团员'), ['political status', '政治面貌', 'zzmm']),
    'nationality': (pick('中国', 'CHN', '美国', 'GBR'), ['nationality', '国籍', 'cust nationality']),
    'health': (pick('2型糖尿病', '高血压三级', '青霉素过敏', '慢性胃炎'), ['diagnosis', '诊断结果', '既往病史', 'medical history', '疾病名称', 'disease name', '过敏史', 'chief complaint', 'admission diagnosis']),
    'insurance_no': (lambda r: r.choice(['P', 'PA']) + digits(r, 13), ['policy no', '保单号', 'insurance no', '社保号', 'social security no', '医保卡号', 'bdh', 'policy number']),
    'biometric': (lambda r: b64(r, 60), ['face feature', '人脸特征', 'fingerprint', 'face template', 'voice print', '指纹特征', 'iris code']),
    'id_photo': (lambda r: '/9j/' + b64(r, 90), ['id card front', '身份证正面', 'id card back img', '证件照片', 'cert photo', '身份证反面']),
    'bank_card': (card, ['card no', 'bank card no', 'yhkh', '银行卡号', '卡号', 'pay card no', 'debit card number', 'payer acct', 'payee account', 'skzh', '收款账号', 'credit card no', 'acct no', 'card nbr', 'main card no', 'settle card', '还款卡号', 'bound card no']),
    'bank_account': (lambda r: '3100' + digits(r, 9) + '1', ['bank account no', 'bank acct', '银行账号', 'payer acct no', 'acct no', '开户账号', '对公账号']),
    'cvv': (lambda r: digits(r, 3), ['cvv', 'cvv2', 'cvn2', '安全码', 'card cvv', 'security code']),
    'card_expiry': (lambda r: '%02d/%02d' % (r.randint(1, 12), r.randint(25, 33)), ['card expiry', 'valid thru', '卡有效期', 'expiry date card', 'card exp']),
    'pin_block': (lambda r: r.randbytes(8).hex().upper(), ['pin block', 'pinblock', 'pin data', 'encrypted pin']),
    'track2': (lambda r: (lambda n: '%s=%02d%02d201%s' % (n, r.randint(25, 33), r.randint(1, 12), digits(r, 10)))(card(r).replace(' ', '')), ['track2', 'track 2 data', '二磁道', 'track2 data', '二磁道数据']),
    'payment_password': (lambda r: digits(r, 6), ['pay password', 'trade pwd', '支付密码', '交易密码', 'trans pwd', 'withdraw password', 'pay pwd']),
    'swift': (lambda r: word(r, 4, string.ascii_uppercase) + r.choice(['CN', 'HK', 'US', 'DE']) + word(r, 2, string.ascii_uppercase) + r.choice(['', 'XXX']), ['swift code', 'bic', 'swift bic', 'bank swift', 'SWIFT代码', 'beneficiary swift code']),
    'iban': (iban, ['iban', 'iban no', 'payee iban', '国际银行账号']),
    'cnaps': (lambda r: r.choice(['102', '103', '104', '105', '308']) + digits(r, 9), ['cnaps', '联行号', 'cnaps code', '开户行行号', 'bank line no', 'union bank no', 'payee bank cnaps', '支付系统行号']),
    'uscc': (mod31, ['uscc', 'social credit code', '统一社会信用代码', 'tyshxydm', 'credit code', 'ent credit code', '社会信用代码', 'unified social credit code', '营业执照号']),
    'org_code': (orgcode, ['organization code', '组织机构代码', 'zzjgdm', '组织机构代码证']),
    'tax_id': (lambda r: r.choice(PLACES) + digits(r, 9), ['tax no', '税号', '纳税人识别号', 'taxpayer no', 'nsrsbh', 'taxpayer id']),
    'contract_no': (lambda r: 'HT%s%s' % (day(r, 2018, 2024).strftime('%Y%m'), digits(r, 6)), ['contract no', '合同编号', 'loan contract no', 'agreement no', '合同号', '借款合同编号']),
    'loan': (lambda r: '%d.00' % (r.randint(1, 300) * 10000), ['loan amount', '贷款金额', 'loan balance', '逾期金额', 'overdue amount', 'overdue amt', '贷款余额', 'loan principal', '借款金额']),
    'balance': (lambda r: '%.2f' % (r.random() * 10**6), ['balance', 'acct balance', '账户余额', '可用余额', 'avail bal', 'current balance', 'avl bal', 'ye', 'card balance']),
    'transaction_amount': (lambda r: '%.2f' % (r.random() * 10**5), ['trans amt', '交易金额', 'transfer amount', 'txn amt', 'jyje', '转账金额', 'trade amount', 'tran amount', '支付金额', 'pay amount']),
    'credit_report': (lambda r: 'ZX' + digits(r, 14), ['credit report no', '征信报告编号', 'credit report id', '信用报告编号']),
    'credit_score': (lambda r: '%d' % r.randint(350, 900), ['credit score', '信用评分', 'sesame score', '信用分', '征信评分', 'credit rating']),
    'credit_limit': (lambda r: '%d' % (r.randint(1, 50) * 1000), ['credit limit', '信用额度', '授信额度', 'credit line', 'card limit', 'total credit limit']),
    'assets': (lambda r: '%d.50' % r.randint(10**5, 10**7), ['total assets', '总资产', 'net assets', 'aum', '资产总额', '持仓金额']),
    'vin': (vin, ['vin', 'vin code', '车架号', 'chassis no', 'frame no', 'cjh', '车辆识别代号', 'vehicle vin']),
    'engine_no': (lambda r: '4G' + digits(r, 2) + word(r, 1, 'STA') + digits(r, 6), ['engine no', '发动机号', 'engine number', 'fdjh', '发动机号码']),
    'location': (lambda r: '%.6f' % (100 + r.random() * 20), ['lng', 'longitude', '经度', 'gps lng', 'lon']),
    'ip': (lambda r: '%d.%d.%d.%d' % (r.randint(11, 220), r.randrange(256), r.randrange(256), r.randint(1, 254)), ['client ip', 'login ip', 'user ip', 'last login ip', '登录IP', 'remote addr', 'ip addr', 'reg ip', 'source ip']),
    'mac': (lambda r: ':'.join('%02X' % b for b in r.randbytes(6)), ['mac', 'mac address', 'wifi mac', 'device mac', 'MAC地址', 'bssid']),
    'imei': (imei, ['imei', 'imei1', 'device imei', '设备IMEI', 'phone imei']),
    'imsi': (lambda r: '46000' + digits(r, 10), ['imsi', 'sim imsi', 'user imsi']),
    'device_id': (lambda r: word(r, 16, '0123456789abcdef'), ['device id', 'android id', 'oaid', 'device fingerprint', '设备号', '设备指纹', 'udid', 'login device id']),
    'wechat': (lambda r: 'wxid_' + word(r, 14, string.ascii_lowercase + string.digits), ['wechat', 'wechat id', 'wx id', '微信号', 'weixin', 'wechat no', 'wx openid']),
    'qq': (lambda r: str(r.randint(10**7, 10**10)), ['qq', 'qq no', 'QQ号', 'qq number', 'user qq']),
    'alipay': (lambda r: 'zfb_' + word(r, 6, string.ascii_lowercase), ['alipay account', '支付宝账号', 'alipay id', 'payee alipay account']),
    'security_question': (pick('我的小学名称', '母亲的姓名是什么', 'my first pet'), ['security question', 'security answer', '密保问题', 'secret question', '密保答案']),
    'otp': (lambda r: digits(r, 6), ['sms code', 'verify code', '验证码', 'otp', 'captcha code', '短信验证码', 'dynamic code', 'sms verify code', 'dxyzm']),
    'us_ssn': (ssn, ['ssn', 'social security number', 'us ssn', 'applicant ssn']),
    'uk_nino': (lambda r: r.choice(['AB', 'CE', 'JG', 'PX']) + digits(r, 6) + r.choice('ABCD'), ['nino', 'national insurance number', 'ni number']),
    'uk_nhs': (nhs, ['nhs number', 'nhs no', 'patient nhs number']),
    'phone_intl': (lambda r: r.choice(['+1', '+44', '+49', '+61']) + ' ' + r.choice('2345678') + digits(r, 2) + ' ' + digits(r, 7), ['phone', 'contact number', 'whatsapp', 'mobile phone', 'telephone', '境外手机']),
    'us_itin': (lambda r: '9%s-%d-%s' % (digits(r, 2), r.choice([70, 75, 88, 90, 94]), digits(r, 4)), ['itin', 'us itin', 'applicant itin']),
    'us_routing': (aba, ['routing number', 'aba routing', 'routing no', 'bank routing number']),
    'es_dni': (dni, ['dni', 'nif', 'cliente dni']),
    'fr_nir': (nir, ['nir', 'insee', 'numero securite sociale']),
    'de_tax_id': (steuer, ['steuer id', 'steuer idnr', 'steueridentifikationsnummer']),
    'it_fiscal_code': (codice, ['codice fiscale', 'fiscal code', 'cod fiscale']),
    'nl_bsn': (bsn, ['bsn', 'burgerservicenummer', 'klant bsn']),
    'pl_pesel': (pesel, ['pesel', 'numer pesel', 'klient pesel']),
    'be_national_number': (nrn, ['insz', 'niss', 'rijksregisternummer']),
    'se_personnummer': (pnr, ['personnummer', 'person nr', 'kund personnummer']),
    'br_cpf': (cpf, ['cpf', 'cpf number', 'numero cpf', 'cliente cpf']),
    'in_aadhaar': (aadhaar, ['aadhaar', 'aadhaar number', 'aadhaar no', 'uidai']),
    'in_pan': (lambda r: word(r, 3, string.ascii_uppercase) + 'P' + word(r, 1, string.ascii_uppercase) + digits(r, 4) + word(r, 1, string.ascii_uppercase), ['pan no', 'pan number', 'pan card', 'pan']),
    'kr_rrn': (rrn, ['rrn', 'resident registration number', '주민등록번호']),
    'jp_my_number': (mynumber, ['my number', 'mynumber', 'マイナンバー', '個人番号']),
    'sg_nric': (nric, ['nric', 'nric no', 'customer nric']),
    'hk_id': (hkid, ['hkid', 'hkid no', '香港身份证号', '香港身份证', 'hkic']),
    'tw_id': (twid, ['tw id', 'taiwan id', '台湾身份证', '身分證字號']),
    'password': (password, ['password', 'passwd', 'login pwd', 'user pwd', '登录密码', 'new password', 'pwd', 'db password', 'ftp password']),
    'password_hash': (lambda r: r.choice(['$2a$10$' + word(r, 53, string.ascii_letters + string.digits + './'), '$2b$12$' + word(r, 53)]), ['password hash', 'pwd hash', 'password', 'hashed password', 'encoded password']),
    'jwt': (jwt, ['id token', 'jwt', 'access token', 'token', '令牌']),
    'private_key': (pem, ['private key', 'rsa key', 'pem', 'key content']),
    'aws_access_key': (lambda r: 'AKIA' + word(r, 16, string.ascii_uppercase + '234567'), ['access key id', 'aws ak', 'ak', 'aws access key id']),
    'access_key': (lambda r: r.choice(['LTAI5t' + word(r, 18), 'AKID' + word(r, 32)]), ['access key id', 'oss ak', 'access key', 'secret id']),
    'gcp_api_key': (lambda r: 'AIzaSy' + word(r, 33), ['maps key', 'google api key', 'api key']),
    'github_token': (lambda r: r.choice(['ghp_', 'gho_', 'ghs_']) + word(r, 36), ['git token', 'github token', 'ci token']),
    'gitlab_token': (lambda r: 'glpat-' + word(r, 20), ['gitlab token', 'private token', 'git pat']),
    'slack_token': (lambda r: 'xoxb-%s-%s-%s' % (digits(r, 12), digits(r, 12), word(r, 24)), ['slack token', 'bot token']),
    'stripe_key': (lambda r: r.choice(['sk_live_', 'rk_live_']) + word(r, 24), ['stripe key', 'stripe secret', 'pay key']),
    'url_credential': (lambda r: r.choice(['mysql://app:%s@10.2.3.4:3306/core', 'redis://:%s@cache.prod:6379/0', 'jdbc:mysql://10.3.4.5:3306/core?user=app&password=%s', 'mongodb://root:%s@m1:27017/admin']) % word(r, 12), ['db url', 'jdbc url', 'datasource', 'connection string', 'redis url']),
    'azure_secret': (lambda r: 'DefaultEndpointsProtocol=https;AccountName=acct;AccountKey=%s' % b64(r, 64), ['storage connection', 'azure storage', 'conn']),
    'access_token': (lambda r: uuid.UUID(int=r.getrandbits(128)).hex, ['access token', 'refresh token', 'session id', 'user token', 'auth token', 'login token']),
    'secret': (lambda r: word(r, 32), ['app secret', 'client secret', 'secret key', 'api secret', 'sign key', 'aes key', 'app key', '密钥']),
}
CHECKED = {'id_card', 'bank_card', 'uscc', 'org_code', 'vin', 'iban', 'imei', 'uk_nhs', 'us_routing', 'es_dni', 'fr_nir', 'de_tax_id', 'it_fiscal_code', 'nl_bsn', 'pl_pesel',
           'be_national_number', 'se_personnummer', 'br_cpf', 'in_aadhaar', 'kr_rrn', 'jp_my_number', 'sg_nric', 'hk_id', 'tw_id', 'track2'}

FILLERS = [  # what is no data of anybody
    (pick('正常', '冻结', 'ACTIVE', 'SUCCESS', '0', '1'), ['status', 'state', '状态', 'acct status', 'zt', 'result']),
    (lambda r: day(r, 2015, 2024).strftime(r.choice(['%Y-%m-%d', '%Y-%m-%d 10:22:31', '%Y%m%d'])), ['create time', 'update time', '创建时间', 'open date', 'gmt create', '开户日期', 'trans date', 'cjsj']),
    (pick('活期储蓄', '理财产品A款', '云闪付优惠', '信用贷', '白金卡权益'), ['product name', 'prod nm', '产品名称', 'goods name', 'biz type', 'cpmc', '业务类型']),
    (pick('中国工商银行杭州分行', '招商银行深圳支行', '个人金融部', '信息科技部'), ['branch name', 'dept name', '机构名称', '部门', 'open bank', '开户行', 'org nm']),
    (lambda r: str(r.randint(1, 9999)), ['count', 'total', 'page no', '序号', 'qty', 'version', 'sort', 'cnt']),
    (pick('手机银行', 'APP', 'WEB', '柜面', 'H5'), ['channel', '渠道', 'source', 'chnl', 'qd']),
    (pick('客户要求加急处理', '资料已齐全', '待复核', 'no remark', '请于工作日办理'), ['remark', '备注', 'memo', 'desc', 'bz', 'note']),
    (pick('浙江省', '北京', '华东区', 'CN', '440000'), ['province', '地区', 'region', 'area code', 'sf', 'city']),
    (lambda r: 'v%d.%d.%d' % (r.randint(1, 9), r.randrange(20), r.randrange(30)), ['app version', 'ver', '版本号', 'sdk version']),
    (pick('true', 'false', 'Y', 'N'), ['is vip', 'enabled', '是否有效', 'flag', 'sfyx']),
    (lambda r: 'https://static.bank.example/img/%s.png' % word(r, 8), ['avatar', 'icon url', 'pic', '图片', 'logo']),
]

THINGS = ['order id', 'order no', 'serial no', 'txn seq', 'biz no', 'trace id', 'request id', 'uid', 'user id', 'member id', 'cust id', 'item id', 'goods id', 'batch id', 'waybill no', 'ticket no', 'msg id',
          'row id', 'record id', 'oper id', 'seq', '流水号', '订单号', '编号', '工单号', '交易流水号', '序号', 'lsh', 'ddh', 'ddbh', 'jylsh', 'bh', 'gdh', 'ywlsh', 'id', 'parent id', 'file id', 'event id', 'ref no',
          'customer id', '客户编号', '用户ID', 'khbh', 'emp id', 'job id', 'tran no', 'voucher no', 'receipt no', '凭证号', '业务编号', 'sub order id', 'out trade no', 'merchant order no', 'bill id', 'apply no', 'sqbh']
TIMES = ['timestamp', 'ts', 'create time', 'update time', 'gmt modified', '时间戳', 'sjc', 'expire at', 'login time', 'last modified', 'event time', 'sync ts', '更新时间', 'cjsj']
SUMS = ['amount', 'total fee', 'order amt', 'price', 'cost', 'size', 'file size', 'offset', 'bytes', 'capacity', 'count', '金额', '总数', 'views', 'read count', 'max value', 'quota', 'stock']


def luhn_long(r):
    body = (r.choice(['62', '4', '51']) + digits(r, 17))[:r.choice([15, 18])]
    return body + luhn(body)


def wrong(make):
    """One digit off, so that the check fails."""
    def f(r):
        v = make(r)
        return v[:-1] + r.choice([c for c in '0123456789' if c != v[-1]])
    return f


DECOYS = {
    'mobile as identifier': (lambda r: mobile(r).replace(' ', '').replace('-', '').replace('+', '')[-11:], THINGS),
    'mobile as time or sum': (lambda r: mobile(r).replace(' ', '').replace('-', '').replace('+', '')[-11:], TIMES + SUMS),
    'milliseconds': (lambda r: str(1600000000000 + r.randrange(10**11)), TIMES),
    'seconds': (lambda r: str(1600000000 + r.randrange(10**8)), TIMES),
    'card as order': (luhn_long, THINGS[:37]),
    'long number': (lambda r: digits(r, r.randint(16, 19)), THINGS),
    'snowflake': (lambda r: str(r.randrange(10**17, 9 * 10**18)), THINGS),
    'id with wrong check': (wrong(id18), THINGS + ['cert no', 'id card', '身份证号', 'num']),
    'card with wrong check': (wrong(lambda r: '622202' + (lambda b: b + luhn('622202' + b))(digits(r, 12))), THINGS + ['code', 'no', 'num']),
    'uscc with wrong check': (wrong(mod31), THINGS + ['code', '代码']),
    'hash': (lambda r: hashlib.new(r.choice(['md5', 'sha1', 'sha256']), r.randbytes(9)).hexdigest(), ['md5', 'digest', 'etag', 'file hash', 'checksum', '摘要', 'sign', 'finger']),
    'uuid': (lambda r: str(uuid.UUID(int=r.getrandbits(128))), ['trace id', 'uuid', 'request id', 'guid', 'msg id', 'id', '唯一标识']),
    'masked mobile': (lambda r: '1%s****%s' % (digits(r, 2), digits(r, 4)), ['mobile', 'phone', '手机号', 'contact']),
    'masked id': (lambda r: '%s********%s' % (digits(r, 6), digits(r, 4)), ['cert no', '身份证号', 'id card']),
    'masked card': (lambda r: '622202******%s' % digits(r, 4), ['card no', '卡号', 'acct no']),
    'masked name': (lambda r: r.choice(SURNAMES) + '*' * r.choice((1, 2)), ['cust name', '姓名', 'name']),
    'date': (lambda r: day(r).strftime('%Y-%m-%d'), TIMES),
    'version': (lambda r: '%d.%d.%d.%d' % (r.randint(1, 9), r.randrange(20), r.randrange(30), r.randrange(99)), ['version', 'ver', 'app version', '版本', 'build']),
    'name of a thing': (pick('张裕葡萄酒', '李宁运动鞋', '周大福黄金', '王老吉凉茶', '康师傅红烧面', '白象方便面'), ['goods name', 'product name', '商品名称', 'brand', 'sku name']),
}

PROSE = [
    ['尊敬的', ('name',), '您好，您尾号的银行卡', ('bank_card',), '已绑定手机', ('mobile',), '，请留意。'],
    ['客户', ('name',), '（身份证', ('id_card',), '）来电反映账户异常，回拨电话', ('mobile',), '。'],
    ['请将款项汇入', ('name',), '账户', ('bank_card',), '，开户行工商银行。'],
    ['收件人', ('name',), '，地址：', ('address',), '，电话', ('mobile',), '。'],
    ['发票抬头税号', ('uscc',), '，请开具增值税专用发票，寄送邮箱', ('email',), '。'],
    ['车主', ('name',), '的车辆', ('plate',), '于昨日出险，联系方式', ('mobile',), '。'],
    ['经核实，身份证号', ('id_card',), '与预留手机号', ('mobile',), '一致。'],
    ['联系人：', ('name',), '；手机：', ('mobile',), '；邮箱：', ('email',), '；'],
    ['借款人', ('name',), '，身份证号码为', ('id_card',), '，现住址为', ('address',), '。'],
    ['经办人', ('name',), '已完成复核，编号2024111912345。'],
    ['护照', ('passport',), '持有人', ('name',), '已入境。'],
    ['报警电话记录：机主', ('mobile',), '，固定电话', ('landline',), '。'],
]
