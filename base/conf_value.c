/* SPDX-License-Identifier: Apache-2.0 */
/* Values of options: numbers with suffixes, durations, words, lists. */
#include "base/conf_value.h"
#include "base/err.h"
#include "base/mem.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { NUMBER_MAX = 64, LIST_MAX = 4096 };

static void *field(const struct conf_option *o, void *into) { return (char *)into + o->offset; }

static char *copy(struct span s) { return mem_text(s.base, s.len); }

static bool in_range(const struct conf_option *o, double v) {
  return !(o->min < o->max) || (v >= o->min && v <= o->max);
}

static int read_bool(struct span s, bool *out) {
  static const char *const yes[] = {"true", "yes", "on"}, *const no[] = {"false", "no", "off"};
  for (int i = 0; i < 3; i++) {
    if (span_eq_nocase(s, span_str(yes[i]))) return *out = true, 0;
    if (span_eq_nocase(s, span_str(no[i]))) return *out = false, 0;
  }
  return ERR_SYNTAX;
}

static int read_int(const struct conf_option *o, struct span s, int64_t *out) {
  static const char units[] = "KMGT";
  bool minus = s.len && s.base[0] == '-';
  s = span_skip(s, minus);
  uint64_t v, scale = 1;
  if (s.len) {
    const char *unit = strchr(units, s.base[s.len - 1] & ~0x20);
    if (unit && s.base[s.len - 1] >= 'A') {
      scale = 1ULL << (10 * (unit - units + 1));
      s.len--;
    }
  }
  int rc = span_u64(s, &v);
  if (rc < 0) return rc;
  if (__builtin_mul_overflow(v, scale, &v) || v > INT64_MAX) return ERR_RANGE;
  int64_t n = minus ? -(int64_t)v : (int64_t)v;
  if (!in_range(o, (double)n)) return ERR_RANGE;
  *out = n;
  return 0;
}

/* A decimal at the front of s, and what follows it. */
static int read_number(struct span s, double *out, struct span *rest) {
  char z[NUMBER_MAX], *end;
  if (!s.len || !span_text(z, sizeof z, s)) return ERR_SYNTAX;
  if (strspn(z, "+-.0123456789") == 0 || strpbrk(z, "xXpP")) return ERR_SYNTAX;
  errno = 0;
  double v = strtod(z, &end);
  if (end == z || !isfinite(v)) return ERR_SYNTAX;
  if (errno == ERANGE) return ERR_RANGE;
  *out = v;
  *rest = span_trim(span_skip(s, (size_t)(end - z)));
  return 0;
}

static int read_double(const struct conf_option *o, struct span s, double *out) {
  double v;
  struct span rest;
  int rc = read_number(s, &v, &rest);
  if (rc < 0 || rest.len) return rc < 0 ? rc : ERR_SYNTAX;
  if (!in_range(o, v)) return ERR_RANGE;
  *out = v;
  return 0;
}

static int read_duration(const struct conf_option *o, struct span s, uint64_t *out) {
  static const struct {
    const char *unit;
    double seconds;
  } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  double v, scale = -1;
  struct span rest;
  int rc = read_number(s, &v, &rest);
  if (rc < 0) return rc;
  if (!rest.len && fpclassify(v) == FP_ZERO) scale = 1;
  for (size_t i = 0; i < sizeof units / sizeof *units; i++)
    if (span_eq(rest, span_str(units[i].unit))) scale = units[i].seconds;
  if (scale < 0) return ERR_SYNTAX;
  v *= scale;
  if (v < 0 || v > 9e9 || !in_range(o, v)) return ERR_RANGE;
  *out = (uint64_t)llround(v * 1e9);
  return 0;
}

static int read_enum(const struct conf_option *o, struct span s, int *out) {
  struct span words = span_str(o->words);
  for (int i = 0; words.len; i++) {
    if (!span_eq(span_cut(&words, '|'), s)) continue;
    *out = i;
    return 0;
  }
  return ERR_SYNTAX;
}

