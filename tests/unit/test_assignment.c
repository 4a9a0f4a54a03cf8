/* SPDX-License-Identifier: Apache-2.0 */
/* Mass assignment: told of a field that only answers had, silent where others send it or it only comes back. */
#include "analytics/correlate/owned_fields.h"
#include "world.h"

enum { CUSTOMER = 101, ADMIN = 102, NAME = 103 };

static const struct call save = {.method = "PUT", .path = "/users/profile", .shown = "data.role"};

static void people(struct world *w, unsigned n, const char *field, uint64_t value) {
  char token[64];
  for (unsigned i = 0; i < n; i++) {
    struct call c = save;
    c.from = 0x25000000 + i * 259, c.token = text(token, "person", i);
    c.field = field, c.field_value = value, c.shown_value = CUSTOMER;
    make(w, SEC, c);
  }
}

static void one(struct world *w, const char *path, uint64_t sent, uint64_t shown) {
  struct call c = save;
  c.token = "thief", c.shown_value = shown, c.path = path;
  if (sent)
    c.field = "role", c.field_value = sent;
  else
    c.method = "GET";
  make(w, SEC, c);
}

static void names(void **state) {
  (void)state;
  static const struct {
    const char *path;
    int kind;
  } of[] = {{"data[].user.isAdmin", OWNED_ADMIN},
            {"?role", OWNED_ROLE},
            {"account_balance", OWNED_BALANCE},
            {"body.dailyLimit", OWNED_LIMIT},
            {"a.kyc-status", OWNED_VERIFIED},
            {"orderStatus", OWNED_STATUS},
            {"会员等级", OWNED_LEVEL},
            {"roles[]", OWNED_ROLE},
            {"limit", -1},
            {"name", -1},
            {"#x-role", -1},
            {"", -1}};
  for (size_t i = 0; i < sizeof of / sizeof *of; i++)
    assert_int_equal(owned_fields_kind(span_str(of[i].path)), of[i].kind);
}

static void told_once(void **state) {
  (void)state;
  struct world *w = begin();
  people(w, 20, "nickname", NAME);
  one(w, "/users/profile", 0, CUSTOMER);
  one(w, "/users/profile", ADMIN, ADMIN);
  one(w, "/users/profile", ADMIN, ADMIN);
  analyst_finish(w->a);
  assert_int_equal(told(w, "mass_assignment"), 1);
  end(w);
}

static void silent(void **state) {
  (void)state;
  struct world *w = begin();
  people(w, 20, "nickname", NAME);
  one(w, "/users/profile", 0, CUSTOMER);
  one(w, "/users/profile", CUSTOMER, CUSTOMER); /* the whole record, as it was given */
  one(w, "/users/search", ADMIN, ADMIN);        /* a filter */
  one(w, "/admin/users", ADMIN, ADMIN);         /* few write there */
  analyst_finish(w->a);
  assert_int_equal(told(w, "mass_assignment"), 0);
  end(w);
  w = begin();
  people(w, 20, "role", CUSTOMER); /* everyone's to send */
  one(w, "/users/profile", ADMIN, ADMIN);
  analyst_finish(w->a);
  assert_int_equal(told(w, "mass_assignment"), 0);
  end(w);
  w = begin();
  people(w, 3, "nickname", NAME); /* too few to know */
  one(w, "/users/profile", ADMIN, ADMIN);
  analyst_finish(w->a);
  assert_int_equal(told(w, "mass_assignment"), 0);
  end(w);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(told_once),
                                     cmocka_unit_test(silent)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
