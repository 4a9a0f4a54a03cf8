/* SPDX-License-Identifier: Apache-2.0 */
/* nDPI for flows that no dissector takes. */
#include "dissect/flow.h"

struct ndpi_env *ndpi_env_new(const struct dissect_conf *conf) {
  (void)conf;
  return NULL;
}
void ndpi_env_free(struct ndpi_env *e) { (void)e; }
void ndpi_name(struct dissect *d, struct flow *f, int end, struct span payload, uint64_t ns) {
  (void)d, (void)f, (void)end, (void)payload, (void)ns;
}
void ndpi_forget(struct flow *f) { (void)f; }
