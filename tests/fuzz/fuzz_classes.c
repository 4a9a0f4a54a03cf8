/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a file of data classes. Grades and the compiling of words need whole folders and are left out. */
#include "analytics/data/classes.h"
#include "analytics/data/load.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct conf_error err = {""};
  struct classes *c = mem_zalloc(sizeof *c);
  if (!c) abort();
  arena_init(&c->arena, NULL, 1 << 24);
  struct load l = {.classes = c, .err = &err};
  if (load_classes(&l, fuzz_folder("data", span_of(data, size))) < 0 && !err.text[0]) abort();
  classes_free(c);
  return 0;
}
