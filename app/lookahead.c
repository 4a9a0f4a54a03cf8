/* SPDX-License-Identifier: Apache-2.0 */
/* A queue of epochs with two cursors: one that learns, one that judges some seconds behind. */
#include "app/lookahead.h"
#include "analytics/analyst_hop.h"

#define AHEAD_NS 10000000000ULL
/* With at least one result in each epoch that is kept, the queue is never full before this many are ahead, however the packets were
 * cut into epochs. */
_Static_assert(LOOKAHEAD_EPOCHS > LOOKAHEAD_RESULTS + 32, "room for this many and for ticks without results");

struct epoch {
  struct results *set[PIPELINE_WORKERS];
  unsigned n;
  struct result **item; /* of all workers, in packet order */
  size_t count, size;
  uint64_t clock;
  bool last;
};
struct cursor {
  unsigned epoch; /* counted from the head of the queue */
  size_t item;
};
struct lookahead {
  struct lookahead_user user;
  struct epoch epoch[LOOKAHEAD_EPOCHS];
  unsigned head, count;
  struct cursor learn, judge;
  size_t ahead; /* results learned and not yet judged */
};

struct lookahead *lookahead_new(struct lookahead_user user) {
  struct lookahead *l = mem_zalloc(sizeof *l);
  if (l) l->user = user;
  return l;
}

void lookahead_free(struct lookahead *l) {
  if (!l) return;
  for (unsigned i = 0; i < LOOKAHEAD_EPOCHS; i++) mem_free(l->epoch[i].item);
  mem_free(l);
}

static struct epoch *epoch_at(struct lookahead *l, unsigned i) {
  return &l->epoch[(l->head + i) % LOOKAHEAD_EPOCHS];
}

static bool before(const struct result *x, const struct result *y) {
  if (x->order != y->order) return x->order < y->order;
  if (x->conn != y->conn) return x->conn < y->conn;
  return x->seq < y->seq;
}

static bool make_room(struct epoch *e, size_t n) {
  if (n <= e->size) return true;
  struct result **item = mem_realloc(e->item, n * sizeof *item);
  if (!item) return false;
  e->item = item;
  e->size = n;
  return true;
}

static void merge(struct lookahead *l, struct epoch *e) {
  size_t at[PIPELINE_WORKERS] = {0}, all = 0;
  for (unsigned i = 0; i < e->n; i++) all += e->set[i]->count;
  e->count = 0;
  if (!make_room(e, all)) {
    l->user.lost(l->user.user, all);
    return;
  }
  while (e->count < all) {
    struct result *next = NULL;
    unsigned from = 0;
    for (unsigned i = 0; i < e->n; i++) {
      if (at[i] == e->set[i]->count) continue;
      struct result *r = &e->set[i]->item[at[i]];
      if (!next || before(r, next)) next = r, from = i;
    }
    at[from]++;
    e->item[e->count++] = next;
  }
}

/* A second begins at the same packet however packets are cut into epochs (app/reader.c). */
static uint64_t whole_second(uint64_t ns) { return ns - ns % 1000000000ULL; }

static struct result *cursor_item(struct lookahead *l, struct cursor *c) {
  while (c->epoch < l->count && c->item == epoch_at(l, c->epoch)->count) {
    c->epoch++;
    c->item = 0;
  }
  return c->epoch < l->count ? epoch_at(l, c->epoch)->item[c->item] : NULL;
}

/* Learn all that may be learned before what happened at ns is judged; false: more must come first. */
static bool learn_up_to(struct lookahead *l, uint64_t ns) {
  struct result *r;
  while ((r = cursor_item(l, &l->learn))) {
    if (l->ahead >= LOOKAHEAD_RESULTS) return true;
    if (r->kind == RESULT_EVENT) {
      if (hops_end(r->event->txn) > ns + AHEAD_NS) return true;
      l->user.learn(l->user.user, r);
    }
    l->ahead++;
    l->learn.item++;
  }
  const struct epoch *newest = epoch_at(l, l->count - 1);
  return newest->last || whole_second(newest->clock) > ns + AHEAD_NS || l->count == LOOKAHEAD_EPOCHS;
}

static void give_back(struct lookahead *l, struct epoch *e) {
  for (unsigned i = 0; i < e->n; i++) l->user.back(l->user.user, i, e->set[i]);
  e->n = 0;
}

static void pop(struct lookahead *l) {
  struct epoch *e = epoch_at(l, 0);
  l->user.tick(l->user.user, e->clock);
  give_back(l, e);
  e->count = 0;
  l->head = (l->head + 1) % LOOKAHEAD_EPOCHS;
  l->count--;
  if (l->learn.epoch > 0)
    l->learn.epoch--;
  else
    l->learn.item = 0;
  l->judge = (struct cursor){0, 0};
}

void lookahead_put(struct lookahead *l, struct results *const *set, unsigned n) {
  struct epoch *e = epoch_at(l, l->count++);
  e->n = n;
  for (unsigned i = 0; i < n; i++) e->set[i] = set[i];
  e->clock = set[0]->clock;
  e->last = set[0]->last;
  merge(l, e);
  if (!e->count) give_back(l, e);
  if (!e->count && !e->last && l->count > 1) {
    struct epoch *before = epoch_at(l, l->count - 2);
    if (whole_second(before->clock) == whole_second(e->clock))
      l->count--; /* nothing in it, not even a tick */
  }
  while (l->count) {
    struct epoch *head = epoch_at(l, 0);
    for (; l->judge.item < head->count; l->judge.item++) {
      struct result *r = head->item[l->judge.item];
      uint64_t ns = r->kind == RESULT_EVENT ? hops_end(r->event->txn) : r->flow->last_ns;
      if (!learn_up_to(l, ns)) return;
      l->ahead--;
      l->user.judge(l->user.user, r);
    }
    pop(l);
  }
}
