/* SPDX-License-Identifier: Apache-2.0 */
/* Live interfaces, in a network namespace of its own; skipped where none can be made. */
#include "cmocka_all.h"
#include "base/err.h"
#include "capture/capture.h"
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct capture_conf conf;
static struct counters ctr;

static void sh(const char *command) {
  if (system(command) != 0) fail_msg("%s", command);
}

static void send_frames(unsigned n) {
  int fd = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL));
  struct sockaddr_ll to = {
      .sll_family = AF_PACKET, .sll_ifindex = (int)if_nametoindex("ts1"), .sll_halen = 6};
  uint8_t b[60] = "\xff\xff\xff\xff\xff\xff\2\0\0\0\0\2\x08\0\x45\0\0\x2e\0\1\x40\0\x40\x11\0\0\x0a\0\0\1\x0a"
                  "\0\0\2\0\7\x13\x88\0\x1a";
  assert_true(fd >= 0);
  for (unsigned i = 0; i < n; i++) {
    b[34] = (uint8_t)(i >> 8);
    b[35] = (uint8_t)i;
    while (sendto(fd, b, sizeof b, 0, (struct sockaddr *)&to, sizeof to) < 0) usleep(100);
  }
  close(fd);
}

/* Frames of ours that come before nothing has come for a while. */
static unsigned receive(struct live *l, unsigned want) {
  struct frame f;
  unsigned got = 0, idle = 0;
  while (idle < 6 && got < want) {
    int rc = live_next(l, &f);
    if (rc < 0) break;
    if (rc == 0)
      idle++;
    else if (f.caplen >= 60 && f.data[12] == 8 && f.data[13] == 0 && f.data[36] == 0x13)
      got++;
  }
  return got;
}

static void test_fanout(void **state) {
  (void)state;
  struct live *a, *b;
  struct conf_error err;
  if (live_open(&a, &conf, "ts0", 4711, 0, &err) < 0) fail_msg("%s", err.text);
  if (live_open(&b, &conf, "ts0", 4711, 0, &err) < 0) fail_msg("%s", err.text);
  send_frames(1000);
  unsigned x = receive(a, 1000), y = receive(b, 1000);
  assert_int_equal(x + y, 1000);
  assert_true(x > 200 && y > 200);
  live_drops(a, &ctr);
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL), 0);
  live_close(a);
  live_close(b);
}

static void test_kernel_drops_are_counted(void **state) {
  (void)state;
  struct live *a;
  struct conf_error err;
  conf.ring_mb = 1;
  if (live_open(&a, &conf, "ts0", -1, 0, &err) < 0) fail_msg("%s", err.text);
  live_drops(a, &ctr);
  send_frames(20000);
  unsigned got = receive(a, 20000);
  live_drops(a, &ctr);
  /* among those dropped may be a few of the kernel's own (neighbour discovery) */
  assert_in_range(got + ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL), 20000, 20050);
  live_close(a);
  conf.ring_mb = 8;
}

/* What nobody has read when a ring goes away was lost too. */
static void test_unread_frames_are_counted(void **state) {
  (void)state;
  struct live *a;
  struct conf_error err;
  if (live_open(&a, &conf, "ts0", -1, 0, &err) < 0) fail_msg("%s", err.text);
  send_frames(100);
  unsigned got = receive(a, 40);
  uint64_t before = ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL);
  live_drops(a, &ctr);
  assert_int_equal(ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL), before);
  live_unread(a, &ctr);
  assert_in_range(got + ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL) - before, 100, 105);
  receive(a, 60);
  live_drops(a, &ctr);
  before = ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL);
  live_unread(a, &ctr);
  assert_in_range(ctr_get(&ctr, CTR_CAPTURE_DROP_KERNEL) - before, 0, 5);
  live_close(a);
}

/* Down and up again, then taken away and made anew. */
static void test_flap(void **state) {
  (void)state;
  struct live *a;
  struct conf_error err;
  struct frame f;
  if (live_open(&a, &conf, "ts0", -1, 0, &err) < 0) fail_msg("%s", err.text);
  sh("ip link set ts0 down");
  for (int i = 0; i < 4; i++) live_next(a, &f);
  sh("ip link set ts0 up");
  usleep(100000);
  if (live_next(a, &f) < 0) assert_int_equal(live_reopen(a, &err), 0);
  send_frames(10);
  assert_int_equal(receive(a, 10), 10);
  sh("ip link del ts0");
  int rc = 0;
  for (int i = 0; i < 40 && rc >= 0; i++) rc = live_next(a, &f);
  assert_int_equal(rc, ERR_AGAIN);
  assert_int_equal(live_reopen(a, &err), ERR_AGAIN);
  assert_int_equal(live_next(a, &f), ERR_AGAIN);
  sh("ip link add ts0 type veth peer name ts1 && ip link set ts0 up && ip link set ts1 up");
  usleep(100000);
  assert_int_equal(live_reopen(a, &err), 0);
  send_frames(10);
  assert_int_equal(receive(a, 10), 10);
  live_close(a);
}

static void test_errors(void **state) {
  (void)state;
  struct live *a;
  struct conf_error err;
  assert_true(live_open(&a, &conf, "nosuchif", -1, 0, &err) < 0);
  assert_non_null(strstr(err.text, "nosuchif"));
  char *filter = conf.filter;
  conf.filter = (char *)(uintptr_t) "no such words";
  assert_int_equal(live_open(&a, &conf, "ts0", -1, 0, &err), ERR_RANGE);
  conf.filter = filter;
}

int main(void) {
  const struct conf_section sections[] = {{"capture", capture_options, &conf}, {NULL, NULL, NULL}};
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return 77;
  /* Without IPv6 no neighbour or router messages are among what is counted. */
  if (system(
          "{ echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6; } 2>/dev/null;"
          "ip link add ts0 type veth peer name ts1 2>/dev/null && ip link set ts0 up && ip link set ts1 up"))
    return 77;
  if (conf_defaults(sections) < 0) return 1;
  conf.ring_mb = 8;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_fanout),
      cmocka_unit_test(test_kernel_drops_are_counted),
      cmocka_unit_test(test_unread_frames_are_counted),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_flap),
  };
  int rc = cmocka_run_group_tests(tests, NULL, NULL);
  conf_done(sections);
  return rc;
}
