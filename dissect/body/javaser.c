/* SPDX-License-Identifier: Apache-2.0 */
/* Java's object streams: classes describe their fields once, objects and strings are repeated by a handle. */
#include "base/err.h"
#include "dissect/body/hessian.h"
#include "dissect/body/javaser_read.h"

enum { CHAIN_MOST = 16 };

int javaser_begin(struct javaser *j, struct span s, struct body_walk *w) {
  j->r = reader_of(s);
  j->w = w;
  j->block = 0;
  j->depth = 0;
  j->nhandles = j->nclasses = 0;
  j->pair = NULL;
  if (reader_u32be(&j->r) == 0xaced0005) return 0;
  return j->r.bad ? ERR_TRUNC : ERR_SYNTAX;
}

struct span javaser_data(struct javaser *j, size_t n) {
  while (n && !j->block && !j->r.bad) {
    uint8_t c = reader_u8(&j->r);
    if (c == TC_BLOCKDATA)
      j->block = reader_u8(&j->r);
    else if (c == TC_BLOCKDATALONG)
      j->block = reader_u32be(&j->r);
    else
      reader_fail(&j->r);
  }
  if (n > j->block) reader_fail(&j->r);
  if (j->r.bad) return (struct span){0};
  j->block -= n;
  return reader_take(&j->r, n);
}

/* ---- leaves ---- */

static int give(struct javaser *j, struct path_node *at, enum leaf_type type, struct span v) {
  if (!j->w || !at) return 0;
  if (type == LEAF_STRING) v = hessian_text_joined(j->w->scratch, v);
  return walk_value(j->w, at, 0, type, v, v);
}

static struct path_node *child(struct javaser *j, struct path_node *at, struct span name) {
  return j->w && at ? path_child(j->w->paths, at, name.len ? name : SPAN_LIT("_")) : NULL;
}
static struct path_node *item(struct javaser *j, struct path_node *at) {
  return j->w && at ? path_item(j->w->paths, at) : NULL;
}

/* A value of a primitive type by its letter (JVMS 4.3.2). */
static int primitive(struct javaser *j, struct path_node *at, uint8_t type) {
  static const char types[] = "BCDFIJSZ";
  static const uint8_t sizes[] = {1, 2, 8, 4, 4, 8, 2, 1};
  const char *p = type ? strchr(types, type) : NULL;
  if (!p) return ERR_SYNTAX;
  unsigned size = sizes[p - types];
  uint64_t v = reader_be(&j->r, size);
  if (j->r.bad) return ERR_TRUNC;
  if (type == 'Z') return give(j, at, LEAF_BOOL, v ? SPAN_LIT("true") : SPAN_LIT("false"));
  if (type == 'D' || type == 'F') {
    double d;
    float f;
    uint32_t half = (uint32_t)v;
    memcpy(&d, &v, sizeof d);
    memcpy(&f, &half, sizeof f);
    return walk_printf(j->w, at, LEAF_NUMBER, "%.15g", type == 'D' ? d : (double)f);
  }
  int64_t n = (int64_t)v;
  if (type != 'C' && size < 8 && v >> (size * 8 - 1)) n = (int64_t)(v | ~0ULL << (size * 8));
  return walk_printf(j->w, at, LEAF_NUMBER, "%lld", (long long)n);
}

/* ---- what a class writes by itself ---- */

/* A string that stands next, as a map's key; false for another object. */
static bool key_text(struct javaser *j, struct span *out) {
  uint8_t c;
  if (!javaser_read_peek(j, &c)) return false;
  struct reader at = j->r;
  reader_skip(&at, 1);
  if (c == TC_REFERENCE) {
    const struct javaser_handle *h = javaser_read_handle(j, reader_u32be(&at));
    if (!h || !h->text.base) return false;
    *out = h->text;
  } else if (c == TC_STRING) {
    *out = reader_take(&at, reader_u16be(&at));
  } else {
    return false;
  }
  return !at.bad;
}

static int map_entry(struct javaser *j, struct path_node *at) {
  struct span key = {0}, value;
  struct path_node *kid = NULL;
  if (key_text(j, &key)) kid = child(j, at, key);
  int rc = javaser_object(j, NULL);
  if (rc < 0 || javaser_read_end(j)) return rc < 0 ? rc : ERR_SYNTAX;
  if (!kid && !key.base) kid = child(j, at, SPAN_LIT("{key}"));
  if (kid && kid->folded) rc = give(j, kid, LEAF_STRING, key);
  if (rc == 0 && j->pair && j->depth == 1 && key.base && key_text(j, &value))
    rc = j->pair(j->user, key, value);
  return rc < 0 ? rc : javaser_object(j, kid);
}

