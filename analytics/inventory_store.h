/* SPDX-License-Identifier: Apache-2.0 */
/* The open database, as the files that write and read it share it. */
#ifndef ANALYTICS_INVENTORY_STORE_H
#define ANALYTICS_INVENTORY_STORE_H

#include "analytics/inventory_service.h"
#include "analytics/state_db.h"

enum store_statement {
  STORE_PUT,
  STORE_CALLER,
  STORE_DATA,
  STORE_EVENT,
  STORE_AUTH,
  STORE_MESSAGE,
  STORE_FIELD,
  STORE_STATUS,
  STORE_MEDIA,
  STORE_SERVICE,
  STORE_DROP, /* and the next seven: one a table */
  STORE_STATEMENTS = STORE_DROP + 8
};
struct inventory_store {
  struct state_db *db; /* its puts by enum store_statement */
  int64_t data_version;
};

#endif
