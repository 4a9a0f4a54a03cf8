/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: specifications of APIs, YAML or JSON; every operation is looked up again, and every schema asked. */
#include "analytics/spec.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct fuzz_file f = fuzz_file(span_of(data, size));
  struct conf_error err = {""};
  struct specs *s = NULL;
  const struct conf_list files = {(char *[]){f.path}, 1};
  bool known;
  if (spec_load(&s, &files, "", &err) < 0) {
    if (!err.text[0]) abort();
  } else {
    const struct spec_operation *op;
    for (size_t i = 0; (op = spec_operation_at(s, i)); i++) {
      (void)spec_find(s, op->host, op->method, op->path);
      (void)spec_field(op, op->request, SPAN_LIT("a.b[].c"), &known);
      (void)spec_field(op, op->response, SPAN_LIT("items[].id"), &known);
      (void)spec_has_status(op, 404);
    }
    (void)spec_find(s, SPAN_LIT("a.example"), SPAN_LIT("GET"), SPAN_LIT("/v1/accounts/7"));
    spec_free(s);
  }
  fuzz_file_end(&f);
  return 0;
}
