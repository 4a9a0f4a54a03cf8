/* SPDX-License-Identifier: Apache-2.0 */
/* Workbooks, ECMA-376 part 1, chapter 18: rows of cells, texts kept apart in sharedStrings.xml. */
#include "base/mem.h"
#include "dissect/body/heading.h"
#include "dissect/body/markup.h"
#include "dissect/body/zip.h"

enum { STRINGS = 1 << 20 };

struct book {
  struct body_walk *w;
  struct span *string; /* raw text of each shared string */
  uint32_t count, size;
  struct heading heading;
  unsigned row;
};
struct cell {
  unsigned column;
  bool shared;
  struct span text;
};

static bool is_tag(struct span tag, const char *name) {
  struct span n = span_str(name);
  return span_starts(tag, n) && (tag.len == n.len || tag.base[n.len] == ' ' || tag.base[n.len] == '/');
}

/* Text up to the next tag. */
static struct span text_here(struct span *s) {
  size_t n = span_index(*s, '<');
  struct span text = span_head(*s, n);
  *s = span_skip(*s, n);
  return text;
}

static int read_strings(struct book *b, struct span s) {
  while (s.len) {
    s = span_skip(s, span_index(s, '<'));
    if (!s.len) break;
    struct span tag = markup_tag(&s);
    if (is_tag(tag, "si")) {
      if (b->count == STRINGS) return ERR_CAP;
      if (b->count == b->size) {
        uint32_t size = b->size ? b->size * 2 : 256;
        struct span *p = mem_realloc(b->string, size * sizeof *p);
        if (!p) return ERR_NOMEM;
        b->string = p;
        b->size = size;
      }
      b->string[b->count++] = (struct span){0};
    } else if (is_tag(tag, "t") && b->count) {
      struct span text = text_here(&s);
      struct span *x = &b->string[b->count - 1];
      if (text.len > x->len) *x = text; /* of rich text the longest run */
    }
  }
  return 0;
}

/* "AB12" is column 27. */
static unsigned column_of(struct span ref) {
  unsigned n = 0;
  for (size_t i = 0; i < ref.len && i < 3 && ref.base[i] >= 'A' && ref.base[i] <= 'Z'; i++)
    n = n * 26 + (unsigned)(ref.base[i] - 'A') + 1;
  return n ? n - 1 : 0;
}

static void open_cell(struct cell *c, struct span tag) {
  struct span name, value;
  unsigned next = c->column + 1;
  *c = (struct cell){.column = next};
  markup_name(&tag);
  while (markup_attribute(&tag, &name, &value)) {
    if (span_eq(name, SPAN_LIT("r")))
      c->column = column_of(value);
    else if (span_eq(name, SPAN_LIT("t")))
      c->shared = span_eq(value, SPAN_LIT("s"));
  }
}

static int give(struct book *b, const struct cell *c, struct path_node *item) {
  struct span s = c->text;
  uint64_t index;
  if (c->shared) {
    if (span_u64(s, &index) < 0 || index >= b->count) return 0;
    s = b->string[index];
  }
  s = markup_unescape(b->w, span_trim(s));
  if (!s.len || c->column >= HEADING_COLUMNS) return 0;
  if (b->row == 1 && heading_take(&b->heading, b->w, c->column, s, item)) return 0;
  if (b->row == 1) return walk_value(b->w, item, 0, LEAF_STRING, s, s); /* may be data */
  return walk_value(b->w, heading_column(&b->heading, b->w, c->column, item), b->row - 2, LEAF_STRING, s, s);
}

static int read_sheet(struct book *b, struct span s) {
  struct path_node *item = path_item(b->w->paths, walk_root(b->w));
  struct cell cell = {0};
  int rc = 0;
  memset(&b->heading, 0, sizeof b->heading); /* cells may be left out */
  b->row = 0;
  while (s.len && rc >= 0) {
    s = span_skip(s, span_index(s, '<'));
    if (!s.len) break;
    struct span tag = markup_tag(&s);
    if (is_tag(tag, "row")) {
      b->row++;
      cell.column = UINT32_MAX;
    } else if (is_tag(tag, "c")) {
      open_cell(&cell, tag);
    } else if (is_tag(tag, "v") || is_tag(tag, "t")) {
      cell.text = text_here(&s);
    } else if (is_tag(tag, "/c") && b->row) {
      rc = give(b, &cell, item);
    }
  }
  if (b->row > 1) walk_items(b->w, b->row - 1);
  return rc;
}

int xlsx_walk(struct body_walk *w, struct zip_member *m, unsigned n) {
  struct book *b = mem_zalloc(sizeof *b);
  if (!b) return ERR_NOMEM;
  b->w = w;
  int rc = 0;
  for (unsigned i = 0; i < n && rc >= 0; i++)
    if (span_ends(m[i].name, SPAN_LIT("sharedStrings.xml"))) rc = read_strings(b, buf_span(&m[i].text));
  for (unsigned i = 0; i < n && rc >= 0; i++)
    if (span_starts(m[i].name, SPAN_LIT("xl/worksheets/"))) rc = read_sheet(b, buf_span(&m[i].text));
  mem_free(b->string);
  mem_free(b);
  return rc;
}
