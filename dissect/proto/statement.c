/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a statement once: its text goes out with values replaced, its values with the names of their columns. */
#include "dissect/proto/statement_value.h"

enum { NESTING_MOST = 1 << 20 /* brackets counted */ };

static void put(struct statement_walk *w, struct span s, bool space) {
  if (space && w->len && w->len < w->size) w->text[w->len++] = ' ';
  s = span_head(s, w->size - w->len);
  if (s.len) memcpy(w->text + w->len, s.base, s.len);
  w->len += s.len;
}

static bool ends(const struct statement_walk *w, const char *tail) {
  return span_ends(span_of(w->text, w->len), span_str(tail));
}

/* "?,?" is "?", and "(?),(?)" is "(?)". */
static void put_mark(struct statement_walk *w, bool space) {
  if (ends(w, "?,"))
    w->len--;
  else if (ends(w, "?, "))
    w->len -= 2;
  else
    put(w, SPAN_LIT("?"), space);
}

static void put_token(struct statement_walk *w, const struct token *t) {
  switch (t->kind) {
  case TOKEN_STRING:
  case TOKEN_NUMBER:
  case TOKEN_MARK: put_mark(w, t->space); break;
  case TOKEN_NAME:
  case TOKEN_WORD: put(w, statement_text_name(t->text) ? t->text : SPAN_LIT("?"), t->space); break;
  default:
    put(w, t->text, t->space);
    if (t->text.base[0] != ')') break;
    if (ends(w, "(?),(?)")) w->len -= 4;
    if (ends(w, "(?), (?)")) w->len -= 5;
  }
}

static struct statement_frame *top(struct statement_walk *w) {
  return &w->frame[w->depth < STATEMENT_DEPTH ? w->depth : STATEMENT_DEPTH - 1];
}

/* The next token without taking it. */
static struct token peek(const struct statement_walk *w) {
  struct statement_lex ahead = w->lex;
  return statement_lex_next(&ahead);
}
static bool is_sign(const struct token *t, char c) {
  return t->kind == TOKEN_SIGN && t->text.len == 1 && t->text.base[0] == (uint8_t)c;
}

/* a.b.c, of which the last is in w->token; the whole with dots. */
static struct span dotted(struct statement_walk *w) {
  struct span whole = w->token.text;
  bool plain = w->token.kind == TOKEN_WORD;
  for (unsigned n = 0; n < 3; n++) {
    struct token dot = peek(w);
    if (!is_sign(&dot, '.')) break;
    statement_lex_next(&w->lex);
    put_token(w, &dot);
    w->token = statement_lex_next(&w->lex);
    if (w->token.kind != TOKEN_WORD && w->token.kind != TOKEN_NAME) return span_of(NULL, 0);
    put_token(w, &w->token);
    plain &= w->token.kind == TOKEN_WORD && !w->token.space;
    whole = plain ? span_of(whole.base, (size_t)(w->token.text.base + w->token.text.len - whole.base))
                  : w->token.text;
  }
  return whole;
}

static void add_table(struct statement_walk *w, struct span name) {
  struct statement *st = w->st;
  if (!name.len || w->closed || st->tables == STATEMENT_TABLES) return;
  for (unsigned i = 0; i < w->nhidden; i++)
    if (span_eq_nocase(w->hidden[i], name)) return;
  for (unsigned i = 0; i < st->tables; i++)
    if (span_eq(st->table[i], name)) return;
  st->table[st->tables++] = name;
}

static void table(struct statement_walk *w) {
  struct span name = dotted(w);
  struct token next = peek(w);
  bool call = w->expect == EXPECT_TABLE && is_sign(&next, '(') && !next.space;
  w->expect = EXPECT_NONE;
  if (call) return;
  add_table(w, name);
  w->closed = w->routine;
  if (w->stage == STAGE_TABLE && is_sign(&next, '(')) w->stage = STAGE_COLUMNS;
}

static void column(struct statement_walk *w) {
  struct span whole = dotted(w), name = w->token.text;
  struct token next = peek(w);
  if (w->stage == STAGE_COLUMNS && w->depth == 1 && w->columns < STATEMENT_CELLS)
    w->column[w->columns++] = name;
  if (w->with && w->depth == 0 && w->nhidden < STATEMENT_HIDDEN && whole.len) {
    enum word after = next.kind == TOKEN_WORD ? statement_word(next.text) : WORD_OTHER;
    if (after == WORD_AS || is_sign(&next, '(')) w->hidden[w->nhidden++] = whole;
  }
  if (is_sign(&next, '(') || w->op) return; /* a function: the value inside still is the column's */
  w->col = name;
}

/* ---- signs and words ---- */

