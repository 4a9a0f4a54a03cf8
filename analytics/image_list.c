/* SPDX-License-Identifier: Apache-2.0 */
/* Images that must not run and registries that are known: sets of hashes. */
#include "analytics/image_list.h"
#include "analytics/lines.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

enum { LISTED = 1 << 20, KEY = 82 };

struct set {
  uint64_t *item; /* ascending once the file is read */
  size_t count, size;
};
struct image_list {
  struct set denied, registries;
};

static int put(struct set *s, struct span text) {
  if (s->count == LISTED) return ERR_CAP;
  if (s->count == s->size) {
    size_t size = s->size ? s->size * 2 : 64;
    uint64_t *item = mem_realloc(s->item, size * sizeof *item);
    if (!item) return ERR_NOMEM;
    s->item = item, s->size = size;
  }
  s->item[s->count++] = hash64(text, KEY);
  return 0;
}

static int take(void *user, struct span text, unsigned number) {
  struct image_list *l = user;
  struct span verb = span_trim(span_cut(&text, ','));
  (void)number;
  text = span_trim(text);
  if (!text.len) return ERR_SYNTAX;
  if (span_eq_nocase(verb, SPAN_LIT("deny"))) return put(&l->denied, text);
  return span_eq_nocase(verb, SPAN_LIT("registry")) ? put(&l->registries, text) : ERR_SYNTAX;
}

static int by_value(const void *a, const void *b) {
  const uint64_t *x = a, *y = b;
  return (*x > *y) - (*x < *y);
}

static bool has(const struct set *s, struct span text) {
  uint64_t h = hash64(text, KEY);
  return s->count && bsearch(&h, s->item, s->count, sizeof h, by_value);
}

int image_list_load(struct image_list **out, const char *file, struct conf_error *err) {
  *out = NULL;
  if (!file || !*file) return 0;
  struct image_list *l = mem_zalloc(sizeof *l);
  struct lines lines = {file, "analytics.images_file", "\"deny,DIGEST\" or \"registry,HOST\"", false};
  int rc = l ? lines_read(&lines, take, l, err) : ERR_NOMEM;
  if (rc < 0) return image_list_free(l), rc;
  if (l->denied.count) qsort(l->denied.item, l->denied.count, sizeof(uint64_t), by_value);
  if (l->registries.count) qsort(l->registries.item, l->registries.count, sizeof(uint64_t), by_value);
  *out = l;
  return 0;
}

void image_list_free(struct image_list *l) {
  if (!l) return;
  mem_free(l->denied.item), mem_free(l->registries.item);
  mem_free(l);
}

bool image_list_denies(const struct image_list *l, struct span digest) {
  return l && has(&l->denied, digest);
}
bool image_list_names_registries(const struct image_list *l) { return l && l->registries.count; }
bool image_list_has_registry(const struct image_list *l, struct span host) {
  return l && has(&l->registries, host);
}
