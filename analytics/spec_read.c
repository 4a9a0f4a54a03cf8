/* SPDX-License-Identifier: Apache-2.0 */
/* Swagger 2.0 and OpenAPI 3.x documents made into operations. */
#include "analytics/spec_read.h"
#include "analytics/document.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { DEPTH = 24, PARAMETERS = 256 };

/* Follow "$ref": "#/…"; NULL where it leads nowhere. */
static const json_t *followed(const json_t *root, const json_t *node) {
  for (unsigned i = 0; i < DEPTH && json_is_object(node); i++) {
    struct span ref = document_text(document_get(node, "$ref"));
    if (!ref.len) return node;
    if (!span_starts(ref, SPAN_LIT("#/"))) return NULL;
    ref = span_skip(ref, 2);
    node = root;
    while (ref.len && node) {
      struct span step = span_cut(&ref, '/');
      char key[256];
      size_t n = 0;
      for (size_t k = 0; k < step.len && n < sizeof key - 1; k++) {
        bool esc = step.base[k] == '~' && k + 1 < step.len;
        char c = (char)step.base[k];
        if (esc) c = step.base[++k] == '1' ? '/' : '~';
        if (c == '%' && k + 2 < step.len) {
          const char hex[3] = {(char)step.base[k + 1], (char)step.base[k + 2], 0};
          c = (char)strtol(hex, NULL, 16);
          k += 2;
        }
        key[n++] = c;
      }
      key[n] = 0;
      node = json_is_array(node) ? json_array_get(node, (size_t)atoi(key)) : document_get(node, key);
    }
  }
  return node;
}

