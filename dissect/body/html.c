/* SPDX-License-Identifier: Apache-2.0 */
/* HTML: the text between tags, scripts, and what forms and links carry in attributes. */
#include "base/mem.h"
#include "dissect/body/heading.h"
#include "dissect/body/markup.h"

enum { LABEL_MAX = 48, PAIRS = 4 };
/* A copy of a text that may be a name. */
struct words {
  uint8_t len, text[LABEL_MAX];
};
enum cell { NO_CELL, HEAD_CELL, DATA_CELL };

/* Where in a table the text stands. */
struct grid {
  struct heading *heading;            /* NULL: no table yet */
  unsigned row, column, cells, heads; /* from 1; heads: cells of this row that are <th> */
  enum cell cell;
  bool fresh;          /* nothing was read in this cell yet */
  bool named;          /* the heading is a row of <th> */
  bool sure;           /* the first row names the columns */
  bool pairs;          /* rows of name and value */
  bool head;           /* inside <thead> */
  struct words before; /* of the cell before in this row */
  enum cell before_cell;
};
struct html {
  struct body_walk *w;
  struct span rest;
  struct path_node *at; /* of the tag that the text stands in */
  struct grid grid;
  struct words label;        /* <label>, <dt>, "name:" before the text in hand */
  struct words said, before; /* what is given to the walk with the text in hand */
  bool labels;               /* what stands in this tag names what comes next */
};

/* "name:" without its colon, or empty. */
static struct span colon_cut(struct span s) {
  if (span_ends(s, SPAN_LIT("：")))
    s.len -= 3;
  else if (span_ends(s, SPAN_LIT(":")))
    s.len--;
  else
    return (struct span){0};
  return span_trim(s);
}

static void keep(struct words *w, struct span s) {
  w->len = (uint8_t)(s.len <= LABEL_MAX ? s.len : 0);
  if (w->len) memcpy(w->text, s.base, w->len);
}
static struct span words(struct words *w) { return (struct span){w->text, w->len}; }

/* What names the text in hand: a label before it, the row's <th>, the column's heading; less surely the cell before. */
static void cell_text(struct html *h, struct span s) {
  struct grid *g = &h->grid;
  struct span cut = colon_cut(s), name = cut.len ? cut : s, label = words(&h->label);
  h->said = h->before = (struct words){0};
  if (label.len) h->said = h->label;
  if (g->fresh && g->heading && g->column && g->column <= HEADING_COLUMNS) {
    bool second = g->before_cell == DATA_CELL && g->column <= PAIRS && g->column % 2 == 0;
    struct span above = g->row > 1 ? heading_text(g->heading, g->column - 1) : (struct span){0};
    if (!h->said.len && g->before_cell == HEAD_CELL && g->cell == DATA_CELL && !g->named) h->said = g->before;
    if (!h->said.len && second && g->pairs) h->said = g->before;
    if (!h->said.len && g->sure) keep(&h->said, above);
    if (!g->sure && second && heading_is_field(words(&g->before)))
      h->before = g->before;
    else if (!g->sure)
      keep(&h->before, above);
    if (g->row == 1 && g->column == 2 && second)
      g->pairs = heading_is_field(words(&g->before)) && !heading_is_field(name);
    if (g->row == 1) heading_set(g->heading, g->column - 1, name);
    keep(&g->before, name);
    g->before_cell = g->cell;
    g->fresh = false;
  }
  h->label.len = 0;
  if (h->labels || cut.len) keep(&h->label, name);
  h->w->label[0] = words(&h->said);
  h->w->label[1] = words(&h->before);
  h->w->label_of = 0;
}

static int give(struct html *h, struct path_node *n, struct span raw, enum leaf_type type) {
  struct span s = span_trim(raw);
  if (!s.len) return 0;
  struct span text = markup_unescape(h->w, s);
  if (type == LEAF_TEXT) cell_text(h, text);
  return walk_value(h->w, n, 0, type, text, s);
}

static bool is(struct span s, const char *word) { return span_eq(s, span_str(word)); }

static void end_row(struct html *h) {
  struct grid *g = &h->grid;
  g->fresh = false;
  if (!g->heading || !g->cells) return;
  if (g->row == 1) {
    g->heading->count = g->cells < HEADING_COLUMNS ? g->cells : HEADING_COLUMNS;
    g->named = g->heads == g->cells && g->cells > 1;
    /* Names stand in front of their values, or above them; of two or four cells it is hard to tell. */
    if (g->head)
      g->sure = true, g->pairs = false;
    else if ((g->heads && !g->named) || (g->pairs && g->cells <= PAIRS && g->cells % 2 == 0))
      g->heading->count = 0;
    else
      g->pairs = false, g->sure = g->named || (g->cells != 2 && g->cells != 4);
  }
  g->cells = g->heads = g->column = 0;
}

