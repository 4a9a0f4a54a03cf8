/* SPDX-License-Identifier: Apache-2.0 */
/* Operation models: what calls to known servers mean, and what looks like one and is none. */
#include "cmocka_all.h"
#include "dissect/model/model.h"
#include <stdio.h>

static struct txn t;
static char said[256];

static const char *fact(const char *name) {
  const struct fact *f = txn_fact(&t, name);
  if (!f) return "-";
  snprintf(said, sizeof said, "%.*s", SPAN_FMT(f->str));
  return said;
}

static void fresh(const char *method, const char *path, const char *query, int status) {
  arena_done(&t.arena);
  memset(&t, 0, sizeof t);
  arena_init(&t.arena, NULL, 0);
  t.method = span_str(method);
  t.path = span_str(path);
  t.query = span_str(query);
  t.status = status;
}

/* "model action" */
static const char *applied(void) {
  static char both[256];
  opmodel_apply(&t);
  const struct fact *m = txn_fact(&t, "tapscope.model"), *a = txn_fact(&t, "tapscope.action");
  snprintf(both, sizeof both, "%.*s %.*s", m ? (int)m->str.len : 1, m ? (const char *)m->str.base : "-",
           a ? (int)a->str.len : 1, a ? (const char *)a->str.base : "-");
  return both;
}
static const char *told(const char *method, const char *path, const char *query, int status) {
  fresh(method, path, query, status);
  return applied();
}
static const char *told_by(const char *host, uint16_t port, const char *answer, const char *path) {
  fresh("GET", path, "", 200);
  t.host = span_str(host);
  t.host_port = port;
  struct span body = span_str(answer);
  buf_init(&t.side[DIR_RESPONSE].raw, NULL, 0);
  assert_int_equal(buf_put(&t.side[DIR_RESPONSE].raw, body), 0);
  const char *said_of = applied();
  buf_done(&t.side[DIR_RESPONSE].raw);
  return said_of;
}
#define SHA "sha256:0123456789012345678901234567890123456789012345678901234567890123"

static void registry(void **state) {
  (void)state;
  assert_string_equal(told("GET", "/v2/", "", 401), "registry ping");
  assert_string_equal(told("GET", "/v2/_catalog", "", 200), "registry catalog.enumerate");
  assert_string_equal(told("GET", "/v2/a/b/c/manifests/1.0", "", 200), "registry manifest.pull");
  assert_string_equal(fact("container.image.name"), "a/b/c");
  assert_string_equal(fact("container.image.tag"), "1.0");
  assert_string_equal(told("GET", "/v2/a/manifests/" SHA, "", 200), "registry manifest.pull");
  assert_string_equal(fact("tapscope.image.digest"), SHA);
  assert_string_equal(told("GET", "/v2/a/manifests/1", "", 404), "registry manifest.miss");
  assert_string_equal(told("PUT", "/v2/a/manifests/1", "", 201), "registry manifest.push");
  assert_string_equal(told("HEAD", "/v2/a/blobs/" SHA, "", 200), "registry blob.head");
  assert_string_equal(told("POST", "/v2/a/blobs/uploads/", "mount=x&from=b", 201), "registry blob.mount");
  assert_string_equal(told("PATCH", "/v2/a/blobs/uploads/u1", "", 202), "registry blob.upload.chunk");
  assert_string_equal(told("GET", "/v2/a/tags/list", "", 200), "registry tags.list");
  assert_string_equal(told("GET", "/v2/accounts/7", "", 200), "- -");
  assert_string_equal(told("GET", "/v2/accounts", "", 200), "- -");
}

static void kubernetes(void **state) {
  (void)state;
  assert_string_equal(told("GET", "/api/v1/namespaces/pay/secrets", "", 200), "kubernetes secrets.list");
  assert_string_equal(fact("orchestrator.namespace"), "pay");
  assert_string_equal(told("GET", "/api/v1/namespaces/pay/secrets/db", "", 200), "kubernetes secrets.get");
  assert_string_equal(fact("orchestrator.resource.name"), "db");
  assert_string_equal(told("POST", "/api/v1/namespaces/pay/pods/web-1/exec", "command=sh", 101),
                      "kubernetes pods/exec.create");
  assert_string_equal(told("GET", "/apis/apps/v1/deployments", "watch=1", 200),
                      "kubernetes deployments.watch");
  assert_string_equal(fact("orchestrator.api_version"), "apps/v1");
  assert_string_equal(told("DELETE", "/api/v1/namespaces/pay/pods", "", 200),
                      "kubernetes pods.deletecollection");
  assert_string_equal(told("PATCH", "/apis/apps/v1/namespaces/a/deployments/b", "", 200),
                      "kubernetes deployments.patch");
  assert_string_equal(told("GET", "/api/v1/accounts/7", "", 200), "- -");
  assert_string_equal(told("GET", "/api/v1", "", 200), "- -");
}

static void middleware(void **state) {
  (void)state;
  assert_string_equal(told("GET", "/actuator/env", "", 200), "actuator actuator.env");
  assert_string_equal(told("GET", "/nacos/v1/cs/configs", "dataId=a", 200), "nacos nacos.cs.configs");
  assert_string_equal(told("PUT", "/eureka/apps/PAY/i-1", "", 200), "eureka eureka.renew");
  assert_string_equal(told("POST", "/v3/kv/range", "", 200), "etcd etcd.kv.range");
  assert_string_equal(told("POST", "/customers/_search", "", 200), "elasticsearch elasticsearch.search");
  assert_string_equal(told("GET", "/", "", 200), "- -");
  assert_string_equal(told("GET", "", "", 200), "- -");
  assert_string_equal(told("GET", "////", "", 200), "- -");
  assert_string_equal(told("GET", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/1/2/3", "", 200),
                      "- -");
}

static int clean(void **state) {
  (void)state;
  arena_done(&t.arena);
  return 0;
}

static void kubernetes_own(void **state) {
  (void)state;
  assert_string_equal(told("GET", "/readyz", "", 200), "- -");
  assert_string_equal(told_by("kubernetes.default.svc", 0, "", "/readyz"), "kubernetes readyz.get");
  assert_string_equal(told_by("kubernetes.default.svc.cluster.local", 0, "", "/version"),
                      "kubernetes version.get");
  assert_string_equal(told_by("pay.svc", 0, "", "/version"), "- -");
  assert_string_equal(told_by("10.0.0.5", 10250, "", "/pods"), "kubelet kubelet.pods");
  assert_string_equal(told_by("10.0.0.5", 0, "{\"kind\":\"PodList\",\"apiVersion\":\"v1\"}", "/pods"),
                      "kubelet kubelet.pods");
  assert_string_equal(told_by("10.0.0.5", 0, "{\"items\":[]}", "/pods"), "- -");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(registry), cmocka_unit_test(kubernetes),
                                     cmocka_unit_test(kubernetes_own), cmocka_unit_test(middleware)};
  return cmocka_run_group_tests(tests, NULL, clean);
}
