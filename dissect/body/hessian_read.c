/* SPDX-License-Identifier: Apache-2.0 */
/* Hessian token by token. */
#include "base/err.h"
#include "dissect/body/hessian.h"

void hessian_begin(struct hessian *h, struct span s, bool first, struct arena *scratch) {
  h->r = reader_of(s);
  h->first = first;
  h->scratch = scratch;
  h->ndefs = 0;
}

static bool is_text(const struct hessian *h, uint8_t c) {
  if (h->first) return c == 'S' || c == 's' || c == 'X' || c == 'x';
  return c < 0x20 || (c >= 0x30 && c < 0x34) || c == 'S' || c == 'R';
}
static bool is_bytes(const struct hessian *h, uint8_t c) {
  if (h->first) return c == 'B' || c == 'b';
  return (c >= 0x20 && c < 0x30) || (c >= 0x34 && c < 0x38) || c == 'A' || c == 'B';
}

/* int of version 2, whose first byte is c. */
static bool read_int(struct reader *r, uint8_t c, int64_t *v) {
  if (c >= 0x80 && c < 0xc0)
    *v = (int64_t)c - 0x90;
  else if (c >= 0xc0 && c < 0xd0)
    *v = ((int64_t)c - 0xc8) * 256 + reader_u8(r);
  else if (c >= 0xd0 && c < 0xd8)
    *v = ((int64_t)c - 0xd4) * 65536 + reader_u16be(r);
  else if (c == 'I')
    *v = (int32_t)reader_u32be(r);
  else
    return false;
  return true;
}

/* long of version 2. */
static bool read_long(struct reader *r, uint8_t c, int64_t *v) {
  if (c >= 0xd8 && c < 0xf0)
    *v = (int64_t)c - 0xe0;
  else if (c >= 0xf0)
    *v = ((int64_t)c - 0xf8) * 256 + reader_u8(r);
  else if (c >= 0x38 && c < 0x40)
    *v = ((int64_t)c - 0x3c) * 65536 + reader_u16be(r);
  else if (c == 0x59)
    *v = (int32_t)reader_u32be(r);
  else if (c == 'L')
    *v = (int64_t)reader_u64be(r);
  else
    return false;
  return true;
}

static double read_bits(struct reader *r) {
  uint64_t bits = reader_u64be(r);
  double d;
  memcpy(&d, &bits, sizeof d);
  return d;
}

/* double of version 2; the form of four bytes holds thousandths, as all implementations write it. */
static bool read_double(struct reader *r, uint8_t c, double *v) {
  if (c == 0x5b || c == 0x5c)
    *v = c == 0x5b ? 0 : 1;
  else if (c == 0x5d)
    *v = (int8_t)reader_u8(r);
  else if (c == 0x5e)
    *v = (int16_t)reader_u16be(r);
  else if (c == 0x5f)
    *v = (double)(int32_t)reader_u32be(r) / 1000;
  else if (c == 'D')
    *v = read_bits(r);
  else
    return false;
  return true;
}

static int read_count(struct hessian *h, uint64_t *n) {
  int64_t v = 0;
  if (!read_int(&h->r, reader_u8(&h->r), &v) || v < 0) return h->r.bad ? ERR_TRUNC : ERR_SYNTAX;
  *n = (uint64_t)v;
  return h->r.bad ? ERR_TRUNC : 0;
}

/* A type: its name, or the number of one before. */
static int read_type(struct hessian *h, struct span *out) {
  uint8_t c = reader_u8(&h->r);
  int64_t number;
  *out = (struct span){0};
  if (h->r.bad) return ERR_TRUNC;
  if (is_text(h, c)) return hessian_text_read(h, c, false, out);
  return read_int(&h->r, c, &number) ? 0 : ERR_SYNTAX;
}