static bool is_map(struct span name) {
  return span_ends(name, SPAN_LIT("Map")) || span_ends(name, SPAN_LIT("Hashtable")) ||
         span_ends(name, SPAN_LIT("Properties"));
}

/* java.time.Ser: a letter for the kind, then its numbers. */
static int give_time(struct javaser *j, struct path_node *at, struct span s) {
  struct reader r = reader_of(s);
  uint8_t kind = reader_u8(&r);
  if (kind != 3 && kind != 5) return 0; /* LocalDate, LocalDateTime */
  int32_t year = (int32_t)reader_u32be(&r);
  unsigned month = reader_u8(&r), day = reader_u8(&r);
  if (r.bad || year < 0 || year > 9999) return 0;
  return walk_printf(j->w, at, LEAF_STRING, "%04d-%02u-%02u", year, month, day);
}

/* What stands up to the end mark: entries of maps, items of lists, numbers of dates. */
static int own_data(struct javaser *j, struct path_node *at, struct span name) {
  bool map = is_map(name);
  struct path_node *kid = map ? at : item(j, at);
  uint32_t items = 0;
  int rc = 0;
  uint8_t c;
  if (!j->block && javaser_read_peek(j, &c) && c == TC_BLOCKDATA) {
    struct span s = reader_rest(&j->r);
    struct span data = span_head(span_skip(s, 2), s.len > 1 ? s.base[1] : 0);
    if (span_eq(name, SPAN_LIT("java.time.Ser"))) rc = give_time(j, at, data);
    if (span_eq(name, SPAN_LIT("java.util.Date")) && data.len >= 8) {
      struct reader r = reader_of(data);
      char text[HESSIAN_DATE_TEXT];
      hessian_text_date(text, (int64_t)reader_u64be(&r));
      rc = walk_printf(j->w, at, LEAF_STRING, "%s", text);
    }
  }
  while (rc == 0 && !javaser_read_end(j)) {
    if (j->r.bad) return ERR_TRUNC;
    rc = map ? map_entry(j, at) : javaser_object(j, kid);
    items++;
  }
  if (j->w && !map && items) walk_items(j->w, items);
  return rc;
}

/* ---- objects ---- */

/* Sizes of collections and the like say nothing. */
static bool is_plumbing(struct span name) { return span_starts(name, SPAN_LIT("java.util.")); }
/* java.lang.Integer {value}. */
static bool is_wrapper(struct span name) { return span_starts(name, SPAN_LIT("java.lang.")); }

static int fields(struct javaser *j, struct path_node *at, const struct javaser_class *c) {
  struct reader names = {.pos = c->names, .end = j->r.end};
  for (uint16_t i = 0; i < c->fields; i++) {
    uint8_t type = reader_u8(&names);
    struct span name = reader_take(&names, reader_u16be(&names));
    bool prim = type != '[' && type != 'L';
    if (!prim) reader_skip(&names, reader_u8(&names) == TC_STRING ? reader_u16be(&names) : 4);
    if (names.bad) return ERR_TRUNC;
    bool self = is_wrapper(c->name) && span_eq(name, SPAN_LIT("value"));
    struct path_node *kid = self ? at : prim && is_plumbing(c->name) ? NULL : child(j, at, name);
    int rc = prim ? primitive(j, kid, type) : javaser_object(j, kid);
    if (rc < 0) return rc;
  }
  return 0;
}

static int object(struct javaser *j, struct path_node *at) {
  uint16_t chain[CHAIN_MOST], one;
  unsigned n = 0;
  int rc = javaser_read_class(j, &one);
  if (rc < 0) return rc;
  (void)javaser_read_new_handle(j);
  for (; one; one = j->class[one - 1].super_one) {
    if (n == CHAIN_MOST) return ERR_CAP;
    chain[n++] = one;
  }
  while (n && rc == 0) {
    const struct javaser_class *c = &j->class[chain[--n] - 1];
    if (c->flags & SC_SERIALIZABLE) {
      rc = fields(j, at, c);
      if (rc == 0 && (c->flags & SC_WRITE_METHOD)) rc = own_data(j, at, c->name);
    } else if (c->flags & SC_EXTERNALIZABLE) {
      rc = c->flags & SC_BLOCK_DATA ? own_data(j, at, c->name) : ERR_UNSUPPORTED;
    }
  }
  return rc;
}

