/* SPDX-License-Identifier: Apache-2.0 */
/* Finds values of classes inside a text: telling beginnings first, then named values, mail addresses, digits and codes. */
#include "analytics/data/scan.h"
#include "analytics/data/literals.h"
#include "analytics/data/profile.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

enum { WINDOW = 40, CACHE = 2048, GROUPS = 6, REFUSED = 8, PHONE_MAX = 24 };

struct cached {
  uint64_t hash;
  struct class_hints hints;
};
struct scan {
  const struct classes *classes;
  struct literals_scratch *literals;
  uint64_t *claimed; /* a bit per byte of the text */
  size_t room;       /* words */
  struct cached cache[CACHE];
  /* the text in hand */
  struct span text;
  const struct class_hints *hints;
  bool skip_credentials;
  scan_fn fn;
  void *user;
  unsigned found;
  size_t last; /* length of the last one */
  /* where a maker's prefix stands and the rest is not of its form: no token of any kind begins there */
  size_t refused[REFUSED];
  unsigned nrefused;
};

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

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }
static bool is_alpha(uint8_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }
static bool is_alnum(uint8_t c) { return is_digit(c) || is_alpha(c); }
static uint8_t at(const struct scan *s, size_t i) { return i < s->text.len ? s->text.base[i] : 0; }
static uint8_t before(const struct scan *s, size_t i) { return i > 0 ? s->text.base[i - 1] : 0; }

static bool is_claimed(const struct scan *s, size_t from, size_t to) {
  return (s->claimed[from / 64] >> (from % 64) & 1) ||
         (to > from && s->claimed[(to - 1) / 64] >> ((to - 1) % 64) & 1);
}

static void hit(struct scan *s, unsigned item, size_t from, size_t to) {
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
    hit(s, item, from, to);
    return true;
  }
  return false;
}

/* The class of the value at from…to among those of a shape: one that the context names, else one that needs none. */
static bool try_shape(struct scan *s, enum shape shape, size_t from, size_t to) {
  const struct shape_index *x = &s->classes->by_shape[shape];
  struct span v = {s->text.base + from, to - from};
  if (is_claimed(s, from, to)) return true;
  if ((from > 0 || s->hints->count) && try_named_shape(s, x, from, to)) return true;
  bool technical = s->hints->technical;
  if (technical && (shape == SHAPE_DIGITS || shape == SHAPE_PHONE)) return false;
  for (unsigned i = x->from[shape_length(v.len)]; i < x->from[shape_length(v.len) + 1]; i++) {
    const struct data_class *c = &s->classes->item[x->item[i]];
    if (!c->alone || !fits(c, v.len) || !c->validator->ok(v, false)) continue;
    if (technical && strcmp(c->group, "identity") != 0) continue;
    hit(s, x->item[i], from, to);
    return true;
  }
  return false;
}

/* ---- telling beginnings ---- */

static void refuse(struct scan *s, size_t from, size_t to) {
  uint8_t end = before(s, to);
  if (to - from < 4 || (end != '-' && end != '_' && end != '.')) return;
  if (s->nrefused < REFUSED) s->refused[s->nrefused++] = from;
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
  if (is_alnum(before(s, from)) && is_alnum(at(s, from))) return;
  if (is_claimed(s, from, from + 1)) return;
  struct span rest = span_skip(s->text, from);
  size_t n = literals_match(c, s->literals, rest);
  struct span v = span_head(rest, n);
  if (!n || (c->entropy > 0 && (validate_entropy(v) < c->entropy || validate_sample(v))) ||
      validate_masked(v)) {
    refuse(s, from, to);
    return;
  }
  if (c->validator->shape == SHAPE_LITERAL && !c->validator->ok(v, false)) return;
  hit(s, item, from, from + n);
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
  if (!skip_to_name(s, &i) || is_claimed(s, i, i + 1)) return;
  size_t n = validate_name_head(span_skip(s->text, i), false);
  if (!n) return;
  struct span v = {s->text.base + i, n};
  if (!s->classes->item[item].validator->ok(v, true) || at(s, i + n) == '*') return;
  hit(s, item, i, i + n);
}

