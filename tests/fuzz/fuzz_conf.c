/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: a configuration file, and each of its lines as --set. */
#include "base/err.h"
#include "base/conf.h"
#include "analytics/analyzer.h"
#include "capture/capture.h"
#include "dissect/dissect.h"
#include "tests/fuzz/file.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct capture_conf capture = {0};
  struct dissect_conf dissect = {0};
  struct analytics_conf analytics = {0};
  const struct conf_section sections[] = {{"capture", capture_options, &capture},
                                          {"dissect", dissect_options, &dissect},
                                          {"analytics", analytics_options, &analytics},
                                          {NULL, NULL, NULL}};
  struct conf_error err = {""};
  struct fuzz_file f = fuzz_file(span_of(data, size));
  if (conf_defaults(sections) < 0) abort();
  if (conf_file(sections, f.path, &err) < 0 && !err.text[0]) abort(); /* it must say why */
  struct span rest = {data, size};
  for (int i = 0; i < 16 && rest.len; i++) {
    char line[512];
    struct span s = span_head(span_cut(&rest, '\n'), sizeof line - 1);
    if (s.len) memcpy(line, s.base, s.len);
    line[s.len] = 0;
    (void)conf_set(sections, line, &err);
  }
  conf_done(sections);
  fuzz_file_end(&f);
  return 0;
}
