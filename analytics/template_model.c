/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of well-known servers. */
#include "analytics/template_model.h"

enum { PARTS = 24 };

struct parts {
  struct span item[PARTS];
  const char *variable[PARTS]; /* name of the variable that stands there, else NULL */
  unsigned count;
  bool slash; /* path ends in '/' */
};

static bool is(const struct parts *p, unsigned i, const char *word) {
  return i < p->count && span_eq(p->item[i], span_str(word));
}

static void set(struct parts *p, unsigned i, const char *name) {
  if (i < p->count) p->variable[i] = name;
}

/* /api/v1[/namespaces/NS]/RESOURCE[/NAME[/SUB]], /apis/GROUP/VERSION/… */
static bool kubernetes(struct parts *p) {
  unsigned at = is(p, 0, "api") ? 2 : is(p, 0, "apis") ? 3 : 0;
  if (!at) return false;
  if (is(p, at, "watch")) at++;
  if (is(p, at, "namespaces") && p->count > at + 2 && !is(p, at + 2, "status") &&
      !is(p, at + 2, "finalize")) {
    set(p, at + 1, "namespace");
    at += 2;
  }
  set(p, at + 1, is(p, at, "namespaces") ? "namespace" : "name");
  return true;
}

static bool registry(struct parts *p) {
  static const char *const kinds[] = {"manifests", "blobs", "tags", "referrers"};
  unsigned kind = 0;
  for (unsigned i = 2; i < p->count; i++)
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
      if (is(p, i, kinds[k])) kind = i;
  if (!is(p, 0, "v2") || !kind) return is(p, 0, "v2");
  for (unsigned i = 1; i < kind; i++) set(p, i, i + 1 == kind ? "repository" : "namespace");
  if (is(p, kind, "manifests"))
    set(p, kind + 1, "reference");
  else if (is(p, kind + 1, "uploads"))
    set(p, kind + 2, "uploadId");
  else if (!is(p, kind, "tags"))
    set(p, kind + 1, "digest");
  return true;
}

static bool kubelet(struct parts *p) {
  if (p->count < 3) return true;
  set(p, 1, "namespace"), set(p, 2, "pod"), set(p, 3, "container");
  return p->count <= 4;
}

static bool docker(struct parts *p) {
  unsigned at = p->count && p->item[0].len > 1 && p->item[0].base[0] == 'v' ? 1 : 0;
  static const char *const fixed[] = {"json", "create", "prune", "search", "load", "get"};
  for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++)
    if (is(p, at + 1, fixed[k])) return true;
  set(p, at + 1, "id");
  return true;
}

static bool metadata(struct parts *p) {
  for (unsigned i = 0; i + 1 < p->count; i++)
    if (is(p, i, "security-credentials")) set(p, i + 1, "role");
  return true;
}

/* What is left of the path is one name, slashes and all. */
static void set_rest(struct parts *p, unsigned i, const char *name) {
  if (i >= p->count) return;
  p->variable[i] = name;
  p->count = i + 1;
  p->slash = false;
}

static bool elasticsearch(struct parts *p) {
  static const char *const documents[] = {"_doc",     "_update",      "_source",     "_create",
                                          "_explain", "_termvectors", "_mget_shard", "_percolate"};
  bool command = p->count && p->item[0].base[0] == '_';
  if (!command) set(p, 0, "index");
  for (size_t k = 0; k < sizeof documents / sizeof *documents; k++)
    if (is(p, 1, documents[k])) set(p, 2, "id");
  if (is(p, 0, "_tasks")) set(p, 1, "taskId");
  if (is(p, 0, "_snapshot")) set(p, 1, "repository"), set(p, 2, "snapshot");
  return true;
}

static bool s3(struct parts *p) {
  set(p, 0, "bucket");
  set_rest(p, 1, "key");
  return true;
}

static bool consul(struct parts *p) {
  static const char *const named[] = {"service", "node",  "checks", "deregister", "info",   "destroy",
                                      "renew",   "state", "pass",   "warn",       "connect"};
  if (is(p, 1, "kv")) set_rest(p, 2, "key");
  if (is(p, 1, "kv")) return true;
  for (size_t k = 0; k < sizeof named / sizeof *named; k++)
    if (p->count > 2 && is(p, p->count - 2, named[k]) && !is(p, p->count - 1, "register") &&
        !is(p, p->count - 1, "deregister"))
      set(p, p->count - 1, "name");
  return true;
}

static bool eureka(struct parts *p) {
  set(p, 2, "app"), set(p, 3, "instance");
  return true;
}

static bool etcd(struct parts *p) {
  if (is(p, 0, "v2") && is(p, 1, "keys")) set_rest(p, 2, "key");
  return true;
}

static struct span text_of(const struct parts *p, struct arena *arena) {
  size_t room = 2;
  for (unsigned i = 0; i < p->count; i++) room += p->item[i].len + 16;
  char *out = arena_alloc(arena, room);
  size_t n = 0;
  for (unsigned i = 0; out && i < p->count; i++) {
    out[n++] = '/';
    struct span s = p->variable[i] ? span_str(p->variable[i]) : p->item[i];
    if (p->variable[i]) out[n++] = '{';
    memcpy(out + n, s.base, s.len), n += s.len;
    if (p->variable[i]) out[n++] = '}';
  }
  if (out && (p->slash || !p->count)) out[n++] = '/';
  return span_of(out, out ? n : 0);
}

static const struct {
  const char *name;
  bool (*mark)(struct parts *p);
} models[] = {{"kubernetes", kubernetes},
              {"registry", registry},
              {"kubelet", kubelet},
              {"docker", docker},
              {"metadata", metadata},
              {"elasticsearch", elasticsearch},
              {"s3", s3},
              {"consul", consul},
              {"eureka", eureka},
              {"etcd", etcd}};

bool template_model_has(const struct txn *t) {
  const struct fact *model = txn_fact(t, "tapscope.model");
  if (!model) return false;
  for (size_t i = 0; i < sizeof models / sizeof *models; i++)
    if (span_eq(model->str, span_str(models[i].name))) return true;
  return false;
}

struct span template_model(struct span model, struct span path, struct arena *arena) {
  struct parts p = {.slash = path.len > 1 && path.base[path.len - 1] == '/'};
  while (path.len) {
    struct span s = span_cut(&path, '/');
    if (!s.len) continue;
    if (p.count == PARTS) return (struct span){0};
    p.item[p.count++] = s;
  }
  for (size_t i = 0; i < sizeof models / sizeof *models; i++)
    if (span_eq(model, span_str(models[i].name)) && models[i].mark(&p)) return text_of(&p, arena);
  return (struct span){0};
}
