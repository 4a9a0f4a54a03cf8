/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled patterns: kept, found again, made anew when the file is damaged or of other patterns. */
#include "analytics/patterns.h"
#include "base/err.h"
#include "tests/unit/cmocka_all.h"

#include <hs/hs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const unsigned flags[] = {HS_FLAG_SINGLEMATCH, HS_FLAG_SINGLEMATCH}, ids[] = {0, 1};
static char dir[] = "/tmp/tapscope-patterns-XXXXXX", file[64];

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned f, void *user) {
  (void)from, (void)to, (void)f;
  *(unsigned *)user |= 1u << id;
  return 0;
}

/* Bits of the patterns found in text. */
static unsigned found(const char *const *text, const char *cache, const char *in) {
  struct pattern_set set = {"test", text, NULL, flags, ids, 2};
  hs_database_t *db = NULL;
  hs_scratch_t *scratch = NULL;
  char why[128];
  int bad;
  unsigned bits = 0;
  assert_int_equal(patterns_compile(&set, cache, &db, &bad, why), 0);
  assert_int_equal(hs_alloc_scratch(db, &scratch), HS_SUCCESS);
  hs_scan(db, in, (unsigned)strlen(in), 0, scratch, on_match, &bits);
  hs_free_scratch(scratch);
  hs_free_database(db);
  return bits;
}

static long size_of(void) {
  struct stat st;
  return stat(file, &st) == 0 ? (long)st.st_size : -1;
}

static void overwrite(long at) {
  FILE *f = fopen(file, "r+b");
  assert_non_null(f);
  fseek(f, at, SEEK_SET);
  int c = fgetc(f);
  fseek(f, at, SEEK_SET);
  fputc(c ^ 1, f);
  fclose(f);
}

static void kept(void **state) {
  (void)state;
  static const char *const one[] = {"ab+c", "x[0-9]y"}, *const other[] = {"abc", "zzz"};
  assert_int_equal(found(one, NULL, "..abbc.."), 1);
  assert_int_equal(size_of(), -1);
  assert_int_equal(found(one, dir, "..abbc.."), 1);
  long size = size_of();
  assert_true(size > 72);
  assert_int_equal(found(one, dir, "x1y abc"), 3);
  for (long at = 0; at < size; at += size / 16) { /* damaged anywhere: made anew, and whole again */
    overwrite(at);
    assert_int_equal(found(one, dir, "x1y abc"), 3);
  }
  assert_int_equal(truncate(file, 50), 0);
  assert_int_equal(found(one, dir, "x1y abc"), 3);
  assert_int_equal(size_of(), size);
  assert_int_equal(found(other, dir, "x1y abc"), 1); /* other patterns under the same name */
  assert_int_equal(found(one, dir, "x1y"), 2);
  assert_int_equal(found(one, "/nonexistent", "x1y"), 2);
}

static void refused(void **state) {
  (void)state;
  static const char *const wrong[] = {"fine", "(unclosed"};
  struct pattern_set set = {"test", wrong, NULL, flags, ids, 2};
  hs_database_t *db = NULL;
  char why[128];
  int bad;
  assert_int_equal(patterns_compile(&set, dir, &db, &bad, why), ERR_SYNTAX);
  assert_int_equal(bad, 1);
  assert_true(why[0] != 0);
}

static int start(void **state) {
  (void)state;
  if (!mkdtemp(dir)) return -1;
  snprintf(file, sizeof file, "%s/patterns.test", dir);
  return 0;
}

static int stop(void **state) {
  (void)state;
  unlink(file);
  return rmdir(dir);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(kept), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, start, stop);
}
