/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's arrays in binary (src/backend/utils/adt/arrayfuncs.c: array_recv, array_send, array_out). */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/pgsql_wire.h"

enum { DIMENSIONS = 6 };

struct array {
  struct reader r;
  uint32_t type; /* of its elements */
  unsigned dimensions;
  uint64_t inner[DIMENSIONS]; /* elements in one step of each dimension, from the outermost */
  uint64_t count;
};

/* pg_type.dat: the types whose elements are in pgsql_value.c, or are text. */
static bool is_array(uint32_t oid) {
  static const uint16_t types[] = {199,  791,  1000, 1001, 1002, 1003, 1005, 1007, 1009, 1014, 1015,
                                   1016, 1021, 1022, 1028, 1115, 1182, 1183, 1185, 1231, 2951, 3807};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (types[i] == oid) return true;
  return false;
}

static int begin(struct array *a, struct span v) {
  *a = (struct array){.r = reader_of(v)};
  a->dimensions = reader_u32be(&a->r);
  reader_skip(&a->r, 4); /* whether it holds NULLs */
  a->type = reader_u32be(&a->r);
  if (a->r.bad || a->dimensions > DIMENSIONS) return ERR_SYNTAX;
  uint32_t size[DIMENSIONS] = {0};
  for (unsigned d = 0; d < a->dimensions; d++) {
    size[d] = reader_u32be(&a->r);
    reader_skip(&a->r, 4); /* its first index */
  }
  a->count = a->dimensions ? 1 : 0;
  for (unsigned d = a->dimensions; d-- > 0;) {
    a->inner[d] = a->count *= size[d];
    if (a->count > reader_left(&a->r) / 4) return ERR_SYNTAX; /* each has a length */
  }
  return a->r.bad ? ERR_SYNTAX : 0;
}

/* Braces before element k, or behind k of them. */
static int braces(const struct array *a, uint64_t k, char brace, struct buf *out) {
  int rc = 0;
  for (unsigned d = 0; d < a->dimensions && rc == 0; d++)
    if (k % a->inner[d] == 0) rc = buf_put_u8(out, (uint8_t)brace);
  return rc;
}

static bool is_plain(struct span s) {
  if (!s.len || span_eq_nocase(s, SPAN_LIT("NULL"))) return false;
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] <= ' ' || (s.base[i] < 0x80 && strchr("{}\",\\", s.base[i]))) return false;
  return true;
}

static int element(struct array *a, struct buf *out) {
  char buf[256];
  uint32_t n = reader_u32be(&a->r);
  if (n == UINT32_MAX) return buf_put(out, SPAN_LIT("NULL"));
  struct span v = reader_take(&a->r, n);
  if (a->r.bad) return ERR_SYNTAX;
  v = pgsql_value_text(a->type, v, buf);
  if (is_plain(v)) return buf_put(out, v);
  int rc = buf_put_u8(out, '"');
  for (size_t i = 0; i < v.len && rc == 0; i++) {
    if (v.base[i] == '"' || v.base[i] == '\\') rc = buf_put_u8(out, '\\');
    if (rc == 0) rc = buf_put_u8(out, v.base[i]);
  }
  return rc < 0 ? rc : buf_put_u8(out, '"');
}

static int array(struct buf *out, struct span v) {
  struct array a;
  int rc = begin(&a, v);
  if (rc == 0 && !a.count) return buf_put(out, SPAN_LIT("{}"));
  for (uint64_t k = 0; k < a.count && rc == 0; k++) {
    if (k) rc = buf_put_u8(out, ',');
    if (rc == 0) rc = braces(&a, k, '{', out);
    if (rc == 0) rc = element(&a, out);
    if (rc == 0) rc = braces(&a, k + 1, '}', out);
  }
  return rc;
}

int pgsql_array_cell(struct buf *out, uint32_t oid, struct span v) {
  char buf[256];
  size_t from = out->len;
  int rc = is_array(oid) ? array(out, v) : ERR_UNSUPPORTED;
  if (rc == 0) return rows_close(out, from);
  out->len = from;
  return rc == ERR_CAP || rc == ERR_NOMEM ? rc : rows_cell(out, pgsql_value_text(oid, v, buf));
}
