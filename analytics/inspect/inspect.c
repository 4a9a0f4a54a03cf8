/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of the inspections: walks a request's texts, then its answer, through the rows of the table. */
#include "analytics/inspect/look.h"
#include "analytics/inspect/packed.h"
#include "analytics/jwt.h"
#include "base/hash.h"

enum {
  INSPECT_ANSWER = 256 * 1024, /* bytes of an answer looked at */
  INSPECT_PAIRS = 256,         /* parameters of a query, pairs of a cookie */
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

bool inspect_common_key(struct inspect_ctx *cx, uint64_t issuer, const struct jwt *j) {
  struct inspect *in = cx->scratch;
  uint64_t *slot = &in->issuer[(issuer >> 1) % INSPECT_ISSUERS];
  if ((*slot ^ issuer) > 1) *slot = (issuer & ~1ULL) | jwt_key_is_common(j);
  return *slot & 1;
}

/* {"price":{"$gt":10}}, {"tag":{"$in":[…]}}: filters that an interface takes. Of names, passwords and the like they are tricks. */
static bool is_filter(const struct leaf *leaf) {
  static const char *const mild[] = {"$in",  "$nin", "$eq", "$gt",  "$gte",  "$lt",
                                     "$lte", "$and", "$or", "$all", "$size", NULL};
  static const char *const telling[] = {"user",    "name",   "pass",  "pwd",    "login", "token", "mail",
                                        "account", "mobile", "phone", "secret", "code",  "role",  "id"};
  struct span path = leaf->path, key = leaf->key;
  if (key.len < 3 || key.base[0] != '$' || leaf->type == LEAF_NULL ||
      (!leaf->value.len && leaf->type == LEAF_STRING))
    return false;
  bool known = span_in(key, mild);
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
    look_text(in, place, leaf, false);
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
          look_plain(normalize_classes(span_head(value, span_index(value, '='))), 0))
        key = span_cut(&value, '='); /* the sign itself was encoded */
    }
    struct leaf l = {.path = key, .key = key, .value = value, .raw = value, .type = LEAF_STRING};
    if (place == PLACE_BODY) look_password(in, &l);
    look_text(in, place, &l, false);
    if (key.len && span_index(key, '(') < key.len) { /* code with '=' in it */
      struct leaf whole = {.path = key, .key = key, .value = pair, .raw = pair, .type = LEAF_STRING};
      look_text(in, place, &whole, true);
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
    look_text(in, PLACE_HEADER, &l, false);
  }
  if (!packed_basic(value, in->decoded, sizeof in->decoded, &user, &password)) return;
  struct leaf l = {.path = name, .key = SPAN_LIT("user"), .value = user, .raw = user, .type = LEAF_STRING};
  look_text(in, PLACE_HEADER, &l, false);
  l.key = SPAN_LIT("password"), l.value = l.raw = password;
  look_text(in, PLACE_HEADER, &l, false);
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
    look_text(in, PLACE_PATH, &l, false);
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
    look_text(in, PLACE_HEADER, &l, false);
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
  look_text(in, PLACE_BODY, &l, false);
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
  if (t->path.len > 1) look_text(in, PLACE_PATH, &path, false);
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
    watch_begin(in->watch, look_row_name(row));
    row->call(&in->cx);
    watch_end(in->watch, look_row_name(row));
  }
  in->cx.event = NULL, in->cx.txn = NULL;
}
