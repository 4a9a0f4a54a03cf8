/* SPDX-License-Identifier: Apache-2.0 */
/* Detections that need one transaction only: what the worker calls, and what an inspection file may use. */
#ifndef ANALYTICS_INSPECT_INSPECT_H
#define ANALYTICS_INSPECT_INSPECT_H

#include "analytics/analyst_zone.h"
#include "analytics/analyzer.h"

/** Where in a request a value stands. */
enum place {
  PLACE_PATH,
  PLACE_QUERY,
  PLACE_HEADER,
  PLACE_COOKIE,
  PLACE_BODY,
  PLACE_ARG,
  PLACE_FILENAME,
  PLACES
};
const char *place_name(enum place p); /* "path", "query", "header", … */

/** Patterns compiled; const, shared by all workers. */
struct inspect_rules;
/** Compile what is built in and the user's patterns of dir/attack, where that exists; dir may be NULL. cache: a folder that
 *  keeps what was compiled, or NULL. ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names file, line, remedy. */
int inspect_rules_open(struct inspect_rules **out, const char *dir, const char *cache,
                       struct conf_error *err);
void inspect_rules_free(struct inspect_rules *r); /* takes NULL */
/** Let r hold what findings may still name of older, which no thread uses any more and is freed next. */
void inspect_rules_keep(struct inspect_rules *r, struct inspect_rules *older);

/** One per worker. Keeps conf and rules until inspect_free. NULL when out of memory. */
struct inspect;
struct inspect *inspect_new(const struct analytics_conf *conf, const struct inspect_rules *rules);
void inspect_free(struct inspect *in); /* takes NULL */
/** Tell w, which is kept, of each detection's work; NULL: no longer. */
void inspect_watch(struct inspect *in, const struct watch *w);
/** Start a transaction. Path, query string, headers and cookies are read here, from the txn: the caller need not walk them. */
void inspect_begin(struct inspect *in, const struct txn *t, struct api_event *e);
/** One more value of the request: a body's leaf (PLACE_BODY) or a protocol's argument (PLACE_ARG). Borrowed for the call. */
void inspect_value(struct inspect *in, enum place place, const struct leaf *leaf);
/** End it, both bodies still at hand and e->data, e->who, e->login filled. Signals go to e->signals, in e's arena. */
void inspect_call(struct inspect *in);

/* ---- for the files beside this one ---- */

enum {
  INSPECT_FORMS = 6,
  INSPECT_TEXT = 8192 /* bytes of a value looked at together; longer ones in overlapping parts */
};
/** The value in hand, seen through its encodings: form[0] as given, others decoded further. */
struct inspect_form {
  struct span text, low; /* the same in lower case */
  uint64_t bits;         /* 1 << enum word_group (words.h) of the words seen in it */
  uint32_t classes;      /* CLASS_* of its bytes (normalize.h) */
  uint8_t points[64];    /* sum of the words' points, by group */
  uint64_t custom;       /* the user's patterns seen, by index */
};
struct inspect_ctx {
  const struct txn *txn;
  struct api_event *event;
  const struct analytics_conf *conf;
  const struct inspect_rules *rules;
  enum place place;
  const struct leaf *leaf;
  const struct inspect_form *form; /* the one in hand: value() is called once per form */
  struct inspect_form *forms;
  unsigned nforms;
  struct {
    const struct rule *rule;
    uint8_t score;
    struct span excerpt;
  } best;               /* what the value in hand shows most clearly */
  uint64_t answer_bits; /* 1 << enum answer_group (words.h) of the words seen in the response, in call() */
  struct span answer;   /* response body, in call() */
  bool answer_ok;       /* a status below 400, or none but an answer */
  const struct zones *zones;
  uint8_t proof[64]; /* of an SQL injection: what the answer holds if it worked */
  size_t proof_len;
  bool weak_password; /* a common one in a field of that name */
  void *scratch;
};

/** Where the word of this answer group ends in cx->answer; 0 when it was not seen. */
size_t inspect_answer_at(const struct inspect_ctx *cx, unsigned group);
/** Add a signal, or strengthen the one of this rule (and detail) that the event has. Evidence is masked here. */
struct signal *inspect_signal(struct inspect_ctx *cx, const struct rule *rule, uint8_t severity,
                              uint8_t confidence, enum outcome outcome, struct span where, struct span what);

/** Whether a token of this issuer (hash of its header and server) is signed with a common secret, asked at its first token. */
struct jwt;
bool inspect_common_key(struct inspect_ctx *cx, uint64_t issuer, const struct jwt *j);

/** The signal of this rule that the event has already, or NULL. */
struct signal *inspect_find(const struct inspect_ctx *cx, const struct rule *rule);
/** Say that the value in hand is an attack; of all that is said of one value, the surest counts, the earlier row where equal.
 *  Evidence is an excerpt of the form around offset at. */
void inspect_attack(struct inspect_ctx *cx, const struct rule *rule, uint8_t confidence, size_t at);

/** Make a signal of cx->best, if any, and forget it. */
void inspect_settle(struct inspect_ctx *cx);

extern const struct inspection *const inspection_table[]; /* NULL at the end */

#endif
