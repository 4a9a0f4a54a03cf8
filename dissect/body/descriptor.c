/* SPDX-License-Identifier: Apache-2.0 */
/* Reads descriptor sets, which are Protocol Buffers themselves (google/protobuf/descriptor.proto). */
#include "dissect/body/descriptor.h"
#include "base/err.h"
#include "base/reader.h"

#include <stdlib.h>

enum { NEST_MOST = 16, MESSAGES_MOST = 200000, FIELDS_MOST = 4096, METHODS_MOST = 100000 };
enum { FILE_IN_SET = 1, FILE_PACKAGE = 2, FILE_MESSAGE = 4, FILE_SERVICE = 6 };
enum { MESSAGE_NAME = 1, MESSAGE_FIELD = 2, MESSAGE_NESTED = 3, MESSAGE_OPTIONS = 7, OPTION_MAP = 7 };
enum {
  FIELD_NAME = 1,
  FIELD_NUMBER = 3,
  FIELD_LABEL = 4,
  FIELD_TYPE = 5,
  FIELD_TYPE_NAME = 6,
  LABEL_REPEATED = 3
};
enum { SERVICE_NAME = 1, SERVICE_METHOD = 2, METHOD_NAME = 1, METHOD_INPUT = 2, METHOD_OUTPUT = 3 };

struct item {
  uint32_t number;
  uint64_t value;
  struct span bytes; /* NULL base for a number */
};

/* The next field of a message; false at the end. Groups, which these have not, end it. */
static bool next(struct reader *r, struct item *f) {
  if (!reader_left(r)) return false;
  uint64_t tag = reader_varint(r);
  f->number = (uint32_t)(tag >> 3);
  f->value = 0;
  f->bytes = (struct span){0};
  switch (tag & 7) {
  case 0: f->value = reader_varint(r); break;
  case 1: f->value = reader_u64le(r); break;
  case 5: f->value = reader_u32le(r); break;
  case 2:
    f->value = reader_varint(r);
    f->bytes = reader_take(r, f->value <= reader_left(r) ? (size_t)f->value : SIZE_MAX);
    if (!f->bytes.base) f->bytes = span_of("", 0);
    break;
  default: reader_fail(r);
  }
  return !r->bad;
}

static struct span text_of(struct span message, uint32_t number) {
  struct reader r = reader_of(message);
  struct item f;
  struct span s = {0};
  while (next(&r, &f))
    if (f.number == number && f.bytes.base) s = f.bytes;
  return s;
}

static struct span joined(struct arena *a, struct span scope, struct span name) {
  if (!scope.len) return arena_copy(a, name);
  return arena_printf(a, "%.*s.%.*s", SPAN_FMT(scope), SPAN_FMT(name));
}

static int by_number(const void *a, const void *b) {
  uint32_t x = ((const struct descriptor_field *)a)->number, y = ((const struct descriptor_field *)b)->number;
  return x < y ? -1 : x > y;
}

static void read_field(struct descriptors *d, struct span text, struct descriptor_field *out) {
  struct reader r = reader_of(text);
  struct item f;
  while (next(&r, &f)) switch (f.number) {
    case FIELD_NAME: out->name = arena_copy(&d->arena, f.bytes); break;
    case FIELD_NUMBER: out->number = (uint32_t)f.value; break;
    case FIELD_LABEL: out->repeated = f.value == LABEL_REPEATED; break;
    case FIELD_TYPE: out->type = f.value <= DESCRIPTOR_SINT64 ? (uint8_t)f.value : 0; break;
    case FIELD_TYPE_NAME: out->type_name = arena_copy(&d->arena, f.bytes); break;
    default: break;
    }
  if (out->type_name.len && out->type_name.base[0] == '.') out->type_name = span_skip(out->type_name, 1);
}

static bool is_map(struct span options) {
  struct reader r = reader_of(options);
  struct item f;
  bool yes = false;
  while (next(&r, &f))
    if (f.number == OPTION_MAP) yes = f.value != 0;
  return yes;
}

static int read_message(struct descriptors *d, struct span scope, struct span text, unsigned depth) {
  struct reader r = reader_of(text), again = r;
  struct item f;
  uint32_t count = 0;
  if (depth > NEST_MOST || ++d->nmessages > MESSAGES_MOST) return ERR_CAP;
  struct descriptor_message *m = arena_zalloc(&d->arena, sizeof *m);
  if (!m) return ERR_NOMEM;
  m->name = joined(&d->arena, scope, text_of(text, MESSAGE_NAME));
  while (next(&r, &f)) count += f.number == MESSAGE_FIELD && count < FIELDS_MOST;
  if (r.bad) return ERR_SYNTAX;
  m->field = count ? arena_zalloc(&d->arena, count * sizeof *m->field) : NULL;
  if (count && !m->field) return ERR_NOMEM;
  m->next = d->messages;
  d->messages = m;
  int rc = 0;
  while (rc >= 0 && next(&again, &f)) {
    if (f.number == MESSAGE_FIELD && m->fields < count) read_field(d, f.bytes, &m->field[m->fields++]);
    if (f.number == MESSAGE_NESTED) rc = read_message(d, m->name, f.bytes, depth + 1);
    if (f.number == MESSAGE_OPTIONS) m->map_entry = is_map(f.bytes);
  }
  if (m->fields) qsort(m->field, m->fields, sizeof *m->field, by_number);
  return rc;
}

