/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory: endpoints with their life cycle, callers and data classes; and what data moves to whom. */
#ifndef ANALYTICS_INVENTORY_H
#define ANALYTICS_INVENTORY_H

#include "analytics/analyst.h"
#include "analytics/analyst_zone.h"

struct inventory;
/** state_dir NULL: memory only. Keeps zones, ctr, sink. ERR_IO, ERR_NOMEM; err names the file and the remedy. */
int inventory_new(struct inventory **out, const struct analytics_conf *conf, const struct zones *zones,
                  const char *state_dir, struct counters *ctr, struct analyst_sink sink,
                  struct conf_error *err);
void inventory_free(struct inventory *v); /* takes NULL */
/** Count one call; service and endpoint of e are set. refused: it counts for an endpoint that is known, and makes none. */
void inventory_call(struct inventory *v, const struct api_event *e, bool refused, uint64_t now);
/** A finding was raised: it counts for the risk of its endpoint. */
void inventory_finding(struct inventory *v, const struct finding *f);
struct inventory_tags; /* analytics/inventory_tag.h */
/** Tag by these rules from now on; they outlive v or the next call. */
void inventory_tags_use(struct inventory *v, const struct inventory_tags *tags);
/** The template that the user's rules give a path; an empty span where they say nothing. Lives until the next tick. */
struct span inventory_ruled(const struct inventory *v, struct span service, struct span path);
/** Whether rules of the user's came since this was asked last: names may be old. */
bool inventory_rules_new(struct inventory *v);
/** Names a path anew; the result lives in arena. */
typedef struct span (*inventory_name_fn)(void *user, struct span service, struct span method,
                                         struct span path, struct arena *arena);
/** An endpoint that has a path; words: bit i is set where words stood for the variable that is segment i. */
typedef void (*inventory_row_fn)(void *user, struct span service, struct span path, uint64_t calls,
                                 uint32_t words);
void inventory_each(struct inventory *v, inventory_row_fn fn, void *user);
/** Name every endpoint anew by a path that was seen; those that now share a name become one, told as "merged". */
void inventory_rename(struct inventory *v, inventory_name_fn name, void *user, uint64_t now);
void inventory_tick(struct inventory *v, uint64_t now);
/** Publish what changed and store it. ERR_IO. */
int inventory_finish(struct inventory *v, uint64_t now);

#endif