/* Names stay in the stream, for the scratch arena is emptied on the way. */
static int read_names(struct hessian *h, struct hessian_def *def) {
  uint64_t n;
  struct span name;
  int rc = hessian_text_read(h, reader_u8(&h->r), false, &def->type);
  if (rc == 0) rc = read_count(h, &n);
  if (rc < 0) return rc;
  if (n > reader_left(&h->r)) return ERR_TRUNC;
  def->names = h->r.pos;
  for (; def->fields < n && rc == 0 && !h->r.bad; def->fields++)
    rc = hessian_text_read(h, reader_u8(&h->r), false, &name);
  return rc == 0 && h->r.bad ? ERR_TRUNC : rc;
}

static int read_def(struct hessian *h) {
  struct hessian_def def = {.fields = 0};
  struct arena *scratch = h->scratch;
  h->scratch = NULL;
  int rc = read_names(h, &def);
  h->scratch = scratch;
  if (rc < 0) return rc;
  if (h->ndefs == HESSIAN_DEFS) return ERR_CAP;
  h->def[h->ndefs++] = def;
  return 0;
}

static int object(struct hessian *h, struct hessian_token *t, uint64_t number) {
  if (number >= h->ndefs) return ERR_SYNTAX;
  t->kind = HESSIAN_OBJECT;
  t->def = &h->def[number];
  t->type = t->def->type;
  t->count = t->def->fields;
  return 0;
}

static int list(struct hessian *h, struct hessian_token *t, bool typed, bool counted, uint64_t n) {
  t->kind = HESSIAN_LIST;
  t->count = n;
  int rc = typed ? read_type(h, &t->type) : 0;
  if (rc == 0 && counted) rc = read_count(h, &t->count);
  return rc;
}

/* Lists, maps and objects of version 2. */
static int holder(struct hessian *h, struct hessian_token *t, uint8_t c) {
  uint64_t n;
  int rc;
  if (c >= 0x60 && c < 0x70) return object(h, t, c - 0x60u);
  if (c >= 0x70 && c < 0x80) return list(h, t, c < 0x78, false, c & 7u);
  switch (c) {
  case 'U':
  case 'W': return list(h, t, c == 'U', false, HESSIAN_OPEN);
  case 'V':
  case 'X': return list(h, t, c == 'V', true, 0);
  case 'H':
  case 'M': t->kind = HESSIAN_MAP; return c == 'M' ? read_type(h, &t->type) : 0;
  case 'O': rc = read_count(h, &n); return rc < 0 ? rc : object(h, t, n);
  case 'Q': t->kind = HESSIAN_REF; return read_count(h, &n);
  case 'Z': t->kind = HESSIAN_END; return 0;
  default: return ERR_SYNTAX;
  }
}

static int second(struct hessian *h, struct hessian_token *t, uint8_t c) {
  struct reader *r = &h->r;
  if (read_int(r, c, &t->number) || read_long(r, c, &t->number)) {
    t->kind = HESSIAN_NUMBER;
  } else if (read_double(r, c, &t->real)) {
    t->kind = HESSIAN_REAL;
  } else if (c == 0x4a) {
    t->kind = HESSIAN_DATE;
    t->number = (int64_t)reader_u64be(r);
  } else if (c == 0x4b) {
    t->kind = HESSIAN_DATE;
    t->number = (int64_t)(int32_t)reader_u32be(r) * 60000;
  } else {
    return holder(h, t, c);
  }
  return 0;
}

/* 't' and a name, or nothing. */
static void old_type(struct reader *r, struct span *out) {
  if (!reader_left(r) || *r->pos != 't') return;
  reader_skip(r, 1);
  *out = reader_take(r, reader_u16be(r));
}

static int old_list(struct hessian *h, struct hessian_token *t) {
  t->kind = HESSIAN_LIST;
  t->count = HESSIAN_OPEN;
  old_type(&h->r, &t->type);
  if (reader_left(&h->r) && *h->r.pos == 'l') reader_skip(&h->r, 5); /* the end mark follows all the same */
  return 0;
}

