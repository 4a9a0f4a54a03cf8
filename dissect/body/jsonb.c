/* SPDX-License-Identifier: Apache-2.0 */
/* JSONB: a byte tells kind and often value; names and types are said once and then by number. */
#include "dissect/body/jsonb.h"
#include "base/err.h"
#include "dissect/body/hessian.h"

enum {
  BC_CHAR = 0x90,
  BC_BINARY,
  BC_TYPED,
  BC_REFERENCE,
  BC_ARRAY_MIN,
  BC_ARRAY = 0xa4,
  BC_OBJECT_END,
  BC_OBJECT,
  BC_LOCAL_TIME,
  BC_LOCAL_DATETIME,
  BC_LOCAL_DATE,
  BC_ZONED,
  BC_MILLIS,
  BC_SECONDS,
  BC_MINUTES,
  BC_TIMESTAMP,
  BC_NULL,
  BC_FALSE,
  BC_TRUE,
  BC_DOUBLE_0,
  BC_DOUBLE_1,
  BC_DOUBLE_LONG,
  BC_DOUBLE,
  BC_FLOAT_INT,
  BC_FLOAT,
  BC_DECIMAL_LONG,
  BC_DECIMAL,
  BC_BIGINT_LONG,
  BC_BIGINT,
  BC_INT16,
  BC_INT8,
  BC_INT64,
  BC_INT64_INT,
  BC_ASCII_MIN = 0x49,
  BC_ASCII = 0x79,
  BC_UTF8,
  BC_UTF16,
  BC_UTF16LE,
  BC_UTF16BE,
  BC_GB18030,
  BC_SYMBOL,
  DEPTH_MOST = 48
};

void jsonb_begin(struct jsonb *j, struct span s, struct body_walk *w) {
  j->r = reader_of(s);
  j->w = w;
  j->depth = 0;
  j->nsymbols = 0;
  j->pair = NULL;
}

static int failed(const struct jsonb *j) { return j->r.bad ? ERR_TRUNC : ERR_SYNTAX; }

static int64_t signed_byte(uint8_t c) { return c < 0x80 ? c : (int64_t)c - 256; }

/* int and long, whose first byte is c. */
static bool number(struct reader *r, uint8_t c, int64_t *v) {
  if (c < 0x30 || c >= 0xf0)
    *v = signed_byte(c);
  else if (c < 0x40)
    *v = ((int64_t)c - 0x38) * 256 + reader_u8(r);
  else if (c < 0x48)
    *v = ((int64_t)c - 0x44) * 65536 + reader_u16be(r);
  else if (c == 0x48 || c == BC_INT64_INT)
    *v = (int32_t)reader_u32be(r);
  else if (c >= 0xd8)
    *v = (int64_t)c - 0xe0;
  else if (c >= 0xc8)
    *v = ((int64_t)c - 0xd0) * 256 + reader_u8(r);
  else if (c >= 0xc0)
    *v = ((int64_t)c - 0xc4) * 65536 + reader_u16be(r);
  else if (c == BC_INT16)
    *v = (int16_t)reader_u16be(r);
  else if (c == BC_INT8)
    *v = signed_byte(reader_u8(r));
  else if (c == BC_INT64)
    *v = (int64_t)reader_u64be(r);
  else
    return false;
  return true;
}

int jsonb_int(struct jsonb *j, int64_t *out) {
  uint8_t c = reader_u8(&j->r);
  if (j->r.bad || !number(&j->r, c, out)) return failed(j);
  return j->r.bad ? ERR_TRUNC : 0;
}

static int length(struct jsonb *j, size_t *n) {
  int64_t v = 0;
  int rc = jsonb_int(j, &v);
  if (rc < 0) return rc;
  if (v < 0 || (uint64_t)v > reader_left(&j->r)) return v < 0 ? ERR_SYNTAX : ERR_TRUNC;
  *n = (size_t)v;
  return 0;
}

