/* SPDX-License-Identifier: Apache-2.0 */
/* Incidents. Findings join when one actor meets the same rule again, or the same service of the same host. */
#include "analytics/incident_book.h"
#include "analytics/tactic.h"
#include "base/hash.h"
#include "base/mem.h"

enum { NAME = 192, ID_HEX = 32, USER = 32, SLOTS = 4096, STAGE_FAR = 9 /* lateral movement and later */ };

struct member {
  char id[ID_HEX];
  const struct rule *rule;
  uint64_t count, first_ns, last_ns;
  uint16_t port;
  uint8_t severity;
  enum outcome outcome;
};
/* By the id of a member or by an actor's address. */
struct link {
  struct link *next;
  uint64_t key;
  struct entry *e;
};
struct entry {
  struct entry *prev, *next; /* newest first */
  uint64_t used;             /* rises with each push */
  struct link by_id[FINDING_CALLS], by_actor[FINDING_IPS];
  unsigned nids, nactors; /* links in use */
  struct incident i;
  struct member member[FINDING_CALLS];
  char id[ID_HEX], service[NAME], user[USER];
};
struct incident_book {
  struct entry *newest, *oldest;
  size_t count, cap;
  uint64_t window_ns, used;
  struct link *slot[SLOTS];
  struct counters *ctr;
  incident_fn publish;
  void *user;
};

struct incident_book *incident_book_new(size_t cap, uint64_t window_ns, struct counters *ctr,
                                        incident_fn publish, void *user) {
  struct incident_book *b = mem_zalloc(sizeof *b);
  if (b)
    *b = (struct incident_book){
        .cap = cap, .window_ns = window_ns, .ctr = ctr, .publish = publish, .user = user};
  return b;
}

static void unlink_entry(struct incident_book *b, struct entry *e) {
  *(e->prev ? &e->prev->next : &b->newest) = e->next;
  *(e->next ? &e->next->prev : &b->oldest) = e->prev;
  b->count--;
}

static void push(struct incident_book *b, struct entry *e) {
  e->prev = NULL;
  e->next = b->newest;
  *(b->newest ? &b->newest->prev : &b->oldest) = e;
  b->newest = e;
  b->count++;
  e->used = ++b->used;
}

static uint64_t id_key(struct span id) { return hash64(id, 31); }
static uint64_t actor_key(const uint8_t ip[16]) { return hash64(span_of(ip, 16), 32); }

static void link_in(struct incident_book *b, struct link *l, struct entry *e, uint64_t key) {
  *l = (struct link){b->slot[key % SLOTS], key, e};
  b->slot[key % SLOTS] = l;
}

static void link_out(struct incident_book *b, struct link *l) {
  struct link **at = &b->slot[l->key % SLOTS];
  while (*at && *at != l) at = &(*at)->next;
  if (*at) *at = l->next;
}

/* Make what join added findable. */
static void index_entry(struct incident_book *b, struct entry *e) {
  for (; e->nids < e->i.nfindings; e->nids++)
    link_in(b, &e->by_id[e->nids], e, id_key(e->i.finding[e->nids]));
  for (; e->nactors < e->i.nactors; e->nactors++)
    link_in(b, &e->by_actor[e->nactors], e, actor_key(e->i.actor[e->nactors]));
}

static void forget(struct incident_book *b, struct entry *e) {
  while (e->nids) link_out(b, &e->by_id[--e->nids]);
  while (e->nactors) link_out(b, &e->by_actor[--e->nactors]);
  unlink_entry(b, e);
  mem_free(e);
}

void incident_book_free(struct incident_book *b) {
  if (!b) return;
  while (b->newest) {
    struct entry *e = b->newest;
    unlink_entry(b, e);
    mem_free(e);
  }
  mem_free(b);
}

static void close_entry(struct incident_book *b, struct entry *e, uint64_t now) {
  e->i.open = false;
  e->i.update++;
  e->i.ns = now;
  b->publish(b->user, &e->i);
  forget(b, e);
}

static bool share(const uint8_t (*a)[16], unsigned n, const uint8_t (*x)[16], unsigned m) {
  for (unsigned i = 0; i < n; i++)
    for (unsigned j = 0; j < m; j++)
      if (memcmp(a[i], x[j], 16) == 0) return true;
  return false;
}

