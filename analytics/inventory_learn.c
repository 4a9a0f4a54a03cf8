/* SPDX-License-Identifier: Apache-2.0 */
/* What calls teach of an endpoint: its schema, and when what is new is news. */
#include "analytics/inventory_core.h"

enum { SETTLED_CALLS = 20, CLASS_CALLS = 64 };

bool inventory_settled(const struct inventory *v, const struct row *r, uint64_t now) {
  if (r->accepted || r->calls >= INVENTORY_EARLY) return true;
  return r->calls >= SETTLED_CALLS && now - r->first_ns >= v->conf->baseline_ns;
}

void inventory_news(struct schema_news *n, const char *text) {
  size_t len = strlen(text);
  if (n->len + len + 2 > sizeof n->text) return;
  if (n->len) n->text[n->len++] = ';', n->text[n->len++] = ' ';
  memcpy(n->text + n->len, text, len);
  n->len += len;
}

void inventory_learn(struct inventory *v, struct row *r, const struct api_event *e, bool settled,
                     struct schema_news *news) {
  if (!r->schema && !(r->schema = schema_book_new())) {
    ctr_inc(v->ctr, CTR_ANALYTICS_MEMORY);
    return;
  }
  if (event_is_attack(e)) {
    if (e->txn->status >= 100 && e->txn->status < 1000)
      schema_book_status(r->schema, (uint16_t)e->txn->status, 1);
    return;
  }
  const struct txn *t = e->txn;
  bool full = r->schema->full, good = t->status < 400;
  uint32_t missed = r->schema->missed + r->schema->arena.missed;
  if (!schema_book_learn(r->schema, e, row_name(r), settled, news) && !full)
    ctr_inc(v->ctr, CTR_ANALYTICS_STATE_CAP);
  ctr_add(v->ctr, CTR_ANALYTICS_MEMORY, r->schema->missed + r->schema->arena.missed - missed);
  if (r->calls > CLASS_CALLS && r->calls % CLASS_CALLS) return;
  for (int d = 0; d < 2; d++)
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      const struct data_hit *h = &e->data[d].item[i];
      struct schema_field *f = schema_book_hit(r->schema, (enum dir)d, good, h->path);
      if (f) schema_book_class(r->schema, f, span_str(h->class_id), h->sample);
    }
}
