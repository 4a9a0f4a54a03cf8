/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of the inventory. */
#include "analytics/inventory_service.h"
#include "analytics/schema_read.h"
#include "output/encoder.h"

enum { FIELDS_TOLD = 128 };

static void auth(struct json *j, uint32_t bits) {
  size_t at = JSON_OPEN_LIST(j, "auth");
  for (unsigned i = 0; i < AUTH_KINDS; i++)
    if (bits >> i & 1) json_text(j, auth_kind_name((enum auth_kind)i));
  json_close(j, at, ']', false);
}

static void tags(struct json *j, struct span text) {
  size_t at = JSON_OPEN_LIST(j, "tags");
  while (text.len) {
    struct span one = span_trim(span_cut(&text, ','));
    if (one.len) json_str(j, one);
  }
  json_close(j, at, ']', false);
}

static void data(struct json *j, const struct data_hits hits[2]) {
  size_t at = JSON_OPEN(j, "data");
  for (int d = 0; d < 2; d++) {
    size_t in = d == DIR_REQUEST ? JSON_OPEN_LIST(j, "request") : JSON_OPEN_LIST(j, "response");
    for (uint32_t i = 0; i < hits[d].count; i++) encoder_hit(j, &hits[d].item[i]);
    json_close(j, in, ']', false);
  }
  json_close(j, at, '}', false);
}

static void field(struct json *j, const struct schema_book *b, const struct schema_field *f) {
  struct schema_reading r = schema_read_field(b, f);
  size_t from = j->out->len;
  JSON_LIT(j, "{");
  JSON_TEXT(j, "in", schema_book_place(f->place));
  JSON_KEY(j, "name"); /* the body itself has an empty one */
  json_str(j, f->path);
  JSON_TEXT(j, "type", r.type);
  JSON_TEXT(j, "format", r.format);
  if (r.null) JSON_BOOL(j, "null", true);
  JSON_BOOL(j, "required", r.required);
  JSON_KEY(j, "ratio");
  json_double(j, r.ratio);
  if (r.range) {
    JSON_KEY(j, "min");
    json_double(j, r.min);
    JSON_KEY(j, "max");
    json_double(j, r.max);
  }
  size_t at = JSON_OPEN_LIST(j, "enum");
  for (unsigned i = 0; i < f->nwords && r.enumeration; i++) json_str(j, f->word[i]);
  json_close(j, at, ']', false);
  json_close(j, from, '}', true);
}

static void schema(struct json *j, const struct schema_book *b) {
  size_t at = JSON_OPEN_LIST(j, "schema");
  for (uint32_t i = 0; b && i < b->nfields && i < FIELDS_TOLD; i++) field(j, b, &b->field[i]);
  json_close(j, at, ']', false);
  at = JSON_OPEN_LIST(j, "status");
  for (unsigned i = 0; b && i < b->nstatuses; i++) json_u64(j, b->status[i].status);
  json_close(j, at, ']', false);
  at = JSON_OPEN(j, "media");
  for (int d = 0; d < 2; d++) {
    size_t in = d == DIR_REQUEST ? JSON_OPEN_LIST(j, "request") : JSON_OPEN_LIST(j, "response");
    for (unsigned i = 0; b && i < b->nmedia[d]; i++)
      json_str(j, span_of(b->medium[d][i].type, b->medium[d][i].len));
    json_close(j, in, ']', false);
  }
  json_close(j, at, '}', false);
}

static void texts(struct json *j, size_t at, const struct service_texts *t) {
  for (unsigned i = 0; i < t->count; i++) json_str(j, span_str(t->text[i]));
  json_close(j, at, ']', false);
}

static void about(struct json *j, const struct service_row *s) {
  if (!s) return;
  texts(j, JSON_OPEN_LIST(j, "protocols"), &s->protocols);
  texts(j, JSON_OPEN_LIST(j, "software"), &s->software);
  size_t at = JSON_OPEN_LIST(j, "called_by");
  for (uint32_t i = 0; i < s->callers; i++) json_ip(j, s->caller[i]);
  json_close(j, at, ']', false);
  at = JSON_OPEN_LIST(j, "calls_to");
  for (unsigned i = 0; i < s->callees; i++) json_str(j, span_of(s->callee[i].name, s->callee[i].len));
  json_close(j, at, ']', false);
}

static void algs(struct json *j, const struct asset *a) {
  size_t at = JSON_OPEN_LIST(j, "jwt_algs");
  for (unsigned i = 0; a->algs && i < 4 && a->algs[i][0]; i++) json_str(j, span_str(a->algs[i]));
  json_close(j, at, ']', false);
}

static void figures(struct json *j, const struct asset *a) {
  size_t at = JSON_OPEN(j, "asset");
  JSON_STR(j, "id", a->id);
  JSON_TEXT(j, "kind", a->kind);
  JSON_TEXT(j, "change", a->change);
  JSON_TEXT(j, "state", a->state);
  JSON_TEXT(j, "exposure", a->exposure);
  JSON_TIME(j, "first_seen", a->first_ns);
  JSON_TIME(j, "last_seen", a->last_ns);
  JSON_U64(j, "calls", a->calls);
  JSON_U64(j, "callers", a->callers);
  auth(j, a->auth);
  JSON_TEXT(j, "auth_main", a->auth_main);
  JSON_STR(j, "auth_others", a->auth_others);
  algs(j, a);
  if (a->plaintext) JSON_U64(j, "plaintext", a->plaintext);
  data(j, a->data);
  JSON_KEY(j, "visibility");
  json_double(j, a->visibility);
  if (a->risk >= 0) JSON_U64(j, "risk", (uint64_t)a->risk);
  JSON_STR(j, "risk_why", a->risk_why);
  if (a->findings) JSON_U64(j, "findings", a->findings);
  tags(j, a->tags);
  JSON_STR(j, "owner", a->owner);
  if (a->accepted) JSON_BOOL(j, "accepted", true);
  schema(j, a->schema);
  about(j, a->about);
  JSON_STR(j, "detail", a->detail);
  json_close(j, at, '}', true);
}

int encode_asset(struct encoder *e, const struct asset *a, struct record *r) {
  static const uint8_t none[16];
  struct encoder_event h = {.record = RECORD_ASSET,
                            .kind = "asset",
                            .category = {"network"},
                            .type = {"info"},
                            .action = span_str(a->change),
                            .ns = a->ns};
  encoder_load(e, NULL, NULL);
  struct json *j = encoder_begin(e, &h, NULL);
  size_t at = JSON_OPEN(j, "destination"), in;
  if (memcmp(a->addr, none, 16) != 0) JSON_IP(j, "ip", a->addr);
  if (a->port) JSON_U64(j, "port", a->port);
  json_close(j, at, '}', false);
  at = JSON_OPEN(j, "network");
  JSON_TEXT(j, "protocol", a->protocol);
  json_close(j, at, '}', false);
  if (a->method.len) {
    at = JSON_OPEN(j, "http");
    in = JSON_OPEN(j, "request");
    JSON_STR(j, "method", a->method);
    json_close(j, in, '}', false);
    json_close(j, at, '}', false);
  }
  at = JSON_OPEN(j, "tapscope");
  JSON_STR(j, "service", a->service);
  JSON_STR(j, "endpoint", a->endpoint);
  figures(j, a);
  json_close(j, at, '}', true);
  encoder_key(e, a->id);
  return encoder_finish(e, RECORD_ASSET, a->ns, r);
}