static void enter(struct statement_walk *w) {
  bool in = w->last == WORD_IN;
  if (w->depth < NESTING_MOST) w->depth++;
  *top(w) = (struct statement_frame){.in = in};
  if (w->expect == EXPECT_TABLE) w->expect = EXPECT_NONE;
  if (w->stage == STAGE_VALUES && !w->row_depth) statement_value_begin_row(w);
  if (w->depth == 1 && strcmp(w->st->verb, "LOAD") == 0) w->stage = STAGE_COLUMNS;
}

static void leave(struct statement_walk *w) {
  if (w->stage == STAGE_VALUES && w->row_depth == w->depth && w->depth) {
    statement_value_end_row(w);
    w->row_depth = 0;
  }
  bool in = top(w)->in;
  if (w->stage == STAGE_COLUMNS && w->depth == 1) w->stage = STAGE_NAMED;
  if (w->depth) w->depth--;
  if (in) w->op = false;
}

static void comma(struct statement_walk *w) {
  if (w->stage == STAGE_VALUES && w->row_depth && w->row_depth == w->depth) {
    if (++w->cell < STATEMENT_CELLS) w->value[w->cell].kind = TOKEN_END;
    return;
  }
  if (top(w)->from) w->expect = EXPECT_TABLE;
  if (!top(w)->in && w->depth == 0) w->op = false;
}

static void sign(struct statement_walk *w, const struct token *t) {
  uint8_t c = t->text.base[0];
  if (c == '(') {
    enter(w);
  } else if (c == ')') {
    leave(w);
  } else if (c == ',') {
    comma(w);
  } else if (memchr("<>=!~", c, 5)) {
    w->op = w->col.len > 0;
  } else if (c == ';') {
    w->stage = STAGE_NONE;
    w->expect = EXPECT_NONE;
    w->depth = w->columns = w->row_depth = 0;
    w->listed = w->op = w->set = false;
    w->frame[0] = (struct statement_frame){0};
  } else if (c != '.' && c != '-' && c != '+' && c != ':' && c != '@') {
    w->op = w->op && w->between;
  }
}

static void clause(struct statement_walk *w) {
  w->op = w->between = false;
  w->expect = EXPECT_NONE;
  w->col = span_of(NULL, 0);
}

static void from_word(struct statement_walk *w) {
  struct statement_frame *f = top(w);
  bool show = w->depth == 0 && strcmp(w->st->verb, "SHOW") == 0;
  if ((!f->select && !show) || w->last == WORD_DISTINCT) return;
  clause(w);
  f->from = true;
  w->expect = EXPECT_TABLE;
}

static void update_word(struct statement_walk *w) {
  bool other = w->last == WORD_KEY || w->last == WORD_FOR || w->last == WORD_ON;
  if (other) return clause(w);
  w->set = false;
  w->expect = EXPECT_NAME;
}

static void word(struct statement_walk *w, enum word k) {
  struct statement_frame *f = top(w);
  if (w->depth == 0 && (k == WORD_SELECT || k == WORD_INSERT || k == WORD_UPDATE || k == WORD_DELETE))
    w->with = false;
  switch (k) {
  case WORD_SELECT:
  case WORD_DELETE: *f = (struct statement_frame){.select = true, .in = f->in}, clause(w); break;
  case WORD_FROM: from_word(w); break;
  case WORD_JOIN: w->expect = EXPECT_TABLE; break;
  case WORD_INSERT: w->stage = STAGE_TABLE, w->expect = EXPECT_NAME; break;
  case WORD_INTO: w->expect = EXPECT_NAME; break;
  case WORD_UPDATE: update_word(w); break;
  case WORD_TABLE:
  case WORD_OBJECT:
    w->expect = EXPECT_NAME;
    if (strcmp(w->st->verb, "COPY") == 0) w->stage = STAGE_TABLE;
    break;
  case WORD_SET: w->set = true, f->from = false, clause(w); break;
  case WORD_WHERE: w->set = false, f->from = false, clause(w); break;
  case WORD_VALUES:
    if (w->stage == STAGE_TABLE || w->stage == STAGE_NAMED) w->stage = STAGE_VALUES, w->row_depth = 0;
    break;
  case WORD_ROUTINE:
    if (w->st->tables || w->depth) break;
    w->expect = EXPECT_NAME;
    w->routine = true;
    break;
  case WORD_STOP: f->from = false, clause(w); break;
  case WORD_ON:
    if (w->stage == STAGE_VALUES && !w->row_depth) w->stage = STAGE_DONE;
    clause(w);
    break;
  case WORD_BETWEEN: w->op = w->between = w->col.len > 0; break;
  case WORD_IN:
  case WORD_COMPARE: w->op = w->col.len > 0; break;
  case WORD_AND:
    if (!w->between) clause(w);
    w->between = false;
    break;
  case WORD_WITH: w->with = w->last == WORD_OTHER && !w->st->tables; break;
  case WORD_PLAIN: w->op = w->op && w->between; break;
  default: break;
  }
}

static bool is_name(const struct statement_walk *w) {
  return w->expect != EXPECT_NONE && (w->token.kind == TOKEN_WORD || w->token.kind == TOKEN_NAME);
}

