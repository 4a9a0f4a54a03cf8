/* SPDX-License-Identifier: Apache-2.0 */
/* OpenAPI 3.1 from the inventory: paths, parameters, bodies, answers, security, and what tapscope knows besides. */
#include "output/openapi.h"
#include "analytics/inventory_tag.h"
#include "output/openapi_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { SEGMENTS = 40, ALL_ROWS = 64 };

/* Rows of one path and method: dispatched ones together. */
struct operation {
  struct row *row[ALL_ROWS];
  unsigned count;
  struct schema_book *book;
};

static struct span path_of(const struct row *r) {
  struct span name = row_name(r);
  struct span path = span_skip(name, span_index(name, ' ') + 1);
  size_t query = span_index(path, '?'), tail = path.len;
  for (size_t i = 0; i < path.len; i++)
    if (path.base[i] == ' ' && i < tail) tail = i; /* "POST /rpc method": dispatched by body */
  return span_head(path, query < tail ? query : tail);
}

bool openapi_takes(const struct row *r) {
  static const char *const methods[] = {"GET",  "PUT",   "POST",  "DELETE", "OPTIONS",
                                        "HEAD", "PATCH", "TRACE", NULL};
  struct span path = path_of(r), method = span_of(r->method, r->method_len);
  if (!span_starts(row_name(r), method) || !path.len || path.base[0] != '/') return false;
  return span_in(method, methods);
}

/* Paths that differ only in the names of variables are one. */
static int cmp_path(struct span a, struct span b) {
  while (a.len && b.len) {
    struct span x = span_cut(&a, '/'), y = span_cut(&b, '/');
    bool vx = span_index(x, '{') < x.len, vy = span_index(y, '{') < y.len;
    if (vx && vy) {
      size_t ex = span_index(x, '}'), ey = span_index(y, '}');
      int c = span_cmp(span_head(x, span_index(x, '{')), span_head(y, span_index(y, '{')));
      if (!c) c = span_cmp(span_skip(x, ex), span_skip(y, ey));
      if (c) return c;
      continue;
    }
    int c = vx != vy ? (vx ? 1 : -1) : span_cmp(x, y);
    if (c) return c;
  }
  return a.len ? 1 : b.len ? -1 : 0;
}

static int by_path(const void *pa, const void *pb) {
  const struct row *a = *(struct row *const *)pa, *b = *(struct row *const *)pb;
  int c = cmp_path(path_of(a), path_of(b));
  if (!c) c = span_cmp(span_of(a->method, a->method_len), span_of(b->method, b->method_len));
  if (!c) c = span_cmp(row_service(a), row_service(b));
  return c ? c : span_cmp(row_name(a), row_name(b));
}

/* The path with every variable's name used once, the names put into name[]; how many. */
static unsigned spell(struct span path, char *out, size_t size, char name[SEGMENTS][64]) {
  unsigned n = 0;
  size_t len = 0;
  for (size_t i = 0; i < path.len && len + 72 < size; i++) {
    if (path.base[i] != '{' || n == SEGMENTS) {
      out[len++] = (char)path.base[i];
      continue;
    }
    struct span var = span_skip(path, i + 1);
    var = span_head(var, span_index(var, '}'));
    int w = snprintf(name[n], 56, "%.*s", (int)(var.len < 48 ? var.len : 48), (const char *)var.base);
    bool again = false;
    for (unsigned k = 0; k < n; k++) again |= strcmp(name[k], name[n]) == 0;
    if (again && w > 0) snprintf(name[n] + w, 8, "%u", n + 1);
    len += (size_t)snprintf(out + len, size - len, "{%s}", name[n]);
    n++;
    i += var.len + 1;
  }
  out[len] = 0;
  return n;
}

static void lower_word(char *out, size_t size, struct span s) {
  size_t n = s.len < size - 1 ? s.len : size - 1;
  for (size_t i = 0; i < n; i++)
    out[i] = (char)(s.base[i] >= 'A' && s.base[i] <= 'Z' ? s.base[i] | 32 : s.base[i]);
  out[n] = 0;
}

static void parameter(struct json *j, const struct schema_book *b, const struct schema_field *f,
                      const char *in, struct span name, bool required) {
  JSON_LIT(j, "{");
  JSON_STR(j, "name", name);
  JSON_TEXT(j, "in", in);
  JSON_BOOL(j, "required", required);
  JSON_KEY(j, "schema");
  if (f)
    openapi_schema_field(j, b, f);
  else
    JSON_LIT(j, "{\"type\":\"string\"},");
  json_close(j, j->out->len, '}', true);
}

static const struct schema_field *find(const struct schema_book *b, enum schema_place p, struct span name) {
  for (uint32_t i = 0; b && i < b->nfields; i++)
    if (b->field[i].place == p && span_eq(b->field[i].path, name)) return &b->field[i];
  return NULL;
}

