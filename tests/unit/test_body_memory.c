/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of every format walked while memory runs out at every point: a walk that gives other values says so. */
#include "base/err.h"
#include "base/hash.h"
#include "cmocka_all.h"
#include "dissect/body/body.h"
#include "failmem.h"

#include <dirent.h>
#include <stdio.h>

enum { BODY_MOST = 64 * 1024, BODIES = 60, ALLOCATIONS = 300 };

static int on_leaf(void *user, const struct leaf *l) {
  uint64_t *sum = user;
  *sum = hash64(l->value, hash64(l->path, *sum));
  return 0;
}

/* What the values come to while one allocation is refused, the walk's result, and whether it came to that. */
static uint64_t sum_of(const char *mime, struct span body, long granted, int *rc, bool *refused) {
  uint64_t sum = 0;
  struct body_walk w = {.leaf = on_leaf,
                        .user = &sum,
                        .mime = span_str(mime),
                        .content_type = SPAN_LIT("multipart/form-data; boundary=B")};
  long live = failmem_live;
  failmem_once = true;
  failmem_after = granted;
  *rc = body_walk(&w, body, NULL);
  *refused = failmem_after < 0;
  failmem_after = -1;
  assert_int_equal(failmem_live, live);
  return sum;
}

/* How many of the walks gave other values. */
static unsigned all_told(const char *name, const char *mime, struct span body) {
  bool refused = true;
  int rc;
  unsigned less = 0;
  uint64_t whole = sum_of(mime, body, -1, &rc, &refused);
  for (long n = 0; n < ALLOCATIONS; n++) {
    uint64_t sum = sum_of(mime, body, n, &rc, &refused);
    if (!refused) break;
    less += sum != whole;
    if (sum != whole && rc != ERR_NOMEM)
      fail_msg("%s: without allocation %ld other values, and %d", name, n, rc);
  }
  return less;
}

static int visible(const struct dirent *e) { return e->d_name[0] != '.'; }

static unsigned folder(const char *from, const char *mime) {
  static uint8_t bytes[BODY_MOST];
  char path[512];
  struct dirent **entry;
  unsigned less = 0;
  snprintf(path, sizeof path, "tests/fuzz/corpus/%s", from);
  int count = scandir(path, &entry, visible, alphasort);
  assert_true(count > 0);
  for (int i = 0; i < count; i++) {
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", from, entry[i]->d_name);
    FILE *f = i < BODIES ? fopen(path, "rb") : NULL;
    if (f) {
      size_t n = fread(bytes, 1, sizeof bytes, f);
      fclose(f);
      less += all_told(path, mime, span_of(bytes, n));
    }
    free(entry[i]);
  }
  free(entry);
  return less;
}

static void formats(void **state) {
  (void)state;
  static const struct {
    const char *folder, *mime;
  } all[] = {{"json", "application/json"},
             {"xml", "application/xml"},
             {"html", "text/html"},
             {"form", "application/x-www-form-urlencoded"},
             {"multipart", "multipart/form-data"},
             {"csv", "text/csv"},
             {"msgpack", "application/msgpack"},
             {"protobuf", "application/protobuf"},
             {"grpc", "application/grpc"},
             {"sse", "text/event-stream"},
             {"zip", "application/zip"},
             {"gzip", "application/gzip"},
             {"hessian", "application/x-hessian"},
             {"thrift", "application/x-thrift"},
             {"charset", "text/plain"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (!folder(all[i].folder, all[i].mime)) fail_msg("%s: nothing went missing", all[i].folder);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(formats)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
