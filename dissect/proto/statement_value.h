/* SPDX-License-Identifier: Apache-2.0 */
/* A statement while it is read. Internal to statement.c and statement_value.c. */
#ifndef DISSECT_PROTO_STATEMENT_VALUE_H
#define DISSECT_PROTO_STATEMENT_VALUE_H

#include "dissect/proto/statement.h"

enum { STATEMENT_DEPTH = 64, STATEMENT_CELLS = 512, STATEMENT_HIDDEN = 8 };
enum statement_stage {
  STAGE_NONE,
  STAGE_TABLE /* INSERT INTO t */,
  STAGE_COLUMNS,
  STAGE_NAMED /* they are */,
  STAGE_VALUES,
  STAGE_DONE
};
enum statement_expect { EXPECT_NONE, EXPECT_TABLE /* of FROM: may be a function */, EXPECT_NAME };

/** What stands between a pair of brackets. */
struct statement_frame {
  bool select, from, in; /* a SELECT stands at this depth; in its list of tables; values of IN */
};
struct statement_walk {
  struct statement *st;
  struct arena *arena;
  struct statement_lex lex;
  struct buf *values;
  uint8_t *text;
  size_t len, size;
  struct statement_frame frame[STATEMENT_DEPTH];
  unsigned depth;
  enum statement_expect expect;
  enum statement_stage stage;
  unsigned row_depth; /* of the cells of VALUES */
  struct span column[STATEMENT_CELLS];
  unsigned columns, cell, cells;
  struct token value[STATEMENT_CELLS]; /* of the row being read; TOKEN_END: none */
  bool listed;                         /* the columns were written */
  struct span col;                     /* column last named */
  bool op, between, set;               /* a comparison follows it; BETWEEN; in SET */
  enum word last;                      /* word before, WORD_OTHER for any other token */
  struct span hidden[STATEMENT_HIDDEN];
  unsigned nhidden;           /* names that WITH gives */
  bool with, routine, closed; /* in WITH; no more tables: a routine's text follows */
  struct token before, token;
};

/** Take a literal: a cell of the row under way, or a row of its own under the name of its column, if it is told. */
void statement_value_take(struct statement_walk *w, const struct token *t);
/** Note the column that a placeholder stands for. */
void statement_value_mark(struct statement_walk *w, const struct token *t);
/** A row of VALUES begins, at the depth reached. */
void statement_value_begin_row(struct statement_walk *w);
/** Write the row under way, with the list of its columns where it differs from the last. */
void statement_value_end_row(struct statement_walk *w);

#endif
