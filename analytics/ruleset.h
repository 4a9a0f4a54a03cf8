/* SPDX-License-Identifier: Apache-2.0 */
/* What ruleset_load made, for the parts of analytics. */
#ifndef ANALYTICS_RULESET_H
#define ANALYTICS_RULESET_H

#include "analytics/analyzer.h"
#include "dissect/body/descriptor.h"

struct classes;       /* analytics/data/classes.h */
struct policies;      /* analytics/policy.h */
struct inspect_rules; /* analytics/inspect/inspect.h */

struct ruleset {
  uint8_t key[32]; /* of every token */
  struct classes *classes;
  struct policies *policies;      /* NULL: none */
  struct inspect_rules *inspect;  /* NULL until the inspections are there */
  struct exceptions *exceptions;  /* NULL where no file has any */
  struct descriptors descriptors; /* of Protocol Buffers, as the user gave them */
  struct inventory_tags *tags;
  struct specs *specs;         /* NULL: none */
  struct service_given *given; /* names of addresses; NULL: none */
};

/** The key of tokens: from conf->key_file, or fixed. */
static inline const uint8_t *ruleset_key(const struct ruleset *r) { return r->key; }

#endif
