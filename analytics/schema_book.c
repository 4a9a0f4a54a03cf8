/* SPDX-License-Identifier: Apache-2.0 */
/* Learning the shape of an endpoint's messages. Messages of a known shape are only counted, but for a few. */
#include "analytics/schema_book.h"
#include "analytics/schema.h"
#include "base/mem.h"
#include "dissect/body/body.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

/* A shape is looked at this often at first, then once in so many messages. */
enum { LOOKS = 32, LOOK_EVERY = 16, SEGMENTS = 32, NAME = 96 };

const char *schema_book_place(enum schema_place p) {
  static const char *const names[] = {"path", "query", "header", "request", "response", "error"};
  return (unsigned)p < SCHEMA_PLACES ? names[p] : "";
}

struct schema_book *schema_book_new(void) {
  struct schema_book *b = mem_zalloc(sizeof *b);
  if (b) arena_init(&b->arena, NULL, 256 << 10);
  return b;
}

void schema_book_free(struct schema_book *b) {
  if (!b) return;
  arena_done(&b->arena);
  mem_free(b->field);
  mem_free(b);
}

static void say(struct schema_news *n, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void say(struct schema_news *n, const char *fmt, ...) {
  char text[256];
  va_list ap;
  va_start(ap, fmt);
  int len = vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  if (len <= 0 || (size_t)len >= sizeof text || n->len + (size_t)len + 2 > sizeof n->text) return;
  if (n->len) n->text[n->len++] = ';', n->text[n->len++] = ' ';
  memcpy(n->text + n->len, text, (size_t)len);
  n->len += (size_t)len;
}

static uint64_t field_hash(enum schema_place p, struct span path) { return hash64(path, 51 + (uint64_t)p); }

static struct schema_field *find(const struct schema_book *b, enum schema_place p, uint64_t hash,
                                 uint32_t guess) {
  if (guess < b->nfields && b->field[guess].hash == hash && b->field[guess].place == p)
    return &b->field[guess];
  for (uint32_t i = 0; i < b->nfields; i++)
    if (b->field[i].hash == hash && b->field[i].place == p) return &b->field[i];
  return NULL;
}

static struct schema_field *add(struct schema_book *b, enum schema_place p, struct span path, uint64_t hash) {
  if (b->nfields == SCHEMA_FIELDS) {
    b->full = true;
    return NULL;
  }
  if (b->nfields == b->size) {
    uint32_t size = b->size ? b->size * 2 : 8;
    struct schema_field *f = mem_realloc(b->field, size * sizeof *f);
    if (!f) {
      b->missed++;
      return NULL;
    }
    b->field = f;
    b->size = size;
  }
  struct span own = arena_copy(&b->arena, path);
  if (own.len != path.len) {
    b->full = true;
    return NULL;
  }
  struct schema_field *f = &b->field[b->nfields++];
  *f = (struct schema_field){.path = own, .hash = hash, .place = p};
  return f;
}

struct schema_field *schema_book_field(struct schema_book *b, enum schema_place p, struct span path) {
  uint64_t hash = field_hash(p, path);
  struct schema_field *f = find(b, p, hash, UINT32_MAX);
  return f ? f : add(b, p, path, hash);
}

void schema_book_word(struct schema_book *b, struct schema_field *f, struct span word) {
  if (f->closed) return;
  for (unsigned i = 0; i < f->nwords; i++)
    if (span_eq(f->word[i], word)) return;
  struct span own = f->nwords < SCHEMA_WORDS ? arena_copy(&b->arena, word) : (struct span){0};
  if (own.len)
    f->word[f->nwords++] = own;
  else
    f->closed = true, f->nwords = 0;
}

void schema_book_class(struct schema_book *b, struct schema_field *f, struct span class_id,
                       struct span sample) {
  if (f->class_id.len || !class_id.len) return;
  f->class_id = arena_copy(&b->arena, class_id);
  f->sample = arena_copy(&b->arena, span_head(sample, 64));
  f->closed = true;
  f->nwords = 0;
}

struct schema_field *schema_book_hit(struct schema_book *b, enum dir d, bool good, struct span path) {
  enum schema_place p = d == DIR_REQUEST ? SCHEMA_REQUEST : good ? SCHEMA_RESPONSE : SCHEMA_ERROR;
  struct span where = span_cut(&path, '.');
  if (span_eq(where, SPAN_LIT("query")))
    p = SCHEMA_QUERY;
  else if (span_eq(where, SPAN_LIT("header")))
    p = SCHEMA_HEADER;
  else if (!span_eq(where, SPAN_LIT("body")))
    return NULL;
  if (d == DIR_RESPONSE && p == SCHEMA_HEADER) return NULL;
  return find(b, p, field_hash(p, path), UINT32_MAX);
}

static void measure(struct schema_field *f, double min, double max) {
  if (!f->measured || min < f->min) f->min = min;
  if (!f->measured || max > f->max) f->max = max;
  f->measured = true;
}

static uint16_t real_types(uint16_t types) { return types & (uint16_t) ~(1u << LEAF_NULL); }

static const char *type_word(uint16_t types) {
  types = real_types(types);
  if (types == 1u << LEAF_NUMBER) return "number";
  if (types == 1u << LEAF_BOOL) return "boolean";
  if (types == 1u << LEAF_BYTES) return "bytes";
  return types & (types - 1) ? "mixed" : types ? "string" : "null";
}

/* One message had the field; weight: how many messages it stands for. */
static void see(struct schema_book *b, struct schema_field *f, const struct field *x, uint64_t weight,
                struct schema_news *news) {
  uint16_t before = real_types(f->types), after = real_types((uint16_t)(f->types | x->types));
  bool fresh = !f->present;
  if (news && fresh)
    say(news, "%s %s %.*s appeared (%s)", schema_book_place(f->place),
        f->place < SCHEMA_REQUEST ? "parameter" : "field", (int)(f->path.len < NAME ? f->path.len : NAME),
        (const char *)f->path.base, type_word(x->types));
  else if (news && before && before != after)
    say(news, "%s field %.*s: %s became %s", schema_book_place(f->place),
        (int)(f->path.len < NAME ? f->path.len : NAME), (const char *)f->path.base, type_word(f->types),
        type_word(x->types));
  f->present += weight;
  f->occurred += x->seen;
  f->types |= x->types;
  f->format |= x->format;
  uint16_t one = real_types(x->types);
  if (one == 1u << LEAF_NUMBER || one == 1u << LEAF_STRING) {
    if (before && before != one)
      f->measured = false;
    else if (before == after || fresh || !before)
      measure(f, x->min, x->max);
  }
  if (!x->words || x->words->more) {
    if (one && !(one == 1u << LEAF_BOOL)) f->closed = true, f->nwords = 0;
    return;
  }
  for (uint32_t i = 0; i < x->words->count; i++) schema_book_word(b, f, x->words->word[i]);
}

/* How many messages the one in hand stands for; 0: only counted. */
static uint64_t weigh(struct schema_book *b, unsigned which, uint64_t print, uint64_t messages) {
  for (unsigned i = 0; i < b->nshapes[which]; i++) {
    struct schema_shape *s = &b->shape[which][i];
    if (s->print != print) continue;
    s->seen++;
    s->pending++;
    if (s->seen > LOOKS && s->seen % LOOK_EVERY) return 0;
    uint64_t weight = s->pending;
    s->pending = 0;
    return weight;
  }
  if (b->nshapes[which] == SCHEMA_SHAPES) return messages < 4096 ? 1 : 0;
  b->shape[which][b->nshapes[which]++] = (struct schema_shape){print, 1, 0};
  return 1;
}

/* Names that attackers, trackers and broken clients make up are no parameters. */
static bool is_name(struct span s) {
  if (!s.len || s.len > 64) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (!isalnum(c) && !strchr("_.-[]$:@{}", c) && c < 0x80) return false;
  }
  return true;
}

