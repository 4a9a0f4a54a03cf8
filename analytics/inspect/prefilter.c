/* SPDX-License-Identifier: Apache-2.0 */
/* The word tables compiled for Hyperscan, and their scans. */
#include "analytics/inspect/custom.h"
#include "analytics/inspect/words.h"
#include "analytics/patterns.h"
#include "base/err.h"
#include <hs.h>
#include <stdio.h>

struct inspect_rules {
  hs_database_t *request, *answer;
  unsigned words;            /* built in; ids beyond are the user's */
  struct custom_set *custom; /* owned, with older ones */
  const struct custom_set *use;
};

static unsigned count_words(void) {
  unsigned n = 0;
  while (words_request[n].pattern) n++;
  return n;
}

static unsigned count_answers(void) {
  unsigned n = 0;
  while (words_answer[n].text) n++;
  return n;
}

/* Compile a set of built-in words; one that the library refuses is a mistake of ours. */
static int compile(const struct pattern_set *set, const char *cache, hs_database_t **db,
                   struct conf_error *err) {
  int bad;
  char why[128];
  int rc = patterns_compile(set, cache, db, &bad, why);
  if (rc < 0 && err)
    snprintf(err->text, sizeof err->text, "built-in word %s: %s",
             bad >= 0 && (unsigned)bad < set->count ? set->text[bad] : "", why);
  return rc;
}

static int compile_request(struct inspect_rules *r, const char *cache, struct conf_error *err) {
  unsigned own = r->use ? r->use->count : 0, n = r->words + own;
  const char **pattern = mem_zalloc(n * sizeof *pattern);
  unsigned *flags = mem_zalloc(n * sizeof *flags), *ids = mem_zalloc(n * sizeof *ids);
  int rc = ERR_NOMEM;
  if (pattern && flags && ids) {
    for (unsigned i = r->words; i < n; i++)
      pattern[i] = r->use->item[i - r->words].text, ids[i] = i,
      flags[i] = HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL | HS_FLAG_PREFILTER | HS_FLAG_ALLOWEMPTY;
    for (unsigned i = 0; i < r->words; i++) {
      pattern[i] = words_request[i].pattern, ids[i] = i;
      flags[i] = HS_FLAG_SINGLEMATCH | HS_FLAG_DOTALL | (words_request[i].cased ? 0 : HS_FLAG_CASELESS);
    }
    struct pattern_set set = {"request", pattern, NULL, flags, ids, n};
    rc = compile(&set, cache, &r->request, err);
  }
  mem_free(pattern), mem_free(flags), mem_free(ids);
  return rc;
}

static int compile_answer(struct inspect_rules *r, const char *cache, struct conf_error *err) {
  unsigned n = count_answers();
  const char **text = mem_zalloc(n * sizeof *text);
  unsigned *flags = mem_zalloc(n * sizeof *flags), *ids = mem_zalloc(n * sizeof *ids);
  size_t *len = mem_zalloc(n * sizeof *len);
  int rc = ERR_NOMEM;
  if (text && flags && ids && len) {
    for (unsigned i = 0; i < n; i++)
      text[i] = words_answer[i].text, ids[i] = i, len[i] = strlen(text[i]), flags[i] = HS_FLAG_SINGLEMATCH;
    struct pattern_set set = {"answer", text, len, flags, ids, n};
    rc = compile(&set, cache, &r->answer, err);
  }
  mem_free(text), mem_free(flags), mem_free(ids), mem_free(len);
  return rc;
}

int inspect_rules_open(struct inspect_rules **out, const char *dir, const char *cache,
                       struct conf_error *err) {
  struct inspect_rules *r = mem_zalloc(sizeof *r);
  if (!r) return ERR_NOMEM;
  r->words = count_words();
  int rc = dir ? custom_load(&r->custom, dir, err) : 0;
  r->use = r->custom;
  if (rc >= 0) rc = compile_request(r, cache, err);
  if (rc >= 0) rc = compile_answer(r, cache, err);
  if (rc < 0) {
    inspect_rules_free(r);
    return rc;
  }
  *out = r;
  return 0;
}

void inspect_rules_keep(struct inspect_rules *r, struct inspect_rules *older) {
  struct custom_set **end = &r->custom;
  while (*end) end = &(*end)->older;
  *end = older->custom, older->custom = NULL;
  /* of those only the rows are named any more */
  for (struct custom_set *s; (s = *end);) {
    for (unsigned i = 0; i < s->count; i++) pcre2_code_free(s->item[i].code), s->item[i].code = NULL;
    if (s->count) {
      end = &s->older;
      continue;
    }
    *end = s->older, s->older = NULL;
    custom_free(s);
  }
}

const struct custom_set *words_custom(const struct inspect_rules *r) { return r->use; }

void inspect_rules_free(struct inspect_rules *r) {
  if (!r) return;
  custom_free(r->custom);
  hs_free_database(r->request);
  hs_free_database(r->answer);
  mem_free(r);
}

struct scan {
  struct inspect_form *form;
  unsigned words;
};

static int on_word(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *user) {
  (void)from, (void)to, (void)flags;
  const struct scan *s = user;
  struct inspect_form *f = s->form;
  if (id >= s->words) {
    f->bits |= BIT(WORD_CUSTOM), f->custom |= BIT(id - s->words);
    return 0;
  }
  const struct word *w = &words_request[id];
  f->bits |= BIT(w->group);
  unsigned sum = f->points[w->group] + w->points;
  f->points[w->group] = (uint8_t)(sum > 200 ? 200 : sum);
  return 0;
}

void words_scan(const struct inspect_rules *r, struct hs_scratch *scratch, struct inspect_form *f) {
  struct scan s = {f, r->words};
  f->bits = f->custom = 0;
  memset(f->points, 0, sizeof f->points);
  hs_scan(r->request, (const char *)f->text.base, (unsigned)f->text.len, 0, scratch, on_word, &s);
}

struct answers {
  uint64_t bits;
  size_t *at;
};

static int on_answer(unsigned id, unsigned long long from, unsigned long long to, unsigned flags,
                     void *user) {
  (void)from, (void)flags;
  struct answers *a = user;
  unsigned g = words_answer[id].group;
  if (!(a->bits & BIT(g)) || to < a->at[g]) a->at[g] = (size_t)to;
  a->bits |= BIT(g);
  return 0;
}

uint64_t words_scan_answer(const struct inspect_rules *r, struct hs_scratch *scratch, struct span body,
                           size_t at[ANSWER_GROUPS]) {
  struct answers a = {0, at};
  hs_scan(r->answer, (const char *)body.base, (unsigned)body.len, 0, scratch, on_answer, &a);
  return a.bits;
}

int words_scratch(const struct inspect_rules *r, struct hs_scratch **out) {
  hs_scratch_t *s = NULL;
  if (hs_alloc_scratch(r->request, &s) != HS_SUCCESS || hs_alloc_scratch(r->answer, &s) != HS_SUCCESS) {
    hs_free_scratch(s);
    return ERR_NOMEM;
  }
  *out = s;
  return 0;
}

void words_scratch_free(struct hs_scratch *scratch) { hs_free_scratch(scratch); }
