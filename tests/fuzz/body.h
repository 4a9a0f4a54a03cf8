/* SPDX-License-Identifier: Apache-2.0 */
/* Walks a body of a declared type and touches every leaf. */
#ifndef FUZZ_BODY_H
#define FUZZ_BODY_H

#include "dissect/body/body.h"

static int fuzz_leaf(void *user, const struct leaf *l) {
  uint64_t *sum = user;
  for (size_t i = 0; i < l->path.len; i++) *sum += l->path.base[i];
  for (size_t i = 0; i < l->value.len; i++) *sum += l->value.base[i];
  for (size_t i = 0; i < l->raw.len; i++) *sum += l->raw.base[i];
  return 0;
}

static inline void fuzz_walk(struct span mime, struct span body) {
  static volatile uint64_t sink; /* so that the reads stay */
  uint64_t sum = 0;
  struct body_walk w = {.leaf = fuzz_leaf,
                        .user = &sum,
                        .mime = mime,
                        .cut = body.len & 1,
                        .content_type = SPAN_LIT("multipart/form-data; boundary=B")};
  body_walk(&w, body, NULL);
  sink = sink + sum;
}
static inline void fuzz_body(const char *mime, struct span body) { fuzz_walk(span_str(mime), body); }

#endif
