/* SPDX-License-Identifier: Apache-2.0 */
/* The book of findings: signals of one rule and actor (or endpoint) become one finding that grows and is published anew. */
#ifndef ANALYTICS_FINDING_BOOK_H
#define ANALYTICS_FINDING_BOOK_H

#include "analytics/event.h"
#include "base/counters.h"

/** What a detection says; all borrowed for the call. */
struct raise {
  const struct rule *rule;
  uint64_t key;                 /* identity beside the rule; 0: of the first actor */
  uint8_t severity, confidence; /* 0: the rule's; 60 */
  enum outcome outcome;
  uint64_t count; /* signals joined by this raise; 0 counts as 1 */
  const uint8_t (*actor)[16];
  uint32_t nactors;
  const uint8_t (*target)[16];
  uint32_t ntargets;
  uint16_t port;
  struct span service, endpoint, user;
  const struct evidence *evidence;
  uint32_t nevidence;
  struct span reason, reason_zh, baseline;
  struct span call;   /* id of the call it rests on */
  uint64_t ns;        /* when it was seen; 0: now */
  uint64_t first_ns;  /* when what it tells of began; 0: ns */
  uint64_t linger_ns; /* stays open for so long beyond the window: evidence of it comes late */
  uint32_t unseen;
  bool outer;        /* the call came from the actor's own hand: its target stands first */
  bool per_endpoint; /* a fact about an endpoint: never closes, is nobody's attack */
};

struct finding_book;
typedef void (*finding_fn)(void *user, const struct finding *f);
/** publish is called with what is borrowed for the call. window_ns: quiet time that closes a finding. NULL: no memory. */
struct finding_book *finding_book_new(size_t cap, uint64_t window_ns, struct counters *ctr,
                                      finding_fn publish, void *user);
void finding_book_free(struct finding_book *b); /* takes NULL */
/** Judge what is raised from now on by these; NULL for none. Keeps x until the next call or the end. */
struct exceptions;
void finding_book_exceptions(struct finding_book *b, const struct exceptions *x);
void finding_book_raise(struct finding_book *b, const struct raise *r, uint64_t now);
/** Publish what has settled, close what went quiet. */
void finding_book_tick(struct finding_book *b, uint64_t now);
/** Publish and close everything. */
void finding_book_finish(struct finding_book *b, uint64_t now);
/** Whether actor has an open finding of the rule with this id. */
bool finding_book_has(const struct finding_book *b, const char *rule_id, const uint8_t actor[16]);

#endif