static void on_place(struct scan *s, unsigned item, size_t from) {
  if (is_claimed(s, from, from + 1)) return;
  size_t n = validate_address_head(span_skip(s->text, from));
  if (n) hit(s, item, from, from + n);
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
  struct cached *c = &s->cache[h / 2 % CACHE];
  if (c->hash != h) {
    class_keys_hints(s->classes, name, (struct span){0}, &c->hints);
    c->hash = h;
  }
  return &c->hints;
}

static bool is_word(uint8_t c) { return is_alnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80; }

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
    if (v.len == w.len && at(s, end) == ' ') return plain_value(s, end + 1);
  }
  return v;
}

static bool try_named(struct scan *s, struct span name, struct span value) {
  if (name.len < 2 || !value.len || is_digit(name.base[0])) return false;
  const struct class_hints *h = hints_of(s, name);
  size_t from = (size_t)(value.base - s->text.base);
  for (unsigned pass = 0; pass < 2; pass++) {
    for (unsigned i = 0; i < h->count; i++) {
      const struct data_class *c = &s->classes->item[h->item[i]];
      if (c->weak != (pass == 1) || !fits(c, value.len) || !c->validator->ok(value, true)) continue;
      if (is_claimed(s, from, from + value.len)) return true;
      if (c->weak && is_refused(s, from)) return false;
      hit(s, h->item[i], from, from + value.len);
      return true;
    }
  }
  return false;
}

static void named_values(struct scan *s) {
  struct span t = s->text;
  for (size_t i = 1; i + 3 < t.len; i++) {
    uint8_t c = t.base[i];
    bool comma = c == ',' && (before(s, i) == '"' || before(s, i) == '\'');
    bool arrow = c == '>' && before(s, i) == '=';
    if (c != '=' && c != ':' && !comma && !arrow) continue;
    if (c == ':' && at(s, i + 1) == '/' && at(s, i + 2) == '/') continue;
    if (memchr("=:", at(s, i + 1), 2)) continue; /* the last of ::= */
    struct span name = word_before(s, i), value = value_after(s, i + 1);
    if (try_named(s, name, value) || !name.len) continue;
    size_t from = (size_t)(name.base - t.base);
    if (from > 1 && t.base[from - 1] == ' ')
      try_named(s, word_before(s, from), value); /* var token string = … */
  }
}

/* ---- runs ---- */

static size_t run_end(const struct scan *s, size_t i, size_t *digits) {
  size_t d = 0;
  for (; i < s->text.len && is_alnum(s->text.base[i]); i++) d += is_digit(s->text.base[i]);
  *digits = d;
  return i;
}

static size_t mail(struct scan *s, size_t at_sign) {
  static const char local[] = "._%+-";
  size_t from = at_sign, to = at_sign + 1;
  while (from > 0 && at_sign - from < 64 && (is_alnum(before(s, from)) || memchr(local, before(s, from), 5)))
    from--;
  while (from < at_sign && !is_alnum(s->text.base[from])) from++;
  while (to < s->text.len && to - at_sign < 190 &&
         (is_alnum(at(s, to)) || at(s, to) == '.' || at(s, to) == '-'))
    to++;
  while (to > at_sign && !is_alnum(before(s, to))) to--;
  if (from == at_sign || to <= at_sign + 1 || before(s, from) == '*') return at_sign + 1;
  if (before(s, from) == ':' || before(s, from) == '/') { /* scheme://user:word@host is no mail */
    size_t k = from > 64 ? from - 64 : 0;
    struct span w = {s->text.base + k, from - k};
    if (span_find(w, SPAN_LIT("://")) < w.len &&
        span_index(
            (struct span){w.base + span_find(w, SPAN_LIT("://")), w.len - span_find(w, SPAN_LIT("://"))},
            ' ') == w.len - span_find(w, SPAN_LIT("://")))
      return at_sign + 1;
  }
  return try_shape(s, SHAPE_MAIL, from, to) ? to : at_sign + 1;
}