static void structure(struct html *h, struct span name) {
  struct grid *g = &h->grid;
  h->labels = is(name, "label") || is(name, "dt") || is(name, "legend");
  if (is(name, "table")) {
    if (!g->heading) g->heading = mem_alloc(sizeof *g->heading);
    if (g->heading)
      g->heading->count = 0;
    else
      walk_missed(h->w);
    g->row = g->cells = g->heads = g->column = 0;
    g->named = g->sure = g->pairs = g->head = false;
  } else if (is(name, "thead") || is(name, "tbody")) {
    end_row(h);
    g->head = is(name, "thead");
  } else if (is(name, "tr")) {
    end_row(h);
    g->row++;
    g->before.len = 0;
    g->before_cell = g->cell = NO_CELL;
    h->label.len = 0;
  } else if (is(name, "th") || is(name, "td")) {
    g->cell = is(name, "th") ? HEAD_CELL : DATA_CELL;
    g->heads += g->cell == HEAD_CELL;
    g->cells++;
    g->column++;
    g->fresh = true;
    if (g->heading && g->row == 1 && g->column <= HEADING_COLUMNS)
      heading_set(g->heading, g->column - 1, (struct span){0});
  }
}

static struct span lower(struct html *h, struct span name) {
  uint8_t *p = arena_alloc(h->w->scratch, name.len ? name.len : 1);
  if (!p) return name;
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    p[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 32) : c;
  }
  return (struct span){p, name.len};
}

/* value="" under the field's name; href, src, content and data-* under their own. */
static int attributes(struct html *h, struct span tag) {
  struct span name, value, field = {0}, scan = tag;
  while (markup_attribute(&scan, &name, &value))
    if (span_eq_nocase(name, SPAN_LIT("name")) || (!field.len && span_eq_nocase(name, SPAN_LIT("id"))))
      field = value;
  while (markup_attribute(&tag, &name, &value)) {
    bool own = span_eq_nocase(name, SPAN_LIT("href")) || span_eq_nocase(name, SPAN_LIT("src")) ||
               span_starts_nocase(name, SPAN_LIT("data-"));
    bool named = span_eq_nocase(name, SPAN_LIT("value")) || span_eq_nocase(name, SPAN_LIT("content"));
    if (!own && !named) continue;
    struct path_node *n = h->at;
    if (named && field.len)
      n = path_child(h->w->paths, n, field);
    else
      n = path_child(h->w->paths, n, lower(h, name));
    if (named) h->w->label[0] = words(&h->label), h->w->label_of = 0;
    int rc = give(h, n, value, LEAF_STRING);
    if (named) h->label.len = 0;
    if (rc < 0) return rc;
  }
  return 0;
}

static int raw_text(struct html *h, struct span close) {
  size_t n = span_find_nocase(h->rest, close);
  struct span text = span_head(h->rest, n);
  h->rest = span_skip(h->rest, n);
  text = span_trim(text);
  return text.len ? walk_value(h->w, h->at, 0, LEAF_TEXT, text, text) : 0;
}

static int on_tag(struct html *h) {
  if (span_starts(h->rest, SPAN_LIT("<!--"))) {
    size_t n = span_find(h->rest, SPAN_LIT("-->"));
    struct span text = span_head(span_skip(h->rest, 4), n > 4 ? n - 4 : 0);
    h->rest = span_skip(h->rest, n + 3);
    return give(h, path_child(h->w->paths, walk_root(h->w), SPAN_LIT("comment")), text, LEAF_TEXT);
  }
  struct span tag = markup_tag(&h->rest);
  if (!tag.len || tag.base[0] == '!' || tag.base[0] == '?') return 0;
  if (tag.base[0] == '/') {
    struct span end = span_skip(tag, 1);
    if (span_starts_nocase(end, SPAN_LIT("table"))) {
      end_row(h);
      if (h->grid.heading) h->grid.heading->count = 0;
      h->grid.cell = NO_CELL;
    }
    return 0;
  }
  struct span name = lower(h, markup_name(&tag));
  if (!name.len) return 0;
  h->at = path_child(h->w->paths, walk_root(h->w), name);
  structure(h, name);
  bool script = span_eq(name, SPAN_LIT("script")), style = span_eq(name, SPAN_LIT("style"));
  int rc = attributes(h, tag);
  if (rc < 0) return rc;
  if (script) return raw_text(h, SPAN_LIT("</script"));
  if (style) h->rest = span_skip(h->rest, span_find_nocase(h->rest, SPAN_LIT("</style")));
  return 0;
}

static int html_walk(struct body_walk *w, struct span s) {
  struct html h = {.w = w, .rest = s, .at = walk_root(w)};
  uint32_t before = w->leaves;
  int rc = 0;
  while (h.rest.len && rc >= 0) {
    size_t n = span_index(h.rest, '<');
    rc = give(&h, h.at, span_head(h.rest, n), LEAF_TEXT);
    h.rest = span_skip(h.rest, n);
    if (rc >= 0 && h.rest.len) rc = on_tag(&h);
  }
  mem_free(h.grid.heading);
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int html_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  bool told = span_starts(mime, SPAN_LIT("text/html")) || span_starts(mime, SPAN_LIT("application/xhtml"));
  if (told && s.len && s.base[0] == '<' && !span_starts_nocase(s, SPAN_LIT("<?xml"))) return 2;
  return span_starts_nocase(s, SPAN_LIT("<!doctype html")) || span_starts_nocase(s, SPAN_LIT("<html")) ? 2
                                                                                                       : 0;
}

const struct body_format html_format = {"html", html_match, html_walk};
