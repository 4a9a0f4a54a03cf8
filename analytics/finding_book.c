/* SPDX-License-Identifier: Apache-2.0 */
/* Joins signals into findings. An attack is published once it has settled for a few seconds of packet time, so that what
 * turns out to be a scan is told as one; a success at once. */
#include "analytics/data/veil.h"
#include "analytics/finding_book.h"
#include "analytics/exceptions.h"
#include "analytics/plural.h"
#include "analytics/room.h"
#include "base/hash.h"
#include "base/table.h"

enum { WHERE = 64, WHAT = 160, REASON = 320, NAME = 192, ID_HEX = 32 };
#define SETTLE_NS 10000000000ULL

struct entry {
  struct table_entry te;
  uint64_t key, rule_key;
  struct finding f;
  bool published, changed, settle, per_endpoint, outer;
  uint64_t publish_at, next_count, touched, linger;
  struct entry *pending_next;
  char id[ID_HEX], call[FINDING_CALLS][32];
  char where[FINDING_EVIDENCE][WHERE], what[FINDING_EVIDENCE][WHAT];
  char service[NAME], endpoint[NAME], user[TOKEN_HEX * 2], reason[REASON], reason_zh[REASON],
      baseline[REASON];
};
struct finding_book {
  struct table table;
  uint64_t window_ns;
  struct counters *ctr;
  finding_fn publish;
  void *user;
  const struct exceptions *exceptions;
  struct entry *pending, **pending_end; /* unpublished, in order of settling */
};
struct entry_key {
  uint64_t rule_key, key;
};

static bool entry_eq(const struct table_entry *te, const void *key) {
  const struct entry *e = (const struct entry *)te;
  const struct entry_key *k = key;
  return e->key == k->key && e->rule_key == k->rule_key;
}

struct finding_book *finding_book_new(size_t cap, uint64_t window_ns, struct counters *ctr,
                                      finding_fn publish, void *user) {
  struct finding_book *b = mem_zalloc(sizeof *b);
  if (!b) return NULL;
  *b = (struct finding_book){.window_ns = window_ns, .ctr = ctr, .publish = publish, .user = user};
  b->pending_end = &b->pending;
  if (table_init(&b->table, entry_eq, cap, NULL) < 0) {
    mem_free(b);
    return NULL;
  }
  return b;
}

void finding_book_free(struct finding_book *b) {
  if (!b) return;
  table_drop(&b->table, NULL);
  mem_free(b);
}

static struct span keep(char *to, size_t size, struct span s) {
  if (s.len > size) s.len = size;
  while (s.len && s.len == size && (s.base[s.len - 1] & 0xc0) == 0x80) s.len--;
  if (s.len) memcpy(to, s.base, s.len);
  return span_of(to, s.len);
}

static void publish(struct finding_book *b, struct entry *e, uint64_t now) {
  e->f.ns = now;
  if (e->published)
    e->f.update++;
  else
    ctr_inc(b->ctr, CTR_ANALYTICS_FINDINGS);
  e->published = true;
  e->changed = false;
  b->publish(b->user, &e->f);
  e->f.severity_was = e->f.severity;
}

static void unlink_pending(struct finding_book *b, struct entry *e) {
  for (struct entry **at = &b->pending; *at; at = &(*at)->pending_next) {
    if (*at != e) continue;
    *at = e->pending_next;
    if (!*at) b->pending_end = at;
    e->pending_next = NULL;
    return;
  }
}

static void drop(struct finding_book *b, struct entry *e) {
  unlink_pending(b, e);
  table_remove(&b->table, &e->te);
  mem_free(e);
}

static void close_entry(struct finding_book *b, struct entry *e, uint64_t now) {
  if (!e->published || e->changed) publish(b, e, now);
  drop(b, e);
}

static uint64_t rule_key(const struct rule *r) { return hash64(span_str(r->id), 11); }
static uint64_t actor_key(const uint8_t actor[16]) { return hash64(span_of(actor, 16), 12) | 1; }

static struct entry *find(const struct finding_book *b, uint64_t rule, uint64_t key) {
  struct entry_key k = {rule, key};
  return (struct entry *)table_find(&b->table, hash_mix(rule, key), &k);
}

bool finding_book_has(const struct finding_book *b, const char *rule_id, const uint8_t actor[16]) {
  return find(b, hash64(span_str(rule_id), 11), actor_key(actor)) != NULL;
}

