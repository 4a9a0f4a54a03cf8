/* SPDX-License-Identifier: Apache-2.0 */
/* A value in each place, and an answer, through all inspections. */
#include "analytics/inspect/rules.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const struct analytics_conf conf = {.inspect = true};
  static struct inspect_rules *rules;
  static struct inspect *in;
  struct conf_error err;
  if (!rules && inspect_rules_open(&rules, NULL, NULL, &err) < 0) abort();
  if (!in && !(in = inspect_new(&conf, rules))) abort();
  if (size < 2) return 0;
  struct txn t = {.kind = TXN_CALL, .status = 200};
  struct api_event e = {.txn = &t};
  arena_init(&t.arena, NULL, 0);
  for (int d = 0; d < 2; d++)
    buf_init(&t.side[d].raw, NULL, 0), buf_init(&t.side[d].decoded, NULL, 0), t.side[d].seen = true;
  uint8_t *copy = malloc(size - 1); /* ends where the sanitizer looks */
  if (!copy) return 0;
  memcpy(copy, data + 1, size - 1);
  struct span v = span_of(copy, size - 1);
  struct leaf l = {.path = SPAN_LIT("a.b"),
                   .key = data[0] & 1 ? v : SPAN_LIT("b"),
                   .value = v,
                   .raw = v,
                   .type = LEAF_STRING};
  t.method = SPAN_LIT("POST");
  t.path = data[0] & 2 ? v : SPAN_LIT("/x.php"), t.query = data[0] & 4 ? v : SPAN_LIT("a=b");
  if (data[0] & 8) txn_header(&t, &t.side[0].headers, SPAN_LIT("Cookie"), v);
  if (data[0] & 16) buf_put(&t.side[0].raw, v);
  if (data[0] & 32) buf_put(&t.side[1].raw, v);
  inspect_begin(in, &t, &e);
  inspect_value(in, PLACE_BODY, &l);
  inspect_call(in);
  for (int d = 0; d < 2; d++) buf_done(&t.side[d].raw), buf_done(&t.side[d].decoded);
  arena_done(&t.arena);
  free(copy);
  return 0;
}
