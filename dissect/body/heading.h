/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a table whose columns are named elsewhere: {"columns": […], "rows": [[…]]}, a first row of names, <th>. */
#ifndef DISSECT_BODY_HEADING_H
#define DISSECT_BODY_HEADING_H

#include "dissect/body/walk.h"

enum { HEADING_COLUMNS = 256, HEADING_TEXT = 64 };
struct heading {
  unsigned count;
  struct path_node *node[HEADING_COLUMNS]; /* of the column, NULL where its text is no more than a label */
  uint8_t len[HEADING_COLUMNS];
  char text[HEADING_COLUMNS][HEADING_TEXT];
};

/** Whether a cell could name a column. */
bool heading_is_name(struct span s);
/** Whether a cell is made like a field's name, and not like a person's: "custName", "手机号码". */
bool heading_is_field(struct span s);
/** Set the text of column i; longer ones are cut away. */
void heading_set(struct heading *h, unsigned i, struct span text);
/** Take text for the name of column i: a child of item where it is made like a field's name, else a label, since it may be
 *  data, which no path may show. Whether it is made so. */
bool heading_take(struct heading *h, struct body_walk *w, unsigned i, struct span text,
                  struct path_node *item);
/** Where a value of column i stands: the column's node, or item with the walk's label set. */
struct path_node *heading_column(const struct heading *h, struct body_walk *w, unsigned i,
                                 struct path_node *item);
/** Read a JSON list of names, or of objects that have one, between its brackets. sure: it was said to name columns. Columns
 *  become children of item where they are sure to be no data, labels else. False where it is no such list of `want` names. */
bool heading_json(struct heading *h, struct body_walk *w, struct span list, unsigned want, bool sure,
                  struct path_node *item);
/** The list among what follows a list of rows in its object ("data": [[…]], "columns": […]); rest begins at the first row. */
struct span heading_behind(struct span rest);
/** Items of the JSON list whose content rest begins with; 0 where it ends early. */
unsigned heading_items(struct span rest);

static inline struct span heading_text(const struct heading *h, unsigned i) {
  return i < h->count ? (struct span){(const uint8_t *)h->text[i], h->len[i]} : (struct span){0};
}

#endif
