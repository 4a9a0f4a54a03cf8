/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's message heads and tokens; the compact protocol's types are told as the binary one's. */
#include "base/err.h"
#include "dissect/body/thrift.h"

enum { COMPACT = 0x82, COMPACT_TRUE = 1, COMPACT_FALSE = 2 };

static bool is_name(struct span s) {
  if (!s.len || s.len > THRIFT_NAME) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '$';
    if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '.' || c == ':' || c == '/' || c == '-')))
      return false;
  }
  return true;
}

/* The name as far as it is there: whether it can be one. */
static int name_rest(struct reader *r, uint64_t len, struct thrift_head *h) {
  if (len < 1 || len > THRIFT_NAME) return ERR_SYNTAX;
  struct span there = span_head(reader_rest(r), (size_t)len);
  if (there.len && !is_name(there)) return ERR_SYNTAX;
  if (there.len < len) return 0;
  h->name = reader_take(r, there.len);
  return 1;
}

static int compact_head(struct reader *r, struct thrift_head *h) {
  uint8_t version = reader_u8(r);
  if (r->bad) return 0;
  if ((version & 0x1f) != 1 || version >> 5 < THRIFT_CALL || version >> 5 > THRIFT_ONEWAY) return ERR_SYNTAX;
  h->protocol = THRIFT_COMPACT;
  h->call = (enum thrift_call)(version >> 5);
  uint64_t seqid = reader_varint(r), len = reader_varint(r);
  if (r->bad) return 0;
  if (seqid > UINT32_MAX) return ERR_SYNTAX;
  h->seqid = (int32_t)(uint32_t)seqid;
  return name_rest(r, len, h);
}

static int strict_head(struct reader *r, struct thrift_head *h) {
  h->protocol = THRIFT_BINARY;
  struct reader at = *r;
  uint16_t version = reader_u16be(&at);
  uint16_t call = reader_u16be(&at);
  if (at.bad) return reader_left(r) > 1 && r->pos[1] != 1 ? ERR_SYNTAX : 0;
  if (version != 0x8001 || call < THRIFT_CALL || call > THRIFT_ONEWAY) return ERR_SYNTAX;
  h->call = (enum thrift_call)call;
  uint32_t len = reader_u32be(&at);
  if (at.bad) return 0;
  int rc = name_rest(&at, len, h);
  if (rc <= 0) return rc;
  h->seqid = (int32_t)reader_u32be(&at);
  *r = at;
  return at.bad ? 0 : 1;
}

static int old_head(struct reader *r, struct thrift_head *h) {
  h->protocol = THRIFT_OLD;
  uint32_t len = reader_u32be(r);
  if (r->bad) return 0;
  int rc = name_rest(r, len, h);
  if (rc <= 0) return rc;
  uint8_t call = reader_u8(r);
  if (r->bad) return 0;
  if (call < THRIFT_CALL || call > THRIFT_ONEWAY) return ERR_SYNTAX;
  h->call = (enum thrift_call)call;
  h->seqid = (int32_t)reader_u32be(r);
  if (r->bad || !reader_left(r)) return 0;
  uint8_t type = *r->pos; /* of the first field */
  return type == THRIFT_STOP || (type <= THRIFT_UUID && type != 1 && type != 5 && type != 7 && type != 9)
             ? 1
             : ERR_SYNTAX;
}

int thrift_head_read(struct span s, struct thrift_head *h) {
  struct reader r = reader_of(s);
  if (!s.len) return 0;
  int rc;
  if (s.base[0] == COMPACT) {
    reader_skip(&r, 1);
    rc = compact_head(&r, h);
  } else {
    rc = s.base[0] == 0x80 ? strict_head(&r, h) : s.base[0] ? ERR_SYNTAX : old_head(&r, h);
  }
  if (rc == 1) h->size = (size_t)(r.pos - s.base);
  return rc;
}

