/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK over the http2jp cases: all of them, and again from the n-th block on: nothing wrong, all that is decidable
 * decided. What is decidable is worked out here from the representations alone. */
#include "cmocka_all.h"
#include "dissect/proto/hpack.h"
#include "hex.h"
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const char cases[] = "build/data/hpack";

struct block {
  uint8_t *data;
  size_t len;
  json_t *headers;
};
/* What a late joiner can know: flags of the entries inserted since, newest last. */
struct model {
  struct {
    bool name, value;
  } entry[65536];
  size_t count;
};
struct check {
  const struct block *b;
  const uint8_t *at; /* next representation */
  struct model *m;
  size_t field, unknown;
};

static size_t integer(const uint8_t **p, unsigned bits) {
  size_t full = (1U << bits) - 1, v = *(*p)++ & full, shift = 0;
  if (v < full) return v;
  do v += (size_t)(**p & 0x7f) << shift, shift += 7;
  while (*(*p)++ & 0x80);
  return v;
}
static void string(const uint8_t **p) {
  size_t n = integer(p, 7);
  *p += n;
}
static void flags(const struct model *m, size_t index, bool *name, bool *value) {
  *name = *value = true;
  if (index <= 61) return;
  bool in = index - 62 < m->count;
  *name = in && m->entry[m->count - 1 - (index - 62)].name;
  *value = in && m->entry[m->count - 1 - (index - 62)].value;
}

static int field(void *user, const struct hpack_field *f) {
  struct check *c = user;
  bool name = true, value = true;
  while ((*c->at & 0xe0) == 0x20) integer(&c->at, 5);
  uint8_t b = *c->at;
  size_t index = integer(&c->at, b & 0x80 ? 7 : b & 0x40 ? 6 : 4);
  if (index) flags(c->m, index, &name, &value);
  if (!(b & 0x80)) {
    if (!index) string(&c->at);
    string(&c->at);
    value = true;
    if (b & 0x40) {
      c->m->entry[c->m->count].name = name;
      c->m->entry[c->m->count++].value = true;
    }
  }
  json_t *want = json_array_get(c->b->headers, c->field++);
  assert_non_null(want);
  void *it = json_object_iter(want);
  const char *n = json_object_iter_key(it), *v = json_string_value(json_object_iter_value(it));
  if (f->name_known) assert_true(span_eq(f->name, span_str(n)));
  if (f->value_known) assert_true(span_eq(f->value, span_str(v)));
  assert_int_equal(f->name_known, name);
  assert_int_equal(f->value_known, value);
  if (!name || !value) c->unknown++;
  return 0;
}

static size_t run_from(const struct block *blocks, size_t count, size_t from, size_t most) {
  static struct model m;
  struct hpack h;
  size_t unknown = 0;
  m.count = 0;
  hpack_init(&h, NULL, from == 0);
  for (size_t i = from; i < count && i < from + most; i++) {
    struct check c = {&blocks[i], blocks[i].data, &m, 0, 0};
    assert_int_equal(hpack_decode(&h, span_of(blocks[i].data, blocks[i].len), field, &c), 0);
    assert_int_equal(c.field, json_array_size(blocks[i].headers));
    unknown += c.unknown;
  }
  hpack_done(&h);
  return unknown;
}

static size_t story(const char *path, size_t *joins) {
  json_t *root = json_load_file(path, 0, NULL), *list = json_object_get(root, "cases");
  size_t n = json_array_size(list);
  struct block *blocks = calloc(n + 1, sizeof *blocks);
  for (size_t i = 0; i < n; i++) {
    json_t *c = json_array_get(list, i);
    const char *wire = json_string_value(json_object_get(c, "wire"));
    blocks[i].data = malloc(strlen(wire) / 2 + 1);
    blocks[i].len = unhex(wire, blocks[i].data);
    blocks[i].headers = json_object_get(c, "headers");
  }
  assert_int_equal(run_from(blocks, n, 0, n), 0);
  for (size_t from = 1; from < n; from += 1 + n / 40) {
    (*joins)++;
    run_from(blocks, n, from, 60);
  }
  for (size_t i = 0; i < n; i++) free(blocks[i].data);
  free(blocks);
  json_decref(root);
  return n;
}

static void all(void **state) {
  (void)state;
  size_t blocks = 0, joins = 0;
  DIR *top = opendir(cases);
  for (struct dirent *e; (e = readdir(top));) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", cases, e->d_name);
    DIR *dir = e->d_name[0] == '.' || strcmp(e->d_name, "raw-data") == 0 ? NULL : opendir(path);
    for (struct dirent *s; dir && (s = readdir(dir));) {
      char file[2048];
      snprintf(file, sizeof file, "%s/%s", path, s->d_name);
      if (strstr(s->d_name, ".json")) blocks += story(file, &joins);
    }
    if (dir) closedir(dir);
  }
  closedir(top);
  print_message("%zu blocks, %zu late joins\n", blocks, joins);
  assert_true(blocks > 0);
}

int main(void) {
  DIR *d = opendir(cases);
  if (!d) return 77;
  closedir(d);
  const struct CMUnitTest tests[] = {cmocka_unit_test(all)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
