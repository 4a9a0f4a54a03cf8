/* SPDX-License-Identifier: Apache-2.0 */
/* Finds values of classes inside a text: telling beginnings first, then named values, mail addresses, digits and codes. */
#include "analytics/data/scan_state.h"
#include "analytics/data/profile.h"
#include "base/hash.h"
#include "base/mem.h"

enum { WINDOW = 40 };

struct scan *scan_new(const struct classes *classes) {
  struct scan *s = mem_zalloc(sizeof *s);
  if (!s) return NULL;
  s->classes = classes;
  s->literals = literals_scratch_new(classes);
  if (s->literals) return s;
  scan_free(s);
  return NULL;
}

void scan_free(struct scan *s) {
  if (!s) return;
  literals_scratch_free(s->literals);
  mem_free(s->claimed);
  mem_free(s);
}

void scan_hit(struct scan *s, unsigned item, size_t from, size_t to) {
  for (size_t i = from; i < to; i++) s->claimed[i / 64] |= 1ULL << (i % 64);
  if (s->skip_credentials && s->classes->item[item].credential) return;
  s->found++;
  s->last = to - from;
  s->fn(s->user, item, (struct span){s->text.base + from, to - from});
}

static bool hinted(const struct class_hints *h, unsigned item) {
  for (unsigned i = 0; i < h->count; i++)
    if (h->item[i] == item) return true;
  return false;
}

/* A word of the class stands shortly before, in the same clause. */
static bool near(const struct scan *s, const struct data_class *c, size_t from) {
  size_t begin = from > WINDOW ? from - WINDOW : 0;
  struct span w = {s->text.base + begin, from - begin};
  for (uint32_t i = 0; i < c->near.count; i++)
    if (span_find_nocase(w, c->near.item[i]) < w.len) return true;
  return false;
}

static bool fits(const struct data_class *c, size_t len) {
  return len >= c->validator->min && len <= c->validator->max;
}

/* Among the classes of a shape that take this length, those that the context names. */
static bool try_named_shape(struct scan *s, const struct shape_index *x, size_t from, size_t to) {
  struct span v = {s->text.base + from, to - from};
  for (unsigned i = x->from[shape_length(v.len)]; i < x->from[shape_length(v.len) + 1]; i++) {
    unsigned item = x->item[i];
    const struct data_class *c = &s->classes->item[item];
    if (!fits(c, v.len)) continue;
    bool named = hinted(s->hints, item);
    if (!named && (from == 0 || !c->near.count)) continue;
    if (!c->validator->ok(v, true) || (!named && !near(s, c, from))) continue;
    scan_hit(s, item, from, to);
    return true;
  }
  return false;
}

/* The whole text under its key: it is what the key says, whatever else it looks like. */
static bool key_fits(const struct scan *s, struct span v) {
  if (v.len != s->text.len) return false;
  for (unsigned i = 0; i < s->hints->count; i++) {
    const struct data_class *c = &s->classes->item[s->hints->item[i]];
    if (fits(c, v.len) && c->validator->ok(v, true)) return true;
  }
  return false;
}

bool scan_shape(struct scan *s, enum shape shape, size_t from, size_t to) {
  const struct shape_index *x = &s->classes->by_shape[shape];
  struct span v = {s->text.base + from, to - from};
  if (scan_claimed(s, from, to)) return true;
  if ((from > 0 || s->hints->count) && try_named_shape(s, x, from, to)) return true;
  bool technical = s->hints->technical;
  bool number = shape == SHAPE_DIGITS || shape == SHAPE_PHONE;
  if (number && s->hints->count && key_fits(s, v)) return false;
  if (number && (technical || (s->hints->counts && v.len == s->text.len))) return false;
  for (unsigned i = x->from[shape_length(v.len)]; i < x->from[shape_length(v.len) + 1]; i++) {
    const struct data_class *c = &s->classes->item[x->item[i]];
    if (!c->alone || !fits(c, v.len) || !c->validator->ok(v, false)) continue;
    if (technical && strcmp(c->group, "identity") != 0) continue;
    scan_hit(s, x->item[i], from, to);
    return true;
  }
  return false;
}

/* ---- telling beginnings ---- */

static void refuse(struct scan *s, size_t from, size_t to) {
  uint8_t end = scan_before(s, to);
  if (to - from < 4 || (end != '-' && end != '_' && end != '.')) return;
  if (s->nrefused < SCAN_REFUSED) s->refused[s->nrefused++] = from;
}

static bool is_refused(const struct scan *s, size_t from) {
  for (unsigned i = 0; i < s->nrefused; i++)
    if (s->refused[i] == from) return true;
  return false;
}

