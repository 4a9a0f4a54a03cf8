/* SPDX-License-Identifier: Apache-2.0 */
/* Correlations of accounts, driven by made-up events: each tells of what it is for and is silent over what looks like it. */
#include "world.h"

/* n identities that call ordinary things. */
static void people(struct world *w, unsigned n, const char *path) {
  char token[64], p[64];
  for (unsigned i = 0; i < n; i++)
    for (unsigned k = 0; k < 6; k++)
      make(w, SEC / 2,
           (struct call){.from = 0x25000000 + i * 259,
                         .path = text(p, path, i % 3),
                         .token = text(token, "person", i)});
}

static void logout(void **state) {
  (void)state;
  struct world *w = begin();
  make(w, SEC, (struct call){.path = "/me", .token = "t1"});
  make(w, SEC, (struct call){.method = "POST", .path = "/logout", .token = "t1", .step = LOGIN_LOGOUT});
  make(w, SEC, (struct call){.path = "/me", .token = "t1"});
  assert_int_equal(told(w, "logout_ignored") + told(w, "token_after_logout"), 0); /* under way */
  make(w, 30 * SEC, (struct call){.path = "/me", .token = "t1", .status = 401});
  make(w, 30 * SEC, (struct call){.path = "/me", .token = "t1"}); /* may run out by itself */
  assert_int_equal(told(w, "logout_ignored"), 0);
  make(w, 300 * SEC, (struct call){.path = "/me", .token = "t1"});
  make(w, 30 * SEC, (struct call){.from = 0x55667788, .path = "/me", .token = "t1"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "logout_ignored"), 1);
  assert_int_equal(told(w, "token_after_logout"), 1);
  end(w);
}

static void hijack(void **state) {
  (void)state;
  struct world *w = begin();
  for (unsigned i = 0; i < 6; i++)
    make(w, 20 * SEC,
         (struct call){.from = i % 2 ? 0x24010101 : 0x3a020202,
                       .path = "/me",
                       .token = "stolen",
                       .agent = i % 2 ? "phone" : "Mozilla/5.0"});
  for (unsigned i = 0; i < 12; i++) /* an app and its web view; a phone that roams */
    make(w, 20 * SEC,
         (struct call){.from = i < 6 ? 0x24010103 : 0x3a020204,
                       .path = "/me",
                       .token = "honest",
                       .agent = i % 2 ? "okhttp" : "Mozilla/5.0"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "session_hijack"), 1);
  assert_int_equal(told(w, "account_sharing"), 0);
  end(w);
}

static void travels(void **state) {
  (void)state;
  char option[64];
  const char *name = with_file(
      option, "analytics.places_file",
      "cidr,place,latitude,longitude\n36.0.0.0/8,Beijing,39.9,116.4\n58.0.0.0/8,London,51.5,-0.1\n");
  struct world *w = begin_with(option);
  make(w, SEC, (struct call){.path = "/me", .token = "t1"});
  make(w, 12 * 3600 * SEC, (struct call){.from = 0x3a020202, .path = "/me", .token = "t1"}); /* by plane */
  assert_int_equal(told(w, "impossible_travel"), 0);
  make(w, 3600 * SEC, (struct call){.path = "/me", .token = "t1"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "impossible_travel"), 1);
  end(w);
  unlink(name);
}

static void bfla(void **state) {
  (void)state;
  struct world *w = begin();
  static const char *const things[] = {"/admin/users", "/admin/roles", "/admin/export", "/admin/config"};
  people(w, 40, "/accounts/");
  for (unsigned i = 0; i < 8; i++) make(w, SEC, (struct call){.path = "/accounts/7", .token = "low"});
  for (unsigned i = 0; i < 3; i++) /* the administrator: nothing but that */
    make(w, SEC, (struct call){.from = 0x25550000, .path = things[i], .token = "root"});
  assert_int_equal(told(w, "bfla"), 0);
  for (unsigned i = 0; i < 4; i++)
    make(w, SEC,
         (struct call){.method = "POST", .path = things[i], .token = "low", .status = i < 2 ? 403 : 200});
  analyst_finish(w->a);
  assert_int_equal(told(w, "bfla"), 1);
  end(w);
}

static void night(void **state) {
  (void)state;
  struct world *w = begin();
  w->now = 1740016800ULL * SEC; /* 10:00 in China */
  for (unsigned day = 0; day < 4; day++) {
    for (unsigned i = 0; i < 10; i++)
      make(w, 600 * SEC,
           (struct call){.from = 0x0a090909, .method = "POST", .path = "/admin/role", .token = "adm"});
    w->now += (86400 - 6000) * SEC;
  }
  assert_int_equal(told(w, "offhours_admin"), 0);
  make(w, 14 * 3600 * SEC,
       (struct call){.from = 0x0a090909, .method = "POST", .path = "/admin/role", .token = "adm"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "offhours_admin"), 1);
  end(w);
}

