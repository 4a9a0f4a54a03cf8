/* SPDX-License-Identifier: Apache-2.0 */
/* The formats, the choice among them, and what they share. */
#include "dissect/body/charset.h"
#include "base/coded.h"
#include "dissect/body/filetype.h"
#include "dissect/body/walk.h"

#include <stdarg.h>
#include <stdio.h>

enum { SCRATCH_KEEP = 1 << 16, BASE64_MIN = 24, BASE64_MAX = 1 << 20 };

const struct body_format *const body_table[] = {
    &gzip_format,      &thrift_format,   &dubbo_format, &javaser_format, &hessian_format, &grpc_format,
    &websocket_format, &protobuf_format, &sse_format,   &ndjson_format,  &json_format,    &multipart_format,
    &html_format,      &xml_format,      &form_format,  &csv_format,     &msgpack_format, &rows_format,
    &zip_format,       &pdf_format,      &image_format, &binary_format,  &text_format,    NULL,
};

size_t walk_utf8(uint32_t c, uint8_t *p) {
  if (c < 0x80) {
    p[0] = (uint8_t)c;
    return 1;
  }
  if (c < 0x800) {
    p[0] = (uint8_t)(0xc0 | c >> 6);
    p[1] = (uint8_t)(0x80 | (c & 63));
    return 2;
  }
  if (c < 0x10000) {
    p[0] = (uint8_t)(0xe0 | c >> 12);
    p[1] = (uint8_t)(0x80 | (c >> 6 & 63));
    p[2] = (uint8_t)(0x80 | (c & 63));
    return 3;
  }
  p[0] = (uint8_t)(0xf0 | c >> 18);
  p[1] = (uint8_t)(0x80 | (c >> 12 & 63));
  p[2] = (uint8_t)(0x80 | (c >> 6 & 63));
  p[3] = (uint8_t)(0x80 | (c & 63));
  return 4;
}

uint8_t walk_escape(uint8_t c) {
  switch (c) {
  case 'n': return '\n';
  case 't': return '\t';
  case 'r': return '\r';
  case 'b': return '\b';
  case 'f': return '\f';
  default: return c;
  }
}

struct span walk_param(struct span header, struct span name) {
  while (header.len) {
    size_t end = 0;
    for (bool quoted = false; end < header.len && (quoted || header.base[end] != ';'); end++)
      if (header.base[end] == '"')
        quoted = !quoted && span_index(span_skip(header, end + 1), '"') + end + 1 < header.len;
    struct span part = span_trim(span_head(header, end));
    header = span_skip(header, end + 1);
    struct span key = span_trim(span_cut(&part, '='));
    if (!span_eq_nocase(key, name)) continue;
    part = span_trim(part);
    if (part.len && part.base[0] == '"') {
      part = span_skip(part, 1);
      return span_head(part, span_index(part, '"'));
    }
    return part;
  }
  return (struct span){0};
}

static bool is_text(const struct body_format *f) {
  return f == &json_format || f == &ndjson_format || f == &xml_format || f == &html_format ||
         f == &csv_format || f == &text_format || strcmp(f->name, "sse") == 0;
}

static const struct body_format *choose(struct span mime, struct span body) {
  const struct body_format *found = NULL;
  struct span head = span_head(body, 512);
  for (size_t i = 0; body_table[i]; i++) {
    int m = body_table[i]->match(mime, head);
    if (m == 2) return body_table[i];
    if (m == 1 && !found) found = body_table[i];
  }
  return found;
}

