/* SPDX-License-Identifier: Apache-2.0 */
/* Texts that begin something worth a look. */
#include "analytics/data/literals.h"
#include "analytics/data/load.h"
#include "analytics/patterns.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/sieve.h"

#include <hs/hs.h>

enum { LITERALS_MAX = 4096 };

struct entry {
  uint8_t kind, item;
  uint16_t len;
};
struct literals {
  hs_database_t *db;
  struct sieve sieve;
  struct entry *entry;
  const char **text;
  size_t *len;
  unsigned *flags, *ids;
  unsigned count;
};
struct literals_scratch {
  hs_scratch_t *hs;
  pcre2_match_data *match;
};

static void add(struct literals *l, enum literal_kind kind, unsigned item, struct span text) {
  if (l->count == LITERALS_MAX || text.len == 0) return;
  l->entry[l->count] = (struct entry){(uint8_t)kind, (uint8_t)item, (uint16_t)text.len};
  l->text[l->count] = (const char *)text.base;
  l->len[l->count] = text.len;
  l->ids[l->count] = l->count;
  l->flags[l->count] = 0;
  sieve_add(&l->sieve, text);
  l->count++;
}

static void add_all(struct classes *c, struct literals *l) {
  /* clang-format off */
  static const char *const places[] = {
    "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江",
    "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州",
    "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港",
    "澳门",
  };
  /* clang-format on */
  for (unsigned i = 0; i < c->count; i++) {
    struct data_class *k = &c->item[i];
    for (uint32_t n = 0; n < k->literals.count; n++) add(l, LITERAL_PATTERN, i, k->literals.item[n]);
    if ((int)i == c->name_class)
      for (uint32_t n = 0; n < k->near.count; n++) add(l, LITERAL_NAME, i, k->near.item[n]);
  }
  if (c->address_class >= 0)
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
      add(l, LITERAL_PLACE, (unsigned)c->address_class, span_str(places[i]));
}

static bool room(struct literals *l) {
  l->entry = mem_zalloc(LITERALS_MAX * sizeof *l->entry);
  l->text = mem_zalloc(LITERALS_MAX * sizeof *l->text);
  l->len = mem_zalloc(LITERALS_MAX * sizeof *l->len);
  l->flags = mem_zalloc(LITERALS_MAX * sizeof *l->flags);
  l->ids = mem_zalloc(LITERALS_MAX * sizeof *l->ids);
  return l->entry && l->text && l->len && l->flags && l->ids;
}

int literals_compile(struct classes *c, const char *cache) {
  struct literals *l = mem_zalloc(sizeof *l);
  if (!l) return ERR_NOMEM;
  c->literals = l;
  if (!room(l)) return ERR_NOMEM;
  add_all(c, l);
  if (!l->count) return 0;
  struct pattern_set set = {"literals", l->text, l->len, l->flags, l->ids, l->count};
  int bad;
  char why[128];
  int rc = patterns_compile(&set, cache, &l->db, &bad, why);
  return rc == ERR_SYNTAX ? ERR_UNSUPPORTED : rc;
}

void literals_free(struct literals *l) {
  if (!l) return;
  hs_free_database(l->db);
  mem_free(l->entry);
  mem_free(l->text);
  mem_free(l->len);
  mem_free(l->flags);
  mem_free(l->ids);
  mem_free(l);
}

struct literals_scratch *literals_scratch_new(const struct classes *c) {
  struct literals_scratch *s = mem_zalloc(sizeof *s);
  if (!s) return NULL;
  s->match = pcre2_match_data_create(4, NULL);
  bool good = s->match &&
              (!c->literals || !c->literals->db || hs_alloc_scratch(c->literals->db, &s->hs) == HS_SUCCESS);
  if (good) return s;
  literals_scratch_free(s);
  return NULL;
}

void literals_scratch_free(struct literals_scratch *s) {
  if (!s) return;
  pcre2_match_data_free(s->match);
  hs_free_scratch(s->hs);
  mem_free(s);
}

struct call {
  const struct literals *l;
  literal_fn fn;
  void *user;
};

static int on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *user) {
  struct call *k = user;
  const struct entry *e = &k->l->entry[id];
  (void)from;
  (void)flags;
  k->fn(k->user, (enum literal_kind)e->kind, e->item, (size_t)to - e->len, (size_t)to);
  return 0;
}

void literals_scan(const struct classes *c, struct literals_scratch *s, struct span text, literal_fn fn,
                   void *user) {
  if (!c->literals || !c->literals->db || text.len > UINT32_MAX) return;
  if (!sieve_may(&c->literals->sieve, text)) return;
  struct call k = {c->literals, fn, user};
  hs_scan(c->literals->db, (const char *)text.base, (unsigned)text.len, 0, s->hs, on_match, &k);
}

size_t literals_match(const struct data_class *item, struct literals_scratch *s, struct span text) {
  if (!item->pattern || !text.len) return 0;
  struct span head = span_head(text, 16384);
  int rc = pcre2_match(item->pattern, head.base, head.len, 0, PCRE2_NO_UTF_CHECK, s->match, NULL);
  if (rc < 0) return 0;
  PCRE2_SIZE *at = pcre2_get_ovector_pointer(s->match);
  return at[1];
}