static bool belongs(const struct entry *e, const struct finding *f) {
  const struct incident *i = &e->i;
  if (!share(i->actor, i->nactors, f->actor, f->nactors)) return false;
  for (unsigned m = 0; m < i->nfindings; m++)
    if (strcmp(e->member[m].rule->id, f->rule->id) == 0) return true;
  if (!share(i->target, i->ntargets, f->target, f->ntargets)) return false;
  if (f->rule->category <= CATEGORY_ABUSE && e->member[0].rule->category <= CATEGORY_ABUSE) return true;
  for (unsigned m = 0; m < i->nfindings; m++)
    if (f->target_port && e->member[m].port == f->target_port) return true;
  return false;
}

static struct member *member_of(struct entry *e, const struct finding *f) {
  for (unsigned m = 0; m < e->i.nfindings; m++)
    if (span_eq(span_of(e->member[m].id, ID_HEX), f->id)) return &e->member[m];
  return NULL;
}

static void merge_ips(uint8_t (*to)[16], uint16_t *n, const uint8_t (*from)[16], unsigned m) {
  for (unsigned j = 0; j < m && *n < FINDING_IPS; j++)
    if (!share((const uint8_t(*)[16])to, *n, &from[j], 1)) memcpy(to[(*n)++], from[j], 16);
}

/* The gravest first; the first seen among equals. Attack and abuse before what only shows that something leaks; a scan before
 * the single tries that it is made of; a new edge only where nothing else tells what went over it. */
static unsigned weight(const struct member *m) {
  unsigned w = m->severity + (m->rule->category <= CATEGORY_LATERAL ? 100u : 0u);
  if (strcmp(m->rule->id, "scanner") == 0) return w + 45;
  if (strcmp(m->rule->id, "new_edge") == 0) return w - 90;
  if (strcmp(m->rule->id, "lateral_chain") == 0) return w - 120; /* tells why, not what */
  return w + (m->outcome > OUTCOME_ATTEMPTED ? 60u : 0u);
}

static void set_rules(struct entry *e) {
  struct incident *i = &e->i;
  i->nrules = 0;
  i->count = 0;
  for (unsigned m = 0; m < i->nfindings; m++) {
    unsigned at = 0;
    i->count += e->member[m].count;
    while (at < i->nrules && i->rule[at] != e->member[m].rule) at++;
    if (at == i->nrules) i->rule[i->nrules++] = e->member[m].rule;
  }
  unsigned best = 0, most = 0;
  for (unsigned m = 0; m < i->nfindings; m++)
    if (weight(&e->member[m]) > most) most = weight(&e->member[m]), best = m;
  for (unsigned r = 0; r < i->nrules; r++) {
    if (i->rule[r] != e->member[best].rule) continue;
    for (; r > 0; r--) i->rule[r] = i->rule[r - 1];
    i->rule[0] = e->member[best].rule;
    break;
  }
}

/* The main tactic of each member; an incident that has come far is graver than any of its parts. */
static void set_stages(struct entry *e) {
  struct incident *i = &e->i;
  struct stage by_order[INCIDENT_STAGES] = {0};
  bool far = false;
  for (unsigned m = 0; m < i->nfindings; m++) {
    const struct member *x = &e->member[m];
    unsigned at = tactic_order(x->rule->tactic[0]);
    if (x->severity > i->severity) i->severity = x->severity;
    if (at == INCIDENT_STAGES || x->rule->category == CATEGORY_LEAK) continue;
    struct stage *s = &by_order[at];
    if (!s->tactic || x->first_ns < s->first_ns) s->first_ns = x->first_ns;
    if (x->last_ns > s->last_ns) s->last_ns = x->last_ns;
    if (x->outcome > s->outcome) s->outcome = x->outcome;
    s->tactic = x->rule->tactic[0];
    far |= at >= STAGE_FAR && x->outcome >= OUTCOME_PROBABLE;
  }
  i->nstages = 0;
  for (unsigned k = 0; k < INCIDENT_STAGES; k++)
    if (by_order[k].tactic) i->stage[i->nstages++] = by_order[k];
  uint8_t least = i->nstages < 3 ? 0 : far ? SEVERITY_CRITICAL : SEVERITY_HIGH;
  if (i->severity < least) i->severity = least;
}

