/* SPDX-License-Identifier: Apache-2.0 */
/* ZIP archives and office documents. */
#include "dissect/body/walk.h"

static int zip_walk(struct body_walk *w, struct span s) {
  (void)w;
  (void)s;
  return 0;
}
static int zip_match(struct span mime, struct span head) {
  (void)mime;
  return span_starts(head, SPAN_LIT("PK\x03\x04")) ? 2 : 0;
}
const struct body_format zip_format = {"zip", zip_match, zip_walk};
