/* SPDX-License-Identifier: Apache-2.0 */
/* CSV, RFC 4180, and tab- or semicolon-separated values; a header row names the columns. */
#include "base/mem.h"
#include "dissect/body/heading.h"

enum { HEAD_MAX = 512 /* as much as formats are chosen by */ };

struct csv {
  struct body_walk *w;
  struct span rest;
  uint8_t sep;
  bool more; /* the cell just taken was not the last of its row */
};

static struct span unquote(struct csv *c, struct span s) {
  if (span_index(s, '"') == s.len) return s;
  uint8_t *out = arena_alloc(c->w->scratch, s.len);
  if (!out) return s;
  size_t n = 0;
  for (size_t i = 0; i < s.len; i++) {
    out[n++] = s.base[i];
    if (s.base[i] == '"' && i + 1 < s.len && s.base[i + 1] == '"') i++;
  }
  return (struct span){out, n};
}

static void end_cell(struct csv *c, size_t n) {
  c->more = n < c->rest.len && c->rest.base[n] == c->sep;
  c->rest = span_skip(c->rest, n + 1);
}

static struct span cell(struct csv *c, struct span *raw) {
  struct span s = c->rest;
  if (s.len && s.base[0] == '"') {
    size_t n = 1;
    for (; n < s.len; n++) {
      if (s.base[n] != '"') continue;
      if (n + 1 < s.len && s.base[n + 1] == '"')
        n++;
      else
        break;
    }
    *raw = (struct span){s.base + 1, n > 1 ? n - 1 : 0};
    size_t end = n < s.len ? n + 1 : n;
    while (end < s.len && s.base[end] != c->sep && s.base[end] != '\n') end++;
    end_cell(c, end);
    return unquote(c, *raw);
  }
  size_t n = walk_find2(s, c->sep, '\n');
  *raw = span_trim(span_head(s, n));
  end_cell(c, n);
  return *raw;
}

/* The header row, when every cell of it could be a name. One in which nothing is made like a field's name may be data: its texts are
 * labels, and it is read as a row as well. */
static void header(struct csv *c, struct path_node *item, struct heading *h) {
  struct csv keep = *c;
  unsigned n = 0;
  bool good = true, fields = false;
  do {
    struct span raw, s = span_trim(cell(c, &raw));
    good &= heading_is_name(s);
    if (n < HEADING_COLUMNS && good) fields |= heading_take(h, c->w, n++, s, item);
  } while (c->more);
  if (!good) h->count = 0;
  if (!good || !fields) *c = keep;
}

static enum leaf_type cell_type(struct span s) {
  if (!s.len) return LEAF_NULL;
  for (size_t i = 0; i < s.len; i++)
    if (!((s.base[i] >= '0' && s.base[i] <= '9') || s.base[i] == '.' || (i == 0 && s.base[i] == '-')))
      return LEAF_STRING;
  return LEAF_NUMBER;
}

static int rows(struct csv *c, struct path_node *item, const struct heading *h) {
  uint32_t row = 0;
  while (c->rest.len) {
    if (c->rest.base[0] == '\n' || c->rest.base[0] == '\r') {
      c->rest = span_skip(c->rest, 1);
      continue;
    }
    unsigned i = 0;
    do {
      struct span raw, v = cell(c, &raw);
      int rc = walk_value(c->w, heading_column(h, c->w, i++, item), row, cell_type(v), v, raw);
      if (rc < 0) return rc;
    } while (c->more);
    walk_items(c->w, ++row);
  }
  return 0;
}

static int csv_walk(struct body_walk *w, struct span s) {
  struct csv c = {.w = w, .rest = s, .sep = ','};
  struct span first = span_head(s, span_index(s, '\n'));
  if (span_index(first, ',') == first.len) c.sep = span_index(first, '\t') < first.len ? '\t' : ';';
  struct path_node *item = path_item(w->paths, walk_root(w));
  struct heading *h = mem_alloc(sizeof *h);
  if (!h) return ERR_NOMEM;
  h->count = 0;
  header(&c, item, h);
  uint32_t before = w->leaves;
  int rc = rows(&c, item, h);
  mem_free(h);
  return rc < 0 ? rc : (int)(w->leaves - before);
}

/* Two rows and more with the same number of the same separator. */
static bool looks(struct span head, uint8_t sep, bool cut) {
  size_t want = 0, rows = 0, n = 0;
  bool quoted = false;
  for (size_t i = 0; i <= head.len; i++) {
    bool end = i == head.len;
    if (end && cut && rows == 1 && quoted && n && n < want) return true; /* a long cell, as of a key */
    if (end && (n == 0 || (cut && rows > 0))) break;
    if (!end && (quoted || head.base[i] != '\n')) {
      quoted ^= head.base[i] == '"';
      n += head.base[i] == sep && !quoted;
      continue;
    }
    if (n == 0 || (rows && n != want)) return false;
    want = n;
    n = 0;
    rows++;
  }
  return rows > 2 || (rows == 2 && (want > 1 || sep == '\t'));
}

static int csv_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  if (s.len && (s.base[0] == '{' || s.base[0] == '[' || s.base[0] == '<')) return 0;
  if (span_ends(mime, SPAN_LIT("csv")) || span_ends(mime, SPAN_LIT("tab-separated-values"))) return 2;
  if (mime.len && !span_starts(mime, SPAN_LIT("text/plain")) && !span_ends(mime, SPAN_LIT("octet-stream")) &&
      !span_ends(mime, SPAN_LIT("vnd.ms-excel")))
    return 0;
  bool cut = head.len >= HEAD_MAX;
  return looks(s, ',', cut) || looks(s, '\t', cut) ? 1 : 0;
}

const struct body_format csv_format = {"csv", csv_match, csv_walk};
