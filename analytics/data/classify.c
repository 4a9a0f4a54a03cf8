/* SPDX-License-Identifier: Apache-2.0 */
/* Which data classes a message carries. */
#include "analytics/data/classes.h"
#include "analytics/data/classify.h"
#include "analytics/data/form.h"
#include "analytics/data/known.h"
#include "analytics/data/scan.h"
#include "analytics/data/tally.h"
#include "analytics/notes.h"
#include "base/err.h"
#include "base/mem.h"
#include "dissect/body/path.h"

enum { LINE_NAME = 48, LINE_MAX = 400, MAYBE = 1024, PEOPLE = 128, MAYBE_LEN = 12, LEARNT = 3, NAMES = 5 };
/* A value that reads like a person's name under a key that says nothing: counts when personal data stand beside it. */
struct maybe {
  uint8_t text[MAYBE_LEN];
  uint8_t len, place;
  const struct path_node *at;
};

struct classify {
  const struct classes *classes;
  struct known_keys keys;
  struct scan *scan;
  struct tally *tally;
  /* the value in hand */
  enum data_place place;
  const struct path_node *at;
  uint8_t whole_item; /* class of the last hit */
  uint64_t capped;
  int16_t masked_class[4]; /* mobile, id_card, bank_card, email */
  struct maybe maybe[MAYBE];
  uint32_t people[PEOPLE]; /* ids of nodes that hold personal data */
  unsigned nmaybe, npeople;
};

static const char *const masked_ids[4] = {"mobile", "id_card", "bank_card", "email"};

struct classify *classify_new(const struct classes *classes, const uint8_t key[32], uint32_t max_tokens) {
  struct classify *c = mem_zalloc(sizeof *c);
  if (!c) return NULL;
  c->classes = c->keys.classes = classes;
  c->scan = scan_new(classes);
  c->tally = tally_new(classes, key, max_tokens);
  for (unsigned i = 0; i < 4; i++) {
    const struct data_class *k = classes_find(classes, masked_ids[i]);
    c->masked_class[i] = k ? (int16_t)(k - classes->item) : -1;
  }
  if (c->scan && c->tally) return c;
  classify_free(c);
  return NULL;
}

void classify_free(struct classify *c) {
  if (!c) return;
  known_done(&c->keys);
  scan_free(c->scan);
  tally_free(c->tally);
  mem_free(c);
}

void classify_forget(struct classify *c) { known_forget(&c->keys); }

void classify_begin(struct classify *c) {
  tally_begin(c->tally);
  c->nmaybe = c->npeople = 0;
  known_begin(&c->keys);
}

static void note_person(struct classify *c, unsigned item) {
  const char *group = c->classes->item[item].group;
  if (strcmp(group, "identity") != 0 && strcmp(group, "contact") != 0 &&
      c->classes->item[item].mask.style != MASK_CARD)
    return;
  for (unsigned i = 0; i < c->npeople; i++)
    if (c->people[i] == c->at->parent) return;
  if (c->npeople < PEOPLE) c->people[c->npeople++] = c->at->parent;
}

static void maybe_name(struct classify *c, struct known *n, struct span v) {
  n->values++;
  if (c->classes->name_class < 0 || v.len < 6 || v.len > MAYBE_LEN || v.base[0] < 0xe4) return;
  struct class_hints word;
  if (!validate_name(v, true)) return;
  class_keys_hints(c->classes, v, (struct span){0}, &word);
  if (word.count) return; /* the name of a field, written as a value */
  n->names++;
  if (c->nmaybe == MAYBE) {
    c->capped++;
    return;
  }
  struct maybe *m = &c->maybe[c->nmaybe++];
  memcpy(m->text, v.base, v.len);
  m->len = (uint8_t)v.len;
  m->place = (uint8_t)c->place;
  m->at = c->at;
}

static void resolve_names(struct classify *c) {
  for (unsigned i = 0; i < c->nmaybe; i++) {
    const struct maybe *m = &c->maybe[i];
    const struct known *n = known_at(&c->keys, m->at->id);
    bool beside = n->names >= NAMES && n->names * 10 >= n->values * 9; /* a list of names and nothing else */
    for (unsigned k = 0; k < c->npeople && !beside; k++) beside = c->people[k] == m->at->parent;
    if (beside)
      tally_add(c->tally, (unsigned)c->classes->name_class, (enum data_place)m->place, m->at,
                span_of(m->text, m->len));
  }
}

static void on_value(void *user, unsigned item, struct span value) {
  struct classify *c = user;
  c->whole_item = (uint8_t)item;
  if (c->npeople < PEOPLE) note_person(c, item);
  tally_add(c->tally, item, c->place, c->at, value);
}

