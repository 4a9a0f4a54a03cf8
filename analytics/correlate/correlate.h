/* SPDX-License-Identifier: Apache-2.0 */
/* What a correlation may use. */
#ifndef ANALYTICS_CORRELATE_CORRELATE_H
#define ANALYTICS_CORRELATE_CORRELATE_H

#include "analytics/analyst_core.h"
#include "analytics/image_list.h"
#include "analytics/places.h"
#include "analytics/segments.h"
#include "base/hash.h"
#include "base/table.h"

/** What an endpoint's name says; worked out once an endpoint. */
enum trait {
  TRAIT_WRITE = 1 << 0,  /* POST, PUT, PATCH, DELETE */
  TRAIT_ADMIN = 1 << 1,  /* administration */
  TRAIT_MONEY = 1 << 2,  /* moves money */
  TRAIT_COUPON = 1 << 3, /* gives something away: coupons, points, draws */
  TRAIT_COMMIT = 1 << 4, /* the last of several steps: confirm, submit, pay */
  TRAIT_PROBE = 1 << 5,  /* health, metrics */
  TRAIT_ASK = 1 << 6     /* search, query, export: reads, whatever its method */
};
struct traits;

struct correlate_ctx {
  const struct analytics_conf *conf;
  const struct ruleset *rules;
  const struct zones *zones;
  const struct service_names *names;
  const struct hops *hops;
  struct counters *ctr;
  struct arena *scratch; /* dies with the event */
  uint64_t now, first;   /* packet time; of the first event seen */
  struct finding_book *findings;
  const struct specs *specs; /* of APIs; NULL: none */
  const struct analyst_sink *sink;
  const struct places *places;         /* NULL: none given */
  const struct segments *segments;     /* NULL: none given */
  const struct traits *known;          /* of endpoints, relays and losses */
  const struct image_list *image_list; /* NULL: none given */
  /* Of the event at hand; 0 for flows and ticks. */
  uint64_t endpoint; /* service, endpoint and operation inside it */
  uint64_t session;  /* the credential; 0 where there is none */
  uint64_t who;      /* session, else origin */
  uint64_t origin;   /* outer address */
  uint32_t traits;   /* enum trait */
  bool outside;      /* origin is not of the estate */
  bool lossy;        /* of late, calls came with parts missing: what was not seen may have happened */
  bool stray;        /* passed on by a gateway for someone who was not seen */
};

/** Fill what cx says of the event at hand. */
void correlate_facts(struct correlate_ctx *cx, struct traits *t, const struct api_event *e);
struct traits *traits_new(void); /* NULL when out of memory */
void traits_free(struct traits *t);
/** Calls from origin (correlate_addr) of which a part was not seen in the last half hour, where the tap loses frames; else 0.
 *  Each may hide a step, a success, a question that would explain what looks strange. */
uint32_t correlate_damage(const struct correlate_ctx *cx, uint64_t origin);

/** The one correlation that is given flows of protocols without ports, and no others. */
extern const struct correlation correlate_echoes;

/** Raise: rule, actor and target as given; the rest by default. */
void correlate_raise(struct correlate_ctx *cx, const struct raise *r);
/** Fill actor, target, port, service, endpoint, user, call and unseen from e. */
struct raise correlate_of(const struct rule *rule, const struct api_event *e);
/** The same from a flow: a probable outcome, one finding a pair of hosts. */
struct raise correlate_of_flow(const struct correlate_ctx *cx, const struct rule *rule,
                               const struct flow_record *f);
/** Formatted text that lives as long as the event. */
struct span correlate_text(struct correlate_ctx *cx, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/** Hash of a token or other span; 0 for an empty one. */
static inline uint64_t correlate_key(struct span s) { return s.len ? hash64(s, 21) | 1 : 0; }
/** The credential is of a kind that programs carry, not people. */
static inline bool correlate_is_program(const struct api_event *e) {
  enum auth_kind a = e->who.auth;
  return a == AUTH_API_KEY || a == AUTH_BASIC || a == AUTH_SIGNATURE || a == AUTH_MTLS;
}
static inline uint64_t correlate_addr(const uint8_t a[16]) { return hash64(span_of(a, 16), 22) | 1; }

/** A capped table whose oldest entry gives way; entries begin with struct table_entry and hold their key after it. */
struct store {
  struct table table;
  size_t size;
  void (*done)(void *entry); /* may be NULL */
};
/** An empty store of at most cap entries of `size` bytes; done: ends one that goes. 0 or ERR_NOMEM. */
int store_init(struct store *s, size_t size, size_t cap, void (*done)(void *entry));
void store_done(struct store *s);
/** Entries are found by a 64-bit key that their user made; NULL when there is none. */
void *store_find(const struct store *s, uint64_t key);
/** The entry, made (zeroed) where there is none; touched. NULL when out of memory. */
void *store_get(struct store *s, struct correlate_ctx *cx, uint64_t key);
/** Have the place of a key sent for: one key in thousands is seldom near. */
static inline void store_ahead(const struct store *s, uint64_t key) { table_ahead(&s->table, key); }

/** A small set of distinct 64-bit values, exact up to its size, counting on beyond. */
struct few {
  uint64_t *item;
  uint32_t count, size, cap;
  uint32_t more; /* additions refused, at the cap or for want of memory */
};
/** True when v was not in it. */
bool few_add(struct few *f, const struct correlate_ctx *cx, uint64_t v, uint32_t cap);
bool few_has(const struct few *f, uint64_t v);
void few_done(struct few *f);

/** Addresses taking part in something, in order of appearance. */
struct addr_set {
  uint8_t (*item)[16];
  uint32_t count, size;
};
/** True when it was not in it, kept or not. */
bool addr_add(struct addr_set *s, const struct correlate_ctx *cx, const uint8_t a[16], uint32_t cap);
void addr_done(struct addr_set *s);

#endif