static unsigned type_bit(struct span t) {
  static const struct {
    const char *name;
    unsigned bit;
  } all[] = {{"string", SPEC_STRING},   {"integer", SPEC_INTEGER}, {"number", SPEC_NUMBER},
             {"boolean", SPEC_BOOLEAN}, {"object", SPEC_OBJECT},   {"array", SPEC_ARRAY},
             {"null", SPEC_NULL},       {"file", SPEC_STRING}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (span_eq(t, span_str(all[i].name))) return all[i].bit;
  return 0;
}

/* References and combinations followed; 0: not said. */
static unsigned types_of(const json_t *root, const json_t *schema, unsigned depth) {
  static const char *const combined[] = {"allOf", "anyOf", "oneOf"};
  schema = followed(root, schema);
  if (!json_is_object(schema) || depth > DEPTH) return 0;
  const json_t *type = document_get(schema, "type");
  unsigned bits = type_bit(document_text(type));
  for (size_t i = 0; i < json_array_size(type); i++) bits |= type_bit(document_text(json_array_get(type, i)));
  if (bits &&
      (json_is_true(document_get(schema, "nullable")) || json_is_true(document_get(schema, "x-nullable"))))
    bits |= SPEC_NULL;
  for (size_t c = 0; c < 3 && !bits; c++) {
    const json_t *list = document_get(schema, combined[c]);
    for (size_t i = 0; i < json_array_size(list); i++) {
      unsigned one = types_of(root, json_array_get(list, i), depth + 1);
      if (!one && c) return 0; /* one choice is open */
      bits |= one;
    }
  }
  return bits;
}

static const json_t *items_of(const json_t *root, const json_t *schema) {
  schema = followed(root, schema);
  return schema ? document_get(schema, "items") : NULL;
}

/* The member of that name; *open: members that are not named are allowed, or it cannot be told. */
static const json_t *member_of(const json_t *root, const json_t *schema, const char *key, bool *open,
                               unsigned depth) {
  static const char *const combined[] = {"allOf", "anyOf", "oneOf"};
  schema = followed(root, schema);
  if (!json_is_object(schema) || depth > DEPTH) return *open = true, NULL;
  const json_t *properties = document_get(schema, "properties"),
               *found = properties ? document_get(properties, key) : NULL;
  if (found) return found;
  bool some = properties != NULL;
  for (size_t c = 0; c < 3; c++) {
    const json_t *list = document_get(schema, combined[c]);
    for (size_t i = 0; i < json_array_size(list); i++) {
      some = true;
      found = member_of(root, json_array_get(list, i), key, open, depth + 1);
      if (found) return found;
    }
  }
  const json_t *more = document_get(schema, "additionalProperties");
  if (json_is_object(more) && json_object_size(more)) return more;
  if (!some || json_is_true(more) || json_is_object(more)) *open = true;
  return NULL;
}

unsigned spec_field(const struct spec_operation *op, const json_t *schema, struct span path, bool *known) {
  char key[256];
  bool open = false;
  *known = true;
  while (path.len && schema) {
    struct span step = span_cut(&path, '.');
    size_t cut = span_find(step, SPAN_LIT("[]"));
    struct span lists = span_skip(step, cut);
    if (cut) {
      if (cut >= sizeof key) return 0;
      memcpy(key, step.base, cut);
      key[cut] = 0;
      schema = member_of(op->root, schema, key, &open, 0);
    }
    for (; schema && lists.len >= 2; lists = span_skip(lists, 2)) {
      schema = items_of(op->root, schema);
      if (!schema) open = true;
    }
  }
  *known = schema || open;
  return schema ? types_of(op->root, schema, 0) : 0;
}

/* ---- operations ---- */

struct reading {
  struct specs *s;
  const struct spec_document *doc;
  struct conf_error *err;
  bool swagger, secured, removed; /* secured: the document's own default */
};

static int add_parameter(struct reading *r, struct spec_parameter *all, unsigned *n, const json_t *from) {
  static const char *const places[] = {"query", "path", "header", "cookie", "formData"};
  const json_t *p = followed(r->doc->root, from);
  struct span name = document_text(document_get(p, "name")), in = document_text(document_get(p, "in"));
  unsigned where = 0;
  while (where < 5 && !span_eq(in, span_str(places[where]))) where++;
  if (!name.len || where == 5 || *n == PARAMETERS) return 0;
  const json_t *schema = r->swagger ? p : document_get(p, "schema");
  struct spec_parameter x = {.name = name,
                             .in = (enum spec_in)where,
                             .types = types_of(r->doc->root, schema, 0),
                             .required = json_is_true(document_get(p, "required"))};
  for (unsigned i = 0; i < *n; i++)
    if (all[i].in == x.in && span_eq(all[i].name, name)) return all[i] = x, 0;
  all[(*n)++] = x;
  return 0;
}

static int parameters(struct reading *r, struct spec_operation *op, const json_t *item, const json_t *from) {
  struct spec_parameter all[PARAMETERS];
  const json_t *lists[] = {document_get(item, "parameters"), document_get(from, "parameters")};
  for (unsigned k = 0; k < 2; k++)
    for (size_t i = 0; i < json_array_size(lists[k]); i++)
      add_parameter(r, all, &op->parameters, json_array_get(lists[k], i));
  struct spec_parameter *own = arena_alloc(&r->s->arena, (op->parameters + 1) * sizeof *own);
  if (!own) return ERR_NOMEM;
  memcpy(own, all, op->parameters * sizeof *own);
  op->parameter = own;
  return 0;
}

static const json_t *json_content(const struct reading *r, const json_t *holder) {
  const json_t *content = document_get(holder, "content"), *v;
  const char *type;
  if (r->swagger) return document_get(holder, "schema");
  json_object_foreach((json_t *)content, type, v) {
    if (strstr(type, "json") || strstr(type, "form") || strstr(type, "*/*")) return document_get(v, "schema");
  }
  return NULL;
}

static void bodies(struct reading *r, struct spec_operation *op, const json_t *from) {
  const json_t *body = followed(r->doc->root, document_get(from, "requestBody")), *list;
  if (body) op->request = json_content(r, body);
  list = r->swagger ? document_get(from, "parameters") : NULL;
  for (size_t i = 0; i < json_array_size(list); i++) {
    const json_t *p = followed(r->doc->root, json_array_get(list, i));
    if (span_eq(document_text(document_get(p, "in")), SPAN_LIT("body")))
      op->request = document_get(p, "schema");
  }
}

static void responses(struct reading *r, struct spec_operation *op, const json_t *from) {
  const json_t *v;
  const char *key;
  json_object_foreach(document_get(from, "responses"), key, v) {
    unsigned status = (unsigned)atoi(key);
    if (strcmp(key, "default") == 0) op->any_status = true;
    if (key[0] >= '1' && key[0] <= '5' && (key[1] | 32) == 'x')
      op->classes |= (uint8_t)(1u << (key[0] - '0'));
    if (status >= 100 && status < 600 && op->statuses < 32) op->status[op->statuses++] = (uint16_t)status;
    if ((key[0] == '2' || !strcmp(key, "default")) && !op->response)
      op->response = json_content(r, followed(r->doc->root, v));
  }
}

/* "security": [] opens, [{}] makes it optional. */
static bool secured(const json_t *security, bool otherwise) {
  if (!json_is_array(security)) return otherwise;
  for (size_t i = 0; i < json_array_size(security); i++)
    if (!json_object_size(json_array_get(security, i))) return false;
  return json_array_size(security) > 0;
}

static uint64_t date_of(struct span s) {
  char text[40];
  struct tm tm = {0};
  if (s.len < 10 || !span_text(text, sizeof text, s)) return 0;
  if (!strptime(text, "%Y-%m-%d", &tm) && !strptime(text, "%a, %d %b %Y", &tm)) return 0;
  time_t t = timegm(&tm);
  return t > 0 ? (uint64_t)t * 1000000000 : 0;
}

/* "http://account.bank.svc:8080/v1" → host and base path; both lower-cased parts live in the arena. */
static bool split_url(struct specs *s, struct span url, struct span *host, struct span *base) {
  size_t scheme = span_find(url, SPAN_LIT("://"));
  *host = *base = (struct span){0};
  if (scheme < url.len) {
    url = span_skip(url, scheme + 3);
    size_t slash = span_index(url, '/');
    *host = arena_copy(&s->arena, span_head(url, slash));
    url = span_skip(url, slash);
  } else if (span_starts(url, SPAN_LIT("//"))) {
    url = span_skip(url, 2);
    size_t slash = span_index(url, '/');
    *host = arena_copy(&s->arena, span_head(url, slash));
    url = span_skip(url, slash);
  }
  if (span_index(*host, '{') < host->len) return false;
  uint8_t *p = (uint8_t *)(uintptr_t)host->base;
  bool number = true;
  size_t colon = span_index(*host, ':');
  for (size_t i = 0; i < host->len; i++) {
    if (p[i] >= 'A' && p[i] <= 'Z') p[i] |= 32;
    number &= i >= colon || p[i] == '.' || (p[i] >= '0' && p[i] <= '9');
  }
  if (!number) *host = span_head(*host, colon); /* services are named without their port */
  while (url.len && url.base[url.len - 1] == '/') url.len--;
  if (span_index(url, '{') < url.len) url.len = 0;
  *base = url;
  return true;
}

static int add_everywhere(struct reading *r, const struct spec_operation *op, const json_t *servers) {
  const json_t *root = r->doc->root;
  struct span host, base;
  int rc = 0, n = 0;
  if (r->swagger) {
    struct span url =
        arena_printf(&r->s->arena, "http://%.*s%.*s", SPAN_FMT(document_text(document_get(root, "host"))),
                     SPAN_FMT(document_text(document_get(root, "basePath"))));
    if (!split_url(r->s, url, &host, &base)) host = (struct span){0};
    if (r->doc->service.len) host = r->doc->service;
    return host.len ? spec_add(r->s, host, base, op) : ERR_NOTFOUND;
  }
  for (size_t i = 0; i < json_array_size(servers) && rc == 0; i++) {
    struct span url = document_text(document_get(json_array_get(servers, i), "url"));
    if (!split_url(r->s, url, &host, &base)) continue;
    if (r->doc->service.len) host = r->doc->service;
    if (!host.len) continue;
    rc = spec_add(r->s, host, base, op);
    n++;
  }
  if (rc == 0 && !n && r->doc->service.len) return spec_add(r->s, r->doc->service, (struct span){0}, op);
  return rc < 0 ? rc : n ? 0 : ERR_NOTFOUND;
}

static int operation(struct reading *r, const char *path, const char *method, const json_t *item,
                     const json_t *from) {
  static const char *const sunsets[] = {"x-sunset", "x-sunset-date", "sunset"};
  char upper[8];
  size_t n = 0;
  for (; method[n] && n < 7; n++) upper[n] = (char)(method[n] & ~32);
  struct spec_operation op = {.method = arena_copy(&r->s->arena, span_of(upper, n)),
                              .path = span_str(path),
                              .file = r->doc->file,
                              .root = r->doc->root,
                              .removed = r->removed,
                              .deprecated = json_is_true(document_get(from, "deprecated")),
                              .secured = secured(document_get(from, "security"), r->secured)};
  for (size_t i = 0; i < 3 && !op.sunset_ns; i++)
    op.sunset_ns = date_of(document_text(document_get(from, sunsets[i])));
  int rc = parameters(r, &op, item, from);
  bodies(r, &op, from);
  responses(r, &op, from);
  const json_t *servers = document_get(from, "servers");
  if (!servers) servers = document_get(item, "servers");
  if (!servers) servers = document_get(r->doc->root, "servers");
  return rc < 0 ? rc : add_everywhere(r, &op, servers);
}

static int document(struct reading *r) {
  static const char *const methods[] = {"get", "put", "post", "delete", "options", "head", "patch", "trace"};
  const char *path;
  json_t *v;
  r->secured = secured(document_get(r->doc->root, "security"), false);
  r->swagger = document_get(r->doc->root, "swagger") != NULL;
  json_object_foreach(document_get(r->doc->root, "paths"), path, v) {
    const json_t *item = followed(r->doc->root, v);
    if (path[0] != '/') continue;
    for (size_t i = 0; i < 8; i++) {
      const json_t *from = document_get(item, methods[i]);
      int rc = json_is_object(from) ? operation(r, path, methods[i], item, from) : 0;
      if (rc == ERR_NOTFOUND)
        snprintf(r->err->text, sizeof r->err->text,
                 "%.*s: its servers name no host; write SERVICE=FILE in assets.specs",
                 SPAN_FMT(r->doc->file));
      if (rc == ERR_NOMEM)
        snprintf(r->err->text, sizeof r->err->text,
                 "%.*s: no room for the path %.60s: at most 40 segments of 255 bytes, 100,000 in all",
                 SPAN_FMT(r->doc->file), path);
      if (rc < 0) return rc == ERR_NOTFOUND ? ERR_SYNTAX : rc;
    }
  }
  return 0;
}

int spec_read_file(struct specs *s, const char *path, struct span service, struct conf_error *err) {
  json_t *root = NULL;
  int rc = document_load(&root, path, err);
  if (rc < 0) return rc;
  bool known = document_text(document_get(root, "openapi")).len || document_get(root, "swagger");
  struct spec_document *d = known ? mem_realloc(s->document, (s->documents + 1) * sizeof *d) : NULL;
  if (!d) {
    snprintf(err->text, sizeof err->text, "%.300s: neither \"openapi\" nor \"swagger\" stands at its top",
             path);
    json_decref(root);
    return known ? ERR_NOMEM : ERR_NOTFOUND;
  }
  const json_t *info = document_get(root, "info");
  s->document = d;
  d[s->documents++] = (struct spec_document){.root = root,
                                             .file = arena_copy(&s->arena, span_str(path)),
                                             .service = arena_copy(&s->arena, service),
                                             .title = document_text(document_get(info, "title")),
                                             .version = document_text(document_get(info, "version"))};
  return 0;
}

/* "1.10.0" above "1.9.2". */
static int cmp_version(struct span a, struct span b) {
  while (a.len || b.len) {
    struct span x = span_cut(&a, '.'), y = span_cut(&b, '.');
    uint64_t m = 0, n = 0;
    bool numbers = span_u64(x, &m) == 0 && span_u64(y, &n) == 0;
    int c = numbers ? (m > n) - (m < n) : span_cmp(x, y);
    if (c) return c;
  }
  return 0;
}

static bool is_old(const struct specs *s, const struct spec_document *d) {
  for (size_t i = 0; i < s->documents; i++)
    if (d->title.len && span_eq(s->document[i].title, d->title) &&
        cmp_version(s->document[i].version, d->version) > 0)
      return true;
  return false;
}

int spec_read_all(struct specs *s, struct conf_error *err) {
  int rc = 0;
  for (int old = 0; old < 2; old++)
    for (size_t i = 0; i < s->documents && rc == 0; i++) {
      struct reading r = {.s = s, .doc = &s->document[i], .err = err, .removed = old};
      if (is_old(s, r.doc) == old) rc = document(&r);
    }
  return rc;
}
