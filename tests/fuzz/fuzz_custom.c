/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: patterns that users add, compiled and matched against the file itself. */
#include "analytics/inspect/custom.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct conf_error err = {""};
  struct custom_set *set = NULL;
  if (custom_load(&set, fuzz_folder("attack", span_of(data, size)), &err) < 0) {
    if (!err.text[0]) abort();
    return 0;
  }
  for (unsigned i = 0; set && i < set->count; i++) (void)custom_match(&set->item[i], span_of(data, size));
  custom_free(set);
  return 0;
}