/* s itself, or its UTF-8 form in *out. */
static struct span to_utf8(struct body_walk *w, struct span s, struct buf *out) {
  if (span_starts(s, SPAN_LIT("\xef\xbb\xbf"))) return span_skip(s, 3);
  if (charset_nearly_utf8(s)) return s;
  bool told = w->charset.len && !span_starts_nocase(w->charset, SPAN_LIT("utf-8")) &&
              !span_eq_nocase(w->charset, SPAN_LIT("utf8")) &&
              !span_starts_nocase(w->charset, SPAN_LIT("iso-8859-1")) &&
              !span_eq_nocase(w->charset, SPAN_LIT("us-ascii"));
  int rc = told ? charset_utf8(w->charset, s, out) : ERR_UNSUPPORTED;
  if (rc == ERR_UNSUPPORTED) rc = charset_utf8(span_str(charset_guess(s)), s, out);
  if (rc == ERR_NOMEM) walk_missed(w);
  return rc == 0 || rc == ERR_CAP ? buf_span(out) : s;
}

static int walk_as(struct body_walk *w, const struct body_format *f, struct span body) {
  if (!is_text(f)) return f->walk(w, body);
  struct buf text;
  buf_init(&text, NULL, body.len * 3 + 64);
  int rc = f->walk(w, to_utf8(w, body, &text));
  buf_done(&text);
  return rc;
}

static int walk_whole(struct body_walk *w, struct span body, const struct body_format **format) {
  const struct body_format *f = choose(w->mime, body);
  if (format) *format = f;
  return f ? walk_as(w, f, body) : ERR_UNSUPPORTED;
}

int body_walk(struct body_walk *w, struct span body, const struct body_format **format) {
  if (format) *format = NULL;
  if (!body.len) return 0;
  struct arena scratch;
  struct arena *had_scratch = w->scratch;
  struct path_table *had_paths = w->paths;
  memset(w->label, 0, sizeof w->label);
  w->label_of = 0;
  if (!had_paths) w->paths = path_table_new(4096);
  if (!w->paths) return ERR_NOMEM;
  arena_init(&scratch, NULL, 0);
  if (!had_scratch) w->scratch = &scratch;
  int rc = walk_whole(w, body, format);
  if ((!had_scratch && scratch.missed) || (!had_paths && path_missed(w->paths))) rc = ERR_NOMEM;
  arena_done(&scratch);
  if (!had_paths) path_table_free(w->paths);
  w->paths = had_paths;
  w->scratch = had_scratch;
  return rc;
}

static struct span unbase64(struct body_walk *w, struct span s) {
  uint8_t *out = arena_alloc(w->scratch, s.len);
  if (!out) return (struct span){0};
  uint32_t acc = 0;
  unsigned bits = 0;
  size_t n = 0;
  for (size_t i = 0; i < s.len && s.base[i] != '='; i++) {
    int v = coded_64(s.base[i]);
    if (v < 0) return (struct span){0};
    acc = acc << 6 | (uint32_t)v;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[n++] = (uint8_t)(acc >> bits);
  }
  return (struct span){out, n};
}

/* Base64 of '{"', '[{', '["', '<?', '<' + letter: the first characters tell. */
static bool base64_document(struct span s) {
  if (s.len < BASE64_MIN || s.len > BASE64_MAX) return false;
  return span_starts(s, SPAN_LIT("eyJ")) || span_starts(s, SPAN_LIT("eyAi")) ||
         span_starts(s, SPAN_LIT("ewog")) || span_starts(s, SPAN_LIT("W3si")) ||
         span_starts(s, SPAN_LIT("WyJ")) || span_starts(s, SPAN_LIT("PD94bW"));
}

