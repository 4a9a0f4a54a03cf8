/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: names, headers, facts and arguments. */
#include "dissect/txn.h"
#include "base/err.h"

const char *unseen_name(unsigned bit) {
  static const char *const names[] = {
#define X(id, name) name,
      UNSEEN(X)
#undef X
  };
  return bit < UNSEEN_BITS ? names[bit] : "?";
}

const char *anomaly_name(unsigned id) {
  static const char *const names[] = {
#define X(id, name) name,
      ANOMALIES(X)
#undef X
  };
  return id < ANOMALY_COUNT ? names[id] : "?";
}

struct span headers_find(const struct headers *h, struct span name) {
  for (uint32_t i = 0; i < h->count; i++) {
    const struct header *f = &h->item[i];
    if (f->name.len == name.len && f->value_known && span_eq_nocase(f->name, name))
      return f->value.base ? f->value : span_of("", 0);
  }
  return span_of(NULL, 0);
}

static struct fact *new_fact(struct txn *t, const char *name, enum fact_type type) {
  struct fact *f = arena_zalloc(&t->arena, sizeof *f);
  if (!f) return NULL;
  f->name = name;
  f->type = type;
  struct fact **at = &t->facts;
  while (*at) at = &(*at)->next;
  *at = f;
  return f;
}

void txn_fact_str(struct txn *t, const char *name, struct span value) {
  struct fact *f = new_fact(t, name, FACT_STR);
  if (f) f->str = arena_copy(&t->arena, value);
}

void txn_fact_u64(struct txn *t, const char *name, uint64_t value) {
  struct fact *f = new_fact(t, name, FACT_U64);
  if (f) f->num = value;
}

void txn_fact_bool(struct txn *t, const char *name, bool value) {
  struct fact *f = new_fact(t, name, FACT_BOOL);
  if (f) f->num = value;
}

void txn_fact_add(struct txn *t, const char *name, struct span value) {
  struct fact *f = new_fact(t, name, FACT_STRS);
  if (f) f->str = arena_copy(&t->arena, value);
}

const struct fact *txn_fact(const struct txn *t, const char *name) {
  const struct fact *f = t->facts;
  while (f && strcmp(f->name, name) != 0) f = f->next;
  return f;
}

struct span txn_fact_text(const struct txn *t, const char *name) {
  const struct fact *f = txn_fact(t, name);
  return f ? f->str : (struct span){0};
}

/* Arrays double inside the arena; the old one stays there until the transaction dies. */
static void *grown(struct arena *a, void *old, uint32_t count, uint32_t *size, size_t item) {
  if (count < *size) return old;
  uint32_t n = *size ? *size * 2 : 8;
  void *p = arena_alloc(a, n * item);
  if (!p) return NULL;
  if (count) memcpy(p, old, count * item);
  *size = n;
  return p;
}

int txn_header(struct txn *t, struct headers *h, struct span name, struct span value) {
  struct header *p = grown(&t->arena, h->item, h->count, &h->size, sizeof *p);
  if (!p) return ERR_NOMEM;
  h->item = p;
  struct header *f = &p[h->count];
  *f = (struct header){arena_copy(&t->arena, name), arena_copy(&t->arena, value), true, true};
  if (f->name.len != name.len || f->value.len != value.len) return ERR_NOMEM;
  h->count++;
  return 0;
}

int txn_arg(struct txn *t, enum dir d, struct span name, struct span value) {
  struct args *a = &t->side[d].args;
  struct arg *p = grown(&t->arena, a->item, a->count, &a->size, sizeof *p);
  if (!p) return ERR_NOMEM;
  a->item = p;
  p[a->count] = (struct arg){arena_copy(&t->arena, name), arena_copy(&t->arena, value)};
  if (p[a->count].name.len != name.len || p[a->count].value.len != value.len) return ERR_NOMEM;
  a->count++;
  return 0;
}
