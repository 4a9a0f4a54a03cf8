/* SPDX-License-Identifier: Apache-2.0 */
/* The Kubernetes API: group, version, namespace, resource, name, subresource and verb as its audit log has them. */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

struct target {
  struct span group, namespace, resource, name, sub;
};

static struct target target_of(const struct model_path *p) {
  struct target k = {.group = span_of("", 0)};
  unsigned i = 2;
  if (model_is(p, 0, "apis")) {
    k.group = model_part(p, 1);
    i = 3;
  }
  if (model_is(p, i, "watch")) i++;
  if (model_is(p, i, "namespaces") && p->count > i + 2) {
    k.namespace = p->part[i + 1];
    i += 2;
  }
  k.resource = model_part(p, i);
  k.name = model_part(p, i + 1);
  k.sub = model_part(p, i + 2);
  return k;
}

static const char *verb_of(const struct txn *t, const struct target *k) {
  struct span watch = model_query(t, "watch");
  if (model_method(t, "GET") || model_method(t, "HEAD")) {
    if (span_eq(watch, SPAN_LIT("true")) || span_eq(watch, SPAN_LIT("1"))) return "watch";
    return k->name.len ? "get" : "list";
  }
  if (model_method(t, "POST")) return "create";
  if (model_method(t, "PUT")) return "update";
  if (model_method(t, "PATCH")) return "patch";
  return model_method(t, "DELETE") ? (k->name.len ? "delete" : "deletecollection") : "get";
}

static bool is_api(const struct model_path *p) {
  if (model_is(p, 0, "api") && p->count >= 3) return model_is(p, 1, "v1");
  if (!model_is(p, 0, "apis") || p->count < 4) return false;
  struct span v = p->part[2]; /* v1, v1beta1, v2alpha1 */
  return v.len >= 2 && v.base[0] == 'v' && v.base[1] >= '1' && v.base[1] <= '9';
}

/* /api/v1 is common in the world: what follows must be a resource that Kubernetes has. */
static bool known_core(struct span resource) {
  /* clang-format off */
  static const char *const names[] = {
    "pods", "namespaces", "nodes", "secrets", "configmaps", "services", "serviceaccounts", "events",
    "endpoints", "persistentvolumes", "persistentvolumeclaims", "replicationcontrollers",
    "resourcequotas", "limitranges", "podtemplates", "bindings", "componentstatuses", NULL};
  /* clang-format on */
  return span_in(resource, names);
}

/* The server's own paths are common in the world too: its host names or a header of its answers tell it. */
static bool is_server(const struct txn *t) {
  static const char *const names[] = {"kubernetes", "kubernetes.default", "kubernetes.default.svc", NULL};
  if (span_in(t->host, names)) return true;
  return span_starts(t->host, SPAN_LIT("kubernetes.default.svc.")) ||
         headers_get(&t->side[DIR_RESPONSE].headers, "x-kubernetes-pf-flowschema-uid").base;
}

static bool apply_own(struct txn *t, const struct model_path *p) {
  static const char *const paths[] = {"readyz",  "livez", "healthz", "version",    "metrics",
                                      "openapi", "api",   "apis",    ".well-known"};
  size_t i = 0;
  while (i < sizeof paths / sizeof *paths && !model_is(p, 0, paths[i])) i++;
  if (i == sizeof paths / sizeof *paths || !is_server(t)) return false;
  txn_fact_str(t, "orchestrator.type", SPAN_LIT("kubernetes"));
  model_action(t, span_str(paths[i]), "get");
  return true;
}

static bool apply(struct txn *t) {
  const struct model_path *p = model_path(t);
  if (!is_api(p)) return apply_own(t, p);
  struct target k = target_of(p);
  if (model_is(p, 0, "api") && !known_core(k.resource)) return false;
  const char *verb = verb_of(t, &k);
  txn_fact_str(t, "orchestrator.type", SPAN_LIT("kubernetes"));
  if (k.group.len)
    txn_fact_str(t, "orchestrator.api_version",
                 arena_printf(&t->arena, "%.*s/%.*s", SPAN_FMT(k.group), SPAN_FMT(p->part[2])));
  if (k.namespace.len) txn_fact_str(t, "orchestrator.namespace", k.namespace);
  txn_fact_str(t, "orchestrator.resource.type", k.resource);
  if (k.name.len) txn_fact_str(t, "orchestrator.resource.name", k.name);
  struct span what =
      k.sub.len ? arena_printf(&t->arena, "%.*s/%.*s", SPAN_FMT(k.resource), SPAN_FMT(k.sub)) : k.resource;
  model_action(t, what, verb);
  return true;
}

const struct opmodel opmodel_kubernetes = {"kubernetes", apply};
