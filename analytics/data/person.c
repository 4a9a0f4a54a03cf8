/* SPDX-License-Identifier: Apache-2.0 */
/* Names of persons and postal addresses. */
#include "analytics/data/surnames.h"
#include "analytics/data/validate.h"

static bool is_han(uint32_t c) { return c >= 0x4e00 && c <= 0x9fff; }

static bool surname(uint32_t c) {
  size_t lo = 0, hi = sizeof surnames / sizeof *surnames;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (surnames[mid] == c) return true;
    if (surnames[mid] < c)
      lo = mid + 1;
    else
      hi = mid;
  }
  return false;
}

static bool surname_two(struct span s) {
  if (s.len < 6) return false;
  for (size_t i = 0; i < sizeof surnames_two / sizeof *surnames_two; i++)
    if (s.base[2] == (uint8_t)surnames_two[i][2] && memcmp(s.base, surnames_two[i], 6) == 0) return true;
  return false;
}

/* Characters that end a name in running text rather than belong to it. */
static bool never_given(uint32_t c) {
  static const char stop[] = "的了在是于和与及或为有已将被把向从到请您你我他她它们这那其此等吗呢吧账户款项办"
                             "理业务身份证号电话手机码";
  struct span s = {(const uint8_t *)stop, sizeof stop - 1};
  while (s.len) {
    size_t n;
    if (validate_char(s, &n) == c) return true;
    s = span_skip(s, n);
  }
  return false;
}

/* Words that begin with a surname and are none: companies, things, roles. */
static bool thing(struct span s) {
  static const char *const tails[] = {
      "公司", "银行", "集团", "药业", "制药", "科技", "股份", "有限", "产品", "运动鞋", "凉茶", "超市",
      "酒店", "学校", "大学", "医院", "中心", "部门", "支行", "分行", "省",   "市",     "县",   "师傅",
      "先生", "女士", "经理", "老师", "商城", "平台", "系统", "服务", "测试", "管理员", "用户", "客户",
      "证券", "基金", "保险", "积存", "高科", "成功", "失败", "异常", "完成"};
  for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
    struct span tail = span_str(tails[i]);
    if (s.base[s.len - 1] == tail.base[tail.len - 1] && span_ends(s, tail)) return true;
  }
  return false;
}

/* Common words that begin like a name: after "用户" and the like, and in columns of states. */
static bool common_word(struct span s) {
  static const char words[] =
      "关系安全成功成绩权益权限权利管理高级单位平台部门万元余额广告计划全部全国历史公司常用常见任务强制明细程"
      "序温馨文件文字黄金双方应用项目包括车辆时间严重解除解锁连续查询钱包支付能力费用游戏师傅家庭金额方式"
      "方案路径申请冻结注销登录注册认证签约开户销户信息高风包含向下向上成为成员宁可经理都是和平段落"
      "何时何地空白空间易用计算车险房贷贷款牛市";
  if (s.len < 6) return false;
  for (size_t i = 0; i + 6 < sizeof words; i += 6)
    if (memcmp(words + i, s.base, 6) == 0) return true;
  return false;
}

size_t validate_name_head(struct span s, bool whole) {
  size_t n, at, count;
  uint32_t c = validate_char(s, &n);
  if (!is_han(c)) return 0;
  bool single = surname(c);
  if ((!whole || s.len == 6) && common_word(s)) return 0;
  if (single && whole && s.len <= 9)
    at = n, count = 1; /* three characters at most: one way or the other a name */
  else if (surname_two(s))
    at = 6, count = 2;
  else if (single)
    at = n, count = 1;
  else
    return 0;
  size_t most = count + 2;
  while (at < s.len && count < most + (whole ? 1 : 0)) {
    c = validate_char(span_skip(s, at), &n);
    if (!is_han(c) || (!whole && never_given(c))) break;
    at += n;
    count++;
  }
  if (count < 2 || (count == 2 && !whole && surname_two(s))) return 0;
  return at;
}

/* 阿卜杜拉·买买提: parts joined by a dot. */
static bool dotted_name(struct span v) {
  size_t n, chars = 0, dots = 0;
  for (struct span s = v; s.len; s = span_skip(s, n)) {
    uint32_t c = validate_char(s, &n);
    if (c == 0xb7 || c == 0x2022 || c == 0x30fb)
      dots++;
    else if (is_han(c))
      chars++;
    else
      return false;
  }
  return dots >= 1 && dots <= 4 && chars >= 3 && chars <= 20;
}

/* Ends of names of fields: 安全码, 车架号, 台胞证. */
static bool field_end(struct span v) {
  static const char ends[] = "码号证址额率型费卡款量称戳区省县镇市部";
  if (v.len < 6) return false;
  for (size_t i = 0; i + 3 < sizeof ends; i += 3)
    if (memcmp(v.base + v.len - 3, ends + i, 3) == 0) return true;
  return false;
}

bool validate_name(struct span v, bool keyed) {
  if (!keyed || v.len < 4 || validate_masked(v) || field_end(v)) return false;
  if (validate_name_head(v, true) == v.len && v.len <= 15) return v.len < 9 || !thing(v);
  return v.len >= 12 && dotted_name(v);
}

