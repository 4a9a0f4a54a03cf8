/* SPDX-License-Identifier: Apache-2.0 */
/* Servers told by fixed paths: Spring Actuator, Nacos, Eureka, Consul, etcd's JSON gateway, Elasticsearch, S3. */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

static bool actuator(struct txn *t) {
  const struct model_path *p = model_path(t);
  unsigned i = 0;
  while (i < p->count && !model_is(p, i, "actuator")) i++;
  if (i == p->count) return false;
  struct span what = model_part(p, i + 1);
  txn_fact_str(t, "tapscope.action",
               what.len ? arena_printf(&t->arena, "actuator.%.*s", SPAN_FMT(what)) : SPAN_LIT("actuator"));
  return true;
}

static bool nacos(struct txn *t) {
  const struct model_path *p = model_path(t);
  if (!model_is(p, 0, "nacos") || p->count < 3) return false;
  txn_fact_str(t, "tapscope.action",
               arena_printf(&t->arena, "nacos.%.*s.%.*s", SPAN_FMT(model_part(p, 2)),
                            SPAN_FMT(p->count > 3 ? p->part[3] : t->method)));
  return true;
}

static bool eureka(struct txn *t) {
  const struct model_path *p = model_path(t);
  if (!model_is(p, 0, "eureka") || !(model_is(p, 1, "apps") || model_is(p, 1, "vips"))) return false;
  model_action(t, SPAN_LIT("eureka"),
               model_method(t, "POST")     ? "register"
               : model_method(t, "PUT")    ? "renew"
               : model_method(t, "DELETE") ? "cancel"
                                           : "read");
  return true;
}

static bool consul(struct txn *t) {
  static const char *const nouns[] = {"kv",      "catalog", "agent", "health", "acl",
                                      "session", "event",   "query", "status", "operator"};
  const struct model_path *p = model_path(t);
  struct span index = headers_get(&t->side[DIR_RESPONSE].headers, "x-consul-index");
  if (!model_is(p, 0, "v1") || p->count < 2) return false;
  for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
    if (!model_is(p, 1, nouns[i]) || !(index.base || t->conn.sport == 8500)) continue;
    txn_fact_str(t, "tapscope.action",
                 arena_printf(&t->arena, "consul.%s.%.*s", nouns[i], SPAN_FMT(model_part(p, 2))));
    return true;
  }
  return false;
}

/* Whether a request names Kubernetes' secrets: as it is, in base64, or by a range over everything. */
static bool etcd_secrets(const struct txn *t) {
  struct span body = span_head(side_body(&t->side[DIR_REQUEST]), 4096);
  static const uint8_t all[] = {0x0a, 1, 0, 0x12, 1, 0};
  struct span answer = span_head(side_body(&t->side[DIR_RESPONSE]), 4096);
  bool whole = span_find(t->query, SPAN_LIT("recursive=true")) < t->query.len &&
               span_find(answer, SPAN_LIT("\"/registry")) < answer.len;
  return whole || span_find(body, SPAN_LIT("/registry/secrets")) < body.len ||
         span_find(body, SPAN_LIT("L3JlZ2lzdHJ5L3NlY3JldHM")) < body.len ||
         span_find(body, span_of(all, sizeof all)) < body.len ||
         span_find(t->path, SPAN_LIT("/registry/secrets")) < t->path.len;
}

static bool etcd(struct txn *t) {
  const struct model_path *p = model_path(t);
  bool v3 = (model_is(p, 0, "v3") || model_is(p, 0, "v3beta") || model_is(p, 0, "v3alpha")) &&
            (model_is(p, 1, "kv") || model_is(p, 1, "watch") || model_is(p, 1, "lease") ||
             model_is(p, 1, "auth") || model_is(p, 1, "cluster") || model_is(p, 1, "maintenance"));
  bool v2 = model_is(p, 0, "v2") && (model_is(p, 1, "keys") || model_is(p, 1, "members"));
  bool grpc = span_starts(t->path, SPAN_LIT("/etcdserverpb."));
  if (!v3 && !v2 && !grpc) return false;
  if (etcd_secrets(t)) txn_fact_bool(t, "tapscope.etcd.secrets", true);
  if (grpc) {
    struct span op = span_skip(t->path, sizeof "/etcdserverpb." - 1);
    txn_fact_str(t, "tapscope.action", arena_printf(&t->arena, "etcd.%.*s", SPAN_FMT(op)));
  } else if (v3) {
    txn_fact_str(t, "tapscope.action",
                 arena_printf(&t->arena, "etcd.%.*s.%.*s", SPAN_FMT(p->part[1]), SPAN_FMT(model_part(p, 2))));
  } else {
    model_action(t, SPAN_LIT("etcd"),
                 model_method(t, "GET")      ? "get"
                 : model_method(t, "DELETE") ? "delete"
                                             : "set");
  }
  return true;
}

static bool elasticsearch(struct txn *t) {
  const struct model_path *p = model_path(t);
  for (unsigned i = 0; i < p->count; i++) {
    struct span s = p->part[i];
    if (!s.len || s.base[0] != '_') continue;
    static const char *const verbs[] = {"_search",  "_bulk",    "_doc",      "_cat",    "_cluster",
                                        "_msearch", "_mapping", "_count",    "_update", "_delete_by_query",
                                        "_aliases", "_nodes",   "_snapshot", "_scroll", "_sql"};
    for (size_t v = 0; v < sizeof verbs / sizeof *verbs; v++)
      if (span_eq(s, span_str(verbs[v]))) {
        model_action(t, SPAN_LIT("elasticsearch"), verbs[v] + 1);
        return true;
      }
  }
  return false;
}

static bool s3(struct txn *t) {
  const struct headers *q = &t->side[DIR_REQUEST].headers, *r = &t->side[DIR_RESPONSE].headers;
  if (!headers_get(r, "x-amz-request-id").base && !headers_get(q, "x-amz-content-sha256").base) return false;
  const struct model_path *p = model_path(t);
  bool list = p->count <= 1;
  model_action(t, SPAN_LIT("s3"),
               model_method(t, "GET")      ? (list ? "list" : "get")
               : model_method(t, "PUT")    ? (list ? "create-bucket" : "put")
               : model_method(t, "DELETE") ? "delete"
               : model_method(t, "HEAD")   ? "head"
                                           : "post");
  if (p->count) txn_fact_str(t, "tapscope.s3.bucket", p->part[0]);
  return true;
}

const struct opmodel opmodel_actuator = {"actuator", actuator};
const struct opmodel opmodel_nacos = {"nacos", nacos};
const struct opmodel opmodel_eureka = {"eureka", eureka};
const struct opmodel opmodel_consul = {"consul", consul};
const struct opmodel opmodel_etcd = {"etcd", etcd};
const struct opmodel opmodel_elasticsearch = {"elasticsearch", elasticsearch};
const struct opmodel opmodel_s3 = {"s3", s3};