static void replays(void **state) {
  (void)state;
  struct world *w = begin();
  struct call c = {.method = "POST",
                   .path = "/pay",
                   .token = "k",
                   .header = "X-Signature",
                   .value = "0123456789abcdef0123456789abcdef"};
  make(w, SEC, c);
  make(w, SEC / 10, c); /* a library's own retry */
  c.value = "0123456789abcdef0123456789abcde0";
  make(w, 9 * SEC, c);
  assert_int_equal(told(w, "replayed_request"), 0);
  for (int i = 0; i < 3; i++) make(w, 9 * SEC, c);
  analyst_finish(w->a);
  assert_int_equal(told(w, "replayed_request"), 1);
  end(w);
}

static void steps(void **state) {
  (void)state;
  struct world *w = begin();
  char token[64];
  for (unsigned i = 0; i < 45; i++) {
    struct call c = {.from = 0x25000000 + i, .token = text(token, "payer", i), .path = "/home"};
    make(w, SEC, c);
    c.path = "/orders", c.method = "POST";
    make(w, SEC, c);
    c.path = "/risk/check";
    make(w, SEC, c);
    c.path = "/orders/confirm";
    make(w, SEC, c);
  }
  assert_int_equal(told(w, "step_skipped"), 0);
  struct call c = {.token = "thief", .path = "/home"};
  for (int i = 0; i < 3; i++) make(w, SEC, c);
  c.path = "/orders/confirm", c.method = "POST";
  for (int i = 0; i < 3; i++) make(w, SEC, c);
  analyst_finish(w->a);
  assert_int_equal(told(w, "step_skipped"), 1);
  end(w);
}

static void volume(void **state) {
  (void)state;
  struct world *w = begin();
  char path[64];
  people(w, 30, "/home");
  for (unsigned i = 0; i < 900; i++) make(w, SEC / 5, (struct call){.path = "/home", .token = "robot"});
  for (unsigned i = 0; i < 300; i++)
    make(w, SEC,
         (struct call){.from = 0x26000001, .path = text(path, "/products?page=", i), .agent = "curl"});
  analyst_finish(w->a);
  assert_int_equal(told(w, "rate_anomaly"), 1);
  assert_int_equal(told(w, "scraping"), 1);
  end(w);
}

static void money(void **state) {
  (void)state;
  struct world *w = begin();
  char token[64];
  for (unsigned i = 0; i < 30; i++)
    make(w, SEC,
         (struct call){.method = "POST",
                       .path = "/coupon/redeem",
                       .token = "hunter",
                       .field = "code",
                       .field_value = i + 1,
                       .status = 400});
  for (unsigned i = 0; i < 8; i++) /* an office at lunch */
    make(w, SEC,
         (struct call){.from = 0x26000003,
                       .method = "POST",
                       .path = "/coupon/redeem",
                       .token = text(token, "eater", i),
                       .field = "code",
                       .field_value = 5});
  assert_int_equal(told(w, "coupon_abuse"), 1);
  for (unsigned i = 0; i < 20; i++)
    make(w, SEC,
         (struct call){.method = "POST",
                       .path = "/transfers",
                       .token = "mule",
                       .field = "payeeAccount",
                       .field_value = 100 + i});
  for (unsigned i = 0; i < 20; i++)
    make(w, SEC,
         (struct call){.from = 0x26000100 + i,
                       .method = "POST",
                       .path = "/transfers",
                       .token = text(token, "victim", i),
                       .field = "payeeAccount",
                       .field_value = 99});
  analyst_finish(w->a);
  assert_int_equal(told(w, "coupon_abuse"), 1);
  assert_int_equal(told(w, "transfer_abuse"), 2);
  end(w);
}

static void accounts(void **state) {
  (void)state;
  struct world *w = begin();
  make(w, SEC, (struct call){.path = "/me", .token = "sleeper"});
  for (unsigned i = 0; i < 60; i++)
    make(w, SEC,
         (struct call){.from = 0x0a000099,
                       .path = "/internal",
                       .token = "svc",
                       .agent = "Go-http-client/1.1",
                       .auth = AUTH_BASIC});
  make(w, 40 * 86400 * SEC, (struct call){.from = 0x77010101, .path = "/me", .token = "sleeper"});
  for (unsigned i = 0; i < 4; i++)
    make(w, SEC,
         (struct call){.from = 0x0a000055,
                       .path = "/internal",
                       .token = "svc",
                       .agent = "Mozilla/5.0",
                       .auth = AUTH_BASIC});
  analyst_finish(w->a);
  assert_int_equal(told(w, "dormant_account"), 1);
  assert_int_equal(told(w, "service_account_misuse"), 1);
  end(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(logout),  cmocka_unit_test(hijack),
                                     cmocka_unit_test(travels), cmocka_unit_test(bfla),
                                     cmocka_unit_test(night),   cmocka_unit_test(replays),
                                     cmocka_unit_test(steps),   cmocka_unit_test(volume),
                                     cmocka_unit_test(money),   cmocka_unit_test(accounts)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
