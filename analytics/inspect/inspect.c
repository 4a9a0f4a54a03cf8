/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of the inspections: walks a request's texts, decodes what looks odd, runs the files whose words or bytes occur. */
#include "analytics/inspect/inspect.h"
#include "analytics/inspect/normalize.h"
#include "analytics/inspect/packed.h"
#include "analytics/inspect/words.h"
#include "analytics/jwt.h"
#include "base/hash.h"
#include <stdio.h>

enum {
  INSPECT_PLAIN = 24, /* shorter values of plain letters are not looked at */
  INSPECT_PARTS = 64, /* parts of a long value */
  INSPECT_OVERLAP = 256,
  INSPECT_ANSWER = 256 * 1024, /* bytes of an answer looked at */
  INSPECT_CLEAN = 256,         /* header values known to be harmless */
  INSPECT_ISSUERS = 256,       /* of tokens */
  INSPECT_ROUNDS = 3,
  INSPECT_PAIRS = 256, /* parameters of a query, pairs of a cookie */
};

struct inspect {
  struct inspect_ctx cx;
  struct hs_scratch *hs;
  struct inspect_form form[INSPECT_FORMS];
  uint8_t text[INSPECT_FORMS][INSPECT_TEXT], low[INSPECT_FORMS][INSPECT_TEXT];
  uint8_t decoded[INSPECT_TEXT]; /* of a query parameter */
  uint8_t keybuf[512];
  uint64_t clean[INSPECT_CLEAN];
  uint64_t issuer[INSPECT_ISSUERS]; /* the lowest bit: signs with a common secret */
  struct zones zones;
  uint64_t wanted; /* of all rows */
  uint64_t only;   /* rows that want any of these word groups; 0 for all */
  bool own_form;   /* a form's body was read here already */
  uint32_t wanted_classes;
  size_t answer_at[ANSWER_GROUPS];
  const struct watch *watch; /* NULL: nobody measures */
};

static const char *const places[PLACES] = {"path", "query", "header", "cookie", "body", "arg", "filename"};
const char *place_name(enum place p) { return p < PLACES ? places[p] : ""; }

struct inspect *inspect_new(const struct analytics_conf *conf, const struct inspect_rules *rules) {
  struct inspect *in = mem_zalloc(sizeof *in);
  if (!in) return NULL;
  struct conf_error err;
  if (words_scratch(rules, &in->hs) < 0 || zones_init(&in->zones, conf, &err) < 0) {
    inspect_free(in);
    return NULL;
  }
  in->cx.zones = &in->zones;
  in->cx.conf = conf, in->cx.rules = rules, in->cx.forms = in->form, in->cx.scratch = in;
  for (size_t i = 0; inspection_table[i]; i++)
    in->wanted |= inspection_table[i]->wants, in->wanted_classes |= inspection_table[i]->classes;
  return in;
}

void inspect_watch(struct inspect *in, const struct watch *w) { in->watch = w; }

void inspect_free(struct inspect *in) {
  if (!in) return;
  words_scratch_free(in->hs);
  zones_done(&in->zones);
  mem_free(in);
}

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
static const char *row_name(const struct inspection *row) { return row->rule ? row->rule->id : "patterns"; }

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
      watch_begin(in->watch, row_name(row));
      row->value(&in->cx, in->cx.leaf);
      watch_end(in->watch, row_name(row));
    }
  }
}

