# SPDX-License-Identifier: Apache-2.0
"""Values of data classes, with their checks by their standards."""
import base64, datetime, json, string

PLACES = ['110105', '310115', '440106', '330106', '320102', '510107', '420106', '610113', '370202', '350203', '500103', '210102', '120101', '430102', '340104']
SURNAMES = '王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤'
DOUBLE = ['欧阳', '上官', '司马', '诸葛', '东方', '皇甫', '尉迟', '令狐', '慕容', '司徒']
GIVEN = '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国文志鑫浩宇轩梓涵子墨一诺欣怡思远嘉豪雨桐佳琪俊凯晓东海燕春花'


def digits(r, n):
    return ''.join(r.choice(string.digits) for _ in range(n))


def luhn(body):
    s = 0
    for k, c in enumerate(reversed(body)):
        x = int(c) * 2 if k % 2 == 0 else int(c)
        s += x - 9 if x > 9 else x
    return str(-s % 10)


def day(r, first=1950, last=2005):
    return datetime.date(first, 1, 1) + datetime.timedelta(r.randrange((last - first) * 365))


def id18(r):
    body = r.choice(PLACES) + day(r).strftime('%Y%m%d') + digits(r, 3)
    return body + '10X98765432'[sum(int(c) * w for c, w in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11]


def mobile(r):
    n = r.choice(['13%s' % r.choice('0123456789'), '15%s' % r.choice('012356789'), '18%s' % r.choice('0123456789'), '17%s' % r.choice('35678'), '19%s' % r.choice('13589'),
                  '166', '147']) + digits(r, 8)
    return r.choice([n] * 6 + ['+86' + n, '+86-' + n, '86' + n, n[:3] + ' ' + n[3:7] + ' ' + n[7:], n[:3] + '-' + n[3:7] + '-' + n[7:]])


def card(r):
    head, size = r.choice([('622202', 19), ('621700', 19), ('622848', 19), ('621661', 19), ('625912', 16), ('622575', 16), ('436742', 16), ('552245', 16), ('518710', 16)])
    body = head + digits(r, size - 7)
    n = body + luhn(body)
    return ' '.join(n[i:i + 4] for i in range(0, len(n), 4)) if r.random() < 0.15 else n


def name(r):
    s = r.choice(DOUBLE) if r.random() < 0.04 else r.choice(SURNAMES)
    return s + ''.join(r.choice(GIVEN) for _ in range(r.choice((1, 2, 2, 2))))


def address(r):
    a = r.choice(['北京市朝阳区', '上海市浦东新区', '广东省广州市天河区', '浙江省杭州市余杭区', '江苏省南京市玄武区', '四川省成都市武侯区', '湖北省武汉市武昌区', '福建省厦门市思明区'])
    return a + r.choice(['建设路', '人民路', '中山北路', '解放大道', '科技园南路', '滨江大道']) + '%d号' % r.randint(1, 999) + r.choice(
        ['', '%d栋%d室' % (r.randint(1, 30), r.randint(101, 2808)), '锦绣花园%d幢%d单元%d' % (r.randint(1, 20), r.randint(1, 4), r.randint(101, 1802))])


def mod31(r):
    table = '0123456789ABCDEFGHJKLMNPQRTUWXY'
    org = ''.join(r.choice(table) for _ in range(8))
    s = sum((int(c) if c.isdigit() else ord(c) - 55) * w for c, w in zip(org, (3, 7, 9, 10, 5, 8, 4, 2)))
    if s % 11 == 1:  # the check character of the inner code would be X
        return mod31(r)
    body = r.choice(['91', '92', '93', '12', '51']) + r.choice(PLACES) + org + str((11 - s % 11) % 11)
    s = sum(table.index(c) * (3 ** i % 31) for i, c in enumerate(body))
    return body + table[-s % 31]


def orgcode(r):
    org = digits(r, 8)
    s = 11 - sum(int(c) * w for c, w in zip(org, (3, 7, 9, 10, 5, 8, 4, 2))) % 11
    return org + '-' + ('X' if s == 10 else '0' if s == 11 else str(s))


def vin(r):
    letters = 'ABCDEFGHJKLMNPRSTUVWXYZ'
    t = [r.choice(letters + string.digits) for _ in range(17)]
    t[0] = 'L'
    value = dict(zip('ABCDEFGHJKLMNPRSTUVWXYZ', (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)))
    s = sum((int(c) if c.isdigit() else value[c]) * w for c, w in zip(t, (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)))
    t[8] = '0123456789X'[s % 11]
    return ''.join(t)


def iban(r):
    country, size = r.choice([('DE', 18), ('NL', 14), ('FR', 23), ('ES', 20), ('CH', 17)])
    body = ('ABNA' + digits(r, 10)) if country == 'NL' else digits(r, size)
    s = ''.join(str(int(c, 36)) for c in body + country) + '00'
    t = country + '%02d' % (98 - int(s) % 97) + body
    return ' '.join(t[i:i + 4] for i in range(0, len(t), 4)) if r.random() < 0.2 else t


def imei(r):
    body = '86' + digits(r, 12)
    return body + luhn(body)


def nhs(r):
    while True:
        b = digits(r, 9)
        c = 11 - sum(int(d) * (10 - i) for i, d in enumerate(b)) % 11
        if c != 10:
            return b[:3] + ' ' + b[3:6] + ' ' + b[6:] + str(c % 11)


def aba(r):
    b = '%02d' % r.randint(1, 12) + digits(r, 6)
    return b + str(-sum(int(d) * w for d, w in zip(b, (3, 7, 1, 3, 7, 1, 3, 7))) % 10)


def cpf(r):
    b = [r.randrange(10) for _ in range(9)]
    for _ in range(2):
        s = sum(d * w for d, w in zip(b, range(len(b) + 1, 1, -1))) * 10 % 11
        b.append(s % 10)
    t = ''.join(map(str, b))
    return '%s.%s.%s-%s' % (t[:3], t[3:6], t[6:9], t[9:])


def pesel(r):
    b = day(r, 1950, 1999).strftime('%y%m%d') + digits(r, 4)
    return b + str(-sum(int(d) * w for d, w in zip(b, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3))) % 10)


