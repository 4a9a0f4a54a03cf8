/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to a service manager played by the test. */
#include "base/err.h"
#include "base/notify.h"
#include "tests/unit/cmocka_all.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void arrives(const char *path) {
  struct sockaddr_un at = {.sun_family = AF_UNIX};
  snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
  if (path[0] == '@') at.sun_path[0] = 0;
  socklen_t len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path) + (path[0] == '/'));
  int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  assert_true(fd >= 0);
  assert_int_equal(bind(fd, (struct sockaddr *)&at, len), 0);
  assert_int_equal(notify_send(path, "READY=1"), 0);
  char got[64];
  assert_int_equal(recv(fd, got, sizeof got, MSG_DONTWAIT), 7);
  assert_memory_equal(got, "READY=1", 7);
  close(fd);
}

static void sends(void **state) {
  (void)state;
  char path[64];
  snprintf(path, sizeof path, "/tmp/test_notify.%d", (int)getpid());
  arrives(path);
  assert_int_equal(notify_send(path, "WATCHDOG=1"), ERR_IO); /* nobody listens now */
  unlink(path);
  snprintf(path, sizeof path, "@test_notify.%d", (int)getpid());
  arrives(path);
}

static void refuses(void **state) {
  (void)state;
  char longer[300];
  memset(longer, '/', sizeof longer - 1);
  longer[sizeof longer - 1] = 0;
  assert_int_equal(notify_send(NULL, "READY=1"), 0);
  assert_int_equal(notify_send("", "READY=1"), 0);
  assert_int_equal(notify_send("relative", "READY=1"), ERR_IO);
  assert_int_equal(notify_send(longer, "READY=1"), ERR_IO);
}

static void interval(void **state) {
  (void)state;
  assert_int_equal(notify_interval("30000000"), 15000000000LL);
  assert_int_equal(notify_interval(NULL), 0);
  assert_int_equal(notify_interval("x"), 0);
  assert_int_equal(notify_interval("18446744073709551615"), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(sends), cmocka_unit_test(refuses),
                                     cmocka_unit_test(interval)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