static int array(struct javaser *j, struct path_node *at) {
  uint16_t one;
  int rc = javaser_read_class(j, &one);
  if (rc < 0) return rc;
  (void)javaser_read_new_handle(j);
  uint32_t n = reader_u32be(&j->r);
  if (!one || j->r.bad) return javaser_read_failed(j);
  struct span name = j->class[one - 1].name;
  uint8_t type = name.len > 1 && name.base[0] == '[' ? name.base[1] : 0;
  if (n > reader_left(&j->r)) return ERR_TRUNC;
  if (type == 'B') return give(j, at, LEAF_BYTES, reader_take(&j->r, n));
  struct path_node *kid = item(j, at);
  if (j->w && at) walk_items(j->w, n);
  for (uint32_t i = 0; i < n && rc == 0; i++)
    rc = type == 'L' || type == '[' ? javaser_object(j, kid) : primitive(j, kid, type);
  return rc;
}

static int string(struct javaser *j, struct path_node *at, bool is_long) {
  struct javaser_handle *h = javaser_read_new_handle(j);
  uint64_t n = is_long ? reader_u64be(&j->r) : reader_u16be(&j->r);
  struct span s = reader_take(&j->r, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
  if (j->r.bad) return ERR_TRUNC;
  if (h) h->text = s.base ? s : SPAN_LIT("");
  return give(j, at, LEAF_STRING, s);
}

static int reference(struct javaser *j, struct path_node *at) {
  const struct javaser_handle *h = javaser_read_handle(j, reader_u32be(&j->r));
  if (j->r.bad) return ERR_TRUNC;
  return h && h->text.base ? give(j, at, LEAF_STRING, h->text) : 0; /* an object was given where it stands */
}

/* A constant of an enumeration, or a class. */
static int named(struct javaser *j, struct path_node *at, bool constant) {
  uint16_t one;
  int rc = javaser_read_class(j, &one);
  if (rc < 0) return rc;
  (void)javaser_read_new_handle(j);
  return constant ? javaser_object(j, at) : 0;
}

static int content(struct javaser *j, struct path_node *at, uint8_t c) {
  uint16_t one;
  switch (c) {
  case TC_NULL: return give(j, at, LEAF_NULL, SPAN_LIT("null"));
  case TC_REFERENCE: return reference(j, at);
  case TC_OBJECT: return object(j, at);
  case TC_STRING:
  case TC_LONGSTRING: return string(j, at, c == TC_LONGSTRING);
  case TC_ARRAY: return array(j, at);
  case TC_CLASS:
  case TC_ENUM: return named(j, at, c == TC_ENUM);
  case TC_RESET: j->nhandles = 0; return javaser_object(j, at);
  case TC_CLASSDESC: j->r.pos--; return javaser_read_class(j, &one);
  default: return ERR_SYNTAX;
  }
}

int javaser_object(struct javaser *j, struct path_node *at) {
  uint8_t c = reader_u8(&j->r);
  if (j->r.bad) return ERR_TRUNC;
  if (++j->depth > DEPTH_MOST) return ERR_CAP;
  int rc = content(j, at, c);
  j->depth--;
  return rc < 0 ? rc : j->r.bad ? ERR_TRUNC : 0;
}

static int javaser_walk(struct body_walk *w, struct span s) {
  struct javaser j;
  uint32_t before = w->leaves;
  int rc = javaser_begin(&j, s, w);
  while (rc == 0 && reader_left(&j.r))
    if (!javaser_read_block(&j)) rc = javaser_object(&j, walk_root(w));
  if (rc == ERR_TRUNC || rc == ERR_UNSUPPORTED) rc = w->cut || rc == ERR_UNSUPPORTED ? 0 : ERR_SYNTAX;
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int javaser_match(struct span mime, struct span head) {
  (void)mime;
  return span_starts(head, SPAN_LIT("\xac\xed\x00\x05")) && head.len > 5 && head.base[4] >= TC_NULL &&
                 head.base[4] <= TC_ENUM
             ? 2
             : 0;
}

const struct body_format javaser_format = {"java", javaser_match, javaser_walk};
