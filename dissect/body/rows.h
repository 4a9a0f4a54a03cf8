/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of databases as a body: lists of named columns, each followed by rows of cells. Written by dissectors, read by rows_format. */
#ifndef DISSECT_BODY_ROWS_H
#define DISSECT_BODY_ROWS_H

#include "base/buf.h"
#include "dissect/body/body.h"

#define ROWS_MIME "application/vnd.tapscope.rows"
enum { ROWS_COLUMNS = 4096, ROWS_NAME = 128 };

/** Begin a list: its columns follow, n of them. many: paths are list[].column, else list.column. ERR_NOMEM, ERR_CAP. */
int rows_list(struct buf *out, struct span list, bool many, unsigned n);
/** A column of the list just begun; an empty name: its cells stand for the row itself. type: of cells (enum leaf_type). */
int rows_column(struct buf *out, struct span name, enum leaf_type type);
/** Begin a row: as many cells follow as there are columns. */
int rows_row(struct buf *out);
int rows_cell(struct buf *out, struct span value);
int rows_null(struct buf *out);
/** Room for a cell of n bytes, which the caller fills; NULL at the cap or out of memory. */
uint8_t *rows_room(struct buf *out, size_t n);
/** Make a cell of what was appended to out since it was `from` bytes long. */
int rows_close(struct buf *out, size_t from);

#endif
