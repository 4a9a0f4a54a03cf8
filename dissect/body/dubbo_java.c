/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo's bodies as Java's object streams: names and marks in data blocks, values as objects. */
#include "dissect/body/dubbo_java.h"
#include "base/err.h"

static uint32_t number(struct javaser *j, size_t n) {
  struct span s = javaser_data(j, n);
  uint32_t v = 0;
  for (size_t i = 0; i < s.len; i++) v = v << 8 | s.base[i];
  return v;
}

int dubbo_java_request(struct javaser *j, struct span body, bool plain, struct body_walk *w,
                       struct dubbo_request *out) {
  struct span *const names[] = {&out->version, &out->service, &out->service_version, &out->method,
                                &out->types};
  int rc = javaser_begin(j, body, w);
  if (rc < 0) return rc;
  for (size_t i = 0; i < 5 && !j->r.bad; i++) {
    if (!plain && number(j, 4) == UINT32_MAX) continue; /* null */
    *names[i] = javaser_data(j, number(j, 2));
  }
  return j->r.bad ? ERR_TRUNC : 0;
}

int dubbo_java_result(struct javaser *j, struct span body, struct body_walk *w) {
  int rc = javaser_begin(j, body, w);
  if (rc < 0) return rc;
  uint32_t result = number(j, 1);
  if (j->r.bad) return ERR_TRUNC;
  return result < DUBBO_RESULTS ? (int)result : ERR_SYNTAX;
}

int dubbo_java_value(struct javaser *j, bool plain, struct path_node *at) {
  if (!plain) {
    uint32_t there = number(j, 1);
    if (j->r.bad) return ERR_TRUNC;
    if (!there) return 0; /* null */
  }
  return j->block ? ERR_SYNTAX : javaser_object(j, at);
}

struct span dubbo_java_class(const struct javaser *j) {
  struct reader r = j->r;
  uint32_t block = (uint32_t)j->block;
  reader_skip(&r, block); /* "not null" */
  if (reader_u16be(&r) != 0x7372) return (struct span){0};
  return reader_take(&r, reader_u16be(&r));
}
