/* SPDX-License-Identifier: Apache-2.0 */
/* The classes as one object. */
#include "analytics/data/classes.h"
#include "analytics/data/literals.h"
#include "analytics/data/load.h"
#include "base/err.h"
#include "base/mem.h"

const struct data_class *classes_find(const struct classes *c, const char *id) {
  for (uint32_t i = 0; i < c->count; i++)
    if (strcmp(c->item[i].id, id) == 0) return &c->item[i];
  return NULL;
}

static int16_t place(const struct classes *c, const char *id) {
  const struct data_class *k = classes_find(c, id);
  return k ? (int16_t)(k - c->item) : -1;
}

static bool takes(const struct data_class *k, unsigned shape, unsigned length) {
  const struct validator *v = k->validator;
  if (v->shape != shape || (!k->alone && !k->near.count)) return false;
  return v->max >= length && (v->min <= length || length + 1 == SHAPE_LENGTHS);
}

static int index_shape(struct classes *c, unsigned shape) {
  struct shape_index *x = &c->by_shape[shape];
  x->item = arena_alloc(&c->arena, (size_t)SHAPE_LENGTHS * c->count + 1);
  if (!x->item) return ERR_NOMEM;
  uint16_t n = 0;
  for (unsigned l = 0; l < SHAPE_LENGTHS; l++) {
    x->from[l] = n;
    for (uint32_t i = 0; i < c->count; i++)
      if (takes(&c->item[i], shape, l)) x->item[n++] = (uint8_t)i;
  }
  x->from[SHAPE_LENGTHS] = n;
  return 0;
}

static int index_shapes(struct classes *c) {
  c->name_class = place(c, "name");
  c->address_class = place(c, "address");
  c->plate_class = place(c, "plate");
  for (unsigned s = 0; s < SHAPES; s++)
    if (index_shape(c, s) < 0) return ERR_NOMEM;
  return 0;
}

struct class_ids {
  struct arena arena;
  unsigned sets; /* of classes that use them */
};

static const char *ids_add(struct class_ids *ids, const char *id) {
  size_t n = strlen(id) + 1;
  char *copy = arena_alloc(&ids->arena, n);
  return copy ? memcpy(copy, id, n) : NULL;
}

static void ids_free(struct class_ids *ids) {
  if (!ids || --ids->sets) return;
  arena_done(&ids->arena);
  mem_free(ids);
}

static int ids_new(struct classes *c) {
  c->ids = mem_zalloc(sizeof *c->ids);
  if (!c->ids) return ERR_NOMEM;
  c->ids->sets = 1;
  arena_init(&c->ids->arena, NULL, 0);
  for (uint32_t i = 0; i < c->count; i++)
    if (!(c->item[i].id = ids_add(c->ids, c->item[i].id))) return ERR_NOMEM;
  return 0;
}

int classes_adopt(struct classes *c, struct classes *older) {
  for (uint32_t i = 0; i < c->count; i++) {
    const struct data_class *k = classes_find(older, c->item[i].id);
    const char *id = k ? k->id : ids_add(older->ids, c->item[i].id);
    if (!id) return ERR_NOMEM;
    c->item[i].id = id;
  }
  ids_free(c->ids);
  c->ids = older->ids;
  c->ids->sets++;
  return 0;
}

int classes_load(struct classes **out, const char *dir, struct conf_error *err) {
  return classes_open(out, dir, NULL, err);
}

int classes_open(struct classes **out, const char *dir, const char *cache, struct conf_error *err) {
  struct classes *c = mem_zalloc(sizeof *c);
  if (!c) return ERR_NOMEM;
  arena_init(&c->arena, NULL, 0);
  struct load l = {.classes = c, .err = err};
  int rc = load_classes(&l, dir);
  if (rc >= 0) rc = load_grades(&l, dir);
  if (rc >= 0) rc = index_shapes(c);
  if (rc >= 0) rc = class_keys_compile(c);
  if (rc >= 0) rc = literals_compile(c, cache);
  if (rc >= 0) rc = ids_new(c);
  if (rc < 0) {
    classes_free(c);
    return rc;
  }
  *out = c;
  return 0;
}

void classes_free(struct classes *c) {
  if (!c) return;
  for (uint32_t i = 0; i < c->count; i++) pcre2_code_free(c->item[i].pattern);
  class_keys_free(c->keys);
  literals_free(c->literals);
  ids_free(c->ids);
  arena_done(&c->arena);
  mem_free(c);
}
