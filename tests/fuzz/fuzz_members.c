/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: JSON read one level at a time, strings unescaped, kinds of files told. */
#include "dissect/body/filetype.h"
#include "dissect/body/members.h"

static void level(struct arena *a, struct span s, unsigned depth, unsigned *left) {
  struct members m;
  struct member x;
  if (depth > 20 || !members_open(&m, s)) return;
  while (*left && (--*left, members_next(&m, &x))) {
    (void)members_text(a, x.key);
    if (x.kind == '"') (void)members_text(a, x.value);
    if (x.kind == '{' || x.kind == '[') level(a, x.value, depth + 1, left);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct span s = span_of(data, size);
  struct arena a;
  unsigned left = 4096;
  arena_init(&a, NULL, 1 << 22);
  level(&a, s, 0, &left);
  (void)members_find(s, "a");
  arena_done(&a);
  const char *type = filetype_of(s);
  (void)filetype_differs(type, span_head(s, 16), span_head(s, 4));
  (void)filetype_is_file(filetype_name(s) ? type : "text");
  return 0;
}