static struct entry *add(struct finding_book *b, const struct raise *r, uint64_t rule, uint64_t key,
                         uint64_t now) {
  uint8_t id[16];
  if (b->table.cap && b->table.count >= b->table.cap) {
    ctr_inc(b->ctr, CTR_ANALYTICS_STATE_CAP);
    close_entry(b, (struct entry *)b->table.oldest, now);
  }
  struct entry *e = room_add(&b->table, sizeof *e, hash_mix(rule, key), b->ctr);
  if (!e) return NULL;
  e->key = key;
  e->rule_key = rule;
  e->per_endpoint = r->per_endpoint;
  e->f.rule = r->rule;
  e->f.first_ns = r->first_ns ? r->first_ns : r->ns ? r->ns : now;
  uint64_t parts[3] = {rule, key, e->f.first_ns};
  struct hash128 h = hash128(span_of(parts, sizeof parts));
  memcpy(id, &h, sizeof id);
  hash_hex(id, sizeof id, e->id);
  e->f.id = span_of(e->id, sizeof e->id);
  e->settle = r->rule->category == CATEGORY_ATTACK;
  e->publish_at = now + (e->settle ? SETTLE_NS : 0);
  *b->pending_end = e;
  b->pending_end = &e->pending_next;
  return e;
}

static bool add_ip(uint8_t (*list)[16], uint16_t *n, uint32_t *all, const uint8_t ip[16]) {
  for (unsigned i = 0; i < *n; i++)
    if (memcmp(list[i], ip, 16) == 0) return false;
  ++*all;
  if (*n == FINDING_IPS) return false;
  memcpy(list[(*n)++], ip, 16);
  return true;
}

static void add_evidence(struct entry *e, const struct evidence *v) {
  struct finding *f = &e->f;
  for (unsigned i = 0; i < f->nevidence; i++)
    if (span_eq(f->evidence[i].where, span_head(v->where, WHERE)) &&
        span_eq(f->evidence[i].what, span_head(v->what, WHAT)))
      return;
  if (f->nevidence == FINDING_EVIDENCE) return;
  unsigned i = f->nevidence++;
  f->evidence[i].where = keep(e->where[i], WHERE, v->where);
  f->evidence[i].what = keep(e->what[i], WHAT, v->what);
  veil_stars((uint8_t *)e->what[i], f->evidence[i].what.len, VEIL_SHAPES | VEIL_SECRETS);
}

static void add_call(struct entry *e, struct span id) {
  struct finding *f = &e->f;
  if (!id.len || f->ncalls == FINDING_CALLS) return;
  if (f->ncalls && span_eq(f->call[f->ncalls - 1], id)) return;
  f->call[f->ncalls] = keep(e->call[f->ncalls], sizeof e->call[0], id);
  f->ncalls++;
}

/* The hop that the actor touched tells where the attack was aimed. */
static void put_first(struct entry *e, const struct raise *r) {
  struct finding *f = &e->f;
  uint8_t at[16];
  unsigned i = 0;
  if (!r->outer || e->outer || !r->ntargets) return;
  e->outer = true;
  f->service = f->endpoint = (struct span){0};
  f->target_port = 0;
  while (i < f->ntargets && memcmp(f->target[i], r->target[0], 16) != 0) i++;
  if (i == 0 || i == f->ntargets) return;
  memcpy(at, f->target[i], 16);
  memmove(f->target[1], f->target[0], i * sizeof at);
  memcpy(f->target[0], at, sizeof at);
}

static struct span sentence(char *to, struct span s) {
  s = keep(to, REASON, s);
  return span_of(to, plural_mend(to, s.len));
}

static void set_texts(struct entry *e, const struct raise *r) {
  struct finding *f = &e->f;
  if (!f->service.len) f->service = keep(e->service, NAME, r->service);
  if (!f->endpoint.len) f->endpoint = keep(e->endpoint, NAME, r->endpoint);
  if (!f->user_hash.len) f->user_hash = keep(e->user, sizeof e->user, r->user);
  if (!f->target_port) f->target_port = r->port;
  if (r->reason.len) f->reason = sentence(e->reason, r->reason);
  if (r->reason_zh.len) f->reason_zh = keep(e->reason_zh, REASON, r->reason_zh);
  if (r->baseline.len) f->baseline = sentence(e->baseline, r->baseline);
}

/* True when it got graver. */
static bool merge(struct entry *e, const struct raise *r, uint64_t now) {
  struct finding *f = &e->f;
  uint8_t severity = r->severity ? r->severity : r->rule->severity,
          confidence = r->confidence ? r->confidence : 60;
  bool graver = severity > f->severity || r->outcome > f->outcome;
  if (severity > f->severity) f->severity = severity;
  if (confidence > f->confidence) f->confidence = confidence;
  if (r->outcome > f->outcome) f->outcome = r->outcome;
  if (r->first_ns && r->first_ns < f->first_ns) f->first_ns = r->first_ns;
  uint64_t ns = r->ns ? r->ns : now;
  if (ns > f->last_ns) f->last_ns = ns;
  if (ns < f->first_ns) f->first_ns = ns;
  e->touched = now;
  if (r->linger_ns) e->linger = now + r->linger_ns;
  f->count += r->count ? r->count : 1;
  f->unseen |= r->unseen;
  for (uint32_t i = 0; i < r->nactors; i++) add_ip(f->actor, &f->nactors, &f->actors, r->actor[i]);
  for (uint32_t i = 0; i < r->ntargets; i++)
    graver |= add_ip(f->target, &f->ntargets, &f->targets, r->target[i]);
  for (uint32_t i = 0; i < r->nevidence; i++) add_evidence(e, &r->evidence[i]);
  add_call(e, r->call);
  put_first(e, r);
  set_texts(e, r);
  e->changed = true;
  return graver && !e->per_endpoint;
}