bool scan_whole(const struct scan *s) { return s->found && s->last == s->text.len; }
bool scan_refused(const struct scan *s) { return is_refused(s, 0); }

static void on_pattern(struct scan *s, unsigned item, size_t from, size_t to) {
  const struct data_class *c = &s->classes->item[item];
  if (from < c->back) return;
  from -= c->back;
  if (scan_is_alnum(scan_before(s, from)) && scan_is_alnum(scan_at(s, from))) return;
  if (scan_claimed(s, from, from + 1)) return;
  struct span rest = span_skip(s->text, from);
  size_t n = literals_match(c, s->literals, rest);
  struct span v = span_head(rest, n);
  if (!n || (c->entropy > 0 && (validate_entropy(v) < c->entropy || validate_sample(v))) ||
      validate_masked(v)) {
    refuse(s, from, to);
    return;
  }
  if (c->validator->shape == SHAPE_LITERAL && !c->validator->ok(v, false)) return;
  scan_hit(s, item, from, from + n);
}

static bool skip_to_name(const struct scan *s, size_t *i) {
  static const char *const between[] = {"：", ":",  " ", "为", "是", "“",  "\"", "（",
                                        "(",  "【", "[", "，", "=",  "　", "叫", "\\"};
  for (unsigned steps = 0; steps < 4; steps++) {
    bool moved = false;
    for (size_t k = 0; k < sizeof between / sizeof *between && !moved; k++) {
      struct span b = span_str(between[k]);
      if (!span_starts(span_skip(s->text, *i), b)) continue;
      *i += b.len;
      moved = true;
    }
    if (!moved) break;
  }
  return *i < s->text.len;
}

static void on_name(struct scan *s, unsigned item, size_t to) {
  size_t i = to;
  if (!skip_to_name(s, &i) || scan_claimed(s, i, i + 1)) return;
  size_t n = validate_name_head(span_skip(s->text, i), false);
  if (!n) return;
  struct span v = {s->text.base + i, n};
  if (!s->classes->item[item].validator->ok(v, true) || scan_at(s, i + n) == '*') return;
  scan_hit(s, item, i, i + n);
}

static void on_place(struct scan *s, unsigned item, size_t from) {
  if (scan_claimed(s, from, from + 1)) return;
  size_t n = validate_address_head(span_skip(s->text, from));
  if (n) scan_hit(s, item, from, from + n);
}

static void on_literal(void *user, enum literal_kind kind, unsigned item, size_t from, size_t to) {
  struct scan *s = user;
  switch (kind) {
  case LITERAL_PATTERN: on_pattern(s, item, from, to); break;
  case LITERAL_NAME: on_name(s, item, to); break;
  case LITERAL_PLACE: on_place(s, item, from); break;
  case LITERAL_URL: break;
  }
}

/* ---- name = value ---- */

static const struct class_hints *hints_of(struct scan *s, struct span name) {
  uint64_t h = hash64(name, 7) | 1;
  struct scan_cached *c = &s->cache[h / 2 % SCAN_CACHE];
  if (c->hash != h) {
    class_keys_hints(s->classes, name, (struct span){0}, &c->hints);
    c->hash = h;
  }
  return &c->hints;
}

static bool is_word(uint8_t c) { return scan_is_alnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80; }

/* The word that ends before i, quotes and blanks apart. */
static struct span word_before(const struct scan *s, size_t i) {
  static const char skip[] = " \t\"'`?:.=\\>])";
  while (i > 0 && memchr(skip, s->text.base[i - 1], sizeof skip - 1)) i--;
  size_t end = i;
  while (i > 0 && end - i < 48 && is_word(s->text.base[i - 1])) i--;
  while (i < end && (s->text.base[i] == '-' || s->text.base[i] == '.')) i++;
  return (struct span){s->text.base + i, end - i};
}

/* Without quotes: up to a blank or what ends a value in code, URLs and markup. */
static struct span plain_value(const struct scan *s, size_t i) {
  size_t end = i;
  for (; end < s->text.len && end - i < 4096; end++) {
    uint8_t c = s->text.base[end];
    if (c <= ' ' || memchr(",;&\"'`)}<>", c, 10) || c >= 0xe2) break;
  }
  return (struct span){s->text.base + (i < s->text.len ? i : s->text.len), end > i ? end - i : 0};
}

