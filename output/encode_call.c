/* SPDX-License-Identifier: Apache-2.0 */
/* Calls, DNS exchanges and TLS handshakes as records. */
#include "output/encoder.h"
#include "output/redact.h"

#include "base/hash.h"

static uint64_t first_ns(const struct txn *t) {
  return t->side[0].seen ? t->side[0].first_ns : t->side[1].first_ns;
}
static uint64_t last_ns(const struct txn *t) {
  return t->side[1].seen ? t->side[1].last_ns : t->side[0].last_ns;
}

static size_t add(uint8_t *to, size_t at, const void *p, size_t n) {
  if (n) memcpy(to + at, p, n);
  return at + n;
}

static struct hash128 text_hash(struct span s) {
  return (struct hash128){hash64(s, 0x7461707363ULL), hash64(s, 0x6f7065ULL)};
}

void encoder_call_id(const struct api_event *ev, char id[32]) {
  const struct txn *t = ev->txn;
  uint8_t in[256], raw[16];
  size_t n = 0;
  n = add(in, n, t->conn.client, 16);
  n = add(in, n, t->conn.server, 16);
  n = add(in, n, &t->conn.cport, 2);
  n = add(in, n, &t->conn.sport, 2);
  n = add(in, n, &t->conn.proto, 1);
  n = add(in, n, &t->seq, 4);
  n = add(in, n, &t->stream, 8);
  n = add(in, n, &t->status, sizeof t->status);
  for (int d = 0; d < 2; d++) {
    n = add(in, n, &t->side[d].first_ns, 8);
    n = add(in, n, &t->side[d].last_ns, 8);
    n = add(in, n, &t->side[d].body_bytes, 8);
  }
  struct hash128 h[2] = {text_hash(t->target), text_hash(t->method)};
  n = add(in, n, h, sizeof h);
  h[0] = text_hash(span_str(t->protocol));
  n = add(in, n, h, sizeof h[0]);
  h[0] = hash128(span_of(in, n));
  for (int i = 0; i < 8; i++) {
    raw[i] = (uint8_t)(h[0].hi >> (56 - 8 * i));
    raw[8 + i] = (uint8_t)(h[0].lo >> (56 - 8 * i));
  }
  hash_hex(raw, 16, id);
}

static bool on_http(const struct txn *t) {
  return t->target.len > 0 && (t->version.len > 0 || strcmp(t->protocol, "http") == 0);
}

static void http_side(struct encoder *e, const struct api_event *ev, enum dir d) {
  struct json *j = &e->j;
  const struct side *s = &ev->txn->side[d];
  if (s->seen) {
    JSON_U64(j, "bytes", s->wire_bytes);
    size_t body = JSON_OPEN(j, "body");
    JSON_U64(j, "bytes", s->body_bytes);
    encoder_facts(e, d == DIR_REQUEST ? "http.request.body." : "http.response.body.");
    json_close(j, body, '}', true);
    JSON_STR(j, "mime_type", s->mime);
    encoder_headers(e, &s->headers, &ev->redact);
  }
  encoder_facts(e, d == DIR_REQUEST ? "http.request." : "http.response.");
}

static void http(struct encoder *e, const struct api_event *ev) {
  struct json *j = &e->j;
  const struct txn *t = ev->txn;
  size_t at = JSON_OPEN(j, "http"), side;
  if (on_http(t) || strcmp(t->protocol, "http") == 0) {
    JSON_STR(j, "version", t->version);
    side = JSON_OPEN(j, "request");
    JSON_STR(j, "method", t->method);
    http_side(e, ev, DIR_REQUEST);
    json_close(j, side, '}', false);
    side = JSON_OPEN(j, "response");
    if (t->status >= 100 && t->status <= 999) JSON_U64(j, "status_code", (uint64_t)t->status);
    http_side(e, ev, DIR_RESPONSE);
    json_close(j, side, '}', false);
  }
  encoder_facts(e, "http.");
  json_close(j, at, '}', false);
}

/* The masked text at the place of `part`, which is cut out of, or copied from, `whole`. */
static struct span part_of(struct span masked, struct span whole, struct span part, bool query) {
  size_t off;
  if (part.base >= whole.base && part.base + part.len <= whole.base + whole.len)
    off = (size_t)(part.base - whole.base);
  else if (query)
    off = span_index(whole, '?') + 1;
  else
    off = whole.len && whole.base[0] == '/' ? 0 : span_find(whole, part);
  return span_head(span_skip(masked, off), part.len);
}

