/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL over HTTP (GET, POST, batches, multipart uploads), over WebSocket (graphql-transport-ws, graphql-ws) and by hash of a stored
 * document (graphql-over-http draft). */
#include "base/mem.h"
#include "dissect/body/members.h"
#include "dissect/body/walk.h"
#include "dissect/model/dialect.h"
#include "dissect/model/graphql.h"

enum { BATCH_MOST = 1024, FOREIGN_MOST = 2, FIELDS_MOST = 48, ROOTS_NAMED = 4 };

struct request {
  struct member query, operation, variables, extensions, payload, type;
};
struct state {
  struct dialect *d;
  struct graphql *g;
  uint32_t requests, aliases, fields, depth, listed;
  const char *type; /* of the first */
  bool batch, introspection, stored, capped;
};

static struct member *slot(struct request *q, struct span key) {
  static const struct {
    const char *name;
    size_t at;
  } known[] = {
      {"query", offsetof(struct request, query)},
      {"operationName", offsetof(struct request, operation)},
      {"variables", offsetof(struct request, variables)},
      {"extensions", offsetof(struct request, extensions)},
      {"payload", offsetof(struct request, payload)},
      {"type", offsetof(struct request, type)},
  };
  for (size_t i = 0; i < sizeof known / sizeof *known; i++)
    if (span_eq(key, span_str(known[i].name))) return (struct member *)(void *)((char *)q + known[i].at);
  return NULL;
}

static bool is_marked(const struct request *q) {
  return q->query.kind == '"' || q->operation.kind == '"' || q->extensions.kind == '{' ||
         q->payload.kind == '{';
}

static bool read_request(struct span s, struct request *q) {
  struct members list;
  struct member x;
  unsigned foreign = 0;
  memset(q, 0, sizeof *q);
  if (!members_open(&list, s) || list.list) return false;
  while (members_next(&list, &x)) {
    struct member *to = slot(q, x.key);
    if (to)
      *to = x;
    else if (++foreign >= FOREIGN_MOST && !is_marked(q) && !q->variables.kind)
      return false;
  }
  return is_marked(q);
}

/* An operation without a name goes by the fields that it begins with. */
static struct span name_of(struct state *s, struct span told) {
  struct graphql *g = s->g;
  struct span name = g->name.len ? g->name : told;
  if (name.len) return name;
  for (unsigned i = 0; i < g->roots && i < ROOTS_NAMED; i++)
    name = i == 0 ? g->root[0]
                  : arena_printf(&s->d->t->arena, "%.*s,%.*s", SPAN_FMT(name), SPAN_FMT(g->root[i]));
  return name;
}

static bool document(struct state *s, struct span text, struct span want) {
  struct txn *t = s->d->t;
  if (!s->g) s->g = mem_alloc(sizeof *s->g);
  struct graphql *g = s->g;
  if (!g) txn_missed(t);
  if (!g || !graphql_read(text, want, g)) return false;
  if (!s->requests++) s->type = g->type;
  s->aliases += g->aliases;
  s->fields += g->fields;
  if (g->depth > s->depth) s->depth = g->depth;
  s->introspection |= g->introspection;
  s->capped |= g->capped;
  dialect_operation(s->d, name_of(s, want));
  for (unsigned i = 0; i < g->paths && s->listed < FIELDS_MOST; i++, s->listed++)
    txn_fact_add(t, "tapscope.graphql.fields", span_str(g->path[i]));
  return true;
}

static bool request(struct state *s, struct span text) {
  struct request q;
  struct arena *arena = &s->d->t->arena;
  if (!read_request(text, &q)) return false;
  if (q.payload.kind == '{' && q.type.kind == '"') { /* a message of the WebSocket protocols */
    struct span inner = q.payload.value;
    return read_request(inner, &q) && !q.payload.kind && request(s, inner);
  }
  struct span want = q.operation.kind == '"' ? members_text(arena, q.operation.value) : span_of(NULL, 0);
  if (q.query.kind == '"') return document(s, members_text(arena, q.query.value), want);
  bool stored = want.len && (q.extensions.kind == '{' || q.variables.kind == '{');
  if (!stored)
    stored = q.extensions.kind == '{' && members_find(q.extensions.value, "persistedQuery").kind == '{';
  if (!stored) return false;
  s->requests++;
  s->stored = true;
  dialect_operation(s->d, want);
  return true;
}

static bool requests(struct state *s, struct span text) {
  struct members list;
  struct member x;
  bool any = false;
  if (!members_open(&list, text)) return false;
  if (!list.list) return request(s, text);
  for (unsigned n = 0; n < BATCH_MOST && members_next(&list, &x); n++) {
    if (!request(s, x.value) && !any) return false;
    any = true;
  }
  s->batch |= any;
  return any;
}

/* A value of a query or form, its percent signs undone. */
static struct span parameter(struct txn *t, struct span pairs, const char *name) {
  struct body_walk w = {.scratch = &t->arena};
  while (pairs.len) {
    struct span value = span_cut(&pairs, '&'), key = span_cut(&value, '=');
    if (span_eq(key, span_str(name))) return walk_unpercent(&w, value, true);
  }
  return (struct span){0};
}