static int old(struct hessian *h, struct hessian_token *t, uint8_t c) {
  struct reader *r = &h->r;
  t->kind = HESSIAN_NUMBER;
  switch (c) {
  case 'I': t->number = (int32_t)reader_u32be(r); return 0;
  case 'L': t->number = (int64_t)reader_u64be(r); return 0;
  case 'D': t->kind = HESSIAN_REAL, t->real = read_bits(r); return 0;
  case 'd': t->kind = HESSIAN_DATE, t->number = (int64_t)reader_u64be(r); return 0;
  case 'V': return old_list(h, t);
  case 'M':
    t->kind = HESSIAN_MAP;
    old_type(r, &t->type);
    return 0;
  case 'R': t->kind = HESSIAN_REF, reader_skip(r, 4); return 0;
  case 'r': /* a remote object: its type and address */
    old_type(r, &t->type);
    t->kind = HESSIAN_STRING;
    return hessian_text_read(h, reader_u8(r), false, &t->text);
  case 'z': t->kind = HESSIAN_END; return 0;
  default: return ERR_SYNTAX;
  }
}

int hessian_next(struct hessian *h, struct hessian_token *t) {
  int rc = 0;
  uint8_t c;
  *t = (struct hessian_token){.kind = HESSIAN_NULL};
  do {
    c = reader_u8(&h->r);
    if (h->r.bad) return ERR_TRUNC;
    if (c == 'C' && !h->first) rc = read_def(h);
  } while (rc == 0 && c == 'C' && !h->first);
  if (rc < 0) return rc;
  if (is_text(h, c) || is_bytes(h, c)) {
    t->kind = is_text(h, c) ? HESSIAN_STRING : HESSIAN_BYTES;
    rc = hessian_text_read(h, c, t->kind == HESSIAN_BYTES, &t->text);
  } else if (c == 'T' || c == 'F') {
    t->kind = HESSIAN_BOOL;
    t->number = c == 'T';
  } else if (c != 'N') {
    rc = h->first ? old(h, t, c) : second(h, t, c);
  }
  if (rc < 0) return rc;
  return h->r.bad && !t->text.len ? ERR_TRUNC : 0;
}

int hessian_text(struct hessian *h, struct span *out) {
  struct hessian_token t;
  int rc = hessian_next(h, &t);
  *out = t.text;
  if (rc < 0) return rc;
  if (h->r.bad) return ERR_TRUNC;
  return t.kind == HESSIAN_STRING || t.kind == HESSIAN_NULL ? 0 : ERR_SYNTAX;
}

int hessian_skip(struct hessian *h) {
  uint64_t left[WALK_DEPTH];
  unsigned depth = 0;
  struct arena *scratch = h->scratch;
  int rc = 0;
  h->scratch = NULL;
  do {
    struct hessian_token t;
    rc = hessian_next(h, &t);
    if (rc == 0 && h->r.bad) rc = ERR_TRUNC;
    if (rc < 0) break;
    if (t.kind == HESSIAN_END) {
      if (!depth || left[depth - 1] != HESSIAN_OPEN) rc = ERR_SYNTAX;
      if (rc == 0) depth--;
    } else if (depth && left[depth - 1] != HESSIAN_OPEN) {
      left[depth - 1]--;
    }
    if (t.kind == HESSIAN_LIST || t.kind == HESSIAN_MAP || t.kind == HESSIAN_OBJECT) {
      if (depth == WALK_DEPTH) rc = ERR_CAP;
      if (rc == 0) left[depth++] = t.kind == HESSIAN_MAP ? HESSIAN_OPEN : t.count;
    }
    while (depth && left[depth - 1] == 0) depth--;
  } while (rc == 0 && depth);
  h->scratch = scratch;
  return rc;
}

struct span hessian_field(const struct hessian *h, const uint8_t **at) {
  struct hessian names; /* without definitions, which are many bytes */
  struct span name;
  names.r = (struct reader){.pos = *at, .end = h->r.end};
  names.first = h->first;
  names.scratch = NULL;
  int rc = hessian_text_read(&names, reader_u8(&names.r), false, &name);
  *at = names.r.pos;
  return rc == 0 ? name : (struct span){0};
}