static int read_string(const struct conf_option *o, void *into, struct span s) {
  if (memchr(s.base ? s.base : (const uint8_t *)"", 0, s.len)) return ERR_SYNTAX;
  char *z = copy(s);
  if (!z) return ERR_NOMEM;
  conf_value_free(o, into);
  *(char **)field(o, into) = z;
  return 0;
}

int conf_value_scalar(const struct conf_option *o, void *into, struct span text) {
  struct span s = span_trim(text);
  switch (o->type) {
  case CONF_BOOL: return read_bool(s, field(o, into));
  case CONF_INT: return read_int(o, s, field(o, into));
  case CONF_DURATION: return read_duration(o, s, field(o, into));
  case CONF_DOUBLE: return read_double(o, s, field(o, into));
  case CONF_ENUM: return read_enum(o, s, field(o, into));
  case CONF_STRING: return read_string(o, into, text);
  case CONF_LIST: return s.len ? ERR_SYNTAX : conf_value_list(o, into, NULL, 0);
  }
  return ERR_SYNTAX;
}

static void free_list(struct conf_list *l) {
  for (size_t i = 0; i < l->count; i++) mem_free(l->item[i]);
  mem_free(l->item);
  *l = (struct conf_list){NULL, 0};
}

int conf_value_list(const struct conf_option *o, void *into, const struct span *item, size_t count) {
  struct conf_list l = {NULL, 0};
  if (count > LIST_MAX) return ERR_RANGE;
  if (count && !(l.item = mem_zalloc(count * sizeof *l.item))) return ERR_NOMEM;
  for (; l.count < count; l.count++) {
    l.item[l.count] = copy(item[l.count]);
    if (l.item[l.count]) continue;
    free_list(&l);
    return ERR_NOMEM;
  }
  free_list(field(o, into));
  *(struct conf_list *)field(o, into) = l;
  return 0;
}

static struct span unquote(struct span s) {
  bool quoted = s.len >= 2 && (s.base[0] == '"' || s.base[0] == '\'') && s.base[s.len - 1] == s.base[0];
  return quoted ? span_of(s.base + 1, s.len - 2) : s;
}

int conf_value_split(const struct conf_option *o, void *into, struct span text) {
  struct span s = span_trim(text);
  if (s.len >= 2 && s.base[0] == '[' && s.base[s.len - 1] == ']') s = span_of(s.base + 1, s.len - 2);
  size_t n = 0, most = 1;
  for (size_t i = 0; i < s.len; i++) most += s.base[i] == ',';
  if (most > LIST_MAX) return ERR_RANGE;
  struct span *item = mem_alloc(most * sizeof *item);
  if (!item) return ERR_NOMEM;
  while (s.len) {
    struct span one = span_trim(span_cut(&s, ','));
    if (one.len) item[n++] = unquote(one);
  }
  int rc = conf_value_list(o, into, item, n);
  mem_free(item);
  return rc;
}

void conf_value_free(const struct conf_option *o, void *into) {
  if (o->type == CONF_LIST) free_list(field(o, into));
  if (o->type == CONF_STRING) {
    char **z = field(o, into);
    mem_free(*z);
    *z = NULL;
  }
}

struct conf_expected conf_value_expected(const struct conf_option *o) {
  static const char *const kind[] = {
      [CONF_BOOL] = "true or false",
      [CONF_INT] = "a whole number (K, M, G allowed)",
      [CONF_DURATION] = "a duration, as in 200ms, 30s, 5m, 2h",
      [CONF_DOUBLE] = "a number",
      [CONF_STRING] = "text",
      [CONF_ENUM] = "one of ",
      [CONF_LIST] = "a list, as in [a, b]",
  };
  struct conf_expected e;
  const char *unit = o->type == CONF_DURATION ? "s" : "";
  bool ranged =
      o->min < o->max && (o->type == CONF_INT || o->type == CONF_DOUBLE || o->type == CONF_DURATION);
  int n = snprintf(e.text, sizeof e.text, "%s%s", kind[o->type], o->type == CONF_ENUM ? o->words : "");
  if (ranged && n > 0 && (size_t)n < sizeof e.text)
    snprintf(e.text + n, sizeof e.text - (size_t)n, " from %.15g%s to %.15g%s", o->min, unit, o->max, unit);
  return e;
}