/* UTF-16 as UTF-8. */
static struct span wide(struct jsonb *j, struct span s, bool little) {
  uint8_t *p = j->w ? arena_alloc(j->w->scratch, s.len * 2 + 4) : NULL;
  size_t n = 0;
  if (!p) return s;
  for (size_t i = 0; i + 1 < s.len; i += 2) {
    uint32_t c = little ? s.base[i] | (uint32_t)s.base[i + 1] << 8 : (uint32_t)s.base[i] << 8 | s.base[i + 1];
    bool pair = c >= 0xd800 && c < 0xdc00 && i + 3 < s.len;
    uint32_t d = !pair    ? 0
                 : little ? s.base[i + 2] | (uint32_t)s.base[i + 3] << 8
                          : (uint32_t)s.base[i + 2] << 8 | s.base[i + 3];
    if (pair && d >= 0xdc00 && d < 0xe000) {
      c = 0x10000 + ((c - 0xd800) << 10) + (d - 0xdc00);
      i += 2;
    }
    n += walk_utf8(c, p + n);
  }
  return span_of(p, n);
}

static bool is_string(uint8_t c) { return c >= BC_ASCII_MIN && c < BC_SYMBOL; }

static int string(struct jsonb *j, uint8_t c, struct span *out) {
  size_t n = (size_t)c - BC_ASCII_MIN;
  int rc = c < BC_ASCII ? 0 : length(j, &n);
  if (rc < 0) return rc;
  *out = reader_take(&j->r, n);
  if (j->r.bad) return ERR_TRUNC;
  if (c >= BC_UTF16 && c <= BC_UTF16BE) *out = wide(j, *out, c == BC_UTF16LE);
  return 0;
}

/* A name by its number, or said for the first time with one. */
static int symbol(struct jsonb *j, struct span *out) {
  int64_t n = 0;
  uint8_t c = reader_u8(&j->r);
  if (!is_string(c)) {
    if (j->r.bad || !number(&j->r, c, &n)) return failed(j);
    if (n < 0 || n >= j->nsymbols) return ERR_SYNTAX;
    *out = j->symbol[n];
    return 0;
  }
  int rc = string(j, c, out);
  if (rc == 0) rc = jsonb_int(j, &n);
  if (rc == 0 && n == j->nsymbols && j->nsymbols < JSONB_SYMBOLS)
    j->symbol[j->nsymbols++] = c < BC_UTF16 ? *out : (struct span){0};
  return rc;
}

int jsonb_text(struct jsonb *j, struct span *out) {
  uint8_t c = reader_u8(&j->r);
  *out = (struct span){0};
  if (j->r.bad) return ERR_TRUNC;
  if (c == BC_NULL) return 0;
  if (c == BC_SYMBOL) return symbol(j, out);
  return is_string(c) ? string(j, c, out) : ERR_SYNTAX;
}

/* ---- leaves ---- */

static int give_time(struct jsonb *j, struct path_node *at, uint8_t c) {
  char text[HESSIAN_DATE_TEXT];
  int64_t v = 0;
  if (c == BC_MILLIS) v = (int64_t)reader_u64be(&j->r);
  if (c == BC_SECONDS) v = (int64_t)(int32_t)reader_u32be(&j->r) * 1000;
  if (c == BC_MINUTES) v = (int64_t)(int32_t)reader_u32be(&j->r) * 60000;
  if (c == BC_TIMESTAMP) v = (int64_t)(int32_t)(reader_u64be(&j->r) & UINT32_MAX) * 1000;
  int64_t nano = 0;
  int rc = c == BC_TIMESTAMP ? jsonb_int(j, &nano) : 0;
  if (rc < 0 || j->r.bad) return failed(j);
  hessian_text_date(text, v);
  return walk_printf(j->w, at, LEAF_STRING, "%s", text);
}

static int give_day(struct jsonb *j, struct path_node *at, uint8_t c) {
  int64_t nano = 0;
  struct span zone = {0};
  unsigned year = c == BC_LOCAL_TIME ? 0 : reader_u16be(&j->r), part[5] = {0};
  unsigned from = c == BC_LOCAL_TIME ? 2 : 0, to = c == BC_LOCAL_DATE ? 2 : 5;
  for (unsigned i = from; i < to; i++) part[i] = reader_u8(&j->r);
  int rc = c == BC_LOCAL_DATE ? 0 : jsonb_int(j, &nano);
  if (rc == 0 && c == BC_ZONED) rc = jsonb_text(j, &zone);
  if (rc < 0 || j->r.bad) return failed(j);
  if (c == BC_LOCAL_TIME)
    return walk_printf(j->w, at, LEAF_STRING, "%02u:%02u:%02u", part[2], part[3], part[4]);
  if (c == BC_LOCAL_DATE) return walk_printf(j->w, at, LEAF_STRING, "%04u-%02u-%02u", year, part[0], part[1]);
  return walk_printf(j->w, at, LEAF_STRING, "%04u-%02u-%02uT%02u:%02u:%02u", year, part[0], part[1], part[2],
                     part[3], part[4]);
}