/* What a string holds, when it holds a document. */
static const struct body_format *inner(struct body_walk *w, struct span *s) {
  if (s->len < 8 || w->nested >= WALK_NESTED) return NULL;
  uint8_t c = s->base[0];
  if (!s->base[s->len - 1] && (uint8_t)(c - 'A') < 26)
    return stomp_format.match(span_of(NULL, 0), *s) ? &stomp_format : NULL;
  if (c > ' ' && c != '{' && c != '[' && c != '<' && c != 'e' && c != 'W' && c != 'P') return NULL;
  if (c == 'e' || c == 'W' || c == 'P') {
    if (!base64_document(*s) || span_index(*s, '.') < s->len) return NULL;
    struct span text = unbase64(w, *s);
    if (text.len < 8 || !charset_is_utf8(text)) return NULL;
    *s = text;
  }
  struct span t = span_trim(*s);
  if (t.len < 8) return NULL;
  uint8_t last = t.base[t.len - 1];
  struct span none = {0};
  if ((t.base[0] == '{' && last == '}') || (t.base[0] == '[' && last == ']'))
    return json_format.match(none, span_head(t, 64)) && span_index(t, '"') < t.len ? &json_format : NULL;
  if (t.base[0] == '<' && last == '>' &&
      (span_find(t, SPAN_LIT("</")) < t.len || span_ends(t, SPAN_LIT("/>"))))
    return &xml_format;
  return NULL;
}

enum { LABEL_MAX = 64 };

/* What names this value: said before it, or a "name" beside a "value". A label names one value. */
static void labelled(struct body_walk *w, const struct path_node *n, const struct leaf *leaf,
                     struct span label[2]) {
  bool names = n->role == PATH_LABEL || n->role == PATH_LABEL_WEAK;
  bool any = w->label[0].len || w->label[1].len, beside = w->label_of == n->parent + 1;
  if (any && (!w->label_of || w->label_of == n->id + 1 || (n->role == PATH_VALUE && beside))) {
    memcpy(label, w->label, sizeof w->label);
    memset(w->label, 0, sizeof w->label);
    w->label_of = 0;
    return;
  }
  if (!names || !leaf->value.len || leaf->value.len > LABEL_MAX) return;
  if (leaf->type != LEAF_STRING && leaf->type != LEAF_TEXT) return;
  if (n->role == PATH_LABEL_WEAK && w->label[0].len && beside) return;
  w->label[0] = leaf->value;
  w->label_of = n->parent + 1;
}

static int give(struct body_walk *w, const struct leaf *leaf) {
  uint32_t max = w->max_leaves ? w->max_leaves : WALK_LEAVES;
  if (w->leaves >= max) return ERR_CAP;
  w->leaves++;
  return w->leaf(w->user, leaf);
}

int walk_value(struct body_walk *w, struct path_node *n, uint32_t index, enum leaf_type type,
               struct span value, struct span raw) {
  int rc = 0;
  uint32_t before = w->leaves;
  struct span text = value;
  const struct body_format *f = type == LEAF_STRING || type == LEAF_TEXT ? inner(w, &text) : NULL;
  if (f) {
    struct path_node *at = w->at;
    w->at = n;
    w->nested++;
    rc = f->walk(w, text);
    w->nested--;
    w->at = at;
  }
  if (!f || rc == ERR_SYNTAX || (rc >= 0 && w->leaves == before)) { /* no document, or one without a value */
    struct leaf leaf = {.path = n->path,
                        .key = n->key,
                        .value = value,
                        .raw = raw,
                        .path_hash = n->hash,
                        .index = index,
                        .type = type,
                        .depth = (uint8_t)(n->depth < 255 ? n->depth : 255),
                        .node = n};
    if (n->role | w->label[0].len | w->label[1].len) labelled(w, n, &leaf, leaf.label);
    rc = give(w, &leaf);
  }
  if (w->nested == 0 && w->scratch->used > SCRATCH_KEEP) {
    uint32_t missed = w->scratch->missed;
    arena_reset(w->scratch);
    w->scratch->missed = missed;
    memset(w->label, 0, sizeof w->label); /* they may have stood there */
  }
  return rc < 0 ? rc : 0;
}

int walk_printf(struct body_walk *w, struct path_node *n, enum leaf_type type, const char *fmt, ...) {
  char text[64] = "";
  if (!w || !n) return 0;
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  return walk_give(w, n, type, arena_copy(w->scratch, span_str(text)));
}
