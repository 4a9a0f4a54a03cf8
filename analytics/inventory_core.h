/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory in memory, as its own files share it. */
#ifndef ANALYTICS_INVENTORY_CORE_H
#define ANALYTICS_INVENTORY_CORE_H

#include "analytics/inventory_service.h"
#include "analytics/template_rule.h"

#include <time.h>

/* Before so many calls what is new is no news; before the baseline's time, before a tenth as many. */
enum { INVENTORY_EARLY = 200 };
struct inventory {
  const struct analytics_conf *conf;
  const struct zones *zones;
  struct counters *ctr;
  struct analyst_sink sink;
  struct table rows;
  struct table told; /* bare entries: each an endpoint, direction, class and consumer told of */
  struct inventory_services *services;
  struct template_rules *rules;      /* the user's; NULL: none */
  bool ruled;                        /* rules are new: names may be old */
  const struct inventory_tags *tags; /* NULL: none */
  struct inventory_store *store;     /* NULL: memory only */
  uint32_t dirty;
  time_t stored; /* wall clock: only says when rows reach the disk */
  uint64_t swept;
  int failed;
};
struct row_key {
  struct span service, name;
};
static inline uint64_t row_hash(const struct row_key *k) { return hash64(k->name, hash64(k->service, 4)); }

/** Tell the sink, and keep the event. */
void inventory_publish(struct inventory *v, struct row *r, const char *change, struct span detail,
                       uint64_t now);
/** r has changed: it is to be stored. */
void inventory_touch(struct inventory *v, struct row *r);
/** The row of that name, or NULL. */
struct row *inventory_find(struct inventory *v, struct span service, struct span name);
/** Take the user's rules for templates from the store, all of them anew: they are few. */
void inventory_rules_load(struct inventory *v);
/** Seen often or for long enough, or taken into the baseline by the user: from now on what is new is news. */
bool inventory_settled(const struct inventory *v, const struct row *r, uint64_t now);
/** Learn the schema from a call, which was no attack; what is new is added to news where it is settled. */
void inventory_learn(struct inventory *v, struct row *r, const struct api_event *e, bool settled,
                     struct schema_news *news);
/** Add a text to the news, as far as there is room. */
void inventory_news(struct schema_news *n, const char *text);

#endif
