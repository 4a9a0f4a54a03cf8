/* SPDX-License-Identifier: Apache-2.0 */
/* Decodes what looks odd in a text and runs the rows whose words or bytes occur. */
#include "analytics/inspect/look.h"
#include "analytics/inspect/packed.h"

enum {
  INSPECT_PLAIN = 24, /* shorter values of plain letters are not looked at */
  INSPECT_PARTS = 64, /* parts of a long value */
  INSPECT_OVERLAP = 256,
  INSPECT_ROUNDS = 3,
};

static void set_form(struct inspect *in, unsigned i, struct span text) {
  struct inspect_form *f = &in->form[i];
  f->text = text;
  normalize_lower(text, in->low[i]);
  f->low = span_of(in->low[i], text.len);
  f->classes = normalize_classes(text);
  watch_begin(in->watch, "words of requests");
  words_scan(in->cx.rules, in->hs, f);
  watch_end(in->watch, "words of requests");
}

/* Add a decoded form that stands in text[i] already; false when it says nothing new. */
static bool add_form(struct inspect *in, size_t len) {
  unsigned i = in->cx.nforms;
  if (!len || i >= INSPECT_FORMS) return false;
  set_form(in, i, span_of(in->text[i], len));
  in->cx.nforms++;
  return true;
}

enum { ESCAPES = CLASS_PERCENT | CLASS_BACKSLASH | CLASS_ODD };

static bool may_unescape(const struct inspect_form *f, bool plus) {
  return (f->classes & ESCAPES) || (plus && (f->classes & CLASS_PLUS)) ||
         ((f->classes & CLASS_SEP) && memchr(f->text.base, '&', f->text.len) &&
          memchr(f->text.base, ';', f->text.len));
}

/* Base64 or hexadecimal in the whole value, or in its longest run of such letters. */
static void add_packed(struct inspect *in, struct span s) {
  size_t best = 0, len = 0, start = 0;
  for (size_t i = 0; i <= s.len; i++) {
    uint8_t c = i < s.len ? s.base[i] : ' ';
    bool in_run = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '+' ||
                  c == '/' || c == '-' || c == '_' || c == '=';
    if (in_run) continue;
    if (i - start > len) best = start, len = i - start;
    start = i + 1;
  }
  if (len < 12 || in->cx.nforms >= INSPECT_FORMS) return;
  struct span run = span_of(s.base + best, len);
  uint8_t *out = in->text[in->cx.nforms];
  size_t n = normalize_base64(run, out, INSPECT_TEXT);
  if (!n) {
    size_t eq = span_index(run, '=');
    if (eq + 12 < run.len) n = normalize_base64(span_skip(run, eq + 1), out, INSPECT_TEXT);
  }
  if (!n) n = normalize_hex(run, out, INSPECT_TEXT);
  if (!add_form(in, n) || in->cx.nforms >= INSPECT_FORMS) return;
  const struct inspect_form *f = &in->form[in->cx.nforms - 1];
  bool changed = false;
  enum { LETTERS = CLASS_HEX | CLASS_ALPHA | CLASS_PLUS | CLASS_SLASH | CLASS_EQUAL };
  if (may_unescape(f, false))
    n = normalize_unescape(f->text, false, in->text[in->cx.nforms], INSPECT_TEXT, &changed);
  else if (!(f->classes & ~(uint32_t)LETTERS) && packed_hint(f->text)) /* packed twice */
    changed = (n = normalize_base64(f->text, in->text[in->cx.nforms], INSPECT_TEXT)) > 0;
  if (changed) add_form(in, n);
}

static void decode(struct inspect *in, struct span s, bool plus) {
  for (unsigned round = 0; round < INSPECT_ROUNDS && in->cx.nforms < INSPECT_FORMS - 2; round++) {
    const struct inspect_form *f = &in->form[in->cx.nforms - 1];
    if (!may_unescape(f, plus && round == 0)) break;
    bool changed;
    size_t n =
        normalize_unescape(f->text, plus && round == 0, in->text[in->cx.nforms], INSPECT_TEXT, &changed);
    if (!changed || !add_form(in, n)) break;
  }
  if (s.len >= 12) add_packed(in, in->form[in->cx.nforms - 1].text);
  if ((in->form[0].classes & CLASS_PLUS) && span_find(s, SPAN_LIT("+A")) < s.len &&
      in->cx.nforms < INSPECT_FORMS)
    add_form(in, normalize_utf7(s, in->text[in->cx.nforms], INSPECT_TEXT));
}

/* Long text in which nearly every sign occurs is noise: encrypted, packed or made up. Words turn up in it by chance. */
static bool noise(struct span s) {
  enum { NOISE_TEXT = 512, NOISE_SIGNS = 27 };
  uint64_t seen[2] = {0, 0};
  if (s.len < NOISE_TEXT) return false;
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] < 0x80) seen[s.base[i] >> 6] |= 1ULL << (s.base[i] & 63);
  seen[0] &= 0xfc00fffe00000000ULL; /* ! to / and : to ? */
  seen[1] &= 0x78000001f8000001ULL; /* @, [ to ` and { to ~ */
  return __builtin_popcountll(seen[0]) + __builtin_popcountll(seen[1]) >= NOISE_SIGNS;
}

/* For whom it is measured; the row of the user's patterns has no rule of its own. */
const char *look_row_name(const struct inspection *row) { return row->rule ? row->rule->id : "patterns"; }

