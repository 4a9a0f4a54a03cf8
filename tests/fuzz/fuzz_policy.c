/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: policies, judged against one case. */
#include "analytics/policy.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_file f = fuzz_file(span_of(data, size));
  struct conf_error err = {""};
  struct policies *p = NULL;
  if (policy_load(&p, f.path, NULL, &err) < 0) {
    if (!err.text[0]) abort();
  } else {
    static const uint8_t a[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3};
    const struct data_hit hit = {.class_id = "mobile", .count = 3, .subjects = 3};
    const struct policy_case c = {
        SPAN_LIT("crm"), SPAN_LIT("GET /a"), &hit, DIR_RESPONSE, a, a, 0, 0, true, false};
    (void)policy_judge(p, &c);
    policy_free(p);
  }
  fuzz_file_end(&f);
  return 0;
}