void thrift_values_begin(struct thrift_values *v, enum thrift_protocol protocol) {
  v->protocol = protocol;
  v->top = 0;
  v->stack[0] = (struct thrift_frame){.type = THRIFT_STRUCT};
}

static int64_t zigzag(uint64_t n) { return (int64_t)(n >> 1) ^ -(int64_t)(n & 1); }

/* 0: none such. */
static uint8_t compact_type(uint8_t c) {
  static const uint8_t types[] = {0,          THRIFT_BOOL, THRIFT_BOOL,   THRIFT_BYTE,   THRIFT_I16,
                                  THRIFT_I32, THRIFT_I64,  THRIFT_DOUBLE, THRIFT_STRING, THRIFT_LIST,
                                  THRIFT_SET, THRIFT_MAP,  THRIFT_STRUCT, THRIFT_UUID};
  return c < sizeof types ? types[c] : 0;
}

static bool known_type(uint8_t t) {
  return (t >= THRIFT_BOOL && t <= THRIFT_DOUBLE) || t == THRIFT_I16 || t == THRIFT_I32 ||
         (t >= THRIFT_I64 && t <= THRIFT_UUID);
}

struct item {
  uint8_t type;
  bool told; /* a truth value that stands in its field's head */
  bool truth;
};

/* The next field's head; type THRIFT_STOP at the end. */
static int field_head(const struct thrift_values *v, struct thrift_frame *f, struct reader *r,
                      struct item *it) {
  uint8_t c = reader_u8(r);
  *it = (struct item){.type = c};
  if (r->bad) return ERR_TRUNC;
  if (!c) return 0;
  if (v->protocol != THRIFT_COMPACT) {
    f->field = (int16_t)reader_u16be(r);
  } else {
    it->type = compact_type(c & 15);
    it->told = it->type == THRIFT_BOOL;
    it->truth = (c & 15) == COMPACT_TRUE;
    f->field = (int16_t)(c >> 4 ? f->field + (c >> 4) : zigzag(reader_varint(r)));
  }
  if (r->bad) return ERR_TRUNC;
  return known_type(it->type) ? 0 : ERR_SYNTAX;
}

static int list_head(const struct thrift_values *v, struct reader *r, struct thrift_frame *f) {
  uint64_t n;
  uint8_t c = reader_u8(r);
  if (v->protocol == THRIFT_COMPACT) {
    f->item = compact_type(c & 15);
    n = c >> 4 == 15 ? reader_varint(r) : c >> 4;
  } else {
    f->item = c;
    n = reader_u32be(r);
  }
  if (r->bad) return ERR_TRUNC;
  if (n > INT32_MAX || (n && !known_type(f->item))) return ERR_SYNTAX;
  f->left = (uint32_t)n;
  return 0;
}

static int map_head(const struct thrift_values *v, struct reader *r, struct thrift_frame *f) {
  uint64_t n;
  if (v->protocol == THRIFT_COMPACT) {
    n = reader_varint(r);
    uint8_t c = n && !r->bad ? reader_u8(r) : 0;
    f->item = compact_type(c >> 4);
    f->value = compact_type(c & 15);
  } else {
    f->item = reader_u8(r);
    f->value = reader_u8(r);
    n = reader_u32be(r);
  }
  if (r->bad) return ERR_TRUNC;
  if (n > INT32_MAX || (n && !(known_type(f->item) && known_type(f->value)))) return ERR_SYNTAX;
  f->left = (uint32_t)n;
  return 0;
}

static int open_frame(struct thrift_values *v, struct reader *r, uint8_t type) {
  struct thrift_frame f = {.type = type};
  int rc = 0;
  if (type == THRIFT_LIST || type == THRIFT_SET) rc = list_head(v, r, &f);
  if (type == THRIFT_MAP) rc = map_head(v, r, &f);
  if (rc < 0) return rc;
  if (v->top + 1 == THRIFT_DEPTH) return ERR_CAP;
  v->stack[++v->top] = f;
  return THRIFT_OPEN;
}