/* Whether anything that a reader must know changed. */
static bool join(struct entry *e, const struct finding *f) {
  struct incident *i = &e->i;
  struct member *m = member_of(e, f);
  uint8_t before_severity = i->severity;
  bool grew = false;
  if (!m) {
    if (i->nfindings == FINDING_CALLS) return false;
    m = &e->member[i->nfindings];
    memcpy(m->id, f->id.base, f->id.len < ID_HEX ? f->id.len : ID_HEX);
    i->finding[i->nfindings++] = span_of(m->id, ID_HEX);
    m->rule = f->rule;
    m->port = f->target_port;
    grew = true;
  }
  m->count = f->count;
  m->severity = f->severity;
  m->outcome = f->outcome;
  m->first_ns = f->first_ns, m->last_ns = f->last_ns;
  uint16_t before = i->ntargets;
  if (f->ntargets && i->nfindings == 1) i->ntargets = 0; /* in the order of the finding */
  merge_ips(i->actor, &i->nactors, f->actor, f->nactors);
  merge_ips(i->target, &i->ntargets, f->target, f->ntargets);
  if (f->confidence > i->confidence) i->confidence = f->confidence;
  if (!i->first_ns || f->first_ns < i->first_ns) i->first_ns = f->first_ns;
  if (f->last_ns > i->last_ns) i->last_ns = f->last_ns;
  if (!i->service.len && f->service.len <= NAME) {
    memcpy(e->service, f->service.base ? f->service.base : (const uint8_t *)"", f->service.len);
    i->service = span_of(e->service, f->service.len);
  }
  if (!i->user_hash.len && f->user_hash.len && f->user_hash.len <= USER) {
    memcpy(e->user, f->user_hash.base, f->user_hash.len);
    i->user_hash = span_of(e->user, f->user_hash.len);
  }
  set_rules(e);
  set_stages(e);
  grew |= i->severity > before_severity;
  return grew || i->ntargets > before;
}

static struct entry *open_entry(struct incident_book *b, const struct finding *f, uint64_t now) {
  if (b->count >= b->cap) {
    ctr_inc(b->ctr, CTR_ANALYTICS_STATE_CAP);
    close_entry(b, b->oldest, now);
  }
  struct entry *e = mem_zalloc(sizeof *e);
  if (!e) {
    ctr_inc(b->ctr, CTR_ANALYTICS_MEMORY);
    return NULL;
  }
  uint8_t id[16], text[ID_HEX + 1] = {'i'};
  memcpy(text + 1, f->id.base, f->id.len < ID_HEX ? f->id.len : ID_HEX);
  struct hash128 h = hash128(span_of(text, sizeof text));
  memcpy(id, &h, sizeof id);
  hash_hex(id, sizeof id, e->id);
  e->i.id = span_of(e->id, ID_HEX);
  e->i.open = true;
  push(b, e);
  return e;
}

static bool counts(const struct finding *f) {
  if (f->shadow || f->rule->category == CATEGORY_POSTURE) return false;
  return f->rule->category != CATEGORY_LEAK || f->severity >= SEVERITY_LOW;
}

static struct entry *newer(struct entry *a, struct entry *b) { return !a || b->used > a->used ? b : a; }

/* The newest incident that has the finding already. */
static struct entry *holder(struct incident_book *b, const struct finding *f) {
  struct entry *e = NULL;
  uint64_t key = id_key(f->id);
  for (struct link *l = b->slot[key % SLOTS]; l; l = l->next)
    if (l->key == key && member_of(l->e, f)) e = newer(e, l->e);
  return e;
}

/* The newest incident that it belongs to: one of its actors is there in any case. */
static struct entry *host(struct incident_book *b, const struct finding *f) {
  struct entry *e = NULL;
  for (unsigned i = 0; i < f->nactors; i++) {
    uint64_t key = actor_key(f->actor[i]);
    for (struct link *l = b->slot[key % SLOTS]; l; l = l->next)
      if (l->key == key && newer(e, l->e) != e && belongs(l->e, f)) e = l->e;
  }
  return e;
}

void incident_book_add(struct incident_book *b, const struct finding *f, uint64_t now) {
  if (!counts(f)) return;
  struct entry *e = holder(b, f);
  if (!e && f->update > 0) return;
  if (!e) e = host(b, f);
  bool known = e != NULL;
  if (!e && !(e = open_entry(b, f, now))) return;
  bool grew = join(e, f);
  index_entry(b, e);
  if (known) unlink_entry(b, e), push(b, e);
  if (known && !grew) return;
  if (known) e->i.update++;
  e->i.ns = now;
  b->publish(b->user, &e->i);
}

void incident_book_tick(struct incident_book *b, uint64_t now) {
  while (b->oldest && b->oldest->i.last_ns + b->window_ns < now) close_entry(b, b->oldest, now);
}

void incident_book_finish(struct incident_book *b, uint64_t now) {
  while (b->oldest) close_entry(b, b->oldest, now);
}