/* 1990-03-07 and 1990年3月7日: as far as digits and separators of dates go. */
static void date(struct scan *s, size_t from) {
  size_t i = from, parts = 0;
  while (i < s->text.len && i - from < 20) {
    uint8_t c = at(s, i);
    if (is_digit(c)) {
      i++;
    } else if ((c == '-' || c == '/' || c == '.') && is_digit(at(s, i + 1)) && parts < 2) {
      parts++;
      i++;
    } else if (c == 0xe5 || c == 0xe6) { /* 年月日 */
      struct span rest = span_skip(s->text, i);
      if (!span_starts(rest, SPAN_LIT("年")) && !span_starts(rest, SPAN_LIT("月")) &&
          !span_starts(rest, SPAN_LIT("日")))
        break;
      i += 3;
    } else {
      break;
    }
  }
  if (i - from >= 8) try_shape(s, SHAPE_DATE, from, i);
}

/* As far as a phone number's digits and marks go. */
static size_t phone(struct scan *s, size_t from) {
  size_t end = from, gap = 0;
  if (before(s, from) == '+' || before(s, from) == '(') from--;
  if (before(s, from) == '+') from--;
  for (size_t i = from; i < s->text.len && i - from < PHONE_MAX && gap <= 2; i++) {
    uint8_t c = at(s, i);
    if (is_digit(c))
      end = i + 1, gap = 0;
    else if (c == ' ' || c == '-' || c == '.' || c == '(' || c == ')')
      gap++;
    else if (i > from)
      break;
  }
  if (is_alnum(at(s, end)) || at(s, end) == '*' || end - from < 8) return 0;
  return try_shape(s, SHAPE_PHONE, from, end) ? end : 0;
}

/* 41.173.96.26 and 6e40:4041::2eb4. */
static size_t net_address(struct scan *s, size_t from) {
  size_t i = from, dots = 0, colons = 0;
  for (; i < s->text.len && i - from < 45; i++) {
    uint8_t c = at(s, i);
    if (c == '.')
      dots++;
    else if (c == ':')
      colons++;
    else if (!is_digit(c) && !((c | 32) >= 'a' && (c | 32) <= 'f'))
      break;
  }
  while (i > from &&
         (before(s, i) == '.' || (before(s, i) == ':' && i - from > 1 && s->text.base[i - 2] != ':')))
    dots -= before(s, i) == '.', i--;
  if ((dots != 3 && colons < 2) || is_alnum(at(s, i)) || i - from < 7) return 0;
  return try_shape(s, SHAPE_IP, from, i) ? i : 0;
}

static size_t digits(struct scan *s, size_t from, size_t end) {
  size_t stop[GROUPS], groups = 0, start = from;
  uint8_t prev = before(s, from), next = at(s, end);
  if (prev == '*' || next == '*' || prev == '_') return end;
  if (prev == '.' && from > 1 && is_digit(s->text.base[from - 2])) return end;
  if (next == '.' && is_digit(at(s, end + 1)) && end - from < 11) {
    size_t past = end - from <= 3 ? net_address(s, from) : 0;
    if (!past && end - from == 3) past = phone(s, from);
    return past ? past : end;
  }
  if (end - from == 4 || end - from == 8) date(s, from);
  if (prev == '+') start--;
  if (prev == '(' && next == ')' && is_digit(at(s, end + 1))) { /* (010)83046639 */
    size_t d, e = run_end(s, end + 1, &d);
    if (d == e - end - 1 && try_shape(s, SHAPE_DIGITS, from - 1, e)) return e;
  }
  stop[groups++] = end;
  for (size_t i = end; groups < GROUPS && (at(s, i) == ' ' || at(s, i) == '-') && is_digit(at(s, i + 1));) {
    size_t d, e = run_end(s, i + 1, &d);
    if (d != e - i - 1 || at(s, e) == '*') break;
    stop[groups++] = i = e;
  }
  if (is_claimed(s, from, end)) return end;
  while (groups > 0) {
    size_t to = stop[--groups];
    if (to - start < 7) break;
    if (try_shape(s, SHAPE_DIGITS, start, to)) return to;
  }
  if (start < from || prev == '(' || stop[0] != end || next == '-' || next == ' ') {
    size_t past = phone(s, from);
    if (past) return past;
  }
  if (end - from >= 8 && end - from <= 22) try_shape(s, SHAPE_TOKEN, from, end);
  return end;
}

