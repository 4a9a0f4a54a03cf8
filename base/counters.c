/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the counters. */
#include "base/counters.h"

static const struct {
  const char *name, *doc;
} text[CTR_COUNT] = {
#define X(id, name, doc) {name, doc},
    COUNTERS(X)
#undef X
};

const char *ctr_name(enum counter id) { return (unsigned)id < CTR_COUNT ? text[id].name : ""; }

const char *ctr_doc(enum counter id) { return (unsigned)id < CTR_COUNT ? text[id].doc : ""; }