static void parameters(struct json *j, const struct operation *o, char var[SEGMENTS][64], unsigned nvars) {
  const struct schema_book *b = o->book;
  size_t at = JSON_OPEN_LIST(j, "parameters");
  for (unsigned i = 0; i < nvars; i++)
    parameter(j, b, find(b, SCHEMA_PATH, span_str(var[i])), "path", span_str(var[i]), true);
  for (uint32_t i = 0; b && i < b->nfields; i++) {
    const struct schema_field *f = &b->field[i];
    if ((f->place != SCHEMA_QUERY && f->place != SCHEMA_HEADER) || !f->path.len) continue;
    bool all = f->present >= 3 && f->present >= b->messages[f->place];
    parameter(j, b, f, f->place == SCHEMA_QUERY ? "query" : "header", f->path, all);
  }
  json_close(j, at, ']', false);
}

static void content(struct json *j, const struct schema_book *b, enum dir d, enum schema_place place,
                    struct arena *arena) {
  size_t at = JSON_OPEN(j, "content");
  bool some = false;
  for (uint32_t i = 0; i < b->nfields && !some; i++) some = b->field[i].place == place;
  unsigned n = b->nmedia[d];
  for (unsigned i = 0; i < n || (!n && some && !i); i++) {
    struct span type = n ? span_of(b->medium[d][i].type, b->medium[d][i].len) : SPAN_LIT("application/json");
    json_str(j, type);
    if (!j->bad) j->out->len--;
    JSON_LIT(j, ":{");
    if (some) {
      JSON_KEY(j, "schema");
      openapi_schema_body(j, b, place, arena);
    }
    json_close(j, j->out->len, '}', true);
  }
  json_close(j, at, '}', false);
}

static void request_body(struct json *j, const struct schema_book *b, struct arena *arena) {
  bool some = b && b->nmedia[DIR_REQUEST];
  for (uint32_t i = 0; b && i < b->nfields; i++) some |= b->field[i].place == SCHEMA_REQUEST;
  if (!some) return;
  size_t at = JSON_OPEN(j, "requestBody");
  content(j, b, DIR_REQUEST, SCHEMA_REQUEST, arena);
  if (j->out->base[j->out->len - 1] == '{') JSON_LIT(j, "\"content\":{},");
  json_close(j, at, '}', true);
}

static const char *reason(unsigned status) {
  static const char *const classes[] = {"Informational", "Success", "Redirection", "Client error",
                                        "Server error"};
  return status >= 100 && status < 600 ? classes[status / 100 - 1] : "Answer";
}

static int by_status(const void *a, const void *b) {
  return ((const struct schema_status *)a)->status - ((const struct schema_status *)b)->status;
}

static void responses(struct json *j, const struct schema_book *b, struct arena *arena) {
  struct schema_status s[SCHEMA_STATUSES];
  unsigned n = 0;
  size_t at = JSON_OPEN(j, "responses");
  for (unsigned i = 0; b && i < b->nstatuses; i++)
    if (b->status[i].status >= 100 && b->status[i].status < 600) s[n++] = b->status[i];
  qsort(s, n, sizeof *s, by_status);
  for (unsigned i = 0; i < n; i++) {
    char key[16];
    snprintf(key, sizeof key, "\"%u\":{", s[i].status);
    size_t in = json_open(j, key, strlen(key));
    JSON_TEXT(j, "description", reason(s[i].status));
    bool empty = s[i].status < 200 || s[i].status == 204 || s[i].status == 304;
    if (!empty) content(j, b, DIR_RESPONSE, s[i].status < 400 ? SCHEMA_RESPONSE : SCHEMA_ERROR, arena);
    JSON_U64(j, "x-tapscope-calls", s[i].calls);
    json_close(j, in, '}', true);
  }
  if (!n) JSON_LIT(j, "\"default\":{\"description\":\"No answer was seen\"},");
  json_close(j, at, '}', true);
}

static const struct {
  enum auth_kind kind;
  const char *name, *scheme;
} security[] = {
    {AUTH_BASIC, "basic", "{\"type\":\"http\",\"scheme\":\"basic\"},"},
    {AUTH_DIGEST, "digest", "{\"type\":\"http\",\"scheme\":\"digest\"},"},
    {AUTH_BEARER, "bearer", "{\"type\":\"http\",\"scheme\":\"bearer\"},"},
    {AUTH_JWT, "jwt", "{\"type\":\"http\",\"scheme\":\"bearer\",\"bearerFormat\":\"JWT\"},"},
    {AUTH_SESSION, "session", "{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"session\"},"},
    {AUTH_API_KEY, "api_key", "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"X-API-Key\"},"},
    {AUTH_SIGNATURE, "signature", "{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\"},"},
    {AUTH_MTLS, "mtls", "{\"type\":\"mutualTLS\"},"},
    {AUTH_NEGOTIATE, "negotiate", "{\"type\":\"http\",\"scheme\":\"negotiate\"},"},
};
enum { SCHEMES = sizeof security / sizeof *security };

