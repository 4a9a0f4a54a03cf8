/* SPDX-License-Identifier: Apache-2.0 */
/* What commands that print lists share: growing lists of what was loaded, formats, cells. */
#ifndef APP_LISTING_H
#define APP_LISTING_H

#include "output/json.h"

struct listing {
  void **item;
  size_t count, size;
};
enum listing_format { LISTING_TABLE, LISTING_JSON, LISTING_CSV, LISTING_DOT };

/** Take over an item; it is freed when there is no room. ERR_NOMEM. */
int listing_keep(struct listing *l, void *item);
/** Free the items (mem_free) and the list. */
void listing_drop(struct listing *l);
/** Read table (also for NULL), json, csv and, where there is one, dot. False: none of them; it was said. */
bool listing_format(const char *name, bool dot, enum listing_format *out);
/** Append a quoted cell of CSV and a comma. */
void listing_cell(struct buf *out, struct span s);
/** Append a key and a list of strings, which commas part in items. */
void listing_json(struct json *j, const char *key, const char *items);

#endif
