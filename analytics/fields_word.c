/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields hold words of a closed set that may be shown as they are. */
#include "analytics/fields.h"

#define IS_UPPER(c) ((c) >= 'A' && (c) <= 'Z')
#define IS_LOWER(c) ((c) >= 'a' && (c) <= 'z')
#define IS_DIGIT(c) ((c) >= '0' && (c) <= '9')

/* The last word of a name: "txnStatus", "order_status" and "STATUS" end alike. */
static struct span last_word(struct span key) {
  size_t i = key.len;
  bool caps = i > 0 && IS_UPPER(key.base[i - 1]);
  while (i > 0) {
    uint8_t c = key.base[i - 1];
    if (c == '_' || c == '-' || c == '.' || c == ':' || c == '@') break;
    if (!caps && IS_UPPER(c)) return span_skip(key, i - 1);
    i--;
  }
  return span_skip(key, i);
}

bool fields_word_key(struct span key) {
  /* clang-format off */
  static const char *const words[] = {
    "status", "state", "type", "kind", "currency", "ccy", "channel", "level", "category", "mode", "result",
    "method", "action", "lang", "language", "locale", "priority", "source", "unit", "format", "sort",
    "order", "orderby", "direction", "scope", "role", "protocol", "encoding", "phase", "stage", "outcome",
    "severity", "platform", "env", "environment", "algorithm", "alg", "product", "event", "operation", "op",
    "frequency", "period", "interval", "strategy", "visibility", "decision", "reason", "zhuangtai",
    "leixing", "bizhong", "qudao", "zhonglei", "jibie", "fangshi", "jieguo", "biaozhi", "flag",
  };
  /* clang-format on */
  struct span last = last_word(key);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_eq_nocase(last, span_str(words[i]))) return true;
  return false;
}

bool fields_word_value(const struct leaf *leaf) {
  struct span v = leaf->value;
  size_t digits = 0;
  if (!v.len || v.len > FIELD_WORD || leaf->type == LEAF_BYTES || leaf->type == LEAF_TEXT) return false;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    digits += IS_DIGIT(c);
    if (!IS_DIGIT(c) && !IS_UPPER(c) && !IS_LOWER(c) && c != '_' && c != '-') return false;
  }
  return digits <= 2;
}
