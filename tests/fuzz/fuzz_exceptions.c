/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: exceptions to findings, judged against one. */
#include "analytics/exceptions.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct rule rule = {.id = "sqli"};
  struct fuzz_file f = fuzz_file(span_of(data, size));
  struct conf_error err = {""};
  struct exceptions *x = NULL;
  uint8_t severity;
  if (exceptions_load(&x, f.path, &err) < 0) {
    if (!err.text[0]) abort();
  } else {
    const struct raise r = {.rule = &rule, .service = SPAN_LIT("crm"), .endpoint = SPAN_LIT("GET /a")};
    (void)exceptions_judge(x, &r, 1795000000000000000ULL, &severity);
    exceptions_free(x);
  }
  fuzz_file_end(&f);
  return 0;
}
