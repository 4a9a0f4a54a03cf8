/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a call carries: parts of an upload, bodies sent or fetched as files; what they are by content and what they are said to be. */
#include "base/hash.h"
#include "dissect/body/filetype.h"
#include "dissect/body/multipart.h"
#include "dissect/body/walk.h"
#include "dissect/model/model.h"

enum { FILES_MOST = 16, NAME_MOST = 128 };

struct listing {
  struct txn *t;
  struct txn_file **end;
  unsigned count;
};

static struct span extension(struct span name) {
  for (size_t i = name.len; i > 0; i--) {
    if (name.base[i - 1] == '.') return span_skip(name, i);
    if (name.base[i - 1] == '/' || name.base[i - 1] == '\\') break;
  }
  return span_of(NULL, 0);
}

/* Letters beyond ASCII and runs of digits may be a person's: stars. */
static struct span plain_name(struct txn *t, struct span name) {
  struct body_walk w = {.scratch = &t->arena};
  name = walk_unpercent(&w, name, false);
  for (size_t i = name.len; i > 0; i--)
    if (name.base[i - 1] == '/' || name.base[i - 1] == '\\') {
      name = span_skip(name, i);
      break;
    }
  name = arena_copy(&t->arena, span_head(name, NAME_MOST));
  uint8_t *p = (uint8_t *)(uintptr_t)name.base;
  size_t run = 0, n = 0;
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    if (c >= 0x80 && c < 0xc0) continue; /* a star for each letter, not for each byte */
    p[n++] = c >= 0x80 || c < 0x20 ? '*' : c;
    for (size_t k = 1; run == 5 && k <= 4; k++) p[n - 1 - k] = '*';
    if (run >= 5) p[n - 1] = '*';
  }
  return span_of(p, n);
}

static struct span media_type(struct txn *t, struct span type) {
  struct span mime = span_trim(span_cut(&type, ';'));
  mime = arena_copy(&t->arena, span_head(mime, 128));
  uint8_t *p = (uint8_t *)(uintptr_t)mime.base;
  for (size_t i = 0; i < mime.len; i++)
    if (p[i] >= 'A' && p[i] <= 'Z') p[i] |= 32;
  return mime;
}

static void add(struct listing *l, enum dir d, struct span name, struct span type, struct span body,
                bool whole) {
  struct txn *t = l->t;
  struct txn_file *f = l->count < FILES_MOST ? arena_zalloc(&t->arena, sizeof *f) : NULL;
  uint8_t sha[32];
  l->count++;
  if (!f) return;
  f->dir = d;
  f->name = name.len ? plain_name(t, name) : span_of(NULL, 0);
  f->declared = media_type(t, type);
  f->type = filetype_of(body);
  f->size = body.len;
  f->whole = whole;
  f->differs = filetype_differs(f->type, f->declared, extension(f->name));
  if (whole) {
    hash_sha256(body, sha);
    hash_hex(sha, sizeof sha, f->sha256);
  }
  *l->end = f;
  l->end = &f->next;
}

static bool is_holed(const struct side *s) {
  return s->hole || (s->unseen & (UNSEEN_MEMORY | UNSEEN_GAP | UNSEEN_SNAPLEN));
}
static bool is_whole(const struct side *s) {
  return s->complete && !is_holed(s) && !(s->unseen & UNSEEN_CAPPED);
}

static void parts(struct listing *l, enum dir d, struct span content_type) {
  struct side *s = &l->t->side[d];
  struct multipart m;
  struct multipart_part p;
  if (!multipart_open(&m, content_type, side_body(s))) return;
  while (multipart_next(&m, &p) && l->count < FILES_MOST)
    if (p.filename.len) add(l, d, p.filename, p.type, p.body, is_whole(s) || (m.rest.len && !is_holed(s)));
}

static bool is_file_type(struct span mime) {
  static const char *const types[] = {
      "application/octet-stream", "application/pdf",     "application/zip",
      "application/x-",           "application/vnd.ms-", "application/vnd.openxmlformats",
      "application/msword",       "application/gzip",    "image/"};
  if (span_eq(mime, SPAN_LIT("application/x-www-form-urlencoded")) ||
      span_eq(mime, SPAN_LIT("application/x-ndjson")) || span_eq(mime, SPAN_LIT("application/x-protobuf")) ||
      span_eq(mime, SPAN_LIT("application/x-javascript")) || span_eq(mime, SPAN_LIT("application/x-json")) ||
      span_eq(mime, SPAN_LIT("application/x-msgpack")))
    return false;
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (span_starts(mime, span_str(types[i]))) return true;
  return false;
}

/* A body that is a file as a whole: its name, type or first bytes say so. */
static void one_body(struct listing *l, enum dir d, struct span content_type) {
  struct side *s = &l->t->side[d];
  struct span body = side_body(s), how = headers_get(&s->headers, "content-disposition");
  struct span name = walk_param(how, SPAN_LIT("filename"));
  if (!name.len) {
    name = walk_param(how, SPAN_LIT("filename*"));
    size_t quote = span_find(name, SPAN_LIT("''"));
    if (quote < name.len) name = span_skip(name, quote + 2);
  }
  bool named = name.len || span_starts_nocase(how, SPAN_LIT("attachment"));
  const char *magic = filetype_name(span_head(body, 64));
  if (!named && !is_file_type(s->mime) && !(magic && filetype_is_file(magic))) return;
  if (d == DIR_RESPONSE && l->t->status >= 300) return;
  add(l, d, name, content_type, body, is_whole(s) && l->t->status != 206);
}

/* Text in JSON or markup is no file unless it is said to be one. */
void files_apply(struct txn *t) {
  struct listing l = {.t = t, .end = &t->files};
  for (int d = 0; d < 2; d++) {
    struct side *s = &t->side[d];
    struct span body = side_body(s);
    if (!body.len || body.base[0] == 0xf5) continue;
    uint8_t c = body.base[0];
    bool text = c == '{' || c == '[' || c == '<';
    if (text && !headers_get(&s->headers, "content-disposition").len) continue;
    struct span type = headers_get(&s->headers, "content-type");
    if (span_starts(s->mime, SPAN_LIT("multipart/")))
      parts(&l, (enum dir)d, type);
    else
      one_body(&l, (enum dir)d, type);
  }
}
