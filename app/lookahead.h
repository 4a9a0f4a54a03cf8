/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the workers' results for some seconds of packet time, so that the analyst learns names, templates and calls inside
 * calls before it judges. What is learned before what depends on the events alone, not on how they were cut into epochs. */
#ifndef APP_LOOKAHEAD_H
#define APP_LOOKAHEAD_H

#include "app/pipeline.h"

enum { LOOKAHEAD_EPOCHS = 1088, LOOKAHEAD_RESULTS = 1024 };
struct lookahead;
/** Called in order: learn for each event first, later judge for each result, tick when an epoch is done, back to return
 *  the workers' results. */
struct lookahead_user {
  void *user;
  void (*learn)(void *user, struct result *r);
  void (*judge)(void *user, struct result *r);
  void (*tick)(void *user, uint64_t clock);
  void (*back)(void *user, unsigned worker, struct results *r);
  void (*lost)(void *user, size_t results); /* for want of memory */
};
struct lookahead *lookahead_new(struct lookahead_user user); /* NULL when out of memory */
void lookahead_free(struct lookahead *l);                    /* takes NULL; all must have been judged */
/** Take one epoch's results of n workers (each sorted), then judge all that is due. */
void lookahead_put(struct lookahead *l, struct results *const *set, unsigned n);

#endif
