/* SPDX-License-Identifier: Apache-2.0 */
/* Databases of the state folder: a commit that fails leaves nothing open, and the next one goes through. */
#include "tests/unit/temp.h"

#include "analytics/state_db.h"
#include "base/err.h"

static const char *const inserts[] = {"INSERT INTO a VALUES(?)", "INSERT INTO b VALUES(?)", NULL};
static const struct state_db_file file = {
    .name = "test.db",
    .schema = "CREATE TABLE IF NOT EXISTS a(x INTEGER PRIMARY KEY);"
              "CREATE TABLE IF NOT EXISTS b(x INTEGER REFERENCES a(x) DEFERRABLE INITIALLY DEFERRED);",
    .put = inserts};

static int put(struct state_db *s, int what) {
  state_db_number(s->put[what], 1, 7);
  return state_db_run(s->put[what]);
}

static void commit_fails(void **state) {
  struct state_db *s = NULL;
  struct conf_error err = {""};
  (void)state;
  assert_int_equal(state_db_open(&s, temp_dir, &file, false, &err), 0);
  assert_int_equal(sqlite3_exec(s->db, "PRAGMA foreign_keys=ON", NULL, NULL, NULL), SQLITE_OK);
  assert_int_equal(state_db_begin(s), 0);
  assert_int_equal(put(s, 1), 0);
  assert_int_equal(state_db_commit(s), ERR_IO); /* nothing in a */
  assert_int_equal(state_db_begin(s), 0);
  assert_int_equal(put(s, 0), 0);
  assert_int_equal(put(s, 1), 0);
  assert_int_equal(state_db_commit(s), 0);
  sqlite3_stmt *st;
  assert_int_equal(state_db_query(s, "SELECT count(*) FROM b", &st), 0);
  assert_int_equal(sqlite3_step(st), SQLITE_ROW);
  assert_int_equal(state_db_value(st, 0), 1);
  sqlite3_finalize(st);
  state_db_close(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(commit_fails)};
  return cmocka_run_group_tests(tests, temp_begin, temp_end);
}
