/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of processors: what is meant, by a made-up sysfs, and what is said of nonsense. */
#include "tests/unit/cmocka_all.h"

#include "app/cpus.c"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char sys[32];

static void put(const char *path, const char *text) {
  char whole[256];
  snprintf(whole, sizeof whole, "mkdir -p $(dirname %s/%s) && echo '%s' > %s/%s", sys, path, text, sys, path);
  assert_int_equal(system(whole), 0);
}

static int begin(void **state) {
  (void)state;
  strcpy(sys, "/tmp/cpus.XXXXXX");
  assert_non_null(mkdtemp(sys));
  put("devices/system/node/node0/cpulist", "0,4-5");
  put("devices/system/node/node1/cpulist", "70-71");
  put("class/net/eth1/device/numa_node", "0");
  put("class/net/eth2/device/numa_node", "-1");
  return 0;
}

static int end(void **state) {
  char whole[64];
  (void)state;
  snprintf(whole, sizeof whole, "rm -r %s", sys);
  return system(whole);
}

static int count(const char *item, const char *near) {
  struct conf_error err = {.text = ""};
  cpu_set_t set;
  int rc = cpus_read(&set, item, near, sys, &err);
  assert_true((rc < 0) == (err.text[0] != 0));
  return rc < 0 ? rc : CPU_COUNT(&set);
}

static bool first_is_ours(void) {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_ISSET(0, &set);
}

static void test_read(void **state) {
  (void)state;
  if (!first_is_ours()) skip();
  assert_int_equal(count("0", NULL), 1);
  assert_int_equal(count("0-2", NULL), 3);
  assert_int_equal(count("node0", NULL), 3);
  assert_int_equal(count("near", "eth1"), 3);
  assert_int_equal(count("near", "eth2"), CPU_SETSIZE);
  assert_int_equal(count("near", "veth9"), CPU_SETSIZE);
  assert_int_equal(count("near", NULL), ERR_SYNTAX);
  assert_int_equal(count("node7", NULL), ERR_RANGE);
  assert_int_equal(count("1000", NULL), ERR_RANGE); /* not of this machine */
  assert_int_equal(count("5-2", NULL), ERR_RANGE);
  assert_int_equal(count("99999", NULL), ERR_RANGE);
  const char *wrong[] = {"", "a", "-1", "0x1", "node", "nodeA", "1;2"};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_int_equal(count(wrong[i], NULL), ERR_SYNTAX);
}

static void test_pin(void **state) {
  (void)state;
  char *items[] = {(char *)"0"}, *bad[] = {(char *)"zero"};
  struct conf_list list = {.item = items, .count = 1}, wrong = {.item = bad, .count = 1};
  struct conf_error err = {.text = ""};
  cpu_set_t before, now;
  assert_int_equal(cpus_check(&list, "sensor.cpus", false, &err), 0);
  assert_int_equal(cpus_check(&wrong, "sensor.cpus", false, &err), ERR_SYNTAX);
  assert_non_null(strstr(err.text, "sensor.cpus: \"zero\""));
  if (!first_is_ours()) skip();
  sched_getaffinity(0, sizeof before, &before);
  cpus_pin(&list, 7, NULL);
  sched_getaffinity(0, sizeof now, &now);
  assert_int_equal(CPU_COUNT(&now), 1);
  assert_true(CPU_ISSET(0, &now));
  sched_setaffinity(0, sizeof before, &before);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_read), cmocka_unit_test(test_pin)};
  return cmocka_run_group_tests(tests, begin, end);
}