static void learn_fields(struct schema_book *b, const struct fields *all, enum schema_place body,
                         uint64_t weight, struct schema_news *news) {
  for (uint32_t i = 0; i < all->count; i++) {
    const struct field *x = &all->item[i];
    struct span path = x->path;
    enum schema_place p = body;
    if (path.len > 1 && path.base[0] == '?') {
      p = SCHEMA_QUERY;
      path = span_skip(path, 1);
      if (!is_name(path)) continue;
    }
    uint64_t hash = field_hash(p, path);
    struct schema_field *f = find(b, p, hash, i);
    if (!f) f = add(b, p, path, hash);
    if (f) see(b, f, x, weight, news);
  }
}

/* Headers that every client sends say nothing about the endpoint. */
static bool is_usual(struct span name) {
  /* clang-format off */
  static const char *const usual[] = {
    "host", "user-agent", "connection", "cookie", "authorization", "via", "te", "expect", "date", "range", "dnt",
    "upgrade", "origin", "referer", "pragma", "forwarded", "cache-control", "keep-alive", "priority", "trailer",
    "transfer-encoding", "x-real-ip", "x-request-id", "x-requested-with", "traceparent", "tracestate", "baggage",
    "x-correlation-id", "x-trace-id", "x-span-id", "b3", "uber-trace-id", "http2-settings", "from", "save-data",
    "proxy-connection", "x-amzn-trace-id", "x-client-ip", "true-client-ip", "cf-connecting-ip", "x-http-method",
    "grpc-timeout", "grpc-encoding", "grpc-accept-encoding", "x-original-url", "x-rewrite-url", "warning",
    "x-caller", "last-event-id", "purpose", "early-data", "x-envoy-expected-rq-timeout-ms", "accept",
  };
  static const char *const starts[] = {"accept-", "content-", "x-forwarded-", "x-b3-", "if-", "sec-", "access-control-",
                                       "proxy-", "x-envoy-", "cdn-", "cf-", "x-datadog-", "x-amz-", ":"};
  /* clang-format on */
  for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
    if (span_eq_nocase(name, span_str(usual[i]))) return true;
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
    if (span_starts_nocase(name, span_str(starts[i]))) return true;
  return false;
}