static int give_real(struct jsonb *j, struct path_node *at, uint8_t c) {
  int64_t n = 0;
  double d = c == BC_DOUBLE_1;
  if (c == BC_DOUBLE_LONG || c == BC_FLOAT_INT || c == BC_DECIMAL_LONG || c == BC_BIGINT_LONG) {
    int rc = jsonb_int(j, &n);
    return rc < 0 ? rc : walk_printf(j->w, at, LEAF_NUMBER, "%lld", (long long)n);
  }
  if (c == BC_DOUBLE) {
    uint64_t bits = reader_u64be(&j->r);
    memcpy(&d, &bits, sizeof d);
  } else if (c == BC_FLOAT) {
    uint32_t bits = reader_u32be(&j->r);
    float f;
    memcpy(&f, &bits, sizeof f);
    d = (double)f;
  }
  return j->r.bad ? ERR_TRUNC : walk_printf(j->w, at, LEAF_NUMBER, "%.15g", d);
}

/* A number of any size: bytes of its two's complement; a decimal's scale stands before it. */
static int give_big(struct jsonb *j, struct path_node *at, bool scaled) {
  int64_t scale = 0, v = 0;
  int rc = scaled ? jsonb_int(j, &scale) : 0;
  uint8_t c = scaled && rc == 0 ? reader_u8(&j->r) : BC_BIGINT;
  if (rc < 0 || j->r.bad) return failed(j);
  if (c == BC_BIGINT_LONG) {
    rc = jsonb_int(j, &v);
  } else if (c == BC_BIGINT) {
    size_t n = 0;
    rc = length(j, &n);
    struct span s = rc == 0 ? reader_take(&j->r, n) : (struct span){0};
    if (s.len && s.len <= 8) {
      uint64_t bits = s.base[0] & 0x80 ? ~0ULL : 0;
      for (size_t i = 0; i < s.len; i++) bits = bits << 8 | s.base[i];
      v = (int64_t)bits;
    }
  } else if (!number(&j->r, c, &v)) {
    return failed(j);
  }
  if (rc < 0 || j->r.bad) return rc < 0 ? rc : ERR_TRUNC;
  double d = (double)v;
  for (int64_t i = 0; i < scale && i < 30; i++) d /= 10;
  return scale > 0 ? walk_printf(j->w, at, LEAF_NUMBER, "%.15g", d)
                   : walk_printf(j->w, at, LEAF_NUMBER, "%lld", (long long)v);
}

static int list(struct jsonb *j, struct path_node *at, uint8_t c) {
  size_t n = (size_t)c - BC_ARRAY_MIN;
  int rc = c == BC_ARRAY ? length(j, &n) : 0;
  struct path_node *kid = j->w && at ? path_item(j->w->paths, at) : NULL;
  if (rc == 0 && j->w && at) walk_items(j->w, (uint32_t)n);
  for (size_t i = 0; i < n && rc == 0; i++) rc = jsonb_value(j, kid);
  return rc;
}

/* A key that is no string names nothing. */
static int key_of(struct jsonb *j, struct span *out) {
  uint8_t c = reader_left(&j->r) ? *j->r.pos : 0;
  *out = (struct span){0};
  if (c == BC_SYMBOL || is_string(c)) return jsonb_text(j, out);
  return jsonb_value(j, NULL);
}

static int pair(struct jsonb *j, struct span key) {
  struct reader at = j->r;
  struct span value;
  uint8_t c = reader_left(&at) ? *at.pos : 0;
  if (!is_string(c) || jsonb_text(j, &value) < 0) return 0;
  j->r = at;
  return j->pair(j->user, key, value);
}

