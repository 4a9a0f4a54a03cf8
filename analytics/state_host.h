/* SPDX-License-Identifier: Apache-2.0 */
/* Hosts that answer calls and what they are called, in memory and in a database of the state folder. */
#ifndef ANALYTICS_STATE_HOST_H
#define ANALYTICS_STATE_HOST_H

#include "analytics/state_db.h"
#include "base/counters.h"
#include "base/span.h"
#include "base/table.h"

enum { STATE_HOST_NAME = 128 };
struct state_host {
  struct table_entry te;
  char address[48], service[STATE_HOST_NAME];
  bool dirty;
};

/** Their table in a database, and what fills it: the first of its puts. */
#define STATE_HOST_SCHEMA \
  "CREATE TABLE IF NOT EXISTS host(address TEXT PRIMARY KEY, service TEXT NOT NULL) WITHOUT ROWID;"
#define STATE_HOST_PUT "INSERT OR REPLACE INTO host VALUES(?,?)"

/** The host of an address among hosts (a table by hash), or NULL. */
const struct state_host *state_host_find(const struct table *hosts, const uint8_t addr[16]);
/** Add one that is not among them. False, and counted, at the cap or out of memory. */
bool state_host_add(struct table *hosts, const uint8_t addr[16], struct span service, struct counters *ctr);
/** Hand over every host of a database in the order of addresses, to be kept (mem_free). < 0: what the callee returned, or ERR_IO,
 *  ERR_NOMEM. */
int state_host_load(struct state_db *db, int (*host)(void *user, struct state_host *h), void *user);
/** Keep one that was loaded in hosts, a struct table, or free it: known, no address, or beyond the cap. ERR_NOMEM. */
int state_host_keep(void *hosts, struct state_host *h);
/** Store those that are new. ERR_IO. */
int state_host_store(struct state_db *db, struct table *hosts);
/** Have all of them stored again: what was, was not committed. */
void state_host_again(struct table *hosts);

#endif