static void cover(struct classify *c, unsigned item, enum data_hidden how) {
  if (c->npeople < PEOPLE) note_person(c, item);
  tally_cover(c->tally, item, how, c->place, c->at);
}

/* A class whose validator takes any text would take a digest as well. */
static bool takes_all(const struct data_class *k) {
  return k->validator->shape == SHAPE_ANY && k->validator->normal == NORMAL_NONE;
}

static bool by_key(struct classify *c, const struct known *n, struct span v, bool weak,
                   bool skip_credentials) {
  const struct class_hints *h = &n->hints;
  for (unsigned i = 0; i < h->count; i++) {
    const struct data_class *k = &c->classes->item[h->item[i]];
    if (k->weak != weak) continue;
    if (v.len >= 24 && takes_all(k) && form_applies(k)) {
      enum data_hidden how = form_of(v, (enum data_hidden)n->key_says);
      if (how) {
        cover(c, h->item[i], how);
        return true;
      }
    }
    if (v.len < k->validator->min || v.len > k->validator->max || !k->validator->ok(v, true)) continue;
    if (skip_credentials && k->credential) return false;
    on_value(c, h->item[i], v);
    return true;
  }
  return false;
}

/* Nothing was found: is it hidden? */
static void hidden(struct classify *c, const struct known *n, struct span v, bool star) {
  for (unsigned i = 0; i < n->hints.count; i++) {
    const struct data_class *k = &c->classes->item[n->hints.item[i]];
    if (!form_applies(k)) continue;
    enum data_hidden how = form_of(v, (enum data_hidden)n->key_says);
    if (how) cover(c, n->hints.item[i], how);
    return;
  }
  if (!star || n->hints.count || v.len < 7 || v.len > 64 || !memchr(v.base, '*', v.len)) return;
  const char *id = form_masked_class(v);
  for (unsigned i = 0; id && i < 4; i++)
    if (strcmp(id, masked_ids[i]) == 0 && c->masked_class[i] >= 0)
      cover(c, (unsigned)c->masked_class[i], HIDDEN_MASKED);
}

/* A column or list whose values were of one class is asked for that class first. */
static bool confirmed(struct classify *c, struct known *n, struct span v, bool skip_credentials) {
  if (n->streak < LEARNT) return false;
  const struct data_class *k = &c->classes->item[n->item];
  if (k->validator->shape == SHAPE_ANY && !n->hints.count) return false; /* would take any word */
  if (v.len < k->validator->min || v.len > k->validator->max || !k->validator->ok(v, true)) return false;
  if (skip_credentials && k->credential) return false;
  on_value(c, n->item, v);
  return true;
}

static void learn(struct classify *c, struct known *n) {
  if (n->streak && n->item == c->whole_item) {
    if (n->streak < LEARNT) n->streak++;
    return;
  }
  n->item = c->whole_item;
  n->streak = 1;
}

/* What every request carries and no person stands in. */
static bool dull_header(struct span name) {
  static const char *const dull[] = {"host",
                                     "user-agent",
                                     "date",
                                     "etag",
                                     "server",
                                     "via",
                                     "connection",
                                     "origin",
                                     "vary",
                                     "age",
                                     "authorization",
                                     "proxy-authorization",
                                     "traceparent",
                                     "tracestate",
                                     "x-request-id",
                                     "x-forwarded-for",
                                     "x-real-ip",
                                     "forwarded",
                                     "transfer-encoding",
                                     "expires",
                                     "last-modified",
                                     "cache-control",
                                     "pragma",
                                     "upgrade",
                                     "sec-websocket-key",
                                     "sec-websocket-accept",
                                     "strict-transport-security",
                                     "allow",
                                     "b3",
                                     "te",
                                     "dnt",
                                     NULL};
  if (span_starts(name, SPAN_LIT("accept")) || span_starts(name, SPAN_LIT("content-")) ||
      span_starts(name, SPAN_LIT("if-")) || span_starts(name, SPAN_LIT("sec-")) ||
      span_starts(name, SPAN_LIT("access-control-")) || span_starts(name, SPAN_LIT("x-b3-")))
    return true;
  return span_in(name, dull);
}

/* made: what v is made of; NULL where it is not worth a scan. star: it may have a '*'. */
static unsigned look(struct classify *c, struct known *n, struct span v, const struct look *made, bool star) {
  bool skip = c->place == DATA_COOKIE;
  const struct class_hints *h = &n->hints;
  if (confirmed(c, n, v, skip)) return 1;
  unsigned found = h->count && by_key(c, n, v, false, skip) ? 1 : 0;
  if (found) {
    learn(c, n);
    return found;
  }
  found = made ? scan_text(c->scan, v, made, h, skip, on_value, c) : 0;
  if (found) {
    if (found == 1 && scan_whole(c->scan)) learn(c, n);
    return found;
  }
  n->streak = 0;
  if (h->blank) maybe_name(c, n, v);
  if (h->count && !(made && scan_refused(c->scan)) && by_key(c, n, v, true, skip)) return 1;
  hidden(c, n, v, star);
  return 0;
}

