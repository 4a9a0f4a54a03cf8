/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations of flows, clusters and images, driven by made-up events. */
#include "world.h"

static void segments(void **state) {
  (void)state;
  char option[64];
  const char *name = with_file(option, "analytics.segments_file",
                               "# dmz\nallow,10.1.0.0/16,10.2.0.5,443\ndeny,10.1.0.0/16,10.2.0.0/16\n");
  struct world *w = begin_with(option);
  make_flow(w, SEC, (struct talk){.from = 0x0a010001, .to = 0x0a020005, .port = 443, .payload = {10, 10}});
  make_flow(w, SEC, (struct talk){.from = 0x0a030001, .to = 0x0a020005, .port = 80, .payload = {10, 10}});
  assert_int_equal(told(w, "segment_violation"), 0);
  make_flow(w, SEC, (struct talk){.from = 0x0a010001, .to = 0x0a020005, .port = 80, .payload = {10, 10}});
  analyst_finish(w->a);
  assert_int_equal(told(w, "segment_violation"), 1);
  end(w);
  unlink(name);
}

static void spread(void **state) {
  (void)state;
  struct world *w = begin();
  for (unsigned i = 0; i < 30;
       i++) /* the administrators' host, from the first minute on; and a service at its work */
    make_flow(w, 5 * SEC,
              (struct talk){.from = 0x0a080005, .to = 0x0a020000 + i, .port = 22, .payload = {500, 500}}),
        make_flow(w, 15 * SEC,
                  (struct talk){.from = 0x0a020001, .to = 0x0a040001, .port = 8080, .payload = {500, 500}});
  for (unsigned i = 0; i < 31; i++)
    make_flow(w, 5 * SEC,
              (struct talk){.from = 0x0a080005, .to = 0x0a020000 + i, .port = 22, .payload = {500, 500}});
  assert_int_equal(told(w, "lateral_spread"), 0);
  for (unsigned i = 0; i < 12; i++)
    make_flow(w, 5 * SEC,
              (struct talk){.from = 0x0a020001, .to = 0x0a020020 + i, .port = 445, .payload = {500, 500}});
  analyst_finish(w->a);
  assert_int_equal(told(w, "lateral_spread"), 1);
  end(w);
}

static void outward(void **state) {
  (void)state;
  struct world *w = begin();
  make_flow(w, SEC,
            (struct talk){.from = 0x0a020001,
                          .to = 0x2d010203,
                          .port = 443,
                          .protocol = "TLS",
                          .seconds = 60,
                          .payload = {9000, 300},
                          .packets = {20, 12}});
  assert_int_equal(w->ntold, 0);
  make_flow(w, SEC,
            (struct talk){.from = 0x0a020001,
                          .to = 0x2d010203,
                          .port = 4444,
                          .seconds = 60,
                          .payload = {9000, 300},
                          .packets = {30, 14}});
  make_flow(w, SEC,
            (struct talk){
                .from = 0x0a020002, .to = 0x2d010204, .port = 3333, .protocol = "Mining", .payload = {9, 9}});
  make_flow(w, SEC,
            (struct talk){.from = 0x0a020003,
                          .to = 0x2d010205,
                          .port = 443,
                          .protocol = "TLS",
                          .seconds = 600,
                          .payload = {900ULL << 20, 1 << 20}});
  make_flow(w, SEC,
            (struct talk){.from = 0x0a020004,
                          .to = 0x2d010206,
                          .port = 443,
                          .protocol = "TLS",
                          .seconds = 30000,
                          .payload = {9000, 9000}});
  analyst_finish(w->a);
  assert_int_equal(told(w, "reverse_shell"), 1);
  assert_int_equal(told(w, "mining_pool"), 1);
  assert_int_equal(told(w, "exfiltration"), 1);
  assert_int_equal(told(w, "long_flow"), 1);
  end(w);
}

static void pings(void **state) {
  (void)state;
  struct world *w = begin();
  make_flow(w, SEC, /* a few odd ones among many */
            (struct talk){.from = 0x0a020001,
                          .to = 0x2d010203,
                          .unlike = 12,
                          .payload = {9000, 9000},
                          .packets = {100, 100}});
  assert_int_equal(w->ntold, 0);
  for (int i = 0; i < 3; i++)
    make_flow(w, SEC,
              (struct talk){.from = 0x0a020002,
                            .to = 0x2d010203,
                            .unlike = 90,
                            .payload = {9000, 9000},
                            .packets = {60, 60}});
  analyst_finish(w->a);
  assert_int_equal(told(w, "icmp_tunnelling"), 1);
  assert_int_equal(w->ntold, 1);
  end(w);
}