static bool is_scan(const struct rule *r) { return strcmp(r->id, "scanner") == 0; }

/* Tries that came to nothing are part of the scan that they belong to. */
static struct entry *scan_of(struct finding_book *b, const struct raise *r) {
  if (r->rule->category != CATEGORY_ATTACK || r->outcome > OUTCOME_ATTEMPTED || r->per_endpoint ||
      !r->nactors)
    return NULL;
  return is_scan(r->rule) ? NULL : find(b, hash64(span_of("scanner", 7), 11), actor_key(r->actor[0]));
}

/* What the scan did before it was known as one, not yet published. */
static void take_over(struct finding_book *b, struct entry *scan, const uint8_t actor[16]) {
  for (struct entry *e = b->pending, *next; e; e = next) {
    next = e->pending_next;
    if (e == scan || e->f.rule->category != CATEGORY_ATTACK || e->f.outcome > OUTCOME_ATTEMPTED ||
        e->per_endpoint)
      continue;
    if (!e->f.nactors || memcmp(e->f.actor[0], actor, 16) != 0) continue;
    for (unsigned i = 0; i < e->f.nevidence; i++) add_evidence(scan, &e->f.evidence[i]);
    if (e->f.first_ns < scan->f.first_ns) scan->f.first_ns = e->f.first_ns;
    drop(b, e);
  }
}

void finding_book_exceptions(struct finding_book *b, const struct exceptions *x) { b->exceptions = x; }

/* What the user excepted: false where nothing is left to say. What runs on trial makes findings of its own. */
static bool excepted(struct finding_book *b, struct raise *r, uint64_t now, bool *shadow) {
  uint8_t severity = 0;
  switch (exceptions_judge(b->exceptions, r, r->ns ? r->ns : now, &severity)) {
  case EXCEPTION_SUPPRESS: ctr_inc(b->ctr, CTR_ANALYTICS_EXCEPTED); return false;
  case EXCEPTION_SHADOW: ctr_inc(b->ctr, CTR_ANALYTICS_SHADOWED); return *shadow = true;
  case EXCEPTION_SEVERITY:
    ctr_inc(b->ctr, CTR_ANALYTICS_REGRADED);
    r->severity = severity;
    return true;
  case EXCEPTION_NONE: break;
  }
  return true;
}

void finding_book_raise(struct finding_book *b, const struct raise *raised, uint64_t now) {
  struct raise copy = *raised, *r = &copy;
  bool shadow = false;
  if (b->exceptions && !excepted(b, r, now, &shadow)) return;
  uint64_t rule = rule_key(r->rule) + shadow, key = r->key ? r->key : r->nactors ? actor_key(r->actor[0]) : 1;
  struct entry *scan = shadow ? NULL : scan_of(b, r);
  if (scan && !find(b, rule, key)) {
    for (uint32_t i = 0; i < r->nevidence; i++) add_evidence(scan, &r->evidence[i]);
    scan->touched = now;
    scan->changed = true;
    table_touch(&b->table, &scan->te);
    return;
  }
  struct entry *e = find(b, rule, key);
  if (!e && !(e = add(b, r, rule, key, now))) return;
  e->f.shadow = shadow;
  table_touch(&b->table, &e->te);
  bool graver = merge(e, r, now);
  if (is_scan(r->rule) && r->nactors && !shadow) take_over(b, e, r->actor[0]);
  if (!e->published) {
    if (e->publish_at > now && r->outcome < OUTCOME_SUCCESS) return;
    unlink_pending(b, e);
    publish(b, e, now);
    e->next_count = e->f.count * 10;
  } else if (graver || (e->f.count >= e->next_count && !e->per_endpoint)) {
    publish(b, e, now);
    if (e->f.count >= e->next_count) e->next_count = e->f.count * 10;
  }
}

void finding_book_tick(struct finding_book *b, uint64_t now) {
  while (b->pending && b->pending->publish_at <= now) {
    struct entry *e = b->pending;
    unlink_pending(b, e);
    publish(b, e, now);
    e->next_count = e->f.count * 10;
  }
  for (struct entry *e = (struct entry *)b->table.oldest; e && e->touched + b->window_ns < now;) {
    struct entry *next = (struct entry *)e->te.newer;
    if (!e->per_endpoint && e->linger < now) close_entry(b, e, now);
    e = next;
  }
}

void finding_book_finish(struct finding_book *b, uint64_t now) {
  while (b->table.oldest) close_entry(b, (struct entry *)b->table.oldest, now);
}