static void needs(struct json *j, const struct operation *o) {
  uint64_t calls[AUTH_KINDS] = {0};
  size_t at = JSON_OPEN_LIST(j, "security");
  for (unsigned k = 0; k < o->count; k++)
    for (unsigned i = 0; i < AUTH_KINDS; i++) calls[i] += o->row[k]->auth_calls[i];
  for (unsigned i = 0; i < SCHEMES; i++) {
    if (!calls[security[i].kind]) continue;
    JSON_LIT(j, "{\"");
    json_raw(j, security[i].name, strlen(security[i].name));
    JSON_LIT(j, "\":[]},");
  }
  if (calls[AUTH_NONE]) JSON_LIT(j, "{},");
  json_close(j, at, ']', false);
}

static void operation_tags(struct json *j, const struct row *r) {
  size_t at = JSON_OPEN_LIST(j, "tags");
  struct span own = span_str(r->user_tags);
  for (struct span t = span_of(r->tags, r->tags_len); t.len;) json_str(j, span_cut(&t, ','));
  while (own.len) {
    struct span one = span_trim(span_cut(&own, ','));
    if (one.len && !inventory_tag_has(span_of(r->tags, r->tags_len), one)) json_str(j, one);
  }
  json_close(j, at, ']', false);
}

static void operation_id(struct json *j, const struct row *r, const char *method, const char *path) {
  char id[ROW_NAME + 64];
  int n = snprintf(id, sizeof id, "%s_%.400s_%.8s", method, path, r->id);
  size_t k = 0;
  for (int i = 0; i < n && i < (int)sizeof id - 1; i++) {
    char c = id[i];
    bool word = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (word || (k && id[k - 1] != '_')) id[k++] = word ? c : '_';
  }
  JSON_STR(j, "operationId", span_of(id, k));
}

static void ours(struct json *j, const struct operation *o) {
  const struct row *r = o->row[0];
  uint64_t calls = 0;
  for (unsigned i = 0; i < o->count; i++) calls += o->row[i]->calls;
  JSON_U64(j, "x-tapscope-calls", calls);
  JSON_U64(j, "x-tapscope-risk", (uint64_t)(r->risk > 0 ? r->risk : 0));
  JSON_STR(j, "x-tapscope-risk-why", span_str(r->why));
  JSON_TEXT(j, "x-tapscope-state", inventory_row_state(r));
  JSON_TEXT(j, "x-tapscope-exposure", zones_name(r->exposure));
  JSON_STR(j, "x-tapscope-owner", span_str(r->owner[0] ? r->owner : r->rule_owner));
  size_t at = JSON_OPEN_LIST(j, "x-tapscope-dispatch");
  for (unsigned i = 0; i < o->count && o->count > 1; i++) json_str(j, row_name(o->row[i]));
  json_close(j, at, ']', false);
}

static void operation(struct json *j, struct operation *o, const char *path, char var[SEGMENTS][64],
                      unsigned nvars, struct arena *arena) {
  char method[ROW_METHOD + 1], key[ROW_METHOD + 8];
  lower_word(method, sizeof method, span_of(o->row[0]->method, o->row[0]->method_len));
  snprintf(key, sizeof key, "\"%s\":{", method);
  size_t at = json_open(j, key, strlen(key));
  operation_id(j, o->row[0], method, path);
  operation_tags(j, o->row[0]);
  parameters(j, o, var, nvars);
  if (strcmp(method, "get") != 0 && strcmp(method, "head") != 0 && strcmp(method, "trace") != 0)
    request_body(j, o->book, arena);
  responses(j, o->book, arena);
  needs(j, o);
  ours(j, o);
  json_close(j, at, '}', true);
}

static void server(struct json *j, const struct row *r) {
  char url[ROW_SERVICE + 32];
  struct span host = row_service(r);
  bool port = span_index(host, ':') < host.len, plain = r->plaintext * 2 >= r->calls;
  unsigned usual = plain ? 80 : 443;
  int n = snprintf(url, sizeof url, "%s://%.*s", plain ? "http" : "https", SPAN_FMT(host));
  if (!port && r->port && r->port != usual && n > 0)
    snprintf(url + n, sizeof url - (size_t)n, ":%u", r->port);
  JSON_LIT(j, "{");
  JSON_STR(j, "url", span_str(url));
  json_close(j, j->out->len, '}', true);
}