static struct span value_after(const struct scan *s, size_t i) {
  static const char skip[] = " \t\r\n=>:(\\";
  uint8_t quote = 0;
  for (unsigned n = 0; n < 12 && i < s->text.len; n++, i++) {
    uint8_t c = s->text.base[i];
    if (c == '"' || c == '\'' || c == '`') {
      quote = c;
      i++;
      break;
    }
    if (!memchr(skip, c, sizeof skip - 1)) break;
  }
  size_t end = i;
  for (; end < s->text.len && end - i < 4096; end++) {
    uint8_t c = s->text.base[end];
    if (quote ? c == quote || c == '\\' || c == '\n' : c <= ' ' || memchr(",;&\"'`)}<>", c, 10) || c >= 0xe2)
      break;
  }
  struct span v = {s->text.base + (i < s->text.len ? i : s->text.len), end > i ? end - i : 0};
  static const char *const schemes[] = {"bearer", "basic", "token", "api-token", "apikey"};
  for (size_t k = 0; k < sizeof schemes / sizeof *schemes; k++) { /* Authorization: Bearer … */
    struct span w = span_str(schemes[k]);
    if (!span_starts_nocase(v, w)) continue;
    if (v.len > w.len + 1 && v.base[w.len] == ' ') return span_skip(v, w.len + 1);
    if (v.len == w.len && scan_at(s, end) == ' ') return plain_value(s, end + 1);
  }
  return v;
}

static bool try_named(struct scan *s, struct span name, struct span value) {
  if (name.len < 2 || !value.len || scan_is_digit(name.base[0])) return false;
  const struct class_hints *h = hints_of(s, name);
  size_t from = (size_t)(value.base - s->text.base);
  for (unsigned pass = 0; pass < 2; pass++) {
    for (unsigned i = 0; i < h->count; i++) {
      const struct data_class *c = &s->classes->item[h->item[i]];
      if (c->weak != (pass == 1) || !fits(c, value.len) || !c->validator->ok(value, true)) continue;
      if (scan_claimed(s, from, from + value.len)) return true;
      if (c->weak && is_refused(s, from)) return false;
      scan_hit(s, h->item[i], from, from + value.len);
      return true;
    }
  }
  return false;
}

static void named_values(struct scan *s) {
  struct span t = s->text;
  for (size_t i = 1; i + 3 < t.len; i++) {
    uint8_t c = t.base[i];
    bool comma = c == ',' && (scan_before(s, i) == '"' || scan_before(s, i) == '\'');
    bool arrow = c == '>' && scan_before(s, i) == '=';
    if (c != '=' && c != ':' && !comma && !arrow) continue;
    if (c == ':' && scan_at(s, i + 1) == '/' && scan_at(s, i + 2) == '/') continue;
    if (memchr("=:", scan_at(s, i + 1), 2)) continue; /* the last of ::= */
    struct span name = word_before(s, i), value = value_after(s, i + 1);
    if (try_named(s, name, value) || !name.len) continue;
    size_t from = (size_t)(name.base - t.base);
    if (from > 1 && t.base[from - 1] == ' ')
      try_named(s, word_before(s, from), value); /* var token string = … */
  }
}

bool scan_missed(struct scan *s) {
  bool missed = s->missed;
  s->missed = false;
  return missed;
}

static bool ready(struct scan *s, size_t len) {
  size_t words = len / 64 + 1;
  if (words > s->room) {
    uint64_t *p = mem_realloc(s->claimed, words * 2 * sizeof *p);
    if (!p) return false;
    s->claimed = p;
    s->room = words * 2;
  }
  if (words == 1)
    s->claimed[0] = 0;
  else
    memset(s->claimed, 0, words * sizeof *s->claimed);
  return true;
}

static struct profile profile(struct span text, const struct look *look) {
  if (text.len > LOOK_MAX) return profile_of(text);
  return (struct profile){look->digits, look->high, look->mail, look->named};
}

unsigned scan_text(struct scan *s, struct span text, const struct look *look, const struct class_hints *hints,
                   bool skip_credentials, scan_fn fn, void *user) {
  if (!ready(s, text.len)) {
    s->missed = true;
    return 0;
  }
  s->text = text;
  s->hints = hints;
  s->skip_credentials = skip_credentials;
  s->fn = fn;
  s->user = user;
  s->found = s->nrefused = 0;
  struct profile p = profile(text, look);
  bool number = p.digits == text.len;
  if (text.len >= SCAN_LITERAL_MIN && !number) literals_scan(s->classes, s->literals, text, on_literal, s);
  if (text.len >= 8 && p.named) named_values(s);
  if (p.digits < 5 && !p.mail && !(p.high && p.digits)) return s->found;
  if (text.len <= LOOK_BITS)
    scan_short_runs(s, look);
  else
    scan_runs(s);
  return s->found;
}
