/* SPDX-License-Identifier: Apache-2.0 */
/* Rules as const rows, and findings that name one. */
#ifndef ANALYTICS_FINDING_H
#define ANALYTICS_FINDING_H

#include "base/arena.h"
#include "dissect/txn.h"

enum category {
  CATEGORY_ATTACK,
  CATEGORY_ABUSE,
  CATEGORY_LATERAL,
  CATEGORY_LEAK,
  CATEGORY_POSTURE,
  CATEGORIES
};
const char *category_name(enum category c);
/** 0–100 as ECS event.severity: 20 low, 40 medium, 60 high, 80 critical. */
enum severity {
  SEVERITY_INFO = 10,
  SEVERITY_LOW = 20,
  SEVERITY_MEDIUM = 40,
  SEVERITY_HIGH = 60,
  SEVERITY_CRITICAL = 80
};
/** The severity that a word names: info, low, medium, high, critical. False, *out untouched, for others. */
bool severity_named(struct span word, uint8_t *out);
enum outcome { OUTCOME_NONE, OUTCOME_ATTEMPTED, OUTCOME_PROBABLE, OUTCOME_SUCCESS };

/** One detection's description: stands beside its code, const. */
struct rule {
  const char *id; /* one word: "sqli" */
  const char *name, *name_zh;
  enum category category;
  uint8_t severity;               /* of an attempt */
  const char *technique[4];       /* ATT&CK ids, "T1190" */
  const char *tactic[4];          /* ATT&CK tactic ids, "TA0001", in the order of technique */
  const char *owasp[3];           /* "API8:2023" */
  const char *reason, *reason_zh; /* one sentence */
  const char *remedy, *remedy_zh; /* what to do */
};

enum { FINDING_EVIDENCE = 8, FINDING_CALLS = 32, FINDING_IPS = 32 };
/** Already masked: no raw personal data, no secret. */
struct evidence {
  struct span where; /* "query.id", "header.user-agent", "body.data[].idNo" */
  struct span what;  /* masked excerpt, at most 160 bytes */
};

/** What one transaction shows by itself; made in the worker, in the event's arena. The analyst joins signals of one
 *  (rule, actor, target) into one finding. */
struct signal {
  const struct rule *rule;
  uint8_t severity, confidence; /* 0–100 */
  enum outcome outcome;
  struct evidence evidence[FINDING_EVIDENCE];
  uint8_t nevidence;
  bool per_endpoint;  /* one finding per endpoint, not per actor (leaks, posture) */
  struct span detail; /* part of the identity of the finding, e.g. the data class; may be empty */
  struct signal *next;
};

/** Made by the analyst, in the analyst's memory; borrowed by sinks for the call. */
struct finding {
  const struct rule *rule;
  struct span id;  /* stable: names the finding through its updates */
  uint32_t update; /* 0 first, then one more per re-publication */
  uint8_t severity, confidence;
  uint8_t severity_was; /* as last published */
  enum outcome outcome;
  uint64_t ns, first_ns, last_ns;
  uint64_t count; /* signals joined */
  uint8_t actor[FINDING_IPS][16], target[FINDING_IPS][16];
  uint16_t nactors, ntargets; /* shown; many more may be counted: */
  uint32_t actors, targets;
  uint16_t target_port;
  struct span service, endpoint, user_hash;
  struct evidence evidence[FINDING_EVIDENCE];
  uint8_t nevidence;
  struct span call[FINDING_CALLS]; /* event ids of calls */
  uint8_t ncalls;
  struct span reason, reason_zh; /* with figures; the rule's sentence where empty */
  struct span baseline;          /* what normal looked like; may be empty */
  uint32_t unseen;
  bool shadow; /* the rule runs on trial */
};

/** One tactic that an incident has reached. */
struct stage {
  const char *tactic;         /* ATT&CK id, "TA0001" */
  uint64_t first_ns, last_ns; /* of the findings that show it */
  enum outcome outcome;       /* the best of them */
};
enum { INCIDENT_STAGES = 14 };

/** Findings of one actor, target or session, in order of time. */
struct incident {
  struct span id;
  uint32_t update;
  uint8_t severity, confidence;
  uint64_t ns, first_ns, last_ns;
  uint64_t count; /* signals of all members */
  uint8_t actor[FINDING_IPS][16], target[FINDING_IPS][16];
  uint16_t nactors, ntargets;
  struct span finding[FINDING_CALLS]; /* ids of member findings */
  uint8_t nfindings;
  const struct rule *rule[FINDING_CALLS]; /* of the members, first is the gravest: names the incident */
  uint8_t nrules;
  struct stage stage[INCIDENT_STAGES]; /* in the order of ATT&CK */
  uint8_t nstages;
  struct span service, user_hash;
  bool open; /* false: closed, will not change */
};

#endif