static bool is_graphql_path(const struct txn *t) {
  return span_find_nocase(t->path, SPAN_LIT("graphql")) < t->path.len || span_ends(t->path, SPAN_LIT("/gql"));
}

static bool says_type(struct span text) {
  text = span_trim(text);
  return span_starts(text, SPAN_LIT("query")) || span_starts(text, SPAN_LIT("mutation")) ||
         span_starts(text, SPAN_LIT("subscription")) || span_starts(text, SPAN_LIT("fragment"));
}

/* GET, and forms. A search box also has a "query": the path or the document's first word must say more. */
static bool parameters(struct state *s, struct span pairs) {
  struct txn *t = s->d->t;
  bool plain = span_find(pairs, SPAN_LIT("query=")) < pairs.len;
  if (!plain && span_find(pairs, SPAN_LIT("extensions=")) == pairs.len) return false;
  bool sure = is_graphql_path(t);
  struct span text = parameter(t, pairs, "query"), want = parameter(t, pairs, "operationName");
  if (text.len) return (sure || says_type(text)) && document(s, text, want);
  if (!sure || !parameter(t, pairs, "extensions").len) return false;
  s->requests++;
  s->stored = true;
  dialect_operation(s->d, want);
  return true;
}

/* The part "operations" of a multipart body (graphql-multipart-request-spec). */
static bool upload(struct state *s, struct span body) {
  struct span head = span_head(body, 4096);
  size_t at = span_find(head, SPAN_LIT("name=\"operations\""));
  if (at == head.len) return false;
  body = span_skip(body, at);
  body = span_skip(body, span_find(body, SPAN_LIT("\r\n\r\n")) + 4);
  return requests(s, body);
}

static bool any_request(struct state *s) {
  struct txn *t = s->d->t;
  struct span body = side_body(&t->side[DIR_REQUEST]), text;
  bool any = false;
  if (span_eq(t->side[DIR_REQUEST].mime, SPAN_LIT("application/graphql")))
    return document(s, body, span_of(NULL, 0));
  uint8_t c = body.len ? body.base[0] : 0;
  if (c == '-') return upload(s, body);
  if (c && c != '{' && c != '[' && c != 0xf5 && c > ' ')
    return span_find(span_head(body, 4096), SPAN_LIT("query=")) < 4096 && parameters(s, body);
  struct dialect_documents it = dialect_documents(t, DIR_REQUEST);
  for (unsigned n = 0; n < BATCH_MOST && dialect_document(&it, &text); n++) any |= requests(s, text);
  return any || (t->query.len && parameters(s, t->query));
}

/* Errors of one answer: their number, and whether nothing else came. */
static uint32_t errors_in(struct span text, bool *nothing) {
  struct members list;
  struct member x;
  uint32_t n = 0;
  bool data = false;
  if (!members_open(&list, text) || list.list) return 0;
  while (members_next(&list, &x)) {
    struct members errors;
    struct member e;
    data |= span_eq(x.key, SPAN_LIT("data")) && x.kind != 'n';
    if (!span_eq(x.key, SPAN_LIT("errors")) || !members_open(&errors, x.value) || !errors.list) continue;
    while (n < BATCH_MOST && members_next(&errors, &e)) n++;
  }
  *nothing |= n && !data;
  return n;
}

static void answers(struct state *s) {
  struct txn *t = s->d->t;
  struct dialect_documents it = dialect_documents(t, DIR_RESPONSE);
  struct members list;
  struct member x;
  struct span text;
  uint64_t errors = 0;
  bool nothing = false;
  for (unsigned n = 0; n < BATCH_MOST && dialect_document(&it, &text); n++) {
    if (it.framed) {
      x = members_find(text, "payload");
      errors += x.kind == '[' ? 1 : errors_in(x.value, &nothing);
    } else if (members_open(&list, text) && list.list) {
      for (unsigned i = 0; i < BATCH_MOST && members_next(&list, &x); i++)
        errors += errors_in(x.value, &nothing);
    } else {
      errors = errors_in(text, &nothing);
    }
  }
  if (errors) txn_fact_u64(t, "tapscope.graphql.errors", errors);
  if (nothing && errors >= s->requests) t->outcome = TXN_ERROR;
}

static void facts(struct state *s) {
  struct txn *t = s->d->t;
  if (s->type) txn_fact_str(t, "tapscope.graphql.type", span_str(s->type));
  if (s->fields) txn_fact_u64(t, "tapscope.graphql.selections", s->fields);
  if (s->aliases) txn_fact_u64(t, "tapscope.graphql.aliases", s->aliases);
  if (s->depth) txn_fact_u64(t, "tapscope.graphql.depth", s->depth);
  if (s->batch || s->requests > 1) txn_fact_u64(t, "tapscope.graphql.batch", s->requests);
  if (s->introspection) txn_fact_bool(t, "tapscope.graphql.introspection", true);
  if (s->stored) txn_fact_bool(t, "tapscope.graphql.persisted", true);
  if (s->capped) t->side[DIR_REQUEST].unseen |= UNSEEN_CAPPED;
}

bool graphql_call_apply(struct dialect *d) {
  struct state s = {.d = d};
  bool any = any_request(&s);
  if (any) {
    d->name = "graphql";
    facts(&s);
    answers(&s);
  }
  mem_free(s.g);
  return any;
}
