/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: the text, the file that is whole at any time, the server and what it refuses. */
#include "base/err.h"
#include "output/metrics.h"

#include "cmocka_all.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct counters reader, worker;

static int text(void *user, struct buf *out) {
  const struct metrics_part part[] = {{"reader", 0, "eth\"1\\", &reader}, {"worker", 3, NULL, &worker}};
  const struct duplicate_pair copies = {{0, 1}, {0, 100}, 12};
  const struct metrics_view view = {.part = part,
                                    .parts = 2,
                                    .duplicates = &copies,
                                    .nduplicates = 1,
                                    .rss_bytes = 1000,
                                    .uptime = 2.5,
                                    .version = "1"};
  (void)user;
  return metrics_text(out, &view);
}

static void test_text(void **state) {
  struct buf out;
  (void)state;
  ctr_add(&reader, CTR_CAPTURE_DROP_KERNEL, 7);
  ctr_add(&worker, CTR_DISSECT_BODY_CAP, 2);
  buf_init(&out, NULL, 0);
  assert_true(text(NULL, &out) >= 0);
  assert_true(buf_put_u8(&out, 0) >= 0);
  const char *t = (const char *)out.base;
  assert_non_null(
      strstr(t, "\ntapscope_capture_drop_total{thread=\"reader\",index=\"0\",source=\"eth\\\"1\\\\\","
                "reason=\"kernel\"} 7\n"));
  assert_non_null(
      strstr(t, "\ntapscope_dissect_cap_total{thread=\"worker\",index=\"3\",reason=\"body\"} 2\n"));
  assert_non_null(strstr(t, "\ntapscope_duplicate_frames_total{first_source=\"0\",first_vlan=\"0\","
                            "copy_source=\"1\",copy_vlan=\"100\"} 12\n"));
  assert_non_null(strstr(t, "# TYPE tapscope_capture_packets_total counter\n"));
  for (int i = 0; i < CTR_OUTPUT_EMITTED; i++) assert_non_null(strstr(t, "# HELP "));
  const char *first = strstr(t, "# TYPE tapscope_capture_drop_total ");
  assert_null(strstr(first + 1, "# TYPE tapscope_capture_drop_total ")); /* once a name */
  buf_done(&out);
}

static void test_file(void **state) {
  char dir[] = "/tmp/tapscope-metrics-XXXXXX", path[64], line[16];
  (void)state;
  assert_non_null(mkdtemp(dir));
  snprintf(path, sizeof path, "%s/m.prom", dir);
  assert_int_equal(metrics_file(path, SPAN_LIT("one\n")), 0);
  assert_int_equal(metrics_file(path, SPAN_LIT("two\n")), 0);
  FILE *f = fopen(path, "r");
  assert_non_null(fgets(line, sizeof line, f));
  assert_string_equal(line, "two\n");
  fclose(f);
  assert_int_equal(unlink(path), 0);
  assert_int_equal(rmdir(dir), 0); /* no part is left behind */
  assert_int_equal(metrics_file(path, SPAN_LIT("three\n")), ERR_IO);
  assert_int_equal(errno, ENOENT);
}

static size_t ask(int port, const char *request, char *to, size_t size) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  size_t n = 0;
  inet_pton(AF_INET, "127.0.0.1", &at.sin_addr);
  int s = socket(AF_INET, SOCK_STREAM, 0);
  assert_int_equal(connect(s, (struct sockaddr *)&at, sizeof at), 0);
  assert_int_equal(write(s, request, strlen(request)), (ssize_t)strlen(request));
  for (ssize_t got; n + 1 < size && (got = read(s, to + n, size - 1 - n)) > 0;) n += (size_t)got;
  close(s);
  to[n] = 0;
  return n;
}

static void test_server(void **state) {
  static const char *const bad[] = {"9464",          "here:9464", "127.0.0.1:0", "127.0.0.1:70000",
                                    "127.0.0.1:12x", "[::1:12"};
  struct metrics_server *s = NULL;
  struct conf_error err;
  char listen[32], answer[65536];
  int port = 20000 + (int)(getpid() % 20000);
  (void)state;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_int_equal(metrics_serve(&s, bad[i], text, NULL, &err), ERR_SYNTAX);
    assert_non_null(strstr(err.text, "ADDRESS:PORT"));
  }
  int rc = ERR_IO;
  for (int i = 0; i < 50 && rc == ERR_IO; i++) {
    snprintf(listen, sizeof listen, "127.0.0.1:%d", ++port);
    rc = metrics_serve(&s, listen, text, NULL, &err);
  }
  assert_int_equal(rc, 0);
  struct metrics_server *other = NULL;
  assert_int_equal(metrics_serve(&other, listen, text, NULL, &err), ERR_IO);
  ask(port, "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", answer, sizeof answer);
  assert_non_null(strstr(answer, "200 OK"));
  assert_non_null(strstr(answer, "tapscope_uptime_seconds 2.500\n"));
  ask(port, "GET / HTTP/1.0\r\n\r\n", answer, sizeof answer);
  assert_non_null(strstr(answer, " 404 "));
  ask(port, "POST /metrics HTTP/1.0\r\nContent-Length: 0\r\n\r\n", answer, sizeof answer);
  assert_non_null(strstr(answer, " 405 "));
  metrics_stop(s);
  metrics_stop(NULL);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_text), cmocka_unit_test(test_file),
                                     cmocka_unit_test(test_server)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