def nir(r):
    b = r.choice('12') + '%02d%02d' % (r.randint(50, 99), r.randint(1, 12)) + '%02d' % r.choice([75, 69, 13, 33, 59]) + '%03d' % r.randint(1, 500) + digits(r, 3)
    return b + '%02d' % (97 - int(b) % 97)


def bsn(r):
    while True:
        b = str(r.randint(1, 9)) + digits(r, 7)
        s = sum(int(d) * w for d, w in zip(b, range(9, 1, -1))) % 11
        if s < 10:
            return b + str(s)


def nrn(r):
    b = day(r, 1950, 1999).strftime('%y%m%d') + '%03d' % r.randint(1, 997)
    c = '%02d' % (97 - int(b) % 97)
    return '%s.%s.%s-%s.%s' % (b[:2], b[2:4], b[4:6], b[6:], c)


def pnr(r):
    b = day(r, 1950, 1999).strftime('%y%m%d') + digits(r, 3)
    return b[:6] + '-' + b[6:] + luhn(b)


def aadhaar(r):
    d = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 3, 4, 0, 6, 7, 8, 9, 5], [2, 3, 4, 0, 1, 7, 8, 9, 5, 6], [3, 4, 0, 1, 2, 8, 9, 5, 6, 7], [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
         [5, 9, 8, 7, 6, 0, 4, 3, 2, 1], [6, 5, 9, 8, 7, 1, 0, 4, 3, 2], [7, 6, 5, 9, 8, 2, 1, 0, 4, 3], [8, 7, 6, 5, 9, 3, 2, 1, 0, 4], [9, 8, 7, 6, 5, 4, 3, 2, 1, 0]]
    p = [[0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    for i in range(2, 8):
        p.append([p[i - 1][p[1][j]] for j in range(10)])
    b, c = r.choice('23456789') + digits(r, 10), 0
    for i, x in enumerate(reversed(b)):
        c = d[c][p[(i + 1) % 8][int(x)]]
    b += str([0, 4, 3, 2, 1, 5, 6, 7, 8, 9][c])
    return '%s %s %s' % (b[:4], b[4:8], b[8:])


def rrn(r):
    b = day(r, 1950, 1999).strftime('%y%m%d') + r.choice('12') + digits(r, 5)
    return b[:6] + '-' + b[6:] + str((11 - sum(int(d) * w for d, w in zip(b, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5))) % 11) % 10)


def mynumber(r):
    b = digits(r, 11)
    s = sum(int(d) * (n + 1 if n <= 6 else n - 5) for n, d in zip(range(11, 0, -1), b)) % 11
    return b + ('0' if s <= 1 else str(11 - s))


def nric(r):
    head, b = r.choice('ST'), digits(r, 7)
    s = sum(int(d) * w for d, w in zip(b, (2, 7, 6, 5, 4, 3, 2))) + (4 if head == 'T' else 0)
    return head + b + 'JZIHGFEDCBA'[s % 11]


def hkid(r):
    head, b = r.choice(string.ascii_uppercase), digits(r, 6)
    s = 36 * 9 + (ord(head) - 55) * 8 + sum(int(d) * w for d, w in zip(b, (7, 6, 5, 4, 3, 2)))
    c = (11 - s % 11) % 11
    return '%s%s(%s)' % (head, b, 'A' if c == 10 else c)


def twid(r):
    head, b = r.choice('ABCDEFGHJKLMNPQRSTUV'), r.choice('12') + digits(r, 7)
    v = {'A': 10, 'B': 11, 'C': 12, 'D': 13, 'E': 14, 'F': 15, 'G': 16, 'H': 17, 'J': 18, 'K': 19, 'L': 20, 'M': 21, 'N': 22, 'P': 23, 'Q': 24, 'R': 25, 'S': 26, 'T': 27, 'U': 28, 'V': 29}[head]
    s = v // 10 + v % 10 * 9 + sum(int(d) * w for d, w in zip(b, (8, 7, 6, 5, 4, 3, 2, 1)))
    return head + b + str(-s % 10)


def dni(r):
    n = r.randint(10**7, 10**8 - 1)
    return '%d%s' % (n, 'TRWAGMYFPDXBNJZSQVHLCKE'[n % 23])


def steuer(r):
    while True:
        b = digits(r, 10)
        count = sorted(b.count(c) for c in set(b))
        if b[0] == '0' or count != [1] * 8 + [2]:
            continue
        p = 10
        for c in b:
            s = (int(c) + p) % 10 or 10
            p = s * 2 % 11
        return b + str((11 - p) % 10)


def codice(r):
    odd = dict(zip('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ', (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)))
    b = ''.join(r.choice('BCDFGLMNPRSTV') for _ in range(6)) + '%02d' % r.randint(50, 99) + r.choice('ABCDEHLMPRST') + '%02d' % r.randint(1, 28) + r.choice('AFHL') + '%03d' % r.randint(100, 900)
    s = sum(odd[c] if i % 2 == 0 else (int(c) if c.isdigit() else ord(c) - 65) for i, c in enumerate(b))
    return b + chr(65 + s % 26)


def word(r, n, alphabet=string.ascii_letters + string.digits):
    return ''.join(r.choice(alphabet) for _ in range(n))


def b64(r, n):
    return base64.b64encode(r.randbytes(n)).decode()


def jwt(r):
    part = lambda x: base64.urlsafe_b64encode(json.dumps(x).encode()).decode().rstrip('=')
    return '%s.%s.%s' % (part({'alg': 'HS256', 'typ': 'JWT'}), part({'sub': digits(r, 8), 'iat': 1700000000 + r.randrange(10**7)}), base64.urlsafe_b64encode(r.randbytes(32)).decode().rstrip('='))


def pem(r):
    return '-----BEGIN RSA PRIVATE KEY-----\n%s\n-----END RSA PRIVATE KEY-----' % '\n'.join(b64(r, 48) for _ in range(8))


def ssn(r):
    return '%03d-%02d-%04d' % (r.choice([r.randint(1, 665), r.randint(667, 899)]), r.randint(1, 99), r.randint(1, 9999))


def password(r):
    return word(r, r.randint(2, 4)) + r.choice('!@#$%^_') + word(r, r.randint(4, 7)) + r.choice(string.digits)


def pick(*words):
    return lambda r: r.choice(words)