static int object(struct jsonb *j, struct path_node *at) {
  struct path_node *kid = NULL;
  for (;;) {
    struct span key = {0};
    if (reader_left(&j->r) && *j->r.pos == BC_OBJECT_END) {
      reader_skip(&j->r, 1);
      return 0;
    }
    int rc = key_of(j, &key);
    if (rc < 0) return rc;
    if (j->pair && j->depth == 1 && key.len) rc = pair(j, key);
    if (j->w && at) {
      kid = path_next(j->w->paths, at, kid, key.len ? key : SPAN_LIT("{key}"));
      if (rc == 0 && kid->folded && key.len) rc = walk_give(j->w, kid, LEAF_STRING, key);
    }
    if (rc == 0) rc = jsonb_value(j, kid);
    if (rc < 0) return rc;
  }
}

static int bytes(struct jsonb *j, struct path_node *at) {
  size_t n = 0;
  int rc = length(j, &n);
  return rc < 0 ? rc : walk_give(j->w, at, LEAF_BYTES, reader_take(&j->r, n));
}

/* A type's name, then the value. */
static int typed(struct jsonb *j, struct path_node *at) {
  struct span name = {0};
  uint8_t c = reader_left(&j->r) ? *j->r.pos : 0;
  if (c == BC_SYMBOL) reader_skip(&j->r, 1);
  int rc = symbol(j, &name);
  return rc < 0 ? rc : jsonb_value(j, at);
}

static int other(struct jsonb *j, struct path_node *at, uint8_t c) {
  struct span s = {0};
  int64_t n = 0;
  int rc;
  switch (c) {
  case BC_BINARY: return bytes(j, at);
  case BC_TYPED: return typed(j, at);
  case BC_REFERENCE: return jsonb_text(j, &s); /* a path to what was given there */
  case BC_OBJECT: return object(j, at);
  case BC_NULL: return walk_give(j->w, at, LEAF_NULL, SPAN_LIT("null"));
  case BC_TRUE:
  case BC_FALSE: return walk_give(j->w, at, LEAF_BOOL, c == BC_TRUE ? SPAN_LIT("true") : SPAN_LIT("false"));
  case BC_DECIMAL:
  case BC_BIGINT: return give_big(j, at, c == BC_DECIMAL);
  case BC_CHAR:
    rc = jsonb_int(j, &n);
    return rc < 0 ? rc : walk_printf(j->w, at, LEAF_NUMBER, "%lld", (long long)n);
  case BC_SYMBOL: rc = symbol(j, &s); return rc < 0 ? rc : walk_give(j->w, at, LEAF_STRING, s);
  default: return ERR_SYNTAX;
  }
}

static int any(struct jsonb *j, struct path_node *at) {
  uint8_t c = reader_u8(&j->r);
  struct span s = {0};
  int64_t n = 0;
  if (j->r.bad) return ERR_TRUNC;
  if (is_string(c)) {
    int rc = string(j, c, &s);
    return rc < 0 ? rc : walk_give(j->w, at, LEAF_STRING, s);
  }
  if (number(&j->r, c, &n))
    return j->r.bad ? ERR_TRUNC : walk_printf(j->w, at, LEAF_NUMBER, "%lld", (long long)n);
  if (c >= BC_ARRAY_MIN && c <= BC_ARRAY) return list(j, at, c);
  if (c == BC_LOCAL_DATETIME || c == BC_LOCAL_DATE || c == BC_LOCAL_TIME || c == BC_ZONED)
    return give_day(j, at, c);
  if (c >= BC_MILLIS && c <= BC_TIMESTAMP) return give_time(j, at, c);
  if (c >= BC_DOUBLE_0 && c <= BC_DECIMAL_LONG) return give_real(j, at, c);
  return c == BC_BIGINT_LONG ? give_real(j, at, c) : other(j, at, c);
}

int jsonb_value(struct jsonb *j, struct path_node *at) {
  if (++j->depth > DEPTH_MOST) return ERR_CAP;
  int rc = any(j, at);
  j->depth--;
  return rc < 0 ? rc : j->r.bad ? ERR_TRUNC : 0;
}

struct span jsonb_type(struct span s) {
  struct jsonb j;
  struct span name = {0};
  jsonb_begin(&j, s, NULL);
  if (reader_u8(&j.r) != BC_TYPED) return name;
  if (reader_left(&j.r) && *j.r.pos == BC_SYMBOL) reader_skip(&j.r, 1);
  return symbol(&j, &name) < 0 ? (struct span){0} : name;
}
