/* SPDX-License-Identifier: Apache-2.0 */
/* Shapes of segments, learned templates, templates of known servers. */
#include "analytics/template.h"
#include "analytics/template_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

static void shapes(void **state) {
  static const char *const ids[] = {"123",
                                    "3f0b3c02-1ff3-489a-8f0d-a9f93c8f958f",
                                    "7c6413289479e377d435f705",
                                    "2026-01-07",
                                    "tok_LaPcVLfWyWXJqfeqFqta",
                                    "LN202670475375",
                                    "ACC-2024-0001",
                                    "a%40b.example.com",
                                    "sha256:7a663c2359b59ceb8f72223c",
                                    "Oqt_iusa77WPf0vsmNu27g",
                                    "null"};
  static const char *const words[] = {"accounts", "oneToOneNatRules", "l3FirewallRules", "siteToSiteVpn",
                                      "configMgr"};
  (void)state;
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++)
    assert_int_equal(template_shape(span_str(ids[i])), SHAPE_ID);
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    assert_true(template_shape(span_str(words[i])) == SHAPE_WORD ||
                template_shape(span_str(words[i])) == SHAPE_SLUG);
  assert_int_equal(template_shape(SPAN_LIT("v1")), SHAPE_LITERAL);
  assert_int_equal(template_shape(SPAN_LIT("app.ba83bb7b.js")), SHAPE_FILE);
  assert_int_equal(template_shape(SPAN_LIT("1%27%20OR%201=1")), SHAPE_ODD);
}

static void is(struct templates *t, struct arena *a, const char *path, const char *want) {
  bool known;
  struct span got = templates_name(t, SPAN_LIT("s"), SPAN_LIT("GET"), span_str(path), a, &known);
  if (!span_eq(got, span_str(want))) print_error("%s: %.*s\n", path, SPAN_FMT(got));
  assert_true(span_eq(got, span_str(want)));
}

static void teach(struct templates *t, const char *path) {
  templates_learn(t, SPAN_LIT("s"), SPAN_LIT("GET"), span_str(path), 0);
}

/* The order of traffic must not show. */
static void learned(void **state) {
  static const char *const names[] = {"alice",  "bob-7", "carol-12", "dave",
                                      "erin-3", "frank", "grace-99", "heidi"};
  struct counters ctr = {0};
  struct arena a;
  char path[64];
  (void)state;
  arena_init(&a, NULL, 0);
  for (int back = 0; back < 2; back++) {
    struct templates *t = templates_new(10000, &ctr);
    for (int i = 0; i < 8; i++) {
      snprintf(path, sizeof path, "/v1/users/%s/orders", names[back ? 7 - i : i]);
      teach(t, path);
      teach(t, "/v1/users/me");
      teach(t, "/v1/accounts/1/cards");
    }
    templates_settle(t);
    is(t, &a, "/v1/users/dave/orders", "/v1/users/{userId}/orders");
    is(t, &a, "/v1/users/zoe/orders", "/v1/users/{userId}/orders");
    is(t, &a, "/v1/users/me", "/v1/users/me");
    is(t, &a, "/v1/accounts/77/cards", "/v1/accounts/{accountId}/cards");
    is(t, &a, "/v1/policies/9", "/v1/policies/{policyId}");
    is(t, &a, "/", "/");
    templates_free(t);
  }
  arena_done(&a);
}

/* A sensor that starts again names as the one before did. */
static void seeded(void **state) {
  struct counters ctr = {0};
  struct arena a;
  (void)state;
  arena_init(&a, NULL, 0);
  struct templates *t = templates_new(10000, &ctr);
  templates_seed(t, SPAN_LIT("s"), SPAN_LIT("/v1/users/{userId}/orders"), 40, 1U << 2);
  templates_seed(t, SPAN_LIT("s"), SPAN_LIT("/v1/users/me"), 60, 0);
  templates_seed(t, SPAN_LIT("s"), SPAN_LIT("/v1/accounts/{accountId}"), 50, 0);
  templates_seed(t, SPAN_LIT("s"), SPAN_LIT("/v1/accounts/summary"), 500, 0);
  templates_seed(t, SPAN_LIT("s"), SPAN_LIT("/report/{file}"), 5, 0);
  templates_seed(t, SPAN_LIT("s"), SPAN_LIT("/odd/{x/{}/}"), 5, 0);
  for (int i = 0; i < 3; i++) {
    is(t, &a, "/v1/users/zoe/orders", "/v1/users/{userId}/orders");
    is(t, &a, "/v1/users/me", "/v1/users/me");
    is(t, &a, "/v1/accounts/77", "/v1/accounts/{accountId}");
    is(t, &a, "/v1/accounts/summary", "/v1/accounts/summary");
    teach(t, "/v1/users/zoe/orders");
    teach(t, "/v1/users/amir/orders");
    teach(t, "/v1/users/me");
    templates_settle(t);
    is(t, &a, "/v1/users/amir/orders", "/v1/users/{userId}/orders");
  }
  templates_free(t);
  arena_done(&a);
}

