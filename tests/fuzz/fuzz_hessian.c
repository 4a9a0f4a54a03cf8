/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: Hessian bodies of both versions, and bodies of Dubbo: calls, results and errors. */
#include "dissect/body/dubbo.h"
#include "dissect/body/hessian.h"
#include "tests/fuzz/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t ids[] = {2, 6, 3, 7, 8, 23};
  struct span s = {data, size};
  fuzz_body("application/x-hessian", s);
  fuzz_body("", s);
  for (size_t i = 0; i < sizeof ids; i++) {
    const struct dubbo_serialization *z = dubbo_serialization(ids[i]);
    struct dubbo_request q;
    struct span exception;
    (void)dubbo_read_request(z->form, s, &q);
    (void)dubbo_read_result(z->form, s, &exception);
    fuzz_body(z->call, s);
    fuzz_body(z->result, s);
    fuzz_body(z->error, s);
  }
  return 0;
}