/* Some words are names of columns and tables as well. */
static enum word meant(const struct statement_walk *w, enum word k) {
  const char *verb = w->st->verb ? w->st->verb : "";
  if (k == WORD_OTHER || !w->st->verb) return k;
  if (w->stage == STAGE_COLUMNS && w->depth == 1 && k != WORD_SELECT && k != WORD_WITH) return WORD_OTHER;
  if (k == WORD_VALUES && w->depth) return WORD_OTHER;
  static const char *const makers[] = {"CREATE", "DROP", "ALTER", NULL};
  if (k == WORD_ROUTINE && !span_in(span_str(verb), makers)) return WORD_OTHER;
  if (k != WORD_INSERT && k != WORD_KEY && k != WORD_VALUES) return k;
  struct token next = peek(w);
  if (k == WORD_INSERT) return is_sign(&next, '(') ? WORD_PLAIN : k;
  return next.kind == TOKEN_SIGN && memchr("<>=!", next.text.base[0], 4) ? WORD_OTHER : k;
}

static void step(struct statement_walk *w) {
  struct token *t = &w->token;
  struct token before = w->before;
  put_token(w, t);
  w->before = *t;
  enum word k = t->kind == TOKEN_WORD && !is_sign(&before, '.') ? statement_word(t->text) : WORD_OTHER;
  k = meant(w, k);
  if (!w->st->verb && t->kind != TOKEN_WORD) w->st->verb = is_sign(t, '(') ? "SELECT" : "OTHER";
  if (!w->st->verb && t->kind == TOKEN_WORD) {
    w->st->verb = statement_word_verb(t->text);
    if (!w->st->verb) w->st->verb = "OTHER";
  } else if (w->st->verb && !strcmp(w->st->verb, "WITH") && w->depth == 0 && w->with &&
             (k == WORD_SELECT || k == WORD_INSERT || k == WORD_UPDATE || k == WORD_DELETE)) {
    w->st->verb = statement_word_verb(t->text);
  }
  if (t->kind == TOKEN_STRING || t->kind == TOKEN_NUMBER) {
    statement_value_take(w, t);
    w->expect = EXPECT_NONE;
  } else if (t->kind == TOKEN_MARK) {
    statement_value_mark(w, t);
  } else if (t->kind == TOKEN_SIGN) {
    sign(w, t);
  } else if (k != WORD_OTHER) {
    word(w, k);
  } else if (is_name(w)) {
    table(w);
  } else {
    column(w);
  }
  if (!(t->kind == TOKEN_NUMBER && w->last == WORD_STOP)) w->last = k;
}

/* Of the rows that come apart from the statement. */
static void keep_columns(struct statement_walk *w) {
  struct statement *st = w->st;
  if (strcmp(st->verb, "COPY") != 0 && strcmp(st->verb, "LOAD") != 0) return;
  st->column = arena_zalloc(w->arena, (w->columns + 1) * sizeof *st->column);
  for (; st->column && st->columns < w->columns; st->columns++)
    st->column[st->columns] = arena_copy(w->arena, span_head(w->column[st->columns], STATEMENT_NAME));
}

void statement_read(struct statement *st, struct span sql, enum statement_dialect d, struct arena *a,
                    struct buf *values) {
  struct statement_walk w; /* large: what is not set here is set before it is read */
  memset(&w, 0, offsetof(struct statement_walk, column));
  w.columns = w.cell = w.cells = 0;
  memset((char *)&w + offsetof(struct statement_walk, listed), 0,
         sizeof w - offsetof(struct statement_walk, listed));
  *st = (struct statement){0};
  w.st = st, w.arena = a, w.values = values;
  w.lex = statement_lex_of(sql, d);
  w.size = sql.len < STATEMENT_TEXT ? sql.len : STATEMENT_TEXT;
  w.text = arena_alloc(a, w.size ? w.size : 1);
  if (!w.text) w.size = 0;
  for (;;) {
    w.token = statement_lex_next(&w.lex);
    if (w.token.kind == TOKEN_END) break;
    step(&w);
  }
  while (w.len && (w.text[w.len - 1] == ';' || w.text[w.len - 1] == ' ')) w.len--;
  if (w.text) st->text = span_of(w.text, w.len);
  if (!st->verb) st->verb = "OTHER";
  keep_columns(&w);
  for (unsigned i = 0; i < st->tables; i++) st->table[i] = statement_text_table(st->table[i], a);
}

struct span statement_operation(const struct statement *st, struct arena *a) {
  struct span out = arena_copy(a, span_str(st->verb));
  for (unsigned i = 0; i < st->tables; i++) {
    struct span t = st->table[i];
    if (t.len) out = arena_printf(a, "%.*s%c%.*s", SPAN_FMT(out), i ? ',' : ' ', SPAN_FMT(t));
  }
  return out;
}