/* Versions by number or date behind "api", commands of servers, views by period. */
/* Functions by name under one path, each called once: words, joined or not. */
static void functions(void **state) {
  static const char *const names[] = {"querybalance", "transfermoney", "updatecustomer", "freezecard",
                                      "resetpin",     "unbindcard",    "sendsms",        "exporthistory",
                                      "applyLoan",    "bindCard",      "transferMoney",  "redeempoints"};
  struct counters ctr = {0};
  struct arena a;
  char path[64];
  (void)state;
  arena_init(&a, NULL, 0);
  struct templates *t = templates_new(10000, &ctr);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "/open/v1/%s", names[i]);
    teach(t, path);
  }
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "/open/v1/%s", names[i]);
    is(t, &a, path, path);
  }
  templates_free(t);
  arena_done(&a);
}

static void versions(void **state) {
  static const char *const stay[] = {
      "/rest/api/2/search",   "/rest/auth/1/session", "/api/0/organizations", "/admin/api/2024-01/shop.json",
      "/2010-04-01/Accounts", "/_cluster/health",     "/orders/_search",      "/.well-known/jwks.json"};
  struct counters ctr = {0};
  struct arena a;
  (void)state;
  arena_init(&a, NULL, 0);
  struct templates *t = templates_new(10000, &ctr);
  for (size_t i = 0; i < sizeof stay / sizeof *stay; i++) is(t, &a, stay[i], stay[i]);
  is(t, &a, "/rest/api/2/issue/CORE-12", "/rest/api/2/issue/{issueId}");
  is(t, &a, "/api/orders/2", "/api/orders/{orderId}");
  teach(t, "/v1/reports/2026-01-07/summary");
  for (int i = 0; i < 40; i++) teach(t, "/core/services/CustomerService"); /* one word all the time */
  is(t, &a, "/core/services/CustomerService", "/core/services/CustomerService");
  teach(t, "/v1/reports/daily/20260107");
  templates_settle(t);
  is(t, &a, "/v1/reports/daily/20260107", "/v1/reports/daily/{dailyId}");
  templates_free(t);
  arena_done(&a);
}

/* Answers of one form behind different words: values, unless all the service answers so. Their order must not show. */
static void alike(void **state) {
  static const char *const words[] = {"torvalds", "octocat", "hashicorp", "simonw", "antirez", "wanstrath"};
  static const char *const others[] = {"summary", "limits", "rates", "branches", "holidays", "fees"};
  struct counters ctr = {0};
  struct arena a;
  char path[64];
  (void)state;
  arena_init(&a, NULL, 0);
  for (int turn = 0; turn < 24; turn++) {
    struct templates *t = templates_new(10000, &ctr);
    for (unsigned k = 0; k < 18; k++) {
      unsigned i = (k * 5 + (unsigned)turn * 7) % 18, w = i % 6;
      bool second = i >= 12;
      snprintf(path, sizeof path, second ? "/v2/markets/%s" : "/v1/members/%s",
               second ? others[w] : words[w]);
      templates_learn(t, SPAN_LIT("s"), SPAN_LIT("GET"), span_str(path), second ? 100 + w : 7);
    }
    templates_settle(t);
    for (unsigned w = 0; w < 6; w++) {
      snprintf(path, sizeof path, "/v1/members/%s", words[w]);
      is(t, &a, path, "/v1/members/{memberId}");
      snprintf(path, sizeof path, "/v2/markets/%s", others[w]);
      is(t, &a, path, path);
    }
    templates_free(t);
  }
  arena_done(&a);
}

static void model(const char *name, const char *path, const char *want, struct arena *a) {
  assert_true(span_eq(template_model(span_str(name), span_str(path), a), span_str(want)));
}

static void known_servers(void **state) {
  struct arena a;
  (void)state;
  arena_init(&a, NULL, 0);
  model("kubernetes", "/api/v1/namespaces/bank/pods", "/api/v1/namespaces/{namespace}/pods", &a);
  model("kubernetes", "/api/v1/nodes/node-1", "/api/v1/nodes/{name}", &a);
  model("registry", "/v2/bank/api/manifests/latest", "/v2/{namespace}/{repository}/manifests/{reference}",
        &a);
  model("registry", "/v2/", "/v2/", &a);
  model("kubelet", "/run/ns/pod/c", "/run/{namespace}/{pod}/{container}", &a);
  model("docker", "/v1.43/containers/create", "/v1.43/containers/create", &a);
  model("elasticsearch", "/orders/_doc/x1", "/{index}/_doc/{id}", &a);
  model("elasticsearch", "/_cat/indices", "/_cat/indices", &a);
  model("s3", "/bucket/2026/01/a.csv", "/{bucket}/{key}", &a);
  model("consul", "/v1/kv/app/db", "/v1/kv/{key}", &a);
  model("consul", "/v1/health/service/web", "/v1/health/service/{name}", &a);
  model("eureka", "/eureka/apps/PAY/host:pay:8080", "/eureka/apps/{app}/{instance}", &a);
  arena_done(&a);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(shapes),       cmocka_unit_test(learned),
                                     cmocka_unit_test(seeded),       cmocka_unit_test(versions),
                                     cmocka_unit_test(functions),    cmocka_unit_test(alike),
                                     cmocka_unit_test(known_servers)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