static void cloud(void **state) {
  (void)state;
  struct world *w = begin();
  make(w, SEC,
       (struct call){.from = 0x0a020001, .method = "POST", .path = "/etcdserverpb.KV/Range", .port = 2379});
  assert_int_equal(told(w, "etcd_read"), 0);
  make(w, SEC,
       (struct call){.from = 0x0a020001,
                     .method = "POST",
                     .path = "/etcdserverpb.KV/Range",
                     .port = 2379,
                     .facts = {"tapscope.etcd.secrets", "1"}});
  make(w, SEC,
       (struct call){.from = 0x0a020001,
                     .method = "POST",
                     .path = "/hapi.services.tiller.ReleaseService/ListReleases"});
  make(w, SEC, (struct call){.from = 0x0a020001, .path = "/api/v1/pods", .token = "pod", .workload = true});
  make(w, SEC, (struct call){.path = "/api/v1/pods", .token = "pod", .workload = true});
  make(w, SEC,
       (struct call){.path = "/api/v1/namespaces/kube-system/services/https:kubernetes-dashboard:/proxy/"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "etcd_read"), 1);
  assert_int_equal(told(w, "helm_tiller"), 1);
  assert_int_equal(told(w, "sa_token_clear"), 1);
  assert_int_equal(told(w, "sa_token_outside"), 1);
  assert_int_equal(told(w, "cluster_dashboard"), 1);
  end(w);
}

#define BAD "sha256:bad0000000000000000000000000000000000000000000000000000000000000"

static void image_call(struct world *w, uint32_t from, const char *method, const char *action,
                       const char *tag, const char *digest, const char *layer) {
  char path[96];
  snprintf(path, sizeof path, "/v2/bank/api/manifests/%s", tag);
  struct call c = {.from = from, .method = method, .path = path, .port = 5000, .to = 0x0a060005};
  const char *facts[8] = {"tapscope.action",
                          action,
                          "container.image.name",
                          "bank/api",
                          "tapscope.image.resolved_digest",
                          digest,
                          "tapscope.image.layers",
                          layer};
  memcpy(c.facts, facts, sizeof facts);
  w->image_tag = tag;
  make(w, SEC, c);
}

static void images(void **state) {
  (void)state;
  char option[64];
  const char *name = with_file(option, "analytics.images_file", "deny," BAD "\n");
  struct world *w = begin_with(option);
  const char *good = "sha256:0001", *other = "sha256:0002";
  for (int i = 0; i < 4; i++) image_call(w, 0x0a050001, "PUT", "manifest.push", "v1", good, "sha256:aa");
  image_call(w, 0x0a090001, "GET", "manifest.pull", "v1", good, "sha256:aa");
  assert_int_equal(told(w, "image_tag_moved") + told(w, "image_push_new") + told(w, "image_denied"), 0);
  assert_int_equal(told(w, "registry_open"), 1);
  image_call(w, 0x0a090001, "PUT", "manifest.push", "v1", other, BAD);
  assert_int_equal(told(w, "image_push_new"), 1);
  image_call(w, 0x0a090002, "GET", "manifest.pull", "v1", other, BAD);
  image_call(w, 0x0a090003, "GET", "manifest.pull", "v2", "sha256:0003", BAD);
  image_call(w, 0x0a090003, "GET", "manifest.pull", "v1", good, BAD);
  make(w, 1200 * SEC, (struct call){.path = "/me", .token = "x"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "image_denied"), 1);
  assert_int_equal(told(w, "image_tag_moved"), 1);
  assert_int_equal(told(w, "image_unsigned"), 1);
  end(w);
  unlink(name);
}

/* Without credentials: what is pulled by digest proves itself; a list, a name or a caller from outside does not. */
static void registries(void **state) {
  (void)state;
  const char *digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
  struct world *w = begin();
  image_call(w, 0x0a090001, "GET", "manifest.pull", "", digest, "sha256:aa");
  assert_int_equal(told(w, "registry_open"), 0);
  image_call(w, 0xcb007107, "GET", "manifest.pull", "", digest, "sha256:aa");
  assert_int_equal(told(w, "registry_open"), 1);
  end(w);
  w = begin();
  make(w, SEC,
       (struct call){.from = 0x0a090001,
                     .path = "/v2/_catalog",
                     .port = 5000,
                     .to = 0x0a060005,
                     .facts = {"tapscope.action", "catalog.enumerate", "tapscope.model", "registry"}});
  assert_int_equal(told(w, "registry_open"), 1);
  end(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(segments),  cmocka_unit_test(spread),
                                     cmocka_unit_test(outward),   cmocka_unit_test(pings),
                                     cmocka_unit_test(cloud),     cmocka_unit_test(images),
                                     cmocka_unit_test(registries)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
