/* SPDX-License-Identifier: Apache-2.0 */
/* The choice among dialects by the first bytes of the body, and what they share. */
#include "dissect/model/dialect.h"
#include "base/reader.h"

enum { NAMES_JOINED = 4, RECORD_HEAD = 8, LARGE = 2048, FIRST_KEY = 96 };

struct dialect_documents dialect_documents(const struct txn *t, enum dir d) {
  struct span body = side_body(&t->side[d]);
  return (struct dialect_documents){body, span_starts(body, SPAN_LIT("\xf5WS"))};
}

bool dialect_document(struct dialect_documents *it, struct span *out) {
  if (!it->framed) {
    *out = it->rest;
    it->rest = (struct span){0};
    return out->len > 0;
  }
  struct reader r = reader_of(it->rest);
  reader_skip(&r, RECORD_HEAD - 4);
  uint32_t len = reader_u32be(&r);
  if (r.bad) return false;
  *out = span_head(reader_rest(&r), len);
  it->rest = span_skip(reader_rest(&r), out->len);
  return true;
}

/* Letters of any script, digits and what stands between them in names. */
static bool is_operation(struct span s) {
  if (!s.len || s.len > DIALECT_NAME) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c >= 0x80;
    if (!plain && !(c && memchr("._-/:$#+,", c, 9))) return false;
  }
  return true;
}

void dialect_operation(struct dialect *d, struct span name) {
  d->total++;
  if (d->count < DIALECT_OPERATIONS && is_operation(name)) d->operation[d->count++] = name;
}

static bool is_new(const struct dialect *d, uint32_t i) {
  for (uint32_t k = 0; k < i; k++)
    if (span_eq(d->operation[k], d->operation[i])) return false;
  return true;
}

/* "Transfer"; of a batch its different names, "account.query,user.login". */
static void name_call(struct dialect *d) {
  struct txn *t = d->t;
  struct span all = {0};
  unsigned joined = 0;
  for (uint32_t i = 0; i < d->count; i++) {
    txn_fact_add(t, "tapscope.operations", d->operation[i]);
    if (!is_new(d, i) || ++joined > NAMES_JOINED) continue;
    all = joined == 1 ? arena_copy(&t->arena, d->operation[i]) /* it may lie in a body, which goes first */
                      : arena_printf(&t->arena, "%.*s,%.*s", SPAN_FMT(all), SPAN_FMT(d->operation[i]));
  }
  if (joined > NAMES_JOINED) all = arena_printf(&t->arena, "%.*s,…", SPAN_FMT(all));
  t->operation = arena_copy(&t->arena, all); /* bodies go before the transaction does */
}

static uint8_t first_byte(const struct txn *t, enum dir d) {
  struct span s = span_head(side_body(&t->side[d]), 64);
  if (span_starts(s, SPAN_LIT("\xef\xbb\xbf"))) s = span_skip(s, 3);
  s = span_trim(s);
  return s.len ? s.base[0] : 0;
}

/* A large body's first member tells whether it is worth more looks. */
static bool worth_reading(struct span s) {
  static const char *const keys[] = {"jsonrpc", "method",        "params",    "id",         "result",
                                     "error",   "query",         "variables", "extensions", "type",
                                     "payload", "operationName", NULL};
  if (s.len < LARGE || s.base[0] == 0xf5) return true;
  struct span key = span_head(s, FIRST_KEY);
  key = span_skip(key, span_index(key, '"') + 1);
  key = span_head(key, span_index(key, '"'));
  return span_in(key, keys);
}

/* 'H' or 'c' and the version, in which is a zero: no text. */
static bool is_hessian(struct span s) {
  return s.len > 4 && (s.base[0] == 'H' || s.base[0] == 'c') && s.base[1] < 3 && s.base[2] == 0;
}

void dialect_apply(struct txn *t) {
  struct dialect d = {.t = t};
  uint8_t c = first_byte(t, DIR_REQUEST), answer = c ? 0 : first_byte(t, DIR_RESPONSE);
  bool unseen = !t->side[DIR_REQUEST].seen, multipart = c == '-';
  bool told = false;
  if (t->operation.len) return;
  if (c == '{' || c == '[' || c == 0xf5 || (unseen && answer == '{'))
    told = worth_reading(side_body(&t->side[c ? DIR_REQUEST : DIR_RESPONSE])) &&
           (jsonrpc_apply(&d) || graphql_call_apply(&d));
  else if (c == '<' || multipart || (unseen && answer == '<'))
    told = soap_apply(&d) || xmlrpc_apply(&d) || (multipart && graphql_call_apply(&d));
  else if (is_hessian(side_body(&t->side[DIR_REQUEST])))
    told = hessian_apply(&d);
  else if (c || t->query.len)
    told = graphql_call_apply(&d);
  if (!told && !action_apply(&d)) return;
  txn_fact_str(t, "tapscope.dialect", span_str(d.name));
  name_call(&d);
}