/* Names in Latin letters: two words and more, each begun with a capital, or all capitals. */
bool validate_person(struct span v, bool keyed) {
  if (!keyed) return false;
  if (v.len && v.base[0] >= 0x80) return validate_name(v, keyed);
  size_t words = 0, letters = 0;
  bool start = true;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    bool alpha = ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80;
    if (alpha) {
      if (start && !(c >= 'A' && c <= 'Z') && c < 0x80) return false;
      words += start;
      start = false;
      letters++;
    } else if (c == ' ' || c == '.' || c == '/' || c == ',') {
      start = true;
    } else if (c != '-' && c != '\'') {
      return false;
    }
  }
  return words >= 2 && words <= 5 && letters >= 4;
}

static size_t province_head(struct span s) {
  static const char *const full[] = {"北京市",         "天津市",         "上海市",         "重庆市",
                                     "河北省",         "山西省",         "辽宁省",         "吉林省",
                                     "黑龙江省",       "江苏省",         "浙江省",         "安徽省",
                                     "福建省",         "江西省",         "山东省",         "河南省",
                                     "湖北省",         "湖南省",         "广东省",         "海南省",
                                     "四川省",         "贵州省",         "云南省",         "陕西省",
                                     "甘肃省",         "青海省",         "台湾省",         "内蒙古自治区",
                                     "广西壮族自治区", "西藏自治区",     "宁夏回族自治区", "新疆维吾尔自治区",
                                     "香港特别行政区", "澳门特别行政区", "内蒙古",         "广西",
                                     "西藏",           "宁夏",           "新疆",           "香港",
                                     "澳门",           "北京",           "天津",           "上海",
                                     "重庆",           "河北",           "山西",           "辽宁",
                                     "吉林",           "黑龙江",         "江苏",           "浙江",
                                     "安徽",           "福建",           "江西",           "山东",
                                     "河南",           "湖北",           "湖南",           "广东",
                                     "海南",           "四川",           "贵州",           "云南",
                                     "陕西",           "甘肃",           "青海",           "台湾"};
  for (size_t i = 0; i < sizeof full / sizeof *full; i++)
    if (span_starts(s, span_str(full[i]))) return strlen(full[i]);
  return 0;
}

/* What a place's name ends in, by how narrow it is. */
static unsigned place_rank(uint32_t c) {
  switch (c) {
  case 0x7701: return 1; /* 省 */
  case 0x5e02:
  case 0x5dde:
  case 0x76df: return 2; /* 市州盟 */
  case 0x533a:
  case 0x53bf:
  case 0x65d7: return 3; /* 区县旗 */
  case 0x9547:
  case 0x4e61:
  case 0x6751:
  case 0x793e: return 4; /* 镇乡村社 */
  case 0x8def:
  case 0x8857:
  case 0x5df7:
  case 0x9053:
  case 0x5f04:
  case 0x80e1:
  case 0x6865: return 5; /* 路街巷道弄 */
  case 0x53f7:
  case 0x680b:
  case 0x697c:
  case 0x5ba4:
  case 0x5ea7:
  case 0x5e62:
  case 0x5c42: return 6; /* 号栋楼室座幢层 */
  default: return 0;
  }
}

static bool address_char(uint32_t c) {
  return is_han(c) || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         c == '-' || c == '#' || c == 0xff08 || c == 0xff09 || c == '(' || c == ')' || c == 0xb7 ||
         (c >= 0xff10 && c <= 0xff19);
}

static size_t address_extent(struct span s, size_t at, unsigned *ranks, unsigned *deepest) {
  size_t end = at, n, since = 0;
  while (at < s.len && since < 30) {
    uint32_t c = validate_char(span_skip(s, at), &n);
    if (!address_char(c) && !(c == ' ' && *ranks)) break;
    at += n;
    since++;
    unsigned r = place_rank(c);
    if (!r) continue;
    since = 0;
    *ranks |= 1u << r;
    if (r > *deepest) *deepest = r;
    end = at;
  }
  return end;
}

size_t validate_address_head(struct span s) {
  unsigned ranks = 0, deepest = 0;
  size_t head = province_head(s);
  if (!head) return 0;
  size_t end = address_extent(s, head, &ranks, &deepest);
  if (end <= head || deepest < 4 || end < 18) return 0;
  if (span_find(span_head(s, end), SPAN_LIT("证号")) < end) return 0; /* 香港身份证号 */
  return end;
}

static bool latin_address(struct span v) {
  static const char *const words[] = {"street", " st",    "road", " rd",   "avenue",  " ave", "lane",
                                      "drive",  "blvd",   "apt",  "suite", "floor",   "room", "district",
                                      "court",  "square", "way",  "box",   "building"};
  size_t digits = 0, spaces = 0, letters = 0;
  for (size_t i = 0; i < v.len; i++) {
    digits += v.base[i] >= '0' && v.base[i] <= '9';
    spaces += v.base[i] == ' ';
    letters += (v.base[i] | 32) >= 'a' && (v.base[i] | 32) <= 'z';
  }
  if (!digits || !spaces || letters < 5 || span_find(v, SPAN_LIT("://")) < v.len) return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_find_nocase(v, span_str(words[i])) < v.len) return true;
  return false;
}

bool validate_address(struct span v, bool keyed) {
  if (validate_masked(v)) return false;
  if (v.len && v.base[0] < 0x80 && v.base[0] != ' ') return keyed && latin_address(v);
  size_t n = validate_address_head(v);
  if (n && (n == v.len || keyed)) return true;
  if (!keyed) return false;
  unsigned ranks = 0, deepest = 0;
  address_extent(v, 0, &ranks, &deepest);
  return v.len >= 18 ? ranks != 0 : deepest >= 5;
}