static void url(struct encoder *e, const struct api_event *ev) {
  struct json *j = &e->j;
  const struct txn *t = ev->txn;
  size_t at = JSON_OPEN(j, "url");
  e->text.len = 0;
  if (t->target.len) {
    struct span masked = redact_url(&e->text, t->target, t, &ev->redact);
    bool same = masked.base == t->target.base, whole = masked.len == t->target.len;
    JSON_STR(j, "original", masked);
    if (t->path.len && whole)
      JSON_STR(j, "path", same ? t->path : part_of(masked, t->target, t->path, false));
    if (t->query.len && whole)
      JSON_STR(j, "query", same ? t->query : part_of(masked, t->target, t->query, true));
  }
  JSON_STR(j, "scheme", t->scheme);
  JSON_STR(j, "domain", t->host);
  if (t->host_port) JSON_U64(j, "port", t->host_port);
  encoder_facts(e, "url.");
  json_close(j, at, '}', false);
}

static void identity(struct encoder *e, const struct api_event *ev) {
  struct json *j = &e->j;
  const struct txn *t = ev->txn;
  size_t at = JSON_OPEN(j, "user_agent");
  e->text.len = 0;
  JSON_STR(j, "original", redact_span(&e->text, headers_get(&t->side[0].headers, "user-agent"), &ev->redact));
  encoder_facts(e, "user_agent.");
  json_close(j, at, '}', false);
  at = JSON_OPEN(j, "user");
  JSON_STR(j, "hash", ev->who.user);
  encoder_facts(e, "user.");
  json_close(j, at, '}', false);
  at = JSON_OPEN(j, "trace");
  e->text.len = 0;
  JSON_STR(j, "id", redact_span(&e->text, span_head(ev->who.trace, 128), &ev->redact));
  encoder_facts(e, "trace.");
  json_close(j, at, '}', false);
}

static void data(struct json *j, const struct data_hits *hits) {
  size_t at = JSON_OPEN_LIST(j, "data");
  for (uint32_t i = 0; i < hits->count; i++) encoder_hit(j, &hits->item[i]);
  json_close(j, at, ']', false);
}

static void covered(struct json *j, const struct data_covers *c) {
  size_t at = JSON_OPEN_LIST(j, "protected");
  for (uint32_t i = 0; i < c->count; i++) {
    JSON_LIT(j, "{");
    JSON_TEXT(j, "class", c->item[i].class_id);
    JSON_TEXT(j, "form", event_hidden_name(c->item[i].how));
    JSON_U64(j, "count", c->item[i].count);
    JSON_STR(j, "path", c->item[i].path);
    json_close(j, j->out->len, '}', true);
  }
  json_close(j, at, ']', false);
}

static void tapscope_side(struct encoder *e, const struct api_event *ev, enum dir d) {
  struct json *j = &e->j;
  const struct side *s = &ev->txn->side[d];
  size_t at = d == DIR_REQUEST ? JSON_OPEN(j, "request") : JSON_OPEN(j, "response");
  if (s->seen && ev->txn->kind == TXN_CALL) {
    JSON_U64(j, "decoded_bytes", s->decoded_bytes);
    JSON_TEXT(j, "format", ev->body_format[d]);
    if (ev->items[d]) JSON_U64(j, "items", ev->items[d]);
    if (s->gap_bytes) JSON_U64(j, "gap_bytes", s->gap_bytes);
  }
  data(j, &ev->data[d]);
  covered(j, &ev->cover[d]);
  encoder_facts(e, d == DIR_REQUEST ? "tapscope.request." : "tapscope.response.");
  json_close(j, at, '}', false);
}

static void signals(struct json *j, const struct api_event *ev) {
  size_t at = JSON_OPEN_LIST(j, "signals");
  for (const struct signal *s = ev->signals; s; s = s->next) {
    const struct signal *p = ev->signals;
    while (p != s && p->rule != s->rule) p = p->next;
    if (p == s) json_text(j, s->rule->id);
  }
  json_close(j, at, ']', false);
}

static void login(struct json *j, const struct login *l) {
  static const char *const step[] = {NULL,       "attempt",   "logout", "register",
                                     "otp_send", "otp_check", "reset",  "lookup"};
  static const char *const result[] = {"unknown", "success", "failure"};
  if (l->step == LOGIN_NONE || (unsigned)l->step >= sizeof step / sizeof *step) return;
  size_t at = JSON_OPEN(j, "login");
  JSON_TEXT(j, "step", step[l->step]);
  JSON_TEXT(j, "outcome", result[(unsigned)l->result < 3 ? l->result : 0]);
  JSON_STR(j, "account", l->account);
  json_close(j, at, '}', true);
}

static void files(struct encoder *e, const struct api_event *ev) {
  struct json *j = &e->j;
  size_t at = JSON_OPEN_LIST(j, "files");
  for (const struct txn_file *f = ev->txn->files; f; f = f->next) {
    size_t in = j->out->len + 1;
    JSON_LIT(j, "{");
    e->text.len = 0;
    JSON_TEXT(j, "direction", f->dir == DIR_REQUEST ? "request" : "response");
    JSON_STR(j, "name", redact_span(&e->text, f->name, &ev->redact));
    JSON_U64(j, "size", f->size);
    JSON_TEXT(j, "type", f->type);
    JSON_STR(j, "mime_type", f->declared);
    if (f->whole) JSON_STR(j, "sha256", span_of(f->sha256, sizeof f->sha256));
    JSON_BOOL(j, "whole", f->whole);
    JSON_BOOL(j, "differs", f->differs);
    json_close(j, in, '}', true);
  }
  json_close(j, at, ']', false);
}

