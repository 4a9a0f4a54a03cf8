/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK after a hole: how many entries were inserted unseen? Decided only when exactly one number makes every block since
 * read like blocks before, over several distinct entries; until then what the old entries held stays unknown. */
#include "dissect/proto/http2.h"

enum { PLACES_NEEDED = 3, TRIES_MOST = 64, FIELDS_MOST = 256 };

void http2_heal_begin(struct http2_way *w, bool sure) {
  struct http2_heal *l = &w->heal;
  bool again = l->on; /* a second hole before the first was dealt with */
  l->sure = sure;
  l->on = !again && (w->hpack.complete || w->hpack.count);
  l->complete = w->hpack.complete;
  l->max_known = w->hpack.max_known;
  l->max = w->hpack.max;
  w->holed = true;
  hpack_suspend(&w->hpack);
  l->nplaces = l->tries = 0;
  memset(l->alive, 1, sizeof l->alive);
}

void http2_heal_learn(struct http2_way *w, uint64_t signature) {
  struct http2_heal *l = &w->heal;
  for (uint8_t i = 0; i < l->count; i++)
    if (l->signature[i] == signature) return;
  l->signature[l->next] = signature;
  l->next = (uint8_t)((l->next + 1) % H2_SIGNATURES);
  if (l->count < H2_SIGNATURES) l->count++;
}

void http2_heal_end(struct http2_way *w) {
  struct http2_heal *l = &w->heal;
  l->on = false;
  if (hpack_suspended(&w->hpack) && hpack_shift(&w->hpack, 0) < 0) {
    hpack_forget(&w->hpack);
    return;
  }
  w->hpack.complete = l->complete;
  w->hpack.max_known = l->max_known;
  w->hpack.max = l->max;
}

struct trial {
  uint64_t signature;
  uint32_t places[H2_PLACES];
  uint8_t nplaces;
  bool whole;
};

static void add_place(uint32_t *places, uint8_t *n, uint32_t place) {
  for (uint8_t i = 0; i < *n; i++)
    if (places[i] == place) return;
  if (*n < H2_PLACES) places[(*n)++] = place;
}

static int look(void *user, const struct hpack_field *f) {
  struct trial *t = user;
  if (!f->name_known || !f->value_known) t->whole = false;
  if (f->stale) add_place(t->places, &t->nplaces, f->place);
  t->signature = http2_heal_mix(t->signature, f->name);
  return 0;
}

static bool is_known(const struct http2_heal *l, uint64_t signature) {
  for (uint8_t i = 0; i < l->count; i++)
    if (l->signature[i] == signature) return true;
  return false;
}

/* Which numbers explain this block? Those that do not are out. */
static unsigned sift(struct http2_way *w, struct span block, uint32_t *last) {
  struct http2_heal *l = &w->heal;
  unsigned alive = 0;
  for (uint32_t n = 0; n < H2_SHIFTS; n++) {
    struct trial t = {.whole = true};
    if (!l->alive[n]) continue;
    l->alive[n] = hpack_try(&w->hpack, block, n, look, &t) == 0 && t.whole && is_known(l, t.signature);
    if (!l->alive[n]) continue;
    alive++;
    *last = n;
    for (uint8_t i = 0; i < t.nplaces; i++) add_place(l->places, &l->nplaces, t.places[i]);
  }
  return alive;
}

void http2_heal_block(struct http2_way *w, struct span block) {
  struct http2_heal *l = &w->heal;
  if (!l->on) return;
  uint32_t lost = 0;
  unsigned alive =
      hpack_suspended(&w->hpack) && l->count && l->tries++ < TRIES_MOST ? sift(w, block, &lost) : 0;
  if (alive == 1 && l->nplaces >= PLACES_NEEDED) {
    if (hpack_shift(&w->hpack, lost) < 0) hpack_forget(&w->hpack);
    l->on = false;
  }
  if (!alive) l->on = false;
}