/* Short runs matter in front of others only: +1 …, (02) …, 78 651 450. */
static bool worth_digits(const struct scan *s, size_t from, size_t end) {
  if (end - from >= 3) return true;
  uint8_t prev = before(s, from), next = at(s, end);
  if (prev == '+' || (prev == '(' && next == ')')) return true;
  return end - from == 2 && (next == ' ' || next == '-' || next == '.') && is_digit(at(s, end + 1));
}

static void plate(struct scan *s, size_t from) {
  if (from < 3 || s->classes->plate_class < 0) return;
  size_t n = validate_plate_head(span_skip(s->text, from - 3));
  if (!n || is_alnum(at(s, from - 3 + n)) || is_claimed(s, from - 3, from - 3 + n)) return;
  hit(s, (unsigned)s->classes->plate_class, from - 3, from - 3 + n);
}

static void code(struct scan *s, size_t from, size_t end) {
  uint8_t prev = before(s, from), next = at(s, end);
  size_t n = end - from;
  if (prev == '*' || next == '*' || prev == '_' || next == '_') return;
  if (n < 7 || n > 42) return;
  if ((prev == '-' || prev == '.') && from > 1 && is_alnum(s->text.base[from - 2])) return;
  if (next == '-' && is_alnum(at(s, end + 1))) return;
  if (!is_claimed(s, from, end)) try_shape(s, SHAPE_TOKEN, from, end);
}

/* One run of letters and digits; where to go on. */
static size_t run(struct scan *s, size_t i, size_t end, size_t ndigits) {
  if (before(s, i) >= 0x80 && is_alpha(s->text.base[i])) plate(s, i);
  size_t past = end - i <= 4 && at(s, end) == ':' && before(s, i) != ':' ? net_address(s, i) : 0;
  if (past) return past;
  if (ndigits == end - i) return worth_digits(s, i, end) ? digits(s, i, end) : end;
  code(s, i, end);
  return end;
}

static void runs(struct scan *s) {
  size_t i = 0, n = s->text.len;
  while (i < n) {
    uint8_t c = s->text.base[i];
    if (c == '@') {
      size_t past = mail(s, i);
      i = past > i ? past : i + 1;
    } else if (is_alnum(c)) {
      size_t d, end = run_end(s, i, &d);
      i = run(s, i, end, d);
    } else {
      i++;
    }
  }
}

/* The same over the bits of a short text. */
static void short_runs(struct scan *s, const struct look *look) {
  uint64_t word = look->digit_at | look->letter_at, telling = word | look->mail_at;
  size_t i = 0, n = s->text.len;
  while (i < n && telling >> i) {
    i += (unsigned)__builtin_ctzll(telling >> i);
    if (look->mail_at >> i & 1) {
      size_t past = mail(s, i);
      i = past > i ? past : i + 1;
      continue;
    }
    uint64_t rest = ~(word >> i);
    size_t len = rest ? (unsigned)__builtin_ctzll(rest) : LOOK_BITS;
    if (len > n - i) len = n - i;
    uint64_t mask = len < LOOK_BITS ? (1ULL << len) - 1 : ~0ULL;
    i = run(s, i, i + len, (size_t)__builtin_popcountll(look->digit_at >> i & mask));
  }
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
  if (!ready(s, text.len)) return 0;
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
    short_runs(s, look);
  else
    runs(s);
  return s->found;
}