static void learn_headers(struct schema_book *b, const struct headers *h, uint64_t weight,
                          struct schema_news *news) {
  for (uint32_t i = 0; i < h->count; i++) {
    const struct header *x = &h->item[i];
    if (!x->name_known || !is_name(x->name) || is_usual(x->name)) continue;
    char low[64];
    for (size_t k = 0; k < x->name.len; k++) low[k] = (char)tolower(x->name.base[k]);
    struct schema_field *f = schema_book_field(b, SCHEMA_HEADER, span_of(low, x->name.len));
    if (!f) continue;
    struct field one = {.seen = 1, .types = 1u << LEAF_STRING};
    if (x->value_known) {
      one.format = schema_format(x->value);
      one.min = one.max = (double)x->value.len;
    }
    see(b, f, &one, weight, news);
  }
}

/* Segments of the template against those of the path: what stands in the braces. */
static void learn_path(struct schema_book *b, struct span endpoint, struct span path, uint64_t weight) {
  struct span t = span_skip(endpoint, span_index(endpoint, ' ') + 1);
  t = span_head(t, span_index(t, '?'));
  for (unsigned i = 0; i < SEGMENTS && t.len && path.len; i++) {
    struct span part = span_cut(&t, '/'), value = span_cut(&path, '/');
    size_t open = span_index(part, '{'), shut = span_index(part, '}');
    if (open >= shut || shut >= part.len) continue;
    size_t after = part.len - shut - 1;
    if (value.len < open + after) continue;
    value = span_of(value.base + open, value.len - open - after);
    struct span name = span_of(part.base + open + 1, shut - open - 1);
    struct schema_field *f = schema_book_field(b, SCHEMA_PATH, name);
    if (!f) continue;
    struct field one = {.seen = 1, .types = 1u << LEAF_STRING, .format = schema_format(value)};
    one.min = one.max = (double)value.len;
    see(b, f, &one, weight, NULL);
  }
}

void schema_book_status(struct schema_book *b, uint16_t status, uint64_t calls) {
  for (unsigned i = 0; i < b->nstatuses; i++)
    if (b->status[i].status == status) {
      b->status[i].calls += calls;
      return;
    }
  if (b->nstatuses < SCHEMA_STATUSES) b->status[b->nstatuses++] = (struct schema_status){status, calls};
}