static void tapscope(struct encoder *e, const struct api_event *ev) {
  struct json *j = &e->j;
  const struct txn *t = ev->txn;
  size_t at = JSON_OPEN(j, "tapscope");
  JSON_STR(j, "service", ev->service.len ? ev->service : t->service);
  JSON_STR(j, "endpoint", ev->endpoint);
  JSON_STR(j, "operation", ev->operation.len ? ev->operation : t->operation);
  if (!on_http(t) && t->status >= 0 && t->kind == TXN_CALL) JSON_U64(j, "status", (uint64_t)t->status);
  if (t->kind == TXN_CALL) {
    size_t auth = JSON_OPEN(j, "auth");
    JSON_TEXT(j, "kind", auth_kind_name(ev->who.auth));
    JSON_STR(j, "alg", ev->who.jwt_alg);
    encoder_facts(e, "tapscope.auth.");
    json_close(j, auth, '}', false);
    JSON_STR(j, "session", ev->who.session);
    JSON_STR(j, "device", ev->who.device);
    login(j, &ev->login);
  }
  tapscope_side(e, ev, DIR_REQUEST);
  tapscope_side(e, ev, DIR_RESPONSE);
  signals(j, ev);
  files(e, ev);
  encoder_tunnel(j, &t->conn);
  encoder_unseen(j, txn_unseen(t));
  encoder_anomalies(j, t->anomalies);
  encoder_facts(e, "tapscope.");
  json_close(j, at, '}', true);
}

static struct encoder_event head(const struct api_event *ev) {
  static const char *const outcome[] = {"unknown", "success", "failure"};
  const struct txn *t = ev->txn;
  struct encoder_event h = {.kind = "event",
                            .outcome = outcome[(unsigned)t->outcome < 3 ? t->outcome : 0],
                            .ns = first_ns(t),
                            .start = first_ns(t),
                            .end = last_ns(t)};
  h.category[0] = "network";
  h.type[0] = t->kind == TXN_CALL ? "access" : "protocol";
  h.record = t->kind == TXN_DNS ? RECORD_DNS : t->kind == TXN_TLS ? RECORD_TLS : RECORD_CALL;
  if (t->kind == TXN_CALL) h.category[1] = on_http(t) ? "web" : NULL;
  h.action = ev->operation.len ? ev->operation : t->operation.len ? t->operation : t->method;
  for (const struct signal *s = ev->signals; s; s = s->next)
    if (s->severity > h.severity) h.severity = s->severity;
  return h;
}

/* Sampling by id, so that the same calls are kept in every run. */
static bool sampled_out(const struct encoder *e, const struct api_event *ev, const char *id) {
  if (e->conf->sample_calls >= 1 || ev->txn->kind != TXN_CALL) return false;
  if (ev->signals || ev->data[0].count || ev->data[1].count) return false;
  uint32_t v = 0;
  for (int i = 0; i < 8; i++) v = v << 4 | (uint32_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
  return (double)v / 4294967296.0 >= e->conf->sample_calls;
}

static void key(struct encoder *e, const struct api_event *ev) {
  struct span service = ev->service.len ? ev->service : ev->txn->service;
  if (!service.len && !ev->endpoint.len) {
    encoder_key_ip(e, ev->txn->conn.server);
    return;
  }
  encoder_key(e, service);
  if (ev->endpoint.len) encoder_key(e, SPAN_LIT(" "));
  encoder_key(e, ev->endpoint);
}

int encode_call(struct encoder *e, const struct api_event *ev, struct record *r) {
  const struct txn *t = ev->txn;
  struct encoder_event h = head(ev);
  char id[32];
  if (ev->id[0])
    memcpy(id, ev->id, 32);
  else
    encoder_call_id(ev, id);
  if (sampled_out(e, ev, id)) {
    *r = (struct record){.kind = h.record, .drop = true};
    return 0;
  }
  encoder_load(e, t->facts, &ev->redact);
  struct json *j = encoder_begin(e, &h, id);
  struct encoder_ends ends = {.conn = &t->conn,
                              .protocol = t->protocol,
                              .bytes = {t->side[0].wire_bytes, t->side[1].wire_bytes},
                              .forwarded = ev->who.forwarded ? ev->who.origin : NULL};
  encoder_ends(e, &ends);
  http(e, ev);
  url(e, ev);
  identity(e, ev);
  tapscope(e, ev);
  (void)j;
  key(e, ev);
  int rc = encoder_finish(e, h.record, h.ns, r);
  if (rc == 0) memcpy(r->id, id, 32);
  return rc;
}