/* All services of the rows, in order of first appearance here. */
static void servers(struct json *j, struct row **rows, size_t n) {
  size_t at = JSON_OPEN_LIST(j, "servers");
  for (size_t i = 0; i < n; i++) {
    bool before = false;
    for (size_t k = 0; k < i && !before; k++) before = span_eq(row_service(rows[k]), row_service(rows[i]));
    if (!before) server(j, rows[i]);
  }
  json_close(j, at, ']', false);
}

static void head(struct json *j, struct row **rows, size_t n, struct span title, bool one) {
  char version[32];
  uint64_t last = 0;
  struct tm tm;
  for (size_t i = 0; i < n; i++)
    if (rows[i]->last_ns > last) last = rows[i]->last_ns;
  time_t t = (time_t)(last / 1000000000);
  gmtime_r(&t, &tm);
  strftime(version, sizeof version, "%Y.%m.%d", &tm);
  JSON_TEXT(j, "openapi", "3.1.0");
  size_t at = JSON_OPEN(j, "info");
  JSON_STR(j, "title", title);
  JSON_TEXT(j, "version", version);
  JSON_TEXT(j, "description",
            "Learned from traffic by tapscope " TAPSCOPE_VERSION
            ". Examples are masked; ranges are widened to powers of ten.");
  json_close(j, at, '}', true);
  if (one && n) servers(j, rows, 1);
}

static void components(struct json *j, struct row **rows, size_t n) {
  uint64_t calls[AUTH_KINDS] = {0};
  size_t at = JSON_OPEN(j, "components"), in;
  for (size_t k = 0; k < n; k++)
    for (unsigned i = 0; i < AUTH_KINDS; i++) calls[i] += rows[k]->auth_calls[i];
  in = JSON_OPEN(j, "securitySchemes");
  for (unsigned i = 0; i < SCHEMES; i++) {
    if (!calls[security[i].kind]) continue;
    json_text(j, security[i].name);
    if (!j->bad) j->out->len--;
    JSON_LIT(j, ":");
    json_raw(j, security[i].scheme, strlen(security[i].scheme));
  }
  json_close(j, in, '}', false);
  json_close(j, at, '}', false);
}

/* Rows from..to have one path. */
static int path_item(struct json *j, struct row **rows, size_t n, bool one, struct arena *arena) {
  char path[ROW_NAME + 128], var[SEGMENTS][64];
  unsigned nvars = spell(path_of(rows[0]), path, sizeof path, var);
  int operations = 0;
  json_str(j, span_str(path));
  if (!j->bad) j->out->len--;
  JSON_LIT(j, ":{");
  if (!one) servers(j, rows, n);
  for (size_t i = 0, next; i < n; i = next) {
    struct operation o = {.count = 0};
    for (next = i; next < n && rows[next]->method_len == rows[i]->method_len &&
                   memcmp(rows[next]->method, rows[i]->method, rows[i]->method_len) == 0;
         next++)
      if (o.count < ALL_ROWS) o.row[o.count++] = rows[next];
    struct schema_book *sum = o.count > 1 ? schema_book_new() : NULL;
    for (unsigned k = 0; sum && k < o.count; k++)
      if (o.row[k]->schema) schema_book_merge(sum, o.row[k]->schema);
    o.book = sum ? sum : o.row[0]->schema;
    arena_reset(arena);
    operation(j, &o, path, var, nvars, arena);
    schema_book_free(sum);
    operations++;
  }
  json_close(j, j->out->len, '}', true);
  return operations;
}

int openapi_write(struct buf *out, struct row **rows, size_t n, struct span title) {
  struct json j = {out, false};
  struct arena arena;
  size_t kept = 0, next;
  int operations = 0;
  bool one = true;
  for (size_t i = 0; i < n; i++)
    if (openapi_takes(rows[i])) {
      struct row *r = rows[i];
      rows[i] = rows[kept], rows[kept++] = r; /* each stays in the list once: its owner frees them */
    }
  for (size_t i = 1; i < kept && one; i++) one = span_eq(row_service(rows[0]), row_service(rows[i]));
  if (kept) qsort(rows, kept, sizeof *rows, by_path);
  arena_init(&arena, NULL, 0);
  JSON_LIT(&j, "{");
  head(&j, rows, kept, title, one);
  size_t at = JSON_OPEN(&j, "paths");
  for (size_t i = 0; i < kept; i = next) {
    for (next = i + 1; next < kept && cmp_path(path_of(rows[i]), path_of(rows[next])) == 0;) next++;
    operations += path_item(&j, rows + i, next - i, one, &arena);
  }
  json_close(&j, at, '}', true);
  components(&j, rows, kept);
  json_close(&j, 0, '}', true);
  arena_done(&arena);
  if (j.bad) return ERR_NOMEM;
  if (out->len && out->base[out->len - 1] == ',') out->base[out->len - 1] = '\n';
  return operations;
}