static bool plain(uint32_t classes, size_t len) {
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
  if (!plain(c, s.len)) return false;
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

static void look(struct inspect *in, enum place place, const struct leaf *leaf, bool plus) {
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

/* A name is looked at as a value when it holds more than a name does. */
static void look_key(struct inspect *in, enum place place, struct span key) {
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

bool inspect_common_key(struct inspect_ctx *cx, uint64_t issuer, const struct jwt *j) {
  struct inspect *in = cx->scratch;
  uint64_t *slot = &in->issuer[(issuer >> 1) % INSPECT_ISSUERS];
  if ((*slot ^ issuer) > 1) *slot = (issuer & ~1ULL) | jwt_key_is_common(j);
  return *slot & 1;
}

/* Passwords of lists in a field of that name; what becomes of it is judged once the answer is known. */
static void look_password(struct inspect *in, const struct leaf *l) {
  if (l->key.len < 3 || l->key.len > 24 || l->value.len < 4 || l->value.len > 24) return;
  uint8_t last = l->key.base[l->key.len - 1] | 0x20;
  if (last != 'd' && last != 's' && last != 'w') return;
  if (span_find_nocase(l->key, SPAN_LIT("pass")) < l->key.len ||
      span_find_nocase(l->key, SPAN_LIT("pwd")) < l->key.len ||
      span_find_nocase(l->key, SPAN_LIT("passw")) < l->key.len)
    in->cx.weak_password |= words_common_password(l->value);
}

/* {"price":{"$gt":10}}, {"tag":{"$in":[…]}}: filters that an interface takes. Of names, passwords and the like they are tricks. */
static bool is_filter(const struct leaf *leaf) {
  static const char *const mild[] = {"$in",  "$nin", "$eq", "$gt",  "$gte", "$lt",
                                     "$lte", "$and", "$or", "$all", "$size"};
  static const char *const telling[] = {"user",    "name",   "pass",  "pwd",    "login", "token", "mail",
                                        "account", "mobile", "phone", "secret", "code",  "role",  "id"};
  bool known = false;
  struct span path = leaf->path, key = leaf->key;
  if (key.len < 3 || key.base[0] != '$' || leaf->type == LEAF_NULL ||
      (!leaf->value.len && leaf->type == LEAF_STRING))
    return false;
  for (size_t i = 0; i < sizeof mild / sizeof *mild; i++) known |= span_eq(key, span_str(mild[i]));
  size_t at = span_find(path, key);
  if (!known || at < 2 || at >= path.len) return false;
  struct span parent = span_head(path, at - 1);
  for (size_t i = parent.len; i > 0; i--)
    if (parent.base[i - 1] == '.') {
      parent = span_skip(parent, i);
      break;
    }
  for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
    if (span_find_nocase(parent, span_str(telling[i])) < parent.len) return false;
  return true;
}

void inspect_value(struct inspect *in, enum place place, const struct leaf *leaf) {
  if (!in->cx.event || !in->cx.conf->inspect || (in->own_form && place == PLACE_BODY)) return;
  if (leaf->key.len && !is_filter(leaf)) look_key(in, place, leaf->key);
  if (leaf->key.len) look_password(in, leaf);
  if (leaf->path.len > leaf->key.len + 9 && span_find(leaf->path, SPAN_LIT("__proto__")) < leaf->path.len)
    look_key(in, place, span_head(leaf->path, 500));
  if (leaf->type != LEAF_NUMBER && leaf->type != LEAF_BOOL && leaf->type != LEAF_NULL)
    look(in, place, leaf, false);
}

/* name=value pairs; each is looked at after one URL decoding, which is what the server does. */
static void look_pairs(struct inspect *in, enum place place, struct span s, uint8_t sep) {
  for (unsigned n = 0; s.len && n < INSPECT_PAIRS; n++) {
    struct span value = span_cut(&s, sep), key;
    if (place == PLACE_COOKIE) value = span_trim(value);
    struct span pair = value;
    size_t sign = span_index(pair, '=');
    key = span_of(NULL, 0);
    if (sign < pair.len && (sign + 2 < pair.len || !packed_hint(pair))) /* else it fills up base64 */
      key = span_cut(&value, '=');
    bool changed;
    if (key.len) {
      key = span_head(key, 500);
      size_t klen = normalize_unescape(key, true, in->keybuf, sizeof in->keybuf, &changed);
      key = span_of(in->keybuf, klen);
      look_key(in, place, key);
    }
    if (value.len > 1 && value.len <= INSPECT_TEXT - 8 && place != PLACE_COOKIE) {
      size_t len = normalize_unescape(value, true, in->decoded, sizeof in->decoded, &changed);
      if (changed) value = span_of(in->decoded, len);
      if (!key.len && changed && span_index(value, '=') < value.len &&
          plain(normalize_classes(span_head(value, span_index(value, '='))), 0))
        key = span_cut(&value, '='); /* the sign itself was encoded */
    }
    struct leaf l = {.path = key, .key = key, .value = value, .raw = value, .type = LEAF_STRING};
    if (place == PLACE_BODY) look_password(in, &l);
    look(in, place, &l, false);
    if (key.len && span_index(key, '(') < key.len) { /* code with '=' in it */
      struct leaf whole = {.path = key, .key = key, .value = pair, .raw = pair, .type = LEAF_STRING};
      look(in, place, &whole, true);
    }
  }
}

static bool known_clean(struct inspect *in, uint64_t h) { return in->clean[h % INSPECT_CLEAN] == h && h; }

static bool skip_header(struct span name) {
  /* clang-format off */
  static const char *const skip[] = {
    "host", "content-length", "content-type", "accept", "accept-encoding", "date",
    "connection", "traceparent", "content-encoding", "sec-websocket-key",
    "authorization", "if-none-match", "etag",
  };
  /* clang-format on */
  for (size_t i = 0; name.len && i < sizeof skip / sizeof *skip; i++)
    if (((uint8_t)skip[i][0] | 32) == (name.base[0] | 32) && span_eq_nocase(name, span_str(skip[i])))
      return true;
  return name.len > 0 && name.base[0] == ':';
}

static void look_credentials(struct inspect *in, struct span name, struct span value) {
  struct span user, password;
  if (span_starts_nocase(value, SPAN_LIT("bearer "))) {
    enum { NO_TOKEN = CLASS_QUOTE | CLASS_PAREN | CLASS_SEP | CLASS_PERCENT };
    struct span token = span_skip(value, 7);
    if (!(normalize_classes(span_head(token, INSPECT_TEXT)) & NO_TOKEN)) return;
    struct leaf l = {.path = name, .key = name, .value = token, .raw = token, .type = LEAF_STRING};
    look(in, PLACE_HEADER, &l, false);
  }
  if (!packed_basic(value, in->decoded, sizeof in->decoded, &user, &password)) return;
  struct leaf l = {.path = name, .key = SPAN_LIT("user"), .value = user, .raw = user, .type = LEAF_STRING};
  look(in, PLACE_HEADER, &l, false);
  l.key = SPAN_LIT("password"), l.value = l.raw = password;
  look(in, PLACE_HEADER, &l, false);
}

/* Steps of a path that hold packed text. */
static void look_steps(struct inspect *in, struct span path) {
  for (size_t i = 0, from = 0; i <= path.len; i++) {
    uint8_t c = i < path.len ? path.base[i] : '/';
    if (c != '/' && c != ';' && c != '=') continue;
    struct span step = span_of(path.base + from, i - from);
    from = i + 1;
    if (!packed_hint(step)) continue;
    struct leaf l = {
        .path = SPAN_LIT(""), .key = SPAN_LIT(""), .value = step, .raw = step, .type = LEAF_STRING};
    look(in, PLACE_PATH, &l, false);
  }
}

static void look_headers(struct inspect *in, const struct headers *h) {
  for (uint32_t i = 0; i < h->count; i++) {
    const struct header *x = &h->item[i];
    if (x->value.len < 2 || !x->value_known) continue;
    if (span_eq_nocase(x->name, SPAN_LIT("cookie"))) {
      look_pairs(in, PLACE_COOKIE, x->value, ';');
      continue;
    }
    bool skip = skip_header(x->name);
    uint64_t key = hash64(x->value, x->name.len);
    if ((x->name.len == 13 || x->name.len == 19) &&
        span_eq_nocase(span_skip(x->name, x->name.len - 13), SPAN_LIT("authorization")) &&
        !known_clean(in, key)) {
      const struct signal *had = in->cx.event->signals;
      look_credentials(in, x->name, x->value);
      if (in->cx.event->signals == had) in->clean[key % INSPECT_CLEAN] = key;
    }
    if (skip &&
        !(normalize_classes(span_head(x->value, INSPECT_TEXT)) & (CLASS_BRACE | CLASS_ANGLE | CLASS_CTRL)) &&
        x->value.len < 512)
      continue;
    if (!skip && known_clean(in, key)) continue;
    const struct signal *before = in->cx.event->signals;
    struct leaf l = {
        .path = x->name, .key = x->name, .value = x->value, .raw = x->value, .type = LEAF_STRING};
    look(in, PLACE_HEADER, &l, false);
    if (!skip && in->cx.event->signals == before && !before) in->clean[key % INSPECT_CLEAN] = key;
  }
}

static bool is_form(struct span mime, struct span body) {
  if (span_starts(mime, SPAN_LIT("application/x-www-form-urlencoded"))) return true;
  if (mime.len && !span_starts(mime, SPAN_LIT("text/plain"))) return false;
  return body.len && body.base[0] != '{' && body.base[0] != '[' && body.base[0] != '<' &&
         span_index(body, '=') < 64;
}

static bool is_wide(struct span s) {
  if (s.len < 8) return false;
  if ((s.base[0] == 0xff && s.base[1] == 0xfe) || (s.base[0] == 0xfe && s.base[1] == 0xff)) return true;
  return (s.base[0] == '<' && !s.base[1] && s.base[2] && !s.base[3]) ||
         (!s.base[0] && s.base[1] == '<' && !s.base[2] && s.base[3]);
}

/* Strings of a body that hold markup are walked as documents, so the markup itself is looked at here. */
static void look_body(struct inspect *in, const struct side *req) {
  struct span body = side_body(req);
  in->own_form = false;
  if (body.len < 3) return;
  if (is_form(req->mime, body)) {
    in->own_form = true;
    look_pairs(in, PLACE_BODY, body, '&');
    return;
  }
  if (is_wide(body)) { /* UTF-16: ASCII with zeros between */
    size_t n = 0;
    for (size_t i = 0; i < body.len && n < sizeof in->decoded; i++)
      if (body.base[i] && body.base[i] < 0x80) in->decoded[n++] = body.base[i];
    body = span_of(in->decoded, n);
  }
  bool markup = memchr(body.base, '<', body.len) || span_find(body, SPAN_LIT("\\u003c")) < body.len ||
                span_find(body, SPAN_LIT("\\u003C")) < body.len;
  if (!markup && (!req->mime.len || !span_starts(req->mime, SPAN_LIT("text/plain")))) return;
  struct leaf l = {.path = SPAN_LIT(""), .key = SPAN_LIT(""), .value = body, .raw = body, .type = LEAF_TEXT};
  bool text = span_starts(req->mime, SPAN_LIT("text/plain")),
       xml = span_find(req->mime, SPAN_LIT("xml")) < req->mime.len || body.base[0] == '<';
  in->only = BIT(WORD_XXE) | BIT(WORD_SSI) | BIT(WORD_DESER) | (text ? BIT(WORD_CRLF) : 0) |
             (xml ? BIT(WORD_JAVA) : BIT(WORD_XSS));
  look(in, PLACE_BODY, &l, false);
  in->only = 0;
}

void inspect_begin(struct inspect *in, const struct txn *t, struct api_event *e) {
  in->cx.txn = t, in->cx.event = e;
  in->cx.answer_bits = 0, in->cx.answer = span_of(NULL, 0);
  in->cx.weak_password = false;
  in->cx.proof_len = 0;
  if (t->statement) in->cx.event = NULL; /* values on their way to a table are no parameters */
  if (t->kind != TXN_CALL || t->statement || !in->cx.conf->inspect) return;
  const struct side *req = &t->side[DIR_REQUEST];
  struct leaf path = {
      .path = SPAN_LIT(""), .key = SPAN_LIT(""), .value = t->path, .raw = t->path, .type = LEAF_STRING};
  if (t->path.len > 1) look(in, PLACE_PATH, &path, false);
  if (t->path.len > 16) look_steps(in, t->path);
  look_pairs(in, PLACE_QUERY, t->query, '&');
  look_headers(in, &req->headers);
  look_body(in, req);
}

static void scan_answer(struct inspect *in) {
  const struct side *resp = &in->cx.txn->side[DIR_RESPONSE];
  struct span body = side_body(resp), mime = resp->mime;
  in->cx.answer_ok = resp->seen && in->cx.txn->status < 400;
  in->cx.answer = span_head(body, INSPECT_ANSWER);
  in->cx.answer_bits = 0;
  if (!body.len || span_starts(mime, SPAN_LIT("image/")) || span_starts(mime, SPAN_LIT("video/")) ||
      span_starts(mime, SPAN_LIT("font/")))
    return;
  watch_begin(in->watch, "words of answers");
  in->cx.answer_bits = words_scan_answer(in->cx.rules, in->hs, in->cx.answer, in->answer_at);
  watch_end(in->watch, "words of answers");
}

size_t inspect_answer_at(const struct inspect_ctx *cx, unsigned group) {
  const struct inspect *in = cx->scratch;
  return cx->answer_bits & BIT(group) ? in->answer_at[group] : 0;
}

void inspect_call(struct inspect *in) {
  if (!in->cx.event || !in->cx.conf->inspect || in->cx.txn->kind != TXN_CALL) return;
  in->cx.place = PLACE_PATH, in->cx.leaf = NULL, in->cx.form = NULL, in->cx.nforms = 0;
  scan_answer(in);
  for (size_t k = 0; inspection_table[k]; k++) {
    const struct inspection *row = inspection_table[k];
    if (!row->call) continue;
    watch_begin(in->watch, row_name(row));
    row->call(&in->cx);
    watch_end(in->watch, row_name(row));
  }
  in->cx.event = NULL, in->cx.txn = NULL;
}
