/* SPDX-License-Identifier: Apache-2.0 */
/* Hash table: against a plain model, its age list, caps, and growing without memory. */
#include "base/err.h"
#include "base/table.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/failmem.h"

struct item {
  struct table_entry entry;
  int key;
};

static bool eq(const struct table_entry *e, const void *key) {
  return ((const struct item *)e)->key == *(const int *)key;
}

enum { N = 4000 };
static struct item items[N];

static void model(void **state) {
  (void)state;
  static bool in[N];
  struct budget b = {0};
  struct table t;
  assert_int_equal(table_init(&t, eq, 0, &b), 0);
  uint32_t rnd = 1;
  size_t count = 0;
  for (int step = 0; step < 100000; step++) {
    rnd = rnd * 1664525 + 1013904223;
    int k = (int)(rnd >> 8) % N;
    uint64_t h = (uint64_t)k / 4; /* collisions of whole hashes */
    struct table_entry *e = table_find(&t, h, &k);
    assert_true((e != NULL) == in[k]);
    if (!e) {
      items[k].key = k;
      assert_int_equal(table_add(&t, &items[k].entry, h), 0);
      count++;
    } else if (rnd & 0x80) {
      table_remove(&t, e);
      count--;
    } else {
      table_touch(&t, e);
      assert_ptr_equal(t.newest, e);
    }
    in[k] = !e || !(rnd & 0x80);
    assert_int_equal(t.count, count);
  }
  size_t seen = 0;
  for (struct table_entry *e = t.oldest; e; e = e->newer) seen++;
  assert_int_equal(seen, count);
  while (t.oldest) table_remove(&t, t.oldest);
  assert_int_equal(t.count, 0);
  assert_null(t.newest);
  table_done(&t);
  assert_int_equal(b.used, 0);
  assert_int_equal(failmem_live, 0);
}

static void age(void **state) {
  (void)state;
  struct table t;
  assert_int_equal(table_init(&t, eq, 3, NULL), 0);
  for (int i = 0; i < 3; i++) {
    items[i].key = i;
    assert_int_equal(table_add(&t, &items[i].entry, 9), 0);
  }
  assert_int_equal(table_add(&t, &items[3].entry, 9), ERR_CAP);
  assert_ptr_equal(t.oldest, &items[0]);
  table_touch(&t, &items[0].entry);
  assert_ptr_equal(t.oldest, &items[1]);
  assert_ptr_equal(t.newest, &items[0]);
  table_remove(&t, &items[2].entry);
  table_remove(&t, &items[2].entry); /* not in it: nothing happens */
  assert_int_equal(t.count, 2);
  assert_ptr_equal(t.oldest->newer, t.newest);
  table_done(&t);
}

static void no_memory(void **state) {
  (void)state;
  struct table t;
  failmem_after = 0;
  assert_int_equal(table_init(&t, eq, 0, NULL), ERR_NOMEM);
  int k = 0;
  assert_null(table_find(&t, 0, &k));
  assert_int_equal(table_add(&t, &items[0].entry, 0), ERR_NOMEM);
  table_done(&t);
  failmem_after = 1;
  assert_int_equal(table_init(&t, eq, 0, NULL), 0);
  for (int i = 0; i < N; i++) {
    items[i].key = i;
    assert_int_equal(table_add(&t, &items[i].entry, (uint64_t)i), 0);
  }
  for (int i = 0; i < N; i++) assert_ptr_equal(table_find(&t, (uint64_t)i, &i), &items[i]);
  failmem_after = -1;
  table_done(&t);
  assert_int_equal(failmem_live, 0);
}

static int handed[3], nhanded;
static void hand(struct table_entry *e) { handed[nhanded++] = ((struct item *)e)->key; }

static void drop(void **state) {
  (void)state;
  struct table t;
  assert_int_equal(table_init(&t, table_by_hash, 0, NULL), 0);
  for (int i = 0; i < 3; i++) {
    items[i].key = i;
    assert_int_equal(table_add(&t, &items[i].entry, 7 + (uint64_t)i), 0);
  }
  assert_ptr_equal(table_find(&t, 8, NULL), &items[1]);
  assert_null(table_find(&t, 6, NULL));
  table_touch(&t, &items[0].entry);
  table_drop(&t, hand);
  assert_int_equal(nhanded, 3);
  assert_int_equal(handed[0], 1);
  assert_int_equal(handed[2], 0);
  assert_int_equal(table_init(&t, table_by_hash, 0, NULL), 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(table_add(&t, mem_zalloc(sizeof(struct item)), (uint64_t)i), 0);
  table_drop(&t, NULL);
  table_drop(&t, NULL);
  assert_int_equal(failmem_live, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(model), cmocka_unit_test(age), cmocka_unit_test(drop),
                                     cmocka_unit_test(no_memory)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
