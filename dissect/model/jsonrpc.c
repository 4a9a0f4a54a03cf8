/* SPDX-License-Identifier: Apache-2.0 */
/* JSON-RPC 2.0 (jsonrpc.org/specification), 1.0 where its marks are all there; over HTTP and WebSocket. */
#include "dissect/body/members.h"
#include "dissect/model/dialect.h"

enum { BATCH_MOST = 4096, FOREIGN_MOST = 2, CODES_MOST = 16 };

struct message {
  struct member version, method, params, id, result, error;
};
struct tally {
  uint32_t messages, notifications, errors, codes, named, placed;
  bool batch, two;
};

static struct member *slot(struct message *m, struct span key) {
  switch (key.len) {
  case 2: return span_eq(key, SPAN_LIT("id")) ? &m->id : NULL;
  case 5: return span_eq(key, SPAN_LIT("error")) ? &m->error : NULL;
  case 6:
    return span_eq(key, SPAN_LIT("method"))   ? &m->method
           : span_eq(key, SPAN_LIT("params")) ? &m->params
           : span_eq(key, SPAN_LIT("result")) ? &m->result
                                              : NULL;
  case 7: return span_eq(key, SPAN_LIT("jsonrpc")) ? &m->version : NULL;
  default: return NULL;
  }
}

/* Gives up at the second foreign member that comes before any mark: most bodies are no JSON-RPC. */
static bool read_message(struct span s, struct message *m) {
  struct members list;
  struct member x;
  unsigned foreign = 0;
  memset(m, 0, sizeof *m);
  if (!members_open(&list, s) || list.list) return false;
  while (members_next(&list, &x)) {
    struct member *to = slot(m, x.key);
    if (to)
      *to = x;
    else if (++foreign >= FOREIGN_MOST && !m->version.kind && !m->method.kind)
      return false;
  }
  return m->version.kind == '"' || m->method.kind == '"';
}

/* 1.0 has no mark of its own: method, a list of params and an id together are. */
static bool is_request(const struct message *m) {
  if (m->method.kind != '"') return false;
  if (m->version.kind == '"') return true;
  return m->params.kind == '[' && m->id.kind;
}

static bool request(struct dialect *d, struct tally *t, struct span s) {
  struct message m;
  if (!read_message(s, &m) || !is_request(&m)) return false;
  t->messages++;
  t->two |= m.version.kind == '"';
  t->notifications += !m.id.kind || (m.id.kind == 'n' && m.version.kind != '"');
  t->named += m.params.kind == '{';
  t->placed += m.params.kind == '[';
  dialect_operation(d, members_text(&d->t->arena, m.method.value));
  return true;
}

static void response(struct dialect *d, struct tally *t, struct span s) {
  struct message m;
  if (!read_message(s, &m) && !m.error.kind) return;
  if (m.error.kind != '{' && m.error.kind != '"') return;
  t->errors++;
  struct member code = m.error.kind == '{' ? members_find(m.error.value, "code") : (struct member){.kind = 0};
  if (code.kind == '0' && code.value.len <= 12 && t->codes++ < CODES_MOST)
    txn_fact_add(d->t, "tapscope.jsonrpc.error_codes", code.value);
}

/* A message or a batch of them. */
static bool requests(struct dialect *d, struct tally *t, struct span s) {
  struct members list;
  struct member x;
  bool any = false;
  if (!members_open(&list, s)) return false;
  if (!list.list) return request(d, t, s);
  for (unsigned n = 0; n < BATCH_MOST && members_next(&list, &x); n++) {
    if (!request(d, t, x.value) && !any) return false;
    any = true;
  }
  t->batch |= any;
  return any;
}

static void responses(struct dialect *d, struct tally *t, struct span s) {
  struct members list;
  struct member x;
  if (!members_open(&list, s)) return;
  if (!list.list) {
    response(d, t, s);
    return;
  }
  for (unsigned n = 0; n < BATCH_MOST && members_next(&list, &x); n++) response(d, t, x.value);
}

/* Whether an answer alone, its question unseen, is one of JSON-RPC's. */
static bool is_answer(struct span s) {
  struct message m;
  return read_message(s, &m) && m.version.kind == '"' && (m.result.kind || m.error.kind);
}

static void facts(struct dialect *d, const struct tally *t) {
  struct txn *x = d->t;
  txn_fact_str(x, "tapscope.jsonrpc.version", t->two ? SPAN_LIT("2.0") : SPAN_LIT("1.0"));
  if (t->batch || t->messages > 1) txn_fact_u64(x, "tapscope.jsonrpc.messages", t->messages);
  if (t->batch) txn_fact_bool(x, "tapscope.jsonrpc.batch", true);
  if (t->notifications) txn_fact_u64(x, "tapscope.jsonrpc.notifications", t->notifications);
  if (t->named || t->placed)
    txn_fact_str(x, "tapscope.jsonrpc.params",
                 t->named && t->placed ? SPAN_LIT("mixed")
                 : t->named            ? SPAN_LIT("named")
                                       : SPAN_LIT("positional"));
  if (!t->errors) return;
  txn_fact_u64(x, "tapscope.jsonrpc.errors", t->errors);
  if (t->errors >= t->messages) x->outcome = TXN_ERROR;
}

bool jsonrpc_apply(struct dialect *d) {
  struct tally t = {.messages = 0};
  struct dialect_documents it = dialect_documents(d->t, DIR_REQUEST);
  struct span s;
  bool any = false;
  for (unsigned n = 0; n < BATCH_MOST && dialect_document(&it, &s); n++) any |= requests(d, &t, s);
  if (!any && !d->t->side[DIR_REQUEST].seen) {
    it = dialect_documents(d->t, DIR_RESPONSE);
    any = dialect_document(&it, &s) && is_answer(s);
    t.two = true;
  }
  if (!any) return false;
  it = dialect_documents(d->t, DIR_RESPONSE);
  for (unsigned n = 0; n < BATCH_MOST && dialect_document(&it, &s); n++) responses(d, &t, s);
  d->name = "jsonrpc";
  facts(d, &t);
  return true;
}
