/* SPDX-License-Identifier: Apache-2.0 */
/* Cloud APIs that name the operation in a header (AWS JSON protocols, Tencent Cloud, Alibaba Cloud) or in Action and Version of query or
 * form (AWS query protocol, Alibaba Cloud RPC). */
#include "dissect/model/dialect.h"

static struct span pair(struct span pairs, const char *name) {
  while (pairs.len) {
    struct span value = span_cut(&pairs, '&'), key = span_cut(&value, '=');
    if (span_eq(key, span_str(name))) return value;
  }
  return (struct span){0};
}

static struct span from_headers(const struct headers *h) {
  static const char *const names[] = {"x-amz-target", "x-tc-action", "x-acs-action"};
  for (uint32_t i = 0; i < h->count; i++) {
    const struct header *x = &h->item[i];
    if (!x->value_known || x->name.len < 11 || x->name.len > 12 || (x->name.base[0] | 32) != 'x') continue;
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
      if (span_eq_nocase(x->name, span_str(names[k]))) return x->value;
  }
  return (struct span){0};
}

static struct span from_pairs(struct span pairs) {
  struct span name = pair(pairs, "Action");
  return name.len && pair(pairs, "Version").len ? name : (struct span){0};
}

bool action_apply(struct dialect *d) {
  struct txn *t = d->t;
  struct span name = from_headers(&t->side[DIR_REQUEST].headers), body;
  if (!name.len && t->query.len) name = from_pairs(t->query);
  if (!name.len && span_eq(t->side[DIR_REQUEST].mime, SPAN_LIT("application/x-www-form-urlencoded"))) {
    body = side_body(&t->side[DIR_REQUEST]);
    if (span_find(span_head(body, 4096), SPAN_LIT("Action=")) < 4096) name = from_pairs(body);
  }
  if (!name.len) return false;
  d->name = "action";
  dialect_operation(d, name);
  return d->count > 0;
}