/* Words of a sentence, not a name with its value. */
static bool is_clause(struct span v) {
  return span_find(v, SPAN_LIT("，")) < v.len || span_find(v, SPAN_LIT("。")) < v.len ||
         span_find(v, SPAN_LIT("；")) < v.len;
}

/* "客户姓名：张三", "cust name: 张三" in a line of text: the value behind is what the name before says. Whether that settles it. */
static bool line(struct classify *c, struct known *n, struct span v, unsigned *found, struct known **said,
                 struct span *value) {
  static const char *const marks[] = {"：", ":", "="};
  size_t at = LINE_NAME, skip = 0;
  struct span head = span_head(v, LINE_NAME);
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
    size_t k = span_find(head, span_str(marks[i]));
    if (k < head.len && k < at) at = k, skip = strlen(marks[i]);
  }
  struct span rest = span_trim(span_skip(v, at + skip));
  if (!skip || at < 2 || !rest.len || is_clause(v)) return false;
  struct known *k = known_labelled(&c->keys, n, span_head(v, at), rest.len <= LINE_NAME);
  if (k == n) return false;
  *found = by_key(c, k, rest, false, false);
  *said = k, *value = rest;
  return *found || (k->hints.counts && span_is_digits(rest));
}

static bool is_dull(const struct leaf *leaf) {
  enum { UNKNOWN, DULL, TELLING };
  uint16_t *note = notes_at(leaf, NOTE_HEADER);
  if (!note) return dull_header(leaf->key);
  if (*note == UNKNOWN) *note = dull_header(leaf->key) ? DULL : TELLING;
  return *note == DULL;
}

unsigned classify_leaf(struct classify *c, enum data_place place, const struct leaf *leaf) {
  struct look made;
  look_at(leaf->value, &made);
  return classify_look(c, place, leaf, &made);
}

static inline struct span trimmed_span(struct span v) { /* few values have blanks at their ends */
  return v.base[0] > ' ' && v.base[v.len - 1] > ' ' ? v : span_trim(v);
}

unsigned classify_look(struct classify *c, enum data_place place, const struct leaf *leaf,
                       const struct look *made) {
  struct look trimmed;
  struct span v = leaf->value;
  if (!v.len || leaf->type == LEAF_BYTES) return 0;
  if (place == DATA_HEADER && is_dull(leaf)) return 0;
  struct known *n = known_of(&c->keys, leaf->node);
  if (leaf->label[0].len | leaf->label[1].len) {
    struct known *k = known_labelled(&c->keys, n, leaf->label[0], true);
    n = k == n ? known_labelled(&c->keys, n, leaf->label[1], false) : k;
  }
  bool worth = scan_worth(v, made);
  if (!n->hints.count && !worth && !n->hints.blank && n->streak < LEARNT && leaf->type != LEAF_TEXT) {
    if (leaf->type != LEAF_STRING || v.len < 7 || v.len > 64 || !made->star) return 0;
  }
  bool star = made->star || v.len > LOOK_MAX;
  v = trimmed_span(v);
  if (!v.len) return 0;
  if (worth && v.len != leaf->value.len) {
    look_at(v, &trimmed);
    made = &trimmed;
  }
  c->place = place;
  c->at = leaf->node;
  if (leaf->type == LEAF_TEXT && v.len <= LINE_MAX && !n->hints.count && (made->named || made->high)) {
    struct known *said = NULL;
    struct span value;
    unsigned found = 0;
    if (line(c, n, v, &found, &said, &value)) return found;
    found = look(c, n, v, worth ? made : NULL, star);
    return found || !said ? found : by_key(c, said, value, true, false);
  }
  return look(c, n, v, worth ? made : NULL, star);
}

int classify_end(struct classify *c, struct arena *arena, struct data_hits *out) {
  resolve_names(c);
  int rc = tally_end(c->tally, arena, out);
  bool missed = scan_missed(c->scan) || c->keys.missed;
  c->keys.missed = false;
  return missed && rc >= 0 ? ERR_NOMEM : rc;
}

int classify_covers(struct classify *c, struct arena *arena, struct data_covers *out) {
  return tally_covers(c->tally, arena, out);
}

uint64_t classify_capped(struct classify *c) {
  uint64_t n = c->capped + tally_capped(c->tally);
  c->capped = 0;
  return n;
}