bool schema_book_medium(struct schema_book *b, enum dir d, struct span type, uint64_t calls) {
  if (!type.len || type.len > SCHEMA_MEDIUM || span_index(type, '/') == type.len) return false;
  for (unsigned i = 0; i < b->nmedia[d]; i++) {
    struct schema_medium *m = &b->medium[d][i];
    if (!span_eq(span_of(m->type, m->len), type)) continue;
    m->calls += calls;
    return false;
  }
  if (b->nmedia[d] == SCHEMA_MEDIA) return false;
  for (size_t i = 0; i < type.len; i++)
    if (type.base[i] <= ' ' || type.base[i] > '~' || strchr("\"<>;,{}\\", type.base[i])) return false;
  struct schema_medium *m = &b->medium[d][b->nmedia[d]++];
  *m = (struct schema_medium){.len = (uint8_t)type.len, .calls = calls};
  memcpy(m->type, type.base, type.len);
  return true;
}

static bool whole(const struct side *s) { return s->seen && s->complete && !s->unseen; }

bool schema_book_learn(struct schema_book *b, const struct api_event *e, struct span endpoint, bool tell,
                       struct schema_news *news) {
  const struct txn *t = e->txn;
  bool http = t->method.len && t->path.len, good = t->outcome == TXN_OK;
  if (http) good = t->status >= 100 && t->status < 400;
  struct schema_news *to = tell ? news : NULL;
  uint32_t before = b->nstatuses;
  if (t->status >= 0 && t->status < 1000 && http) schema_book_status(b, (uint16_t)t->status, 1);
  if (to && b->nstatuses != before && t->status >= 500) say(to, "status %d appeared", t->status);
  for (int d = 0; d < 2; d++)
    if ((d == DIR_REQUEST || good) && side_body(&t->side[d]).len + t->side[d].body_bytes &&
        schema_book_medium(b, (enum dir)d, t->side[d].mime, 1) && to)
      say(to, "%s media type %.*s appeared", d ? "response" : "request", SPAN_FMT(t->side[d].mime));
  if (good && t->side[0].seen && !(t->side[0].unseen & ~(uint32_t)UNSEEN_ONE_SIDED)) {
    uint64_t weight = weigh(b, 0, e->fields[0].fingerprint, b->messages[SCHEMA_REQUEST]);
    b->messages[SCHEMA_REQUEST] += weight;
    if (weight) {
      learn_fields(b, &e->fields[0], SCHEMA_REQUEST, weight, to);
      if (http) learn_headers(b, &t->side[0].headers, weight, to);
      if (http) learn_path(b, endpoint, t->path, weight);
    }
  }
  if (whole(&t->side[1]) && e->fields[1].count) {
    enum schema_place p = good ? SCHEMA_RESPONSE : SCHEMA_ERROR;
    uint64_t weight = weigh(b, good ? 1 : 2, e->fields[1].fingerprint, b->messages[p]);
    b->messages[p] += weight;
    if (weight) learn_fields(b, &e->fields[1], p, weight, good ? to : NULL);
  }
  b->messages[SCHEMA_PATH] = b->messages[SCHEMA_QUERY] = b->messages[SCHEMA_HEADER] =
      b->messages[SCHEMA_REQUEST];
  return !b->full;
}

void schema_book_merge(struct schema_book *to, const struct schema_book *from) {
  for (uint32_t i = 0; i < from->nfields; i++) {
    const struct schema_field *x = &from->field[i];
    struct schema_field *f = schema_book_field(to, x->place, x->path);
    if (!f) continue;
    bool fresh = !f->present, alike = fresh || real_types(f->types) == real_types(x->types);
    f->present += x->present;
    f->occurred += x->occurred;
    f->types |= x->types;
    f->format |= x->format;
    if (x->measured && alike)
      measure(f, x->min, x->max);
    else if (!alike)
      f->measured = false;
    if (x->closed) f->closed = true, f->nwords = 0;
    schema_book_class(to, f, x->class_id, x->sample);
    for (unsigned k = 0; k < x->nwords; k++) schema_book_word(to, f, x->word[k]);
  }
  for (int p = 0; p < SCHEMA_PLACES; p++) to->messages[p] += from->messages[p];
  for (unsigned i = 0; i < from->nstatuses; i++)
    schema_book_status(to, from->status[i].status, from->status[i].calls);
  for (int d = 0; d < 2; d++)
    for (unsigned i = 0; i < from->nmedia[d]; i++)
      schema_book_medium(to, (enum dir)d, span_of(from->medium[d][i].type, from->medium[d][i].len),
                         from->medium[d][i].calls);
}
