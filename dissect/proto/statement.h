/* SPDX-License-Identifier: Apache-2.0 */
/* SQL statements as far as a sensor needs them: verb, tables, the text without values, and which column each value belongs to. */
#ifndef DISSECT_PROTO_STATEMENT_H
#define DISSECT_PROTO_STATEMENT_H

#include "base/arena.h"
#include "base/buf.h"

enum statement_dialect { STATEMENT_MYSQL, STATEMENT_PGSQL };
enum { STATEMENT_TEXT = 4096, STATEMENT_TABLES = 6, STATEMENT_MARKS = 4096, STATEMENT_NAME = 64 };

/* ---- tokens (statement_lex.c) ---- */
enum token_kind {
  TOKEN_END,
  TOKEN_WORD,   /* a name or a word of the language */
  TOKEN_NAME,   /* a quoted name; text is without quotes */
  TOKEN_STRING, /* text is without quotes */
  TOKEN_NUMBER,
  TOKEN_MARK, /* a placeholder: ?, $1 */
  TOKEN_SIGN,
};
struct token {
  enum token_kind kind;
  struct span text;
  uint8_t quote;   /* of strings: what to undouble; 0: nothing */
  bool backslash;  /* of strings: backslashes stand before a sign */
  bool space;      /* blanks or a comment before it */
  uint32_t number; /* of $n, from 1; 0 where it has none */
};
struct statement_lex {
  const uint8_t *pos, *end;
  enum statement_dialect dialect;
};
struct statement_lex statement_lex_of(struct span sql, enum statement_dialect d);
struct token statement_lex_next(struct statement_lex *x);
/** The first statement of *rest, which is moved behind it; empty at the end. */
struct span statement_lex_cut(struct span *rest, enum statement_dialect d);
/** Append a string's value, quotes and backslashes undone, as a cell of rows. ERR_CAP. */
int statement_lex_cell(struct buf *out, const struct token *t);

/* ---- words (statement_word.c) ---- */
enum word {
  WORD_OTHER,
  WORD_SELECT,
  WORD_FROM,
  WORD_JOIN,
  WORD_INTO,
  WORD_INSERT, /* and REPLACE */
  WORD_UPDATE,
  WORD_DELETE,
  WORD_TABLE,
  WORD_OBJECT, /* verbs that a table follows: TRUNCATE, DESCRIBE, COPY, USE, CALL */
  WORD_SET,
  WORD_WHERE,
  WORD_VALUES,
  WORD_IN,
  WORD_BETWEEN,
  WORD_AND,
  WORD_COMPARE,  /* LIKE and its kin */
  WORD_MODIFIER, /* between a verb and its table */
  WORD_STOP,     /* ends a list of tables */
  WORD_ROUTINE,  /* PROCEDURE, FUNCTION, TRIGGER: what follows its name is no statement of now */
  WORD_KEY,
  WORD_FOR,
  WORD_ON,
  WORD_DISTINCT,
  WORD_WITH,
  WORD_AS,
  WORD_PLAIN, /* of the language, and neither a name nor of interest */
};
enum word statement_word(struct span s);
/** The verb that s is, static text; NULL where it is none. */
const char *statement_word_verb(struct span s);

/* ---- statements (statement.c) ---- */
struct statement {
  const char *verb; /* "SELECT"; "OTHER"; static */
  struct span text; /* values replaced by "?", without comments */
  struct span table[STATEMENT_TABLES];
  unsigned tables;
  struct span *mark; /* columns that placeholders stand for, "" where unknown */
  uint32_t marks, room;
  struct span *column; /* of COPY and LOAD DATA: columns named */
  unsigned columns;
  bool cut; /* values had no room */
};
/** Read one statement or several. Spans live in a. values: gets rows of its literals (dissect/body/rows.h); NULL: not wanted. */
void statement_read(struct statement *st, struct span sql, enum statement_dialect d, struct arena *a,
                    struct buf *values);
/** "SELECT acct,customer": verb and tables, numbers at the end of their names folded ("order_{n}"). */
struct span statement_operation(const struct statement *st, struct arena *a);

/* ---- rows that come apart (statement_rows.c) ---- */
/* Lines of COPY or LOAD DATA. */
struct statement_rows {
  const struct span *column;
  unsigned columns;
  bool csv;
  unsigned cells; /* columns of the list written last, 0 at first */
  size_t scanned; /* bytes of the line under way that were looked at, */
  bool quoted;    /* and whether a quote of CSV is open behind them */
};
/** A line as a row. 1; 0: it holds none; ERR_CAP, ERR_NOMEM. */
int statement_rows_line(struct statement_rows *x, struct span line, struct buf *out);
/** Whole lines of data; what is left waits in carry for more. Counts in *rows. ERR_CAP, ERR_NOMEM. */
int statement_rows_data(struct statement_rows *x, struct buf *carry, struct span data, struct buf *out,
                        uint64_t *rows);

/* ---- text (statement_text.c) ---- */
/** A server's message without what it quotes and without long numbers; empty where nothing safe is left. */
struct span statement_text_error(struct span message, struct arena *a);
/** Whether a name may be told: a plain identifier that is no value. */
bool statement_text_name(struct span s);
/** A table's name for an endpoint, numbers folded. */
struct span statement_text_table(struct span s, struct arena *a);

#endif
