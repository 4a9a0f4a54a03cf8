/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoints of an inventory on disk, filtered and printed. */
#ifndef APP_ASSETS_LIST_H
#define APP_ASSETS_LIST_H

#include "analytics/inventory_row.h"
#include "app/options.h"

struct assets_list {
  struct row **row; /* in order of service and name */
  size_t count, size;
  const struct options *filter;
};
/** Load what the options let through: --service, --tag, --owner, --in-state, --min-risk. ERR_IO, ERR_NOMEM. */
int assets_list_load(struct assets_list *l, struct inventory_store *store, const struct options *o);
void assets_list_free(struct assets_list *l);
/** format: "table", "json" or "csv". ERR_NOTFOUND: none of them; ERR_NOMEM. */
int assets_list_print(const struct assets_list *l, const char *format, struct buf *out);

#endif