static void read_double(const struct thrift_values *v, struct reader *r, struct thrift_token *t) {
  uint64_t bits = v->protocol == THRIFT_COMPACT ? reader_u64le(r) : reader_u64be(r);
  memcpy(&t->real, &bits, sizeof t->real);
}

static void read_number(const struct thrift_values *v, struct reader *r, struct thrift_token *t) {
  unsigned size = t->type == THRIFT_I16 ? 2 : t->type == THRIFT_I32 ? 4 : 8;
  if (v->protocol == THRIFT_COMPACT) {
    t->number = zigzag(reader_varint(r));
    return;
  }
  uint64_t n = reader_be(r, size);
  t->number = size == 2 ? (int16_t)n : size == 4 ? (int32_t)n : (int64_t)n;
}

static int read_string(const struct thrift_values *v, struct reader *r, struct thrift_token *t,
                       size_t *want) {
  uint64_t n = v->protocol == THRIFT_COMPACT ? reader_varint(r) : reader_u32be(r);
  if (r->bad) return ERR_TRUNC;
  if (n > INT32_MAX) return ERR_SYNTAX;
  const uint8_t *at = r->pos;
  t->text = reader_take(r, (size_t)n);
  if (!r->bad) return THRIFT_VALUE;
  t->text.base = at;
  *want = (size_t)n;
  return ERR_TRUNC;
}

static int read_value(struct thrift_values *v, struct reader *r, struct item it, struct thrift_token *t,
                      size_t *want) {
  t->type = (enum thrift_type)it.type;
  switch (it.type) {
  case THRIFT_BOOL: {
    uint8_t c = it.told ? 0 : reader_u8(r);
    t->number = it.told ? it.truth : c == 1;
    break;
  }
  case THRIFT_BYTE: {
    uint8_t c = reader_u8(r);
    t->number = c < 0x80 ? c : (int64_t)c - 256;
    break;
  }
  case THRIFT_DOUBLE: read_double(v, r, t); break;
  case THRIFT_I16:
  case THRIFT_I32:
  case THRIFT_I64: read_number(v, r, t); break;
  case THRIFT_UUID: t->text = reader_take(r, 16); break;
  case THRIFT_STRING: return read_string(v, r, t, want);
  default: return open_frame(v, r, it.type);
  }
  return r->bad ? ERR_TRUNC : THRIFT_VALUE;
}

static int close_frame(struct thrift_values *v) {
  if (!v->top) return THRIFT_DONE;
  v->top--;
  return THRIFT_CLOSE;
}

static int next(struct thrift_values *v, struct thrift_frame *f, struct reader *r, struct thrift_token *t,
                size_t *want) {
  struct item it = {.type = f->item};
  if (f->type == THRIFT_STRUCT) {
    int rc = field_head(v, f, r, &it);
    if (rc < 0) return rc;
    if (it.type == THRIFT_STOP) return close_frame(v);
    t->field = f->field;
  } else {
    if (!f->left) return close_frame(v);
    if (f->type == THRIFT_MAP && f->is_value) it.type = f->value;
    t->key = f->type == THRIFT_MAP && !f->is_value;
    if (!t->key) f->left--;
    if (f->type == THRIFT_MAP) f->is_value = !f->is_value;
  }
  return read_value(v, r, it, t, want);
}

int thrift_values_next(struct thrift_values *v, struct reader *r, struct thrift_token *t, size_t *want) {
  struct thrift_frame *f = &v->stack[v->top];
  const struct thrift_frame was = *f;
  const struct reader from = *r;
  *t = (struct thrift_token){.type = THRIFT_STOP};
  *want = 0;
  int rc = next(v, f, r, t, want);
  if (rc != ERR_TRUNC) return rc;
  size_t least = reader_left(&from) + 1;
  if (*want) *want += (size_t)(t->text.base - from.pos);
  if (*want < least) *want = least;
  *f = was;
  *r = from;
  return ERR_TRUNC;
}
