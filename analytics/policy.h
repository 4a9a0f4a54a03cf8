/* SPDX-License-Identifier: Apache-2.0 */
/* Policies of the user's: who may send which data to whom. Const after loading; part of the rules. */
#ifndef ANALYTICS_POLICY_H
#define ANALYTICS_POLICY_H

#include "analytics/analyst_zone.h"

enum { POLICY_WORDS = 64, POLICIES_MAX = 1024, POLICY_PLACES = 256 };

/** A named set of networks: a partner, a country, a branch. */
struct policy_place {
  struct span name;
  struct cidr_list net;
};
/** One end: zones by bit, and places. Neither: anybody. */
struct policy_end {
  uint8_t zones; /* 1 << enum zone */
  const struct policy_place *place[POLICY_WORDS];
  uint16_t places;
};
struct policy {
  struct span name;
  struct span classes[POLICY_WORDS], services[POLICY_WORDS], endpoints[POLICY_WORDS]; /* globs; none: any */
  uint16_t nclasses, nservices, nendpoints;
  struct grade grade; /* at least; zeroes: any */
  struct policy_end from, to;
  uint8_t dirs;                    /* 1 << enum dir; 0: both */
  int8_t plaintext, authenticated; /* -1: either */
  uint32_t subjects;               /* at least, in one call */
  bool deny;
  uint8_t severity;
};
/** A hit that travels. */
struct policy_case {
  struct span service, endpoint;
  const struct data_hit *hit;
  enum dir dir;
  const uint8_t *from, *to; /* addresses, 16 bytes */
  enum zone from_zone, to_zone;
  bool plaintext, authenticated;
};

struct classes;
struct policies;
/** Read path; docs/POLICIES.md has the form. ERR_IO, ERR_SYNTAX (err names file, line, what was expected), ERR_NOMEM. */
int policy_load(struct policies **out, const char *path, const struct classes *classes,
                struct conf_error *err);
void policy_free(struct policies *p); /* takes NULL */
uint32_t policy_count(const struct policies *p);
/** The first policy that speaks of the case, or NULL. */
const struct policy *policy_judge(const struct policies *p, const struct policy_case *c);

#endif
