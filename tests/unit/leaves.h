/* SPDX-License-Identifier: Apache-2.0 */
/* A body's values as text: "path=value;" each. */
#ifndef TESTS_UNIT_LEAVES_H
#define TESTS_UNIT_LEAVES_H

#include "dissect/body/body.h"
#include "guard.h"

#include <stdio.h>

static char leaves[8192];
static int leaves_result; /* of the walk: body_walk's */

static inline int leaves_add(void *user, const struct leaf *l) {
  (void)user;
  size_t n = strlen(leaves);
  snprintf(leaves + n, sizeof leaves - n, "%.*s=%.*s;", SPAN_FMT(l->path), SPAN_FMT(l->value));
  return 0;
}

/** Walk n bytes that end at an unmapped page, as w says; a `leaf` of its own writes to `leaves` in leaves_add's place. */
static inline const char *leaves_walk(struct body_walk w, const void *p, size_t n) {
  struct guard g = guard_copy(p, n);
  leaves[0] = 0;
  if (!w.leaf) w.leaf = leaves_add;
  leaves_result = body_walk(&w, g.s, NULL);
  guard_free(g);
  return leaves;
}
static inline const char *leaves_of(const char *mime, const void *p, size_t n) {
  return leaves_walk((struct body_walk){.mime = span_str(mime)}, p, n);
}

#endif