static void run_rows(struct inspect *in) {
  if (in->cx.place == PLACE_BODY && (in->form[0].bits & in->wanted) && noise(in->form[0].text)) return;
  for (unsigned i = 0; i < in->cx.nforms; i++) {
    struct inspect_form *f = &in->form[i];
    if (!(f->bits & in->wanted) && !(f->classes & in->wanted_classes)) continue;
    in->cx.form = f;
    for (size_t k = 0; inspection_table[k]; k++) {
      const struct inspection *row = inspection_table[k];
      if (in->only && !(row->wants & in->only)) continue;
      if (!row->value || !((row->wants & f->bits) || (row->classes & f->classes))) continue;
      watch_begin(in->watch, look_row_name(row));
      row->value(&in->cx, in->cx.leaf);
      watch_end(in->watch, look_row_name(row));
    }
  }
}

bool look_plain(uint32_t classes, size_t len) {
  enum { WORDLIKE = CLASS_HEX | CLASS_ALPHA | CLASS_PLAIN | CLASS_HIGH, DIGITS = CLASS_HEX | CLASS_PLAIN };
  return !(classes & ~(uint32_t)WORDLIKE) &&
         (len < INSPECT_PLAIN || (!(classes & ~(uint32_t)DIGITS) && len < 40));
}

/* Of the plain ones those that tell by themselves: catalogues of databases, commands, numbers that break a parser, names with
 * two underscores or a cast in them. */
static bool telling_word(struct span s) {
  static const char *const words[] = {"information_schema",
                                      "pg_catalog",
                                      "schema_name",
                                      "sqlite_master",
                                      "tempdb",
                                      "msysaccessobjects",
                                      "msdb",
                                      "northwind",
                                      "whoami",
                                      "ifconfig",
                                      "ipconfig",
                                      "systeminfo",
                                      "4294967296",
                                      "2147483648",
                                      "netstat",
                                      "mysql.db"};
  if (s.len < 4) return false;
  for (size_t i = 1; i < s.len; i++)
    if (s.base[i] == s.base[i - 1] && (s.base[i] == '_' || s.base[i] == ':')) return true;
  if (s.len > 18) return s.base[1] == '.' && s.base[0] == '2' && s.base[2] == '2';
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if ((s.base[0] | 0x20) == (words[i][0] | 0x20) && span_eq_nocase(s, span_str(words[i]))) return true;
  return false;
}

static bool serialized(struct span s) { /* base64 of a Java object's first bytes */
  return s.len >= 5 &&
         (memcmp(s.base, "rO0A", 4) == 0 || memcmp(s.base, "KztA", 4) == 0 || memcmp(s.base, "Cs7Q", 4) == 0);
}

/* Words and numbers in which nothing can hide; names of classes and files have dots, mail addresses an '@'. */
static bool plain_text(struct span s) {
  uint32_t c = normalize_classes(span_head(s, INSPECT_TEXT));
  if (!look_plain(c, s.len)) return false;
  if (serialized(s) || telling_word(s) || packed_hint(s)) return false;
  return !(c & CLASS_ALPHA) || !memchr(s.base, '.', s.len) || memchr(s.base, '@', s.len);
}

static void look_part(struct inspect *in, struct span s, bool plus) {
  set_form(in, 0, s);
  in->cx.nforms = 1;
  if (in->form[0].bits && (in->form[0].classes & CLASS_PLUS) && !(in->form[0].classes & CLASS_SPACE))
    plus = true;
  decode(in, s, plus);
  in->cx.best.rule = NULL, in->cx.best.score = 0;
  run_rows(in);
  inspect_settle(&in->cx);
}

void look_text(struct inspect *in, enum place place, const struct leaf *leaf, bool plus) {
  struct span s = leaf->value;
  bool agent = place == PLACE_HEADER && span_eq_nocase(leaf->key, SPAN_LIT("user-agent"));
  if (s.len < 2 || (!agent && plain_text(s))) return;
  in->cx.place = place, in->cx.leaf = leaf;
  for (unsigned part = 0; part < INSPECT_PARTS; part++) {
    look_part(in, span_head(s, INSPECT_TEXT), plus);
    if (s.len <= INSPECT_TEXT) break;
    s = span_skip(s, INSPECT_TEXT - INSPECT_OVERLAP);
  }
}

void look_key(struct inspect *in, enum place place, struct span key) {
  if (key.len < 2) return;
  uint32_t c = normalize_classes(span_head(key, 512));
  enum { NAMELIKE = CLASS_HEX | CLASS_ALPHA | CLASS_PLAIN | CLASS_HIGH };
  bool telling = (key.base[0] == '@' || key.base[0] == '_' || memchr(key.base, '.', key.len)) && key.len > 4;
  telling |= serialized(key) || (key.base[0] == '$' && place == PLACE_BODY);
  if (!(c & ~(uint32_t)NAMELIKE) && !telling) return;
  struct leaf l = {.path = key, .key = key, .value = key, .raw = key, .type = LEAF_STRING};
  in->cx.place = place, in->cx.leaf = &l;
  look_part(in, span_head(key, 512), false);
}

void look_password(struct inspect *in, const struct leaf *l) {
  if (l->key.len < 3 || l->key.len > 24 || l->value.len < 4 || l->value.len > 24) return;
  uint8_t last = l->key.base[l->key.len - 1] | 0x20;
  if (last != 'd' && last != 's' && last != 'w') return;
  if (span_find_nocase(l->key, SPAN_LIT("pass")) < l->key.len ||
      span_find_nocase(l->key, SPAN_LIT("pwd")) < l->key.len ||
      span_find_nocase(l->key, SPAN_LIT("passw")) < l->key.len)
    in->cx.weak_password |= words_common_password(l->value);
}
