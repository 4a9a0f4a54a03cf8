/* SPDX-License-Identifier: Apache-2.0 */
/* multipart bodies, RFC 2046 and RFC 7578: each part walked by its own type under its field's name. */
#include "dissect/body/multipart.h"
#include "base/coded.h"
#include "dissect/body/walk.h"

enum { PARTS = 4096 };

static struct span header_value(struct span head, const char *name) {
  while (head.len) {
    struct span line = span_cut(&head, '\n');
    struct span key = span_trim(span_cut(&line, ':'));
    if (span_eq_nocase(key, span_str(name))) return span_trim(line);
  }
  return (struct span){0};
}

/* Head and body of what stands between two boundaries. */
static struct multipart_part parse_part(struct span s) {
  struct multipart_part p = {.name = {0}};
  if (s.len && s.base[0] == '\r') s = span_skip(s, 1);
  if (s.len && s.base[0] == '\n') s = span_skip(s, 1);
  size_t n = span_find(s, SPAN_LIT("\r\n\r\n")), skip = 4;
  if (n == s.len) {
    n = span_find(s, SPAN_LIT("\n\n"));
    skip = 2;
  }
  struct span head = span_head(s, n), disposition = header_value(head, "content-disposition");
  p.body = span_skip(s, n + skip);
  p.type = header_value(head, "content-type");
  p.coding = header_value(head, "content-transfer-encoding");
  p.name = walk_param(disposition, SPAN_LIT("name"));
  p.filename = walk_param(disposition, SPAN_LIT("filename"));
  if (!p.filename.len) p.filename = walk_param(disposition, SPAN_LIT("filename*"));
  if (span_ends(p.body, SPAN_LIT("\r\n")))
    p.body.len -= 2;
  else if (span_ends(p.body, SPAN_LIT("\n")))
    p.body.len--;
  return p;
}

static int walk_typed(struct body_walk *w, struct path_node *n, const struct multipart_part *p) {
  struct body_walk sub = *w;
  struct span type = p->type;
  uint8_t mime[96];
  struct span m = span_trim(span_cut(&type, ';'));
  if (m.len > sizeof mime) m.len = 0;
  for (size_t i = 0; i < m.len; i++)
    mime[i] = m.base[i] >= 'A' && m.base[i] <= 'Z' ? (uint8_t)(m.base[i] | 32) : m.base[i];
  sub.mime = (struct span){mime, m.len};
  sub.content_type = p->type;
  sub.charset = walk_param(p->type, SPAN_LIT("charset"));
  sub.at = n;
  sub.nested++;
  int rc = body_walk(&sub, p->body, NULL);
  w->leaves = sub.leaves;
  w->items = sub.items;
  return rc == ERR_SYNTAX || rc == ERR_UNSUPPORTED ? 0 : rc;
}

/* RFC 2045, 6.8; what is no letter of it is passed over. The buffer has room for all. */
static void undo_base64(struct span s, struct buf *out) {
  uint32_t acc = 0;
  unsigned bits = 0;
  for (size_t i = 0; i < s.len && s.base[i] != '='; i++) {
    uint8_t c = s.base[i];
    int v = c == '-' || c == '_' ? -1 : coded_64(c);
    if (v < 0) continue;
    acc = acc << 6 | (uint32_t)v;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out->base[out->len++] = (uint8_t)(acc >> bits);
  }
}

static int walk_coded(struct body_walk *w, struct path_node *n, struct multipart_part *p) {
  struct buf plain;
  buf_init(&plain, NULL, p->body.len);
  int rc = 0;
  if (p->body.len) rc = buf_reserve(&plain, p->body.len);
  if (p->body.len && rc == 0) {
    undo_base64(p->body, &plain);
    p->body = buf_span(&plain);
    rc = walk_typed(w, n, p);
  }
  buf_done(&plain);
  return rc;
}

static struct span first_line_boundary(struct span s) {
  struct span line = span_trim(span_head(s, span_index(s, '\n')));
  return span_starts(line, SPAN_LIT("--")) ? span_skip(line, 2) : (struct span){0};
}

bool multipart_open(struct multipart *m, struct span content_type, struct span body) {
  struct span boundary = walk_param(content_type, SPAN_LIT("boundary"));
  if (!boundary.len) boundary = first_line_boundary(body);
  if (!boundary.len || boundary.len > sizeof m->mark - 8) return false;
  memcpy(m->mark, "--", 2);
  memcpy(m->mark + 2, boundary.base, boundary.len);
  m->nmark = boundary.len + 2;
  m->rest = span_skip(body, span_find(body, span_of(m->mark, m->nmark)));
  return true;
}

bool multipart_next(struct multipart *m, struct multipart_part *out) {
  struct span mark = {m->mark, m->nmark};
  while (m->rest.len) {
    m->rest = span_skip(m->rest, mark.len);
    if (span_starts(m->rest, SPAN_LIT("--"))) break;
    size_t n = span_find(m->rest, mark);
    struct span part = span_head(m->rest, n);
    m->rest = span_skip(m->rest, n);
    if (!part.len) continue;
    *out = parse_part(part);
    return true;
  }
  m->rest.len = 0;
  return false;
}

static int walk_part(struct body_walk *w, const struct multipart_part *part, uint32_t index) {
  struct multipart_part p = *part;
  struct path_node *n = walk_root(w);
  n = p.name.len ? path_child(w->paths, n, p.name) : path_item(w->paths, n);
  if (p.filename.len) {
    struct path_node *f = path_child(w->paths, n, SPAN_LIT("filename"));
    int rc = walk_value(w, f, index, LEAF_STRING, walk_unpercent(w, p.filename, false), p.filename);
    if (rc < 0) return rc;
  }
  if (span_eq_nocase(p.coding, SPAN_LIT("base64"))) return w->nested < WALK_NESTED ? walk_coded(w, n, &p) : 0;
  if (p.filename.len || p.type.len) return w->nested < WALK_NESTED ? walk_typed(w, n, &p) : 0;
  return walk_value(w, n, index, LEAF_STRING, p.body, p.body);
}

static int multipart_walk(struct body_walk *w, struct span s) {
  struct multipart m;
  struct multipart_part p;
  uint32_t before = w->leaves, parts = 0;
  if (!multipart_open(&m, w->content_type, s)) return ERR_SYNTAX;
  while (multipart_next(&m, &p)) {
    int rc = walk_part(w, &p, parts);
    if (rc < 0) return rc;
    if (++parts > PARTS) return ERR_CAP;
  }
  return (int)(w->leaves - before);
}

static int multipart_match(struct span mime, struct span head) {
  if (span_starts(mime, SPAN_LIT("multipart/"))) return 2;
  return span_starts(head, SPAN_LIT("--")) &&
                 span_find_nocase(head, SPAN_LIT("content-disposition:")) < head.len
             ? 2
             : 0;
}

const struct body_format multipart_format = {"multipart", multipart_match, multipart_walk};
