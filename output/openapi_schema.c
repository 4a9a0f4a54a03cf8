/* SPDX-License-Identifier: Apache-2.0 */
/* Dotted paths made into a tree, the tree into JSON Schema (2020-12). */
#include "output/openapi_schema.h"
#include "analytics/schema_read.h"
#include "dissect/body/body.h"

enum { DEPTH = 48, FEW_MESSAGES = 3 };

struct node {
  struct span key;
  struct node *first, *next, *item; /* members; of a list: its items */
  const struct schema_field *leaf;
  uint64_t present, occurred; /* most of all below */
};

static void types(struct json *j, const char *type, bool null) {
  JSON_KEY(j, "type");
  if (!null) {
    json_text(j, type);
    return;
  }
  JSON_LIT(j, "[");
  json_text(j, type);
  json_text(j, "null");
  json_close(j, j->out->len, ']', true);
}

static void words(struct json *j, const struct schema_field *f, const struct schema_reading *r) {
  size_t at = JSON_OPEN_LIST(j, "enum");
  bool number = strcmp(r->type, "string") != 0;
  for (unsigned i = 0; i < f->nwords; i++) {
    bool digits = f->word[i].len > 0;
    for (size_t k = 0; k < f->word[i].len; k++)
      digits &= f->word[i].base[k] >= '0' && f->word[i].base[k] <= '9';
    if (number && digits) {
      uint64_t v = 0;
      if (span_u64(f->word[i], &v) == 0) json_u64(j, v);
    } else {
      json_str(j, f->word[i]);
    }
  }
  if (r->null) JSON_LIT(j, "null,");
  json_close(j, at, ']', false);
}

static void scalar(struct json *j, const struct schema_book *b, const struct schema_field *f) {
  struct schema_reading r = schema_read_field(b, f);
  if (*r.type)
    types(j, r.type, r.null);
  else if (f->types == 1u << LEAF_NULL)
    types(j, "null", false);
  if (*r.format) JSON_TEXT(j, "format", r.format);
  if (r.enumeration) {
    words(j, f, &r);
  } else if (r.digits) {
    JSON_TEXT(j, "pattern", "^[0-9]*$");
  }
  if (r.range && !r.enumeration) {
    JSON_KEY(j, "minimum");
    json_double(j, r.min);
    JSON_KEY(j, "maximum");
    json_double(j, r.max);
  }
  JSON_STR(j, "x-tapscope-class", f->class_id);
  if (f->sample.len) {
    size_t at = JSON_OPEN_LIST(j, "examples");
    json_str(j, f->sample);
    json_close(j, at, ']', false);
  }
}

void openapi_schema_field(struct json *j, const struct schema_book *b, const struct schema_field *f) {
  JSON_LIT(j, "{");
  scalar(j, b, f);
  json_close(j, j->out->len, '}', true);
}

static struct node *member(struct node *at, struct span key, struct arena *arena) {
  struct node **to = &at->first;
  while (*to && !span_eq((*to)->key, key)) to = &(*to)->next;
  if (!*to && (*to = arena_zalloc(arena, sizeof **to))) (*to)->key = key;
  return *to;
}

static void grow(struct node *n, const struct schema_field *f) {
  if (f->present > n->present) n->present = f->present;
  if (f->occurred > n->occurred) n->occurred = f->occurred;
}

static void put(struct node *root, const struct schema_field *f, struct arena *arena) {
  struct span path = f->path;
  struct node *at = root;
  unsigned depth = 0;
  grow(at, f);
  while (path.len && at && depth++ < DEPTH) {
    struct span step = span_cut(&path, '.');
    size_t cut = span_find(step, SPAN_LIT("[]"));
    struct span lists = span_skip(step, cut);
    if (cut) at = member(at, span_head(step, cut), arena);
    if (at) grow(at, f);
    for (; at && lists.len >= 2; lists = span_skip(lists, 2)) {
      if (!at->item) at->item = arena_zalloc(arena, sizeof *at->item);
      at = at->item;
      if (at) grow(at, f);
    }
  }
  if (at) at->leaf = f;
}

static void emit(struct json *j, const struct schema_book *b, const struct node *n, bool in_list,
                 unsigned depth);

static bool is_key(const struct node *n) { return span_eq(n->key, SPAN_LIT("{key}")); }

static void members(struct json *j, const struct schema_book *b, const struct node *n, bool in_list,
                    bool null, unsigned depth) {
  types(j, "object", null);
  size_t at = JSON_OPEN(j, "properties");
  for (const struct node *c = n->first; c; c = c->next) {
    if (is_key(c)) continue;
    json_str(j, c->key);
    j->out->len -= j->bad ? 0 : 1; /* the comma */
    JSON_LIT(j, ":");
    emit(j, b, c, in_list, depth + 1);
  }
  json_close(j, at, '}', false);
  at = JSON_OPEN_LIST(j, "required");
  for (const struct node *c = n->first; c; c = c->next) {
    bool all = in_list ? c->occurred >= n->occurred : c->present >= n->present;
    if (depth == 0 && c->leaf) all = c->present >= b->messages[c->leaf->place];
    if (!is_key(c) && all && n->present >= FEW_MESSAGES) json_str(j, c->key);
  }
  json_close(j, at, ']', false);
  for (const struct node *c = n->first; c; c = c->next) {
    if (!is_key(c)) continue;
    JSON_KEY(j, "additionalProperties");
    emit(j, b, c, in_list, depth + 1);
  }
}

static void list(struct json *j, const struct schema_book *b, const struct node *n, bool null,
                 unsigned depth) {
  types(j, "array", null);
  JSON_KEY(j, "items");
  emit(j, b, n->item, true, depth + 1);
}

static void emit(struct json *j, const struct schema_book *b, const struct node *n, bool in_list,
                 unsigned depth) {
  bool null = n->leaf && n->leaf->types == 1u << LEAF_NULL;
  unsigned kinds = n->first != NULL;
  kinds += n->item != NULL;
  kinds += n->leaf && !(null && (n->first || n->item));
  size_t any = 0;
  JSON_LIT(j, "{");
  if (depth > DEPTH) kinds = 0;
  if (kinds > 1) any = JSON_OPEN_LIST(j, "anyOf");
  if (kinds && n->first) {
    if (kinds > 1) JSON_LIT(j, "{");
    members(j, b, n, in_list, null, depth);
    if (kinds > 1) json_close(j, j->out->len, '}', true);
  }
  if (kinds && n->item) {
    if (kinds > 1) JSON_LIT(j, "{");
    list(j, b, n, null, depth);
    if (kinds > 1) json_close(j, j->out->len, '}', true);
  }
  if (kinds && n->leaf && !(null && (n->first || n->item))) {
    if (kinds > 1) JSON_LIT(j, "{");
    scalar(j, b, n->leaf);
    if (kinds > 1) json_close(j, j->out->len, '}', true);
  }
  if (kinds > 1) json_close(j, any, ']', true);
  json_close(j, j->out->len, '}', true);
}

bool openapi_schema_body(struct json *j, const struct schema_book *b, enum schema_place place,
                         struct arena *arena) {
  struct node root = {.first = NULL};
  bool some = false;
  for (uint32_t i = 0; i < b->nfields; i++) {
    if (b->field[i].place != place) continue;
    put(&root, &b->field[i], arena);
    some = true;
  }
  if (some) emit(j, b, &root, false, 0);
  return some;
}
