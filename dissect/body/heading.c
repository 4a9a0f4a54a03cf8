/* SPDX-License-Identifier: Apache-2.0 */
/* Names of a table's columns. */
#include "dissect/body/heading.h"
#include "base/ascii.h"
#include "dissect/body/members.h"

enum { BEHIND = 8 };

bool heading_is_name(struct span s) {
  if (s.len == 0 || s.len > HEADING_TEXT || path_is_value(s)) return false;
  size_t letters = 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    letters += (c | 32) >= 'a' && (c | 32) <= 'z';
    letters += c >= 0x80;
    if (c == '@' || c == ':' || c < ' ') return false;
  }
  return letters > 0;
}

bool heading_is_field(struct span s) {
  static const char *const han[] = {
      "姓名", "名称",   "号码",   "编号",   "卡号", "账号", "帐号", "证号", "单号", "水号", "手机",
      "电话", "地址",   "住址",   "日期",   "时间", "金额", "类型", "状态", "性别", "年龄", "邮箱",
      "户名", "备注",   "序号",   "职业",   "学历", "民族", "余额", "代码", "单位", "部门", "机构",
      "证件", "身份证", "手机号", "车牌号", "渠道", "国籍", "生日", "额度", NULL};
  static const char *const latin[] = {"name",   "id",    "no",     "num",    "code",    "date",  "time",
                                      "type",   "phone", "mobile", "tel",    "mail",    "email", "address",
                                      "addr",   "card",  "amount", "amt",    "status",  "key",   "sex",
                                      "gender", "age",   "number", "remark", "balance", "xm",    "sjh",
                                      "sjhm",   "zjh",   "zjhm",   "sfzh",   "xb",      "dz",    NULL};
  if (!heading_is_name(s)) return false;
  if (s.base[s.len - 1] >= 0x80) return span_ends_in(s, han);
  bool mark = false, hump = false;
  for (size_t i = 1; i < s.len; i++) {
    mark |= s.base[i] == '_';
    hump |= ascii_is_upper(s.base[i]) && ascii_is_lower(s.base[i - 1]);
    if (s.base[i] == ' ') return false;
  }
  char low[HEADING_TEXT];
  for (size_t i = 0; i < s.len; i++) low[i] = (char)(ascii_is_upper(s.base[i]) ? s.base[i] | 32 : s.base[i]);
  return mark || hump || span_ends_in((struct span){(const uint8_t *)low, s.len}, latin);
}

void heading_set(struct heading *h, unsigned i, struct span text) {
  h->node[i] = NULL;
  h->len[i] = (uint8_t)(text.len <= HEADING_TEXT ? text.len : 0);
  memcpy(h->text[i], text.base ? text.base : (const uint8_t *)"", h->len[i]);
}

bool heading_take(struct heading *h, struct body_walk *w, unsigned i, struct span text,
                  struct path_node *item) {
  bool plain = text.len && text.base[text.len - 1] < 0x80 && span_index(text, ' ') == text.len;
  bool field = heading_is_field(text);
  heading_set(h, i, text);
  if (field || (plain && heading_is_name(text))) h->node[i] = path_child(w->paths, item, text);
  if (i >= h->count) h->count = i + 1;
  return h->node[i] != NULL;
}

struct path_node *heading_column(const struct heading *h, struct body_walk *w, unsigned i,
                                 struct path_node *item) {
  if (i >= h->count) return item;
  if (h->node[i]) return h->node[i];
  w->label[0] = heading_text(h, i);
  w->label_of = 0;
  return item;
}

/* Of an object that describes a column the member that names it. */
static struct span column_name(struct span object) {
  static const char *const names[] = {
      "name", "field", "columnName", "column_name", "label",   "title", "column", "fieldName",
      "prop", "key",   "dataIndex",  "header",      "caption", "text",  "code",   NULL};
  for (const char *const *n = names; *n; n++) {
    struct member m = members_find(object, *n);
    if (m.kind == '"') return m.value;
  }
  return (struct span){0};
}

bool heading_json(struct heading *h, struct body_walk *w, struct span list, unsigned want, bool sure,
                  struct path_node *item) {
  struct members m = {.rest = list, .list = true};
  struct member x;
  unsigned n = 0, fields = 0, plain = 0;
  while (members_next(&m, &x)) {
    if (n == HEADING_COLUMNS) return false;
    struct span text = x.kind == '"' ? x.value : x.kind == '{' ? column_name(x.value) : (struct span){0};
    text = span_trim(members_text(w->scratch, text));
    if (!heading_is_name(text)) return false;
    fields += heading_is_field(text);
    plain += text.base[text.len - 1] < 0x80 && span_index(text, ' ') == text.len;
    heading_set(h, n++, text);
  }
  h->count = n;
  if (n == 0 || n != want || (!sure && n == 1)) return false;
  if (fields * 2 >= n || (sure && (fields || plain == n))) /* else they may be data, which no path may show */
    for (unsigned i = 0; i < n; i++) h->node[i] = path_child(w->paths, item, heading_text(h, i));
  return true;
}

struct span heading_behind(struct span rest) {
  static const uint8_t none;
  struct members rows = {.rest = rest, .list = true}, after = {.rest = {&none, 0}};
  struct member x;
  while (members_next(&rows, &x)) {}
  if (!rows.rest.len || rows.rest.base[0] != ']') return (struct span){0};
  after.rest = span_skip(rows.rest, 1);
  for (unsigned i = 0; i < BEHIND && members_next(&after, &x); i++)
    if (x.kind == '[' && path_role(x.key) == PATH_HEADING)
      return span_skip(span_head(x.value, x.value.len - 1), 1);
  return (struct span){0};
}

unsigned heading_items(struct span rest) {
  struct members m = {.rest = rest, .list = true};
  struct member x;
  unsigned n = 0;
  while (n <= HEADING_COLUMNS && members_next(&m, &x)) n++;
  return m.rest.len && m.rest.base[0] == ']' ? n : 0;
}
