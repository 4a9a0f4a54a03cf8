/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: the text tables of users: places, segments, names of addresses, lists of Kubernetes, tags. */
#include "analytics/inventory_tag.h"
#include "analytics/places.h"
#include "analytics/segments.h"
#include "analytics/service_given.h"
#include "tests/fuzz/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t a[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 10, 1, 2, 3};
  struct fuzz_file f = fuzz_file(span_of(data, size));
  struct conf_error err = {""};
  struct places *p = NULL;
  struct segments *s = NULL;
  struct service_given *n = NULL;
  const struct conf_list none = {NULL, 0}, lists = {(char *[]){f.path}, 1};
  enum given_origin origin;
  struct inventory_tags *t = inventory_tag_new();
  unsigned line;
  if (places_load(&p, f.path, &err) >= 0) (void)places_of(p, a);
  if (segments_load(&s, f.path, &err) >= 0) (void)segments_judge(s, a, a, 443, &line);
  if (service_given_load(&n, f.path, &none, &err) >= 0) (void)service_given_find(n, a, 443, &origin);
  service_given_free(n);
  n = NULL;
  if (service_given_load(&n, NULL, &lists, &err) >= 0) (void)service_given_find(n, a, 443, &origin);
  if (t) (void)inventory_tag_load(t, f.path, &err);
  places_free(p);
  segments_free(s);
  service_given_free(n);
  inventory_tag_free(t);
  fuzz_file_end(&f);
  return 0;
}
