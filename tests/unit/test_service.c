/* SPDX-License-Identifier: Apache-2.0 */
/* Names that the user gives: files, lists out of Kubernetes, reading them anew. */
#include "analytics/service_given.h"
#include "base/filewatch.h"
#include "temp.h"

static char dir[TEMP_NAME], csv[80], json[80], yaml[80];

static int make(void **state) {
  (void)state;
  temp_folder(dir);
  snprintf(csv, sizeof csv, "%s/names.csv", dir);
  snprintf(json, sizeof json, "%s/list.json", dir);
  snprintf(yaml, sizeof yaml, "%s/pods.yaml", dir);
  return 0;
}

static int clean(void **state) {
  (void)state;
  unlink(csv), unlink(json), unlink(yaml);
  return rmdir(dir);
}

static void is(const struct service_given *g, uint8_t last, uint16_t port, const char *want) {
  uint8_t a[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, last};
  enum given_origin from;
  struct span got = service_given_find(g, a, port, &from);
  if (!span_eq(got, span_str(want))) print_error("10.0.0.%u: %.*s, not %s\n", last, SPAN_FMT(got), want);
  assert_true(span_eq(got, span_str(want)));
}

static const char list[] =
    "{\"kind\":\"List\",\"items\":["
    "{\"kind\":\"Service\",\"metadata\":{\"name\":\"orders\",\"namespace\":\"shop\"},\"spec\":{\"clusterIP\":"
    "\"10.0.0.1\"}},"
    "{\"kind\":\"Service\",\"metadata\":{\"name\":\"db\",\"namespace\":\"shop\"},\"spec\":{\"clusterIP\":"
    "\"None\"}},"
    "{\"kind\":\"Endpoints\",\"metadata\":{\"name\":\"cards\",\"namespace\":\"core\"},\"subsets\":[{"
    "\"addresses\":[{\"ip\":"
    "\"10.0.0.2\"}],\"ports\":[{\"port\":8080}]}]},"
    "{\"kind\":\"EndpointSlice\",\"metadata\":{\"name\":\"pay-x1\",\"namespace\":\"core\",\"labels\":{"
    "\"kubernetes.io/"
    "service-name\":\"pay\"}},\"endpoints\":[{\"addresses\":[\"10.0.0.3\"]}],\"ports\":[{\"port\":9090}]},"
    "{\"kind\":\"Pod\",\"metadata\":{\"name\":\"n\",\"namespace\":\"core\"},\"spec\":{\"hostNetwork\":true},"
    "\"status\":{"
    "\"podIP\":\"10.0.0.9\"}},"
    "{\"kind\":\"Node\",\"metadata\":{\"name\":\"n\"}}]}";
static const char pods[] =
    "kind: PodList\nitems:\n"
    "- metadata:\n    name: ledger-7f9c-abcde\n    namespace: core\n    ownerReferences: [{kind: ReplicaSet, "
    "name: "
    "ledger-7f9c}]\n  status: {podIP: 10.0.0.4}\n"
    "- metadata: {name: pg-0, namespace: core}\n  status: {podIPs: [{ip: 10.0.0.2}, {ip: 10.0.0.5}]}\n";

static void names(void **state) {
  struct conf_error err = {.text = ""};
  struct service_given *g = NULL;
  char *items[] = {json, yaml};
  const struct conf_list lists = {items, 2}, none = {NULL, 0};
  (void)state;
  write_text(csv, "address,name\n10.0.0.4,\"main ledger\"\n10.0.0.7:8443: gate\n");
  write_text(json, list);
  write_text(yaml, pods);
  assert_int_equal(service_given_load(&g, csv, &lists, &err), 0);
  is(g, 1, 80, "orders.shop.svc");
  is(g, 2, 8080, "cards.core.svc");
  is(g, 2, 5432, "pg-0.core");
  is(g, 3, 9090, "pay.core.svc");
  is(g, 4, 80, "main ledger");
  is(g, 5, 80, "pg-0.core");
  is(g, 7, 8443, "gate");
  is(g, 7, 80, "");
  is(g, 9, 80, "");
  service_given_free(g);
  assert_int_equal(service_given_load(&g, "", &lists, &err), 0);
  is(g, 4, 80, "ledger.core");
  service_given_free(g);
  assert_int_equal(service_given_load(&g, "", &none, &err), 0);
  assert_null(g);
  write_text(json, "[1,2]");
  assert_true(service_given_load(&g, "", &lists, &err) < 0);
  assert_non_null(strstr(err.text, "kubectl"));
  write_text(csv, "a\nb\n");
  assert_true(service_given_load(&g, csv, &none, &err) < 0);
}

static void anew(void **state) {
  char *items[] = {yaml};
  const struct conf_list more = {items, 1};
  struct filewatch l;
  (void)state;
  write_text(csv, "10.0.0.1,a\n");
  filewatch_start(&l, csv, &more, 100);
  assert_false(filewatch_changed(&l, 101));
  assert_false(filewatch_changed(&l, 106));
  write_text(csv, "10.0.0.1,bb\n");
  assert_false(filewatch_changed(&l, 107)); /* not looked at */
  assert_false(filewatch_changed(&l, 112)); /* may still be written */
  assert_true(filewatch_changed(&l, 118));
  assert_false(filewatch_changed(&l, 124));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(anew)};
  return cmocka_run_group_tests(tests, make, clean);
}