static struct span without_dot(struct span s) { return s.len && s.base[0] == '.' ? span_skip(s, 1) : s; }

static int read_service(struct descriptors *d, struct span scope, struct span text) {
  struct span service = joined(&d->arena, scope, text_of(text, SERVICE_NAME));
  struct reader r = reader_of(text);
  struct item f;
  while (next(&r, &f)) {
    if (f.number != SERVICE_METHOD) continue;
    struct descriptor_method *m = arena_zalloc(&d->arena, sizeof *m);
    if (!m) return ERR_NOMEM;
    if (++d->nmethods > METHODS_MOST) return ERR_CAP;
    struct span name = text_of(f.bytes, METHOD_NAME);
    m->name = arena_printf(&d->arena, "%.*s/%.*s", SPAN_FMT(service), SPAN_FMT(name));
    m->type[0] = arena_copy(&d->arena, without_dot(text_of(f.bytes, METHOD_INPUT)));
    m->type[1] = arena_copy(&d->arena, without_dot(text_of(f.bytes, METHOD_OUTPUT)));
    m->next = d->methods;
    d->methods = m;
  }
  return r.bad ? ERR_SYNTAX : 0;
}

static int read_file(struct descriptors *d, struct span text) {
  struct span package = text_of(text, FILE_PACKAGE);
  struct reader r = reader_of(text);
  struct item f;
  int rc = 0;
  while (rc >= 0 && next(&r, &f)) {
    if (f.number == FILE_MESSAGE) rc = read_message(d, package, f.bytes, 0);
    if (f.number == FILE_SERVICE) rc = read_service(d, package, f.bytes);
  }
  return rc < 0 ? rc : r.bad ? ERR_SYNTAX : 0;
}

void descriptors_init(struct descriptors *d) {
  memset(d, 0, sizeof *d);
  arena_init(&d->arena, NULL, 0);
}

void descriptors_done(struct descriptors *d) { arena_done(&d->arena); }

int descriptors_add(struct descriptors *d, struct span set) {
  struct reader r = reader_of(set);
  struct item f;
  int rc = 0;
  unsigned files = 0;
  while (rc >= 0 && next(&r, &f)) {
    if (f.number != FILE_IN_SET || !f.bytes.base) return ERR_SYNTAX;
    rc = read_file(d, f.bytes);
    files++;
  }
  return rc < 0 ? rc : r.bad || !files ? ERR_SYNTAX : 0;
}

static int by_name(const void *a, const void *b) {
  const struct descriptor_message *x = *(const struct descriptor_message *const *)a;
  const struct descriptor_message *y = *(const struct descriptor_message *const *)b;
  return span_cmp(x->name, y->name);
}

static int by_method(const void *a, const void *b) {
  const struct descriptor_method *x = *(const struct descriptor_method *const *)a;
  const struct descriptor_method *y = *(const struct descriptor_method *const *)b;
  return span_cmp(x->name, y->name);
}

static const struct descriptor_message *find(const struct descriptor_message **all, size_t n,
                                             struct span name) {
  struct descriptor_message key = {.name = name};
  const struct descriptor_message *k = &key;
  const struct descriptor_message **hit = n && name.len ? bsearch(&k, all, n, sizeof k, by_name) : NULL;
  return hit ? *hit : NULL;
}

void descriptors_join(struct descriptors *d) {
  const struct descriptor_message **all = arena_alloc(&d->arena, (d->nmessages + 1) * sizeof *all);
  size_t n = 0;
  if (!all) return;
  for (struct descriptor_message *m = d->messages; m; m = m->next) all[n++] = m;
  qsort(all, n, sizeof *all, by_name);
  for (struct descriptor_message *m = d->messages; m; m = m->next)
    for (uint32_t i = 0; i < m->fields; i++)
      if (m->field[i].type == DESCRIPTOR_MESSAGE) m->field[i].message = find(all, n, m->field[i].type_name);
  const struct descriptor_method **methods = arena_alloc(&d->arena, (d->nmethods + 1) * sizeof *methods);
  if (!methods) return;
  size_t k = 0;
  for (struct descriptor_method *m = d->methods; m; m = m->next) {
    for (int i = 0; i < 2; i++) m->message[i] = find(all, n, m->type[i]);
    methods[k++] = m;
  }
  qsort(methods, k, sizeof *methods, by_method);
  d->by_name = methods;
}

const struct descriptor_method *descriptors_method(const struct descriptors *d, struct span name) {
  struct descriptor_method key = {.name = name};
  const struct descriptor_method *k = &key;
  const struct descriptor_method **hit =
      d->by_name ? bsearch(&k, d->by_name, d->nmethods, sizeof k, by_method) : NULL;
  return hit ? *hit : NULL;
}

const struct descriptor_field *descriptor_field(const struct descriptor_message *m, uint32_t number) {
  struct descriptor_field key = {.number = number};
  return m->fields ? bsearch(&key, m->field, m->fields, sizeof key, by_number) : NULL;
}
