/* SPDX-License-Identifier: Apache-2.0 */
/* An endpoint in memory, as the inventory and its store share it. */
#ifndef ANALYTICS_INVENTORY_ROW_H
#define ANALYTICS_INVENTORY_ROW_H

#include "analytics/inventory.h"
#include "base/hash.h"
#include "base/table.h"

enum {
  ROW_SERVICE = 128,
  ROW_METHOD = 16,
  ROW_NAME = 512,
  ROW_CLASSES = 32,
  ROW_CALLERS = 64,
  ROW_ID = 32,
  ROW_PATH = 256,
  ROW_CLASS = 32,
  ROW_PROTOCOL = 16
};
enum row_state { ROW_ACTIVE, ROW_DORMANT, ROW_RETIRED };

struct row_class {
  char class_id[ROW_CLASS];
  uint64_t count, subjects;
  uint64_t first_ns;
  struct grade grade;
};
struct row {
  struct table_entry te;
  char id[ROW_ID], service[ROW_SERVICE], method[ROW_METHOD], name[ROW_NAME];
  char path[ROW_PATH]; /* one that was seen; never stored */
  uint16_t service_len, method_len, name_len, path_len;
  uint64_t first_ns, last_ns, calls, bytes, lost;
  uint32_t auth;
  uint32_t words; /* bit i: where segment i of the name is a variable, a word stood for it */
  uint8_t caller[ROW_CALLERS][16];
  uint32_t callers;
  uint8_t addr[16];
  uint16_t port;
  char protocol[ROW_PROTOCOL];
  enum zone exposure;
  enum row_state state;
  struct row_class data[2][ROW_CLASSES];
  uint8_t ndata[2];
  bool dirty, gone;
};
static inline struct span row_service(const struct row *r) { return span_of(r->service, r->service_len); }
static inline struct span row_name(const struct row *r) { return span_of(r->name, r->name_len); }

/** SQLite database state_dir/inventory.db; docs/INVENTORY.md has the schema. */
struct inventory_store;
/** Open or create. ERR_IO, ERR_NOMEM; err names the file and the remedy. */
int inventory_store_open(struct inventory_store **out, const char *state_dir, struct conf_error *err);
void inventory_store_close(struct inventory_store *s); /* takes NULL */
/** Read all endpoints; each row is the callee's to keep (mem_free). < 0: what the callee returned, or ERR_IO. */
int inventory_store_load(struct inventory_store *s, int (*row)(void *user, struct row *r), void *user);
int inventory_store_begin(struct inventory_store *s);
int inventory_store_put(struct inventory_store *s, const struct row *r);
int inventory_store_drop(struct inventory_store *s, const struct row *r);
int inventory_store_event(struct inventory_store *s, const struct row *r, const char *change,
                          struct span detail, uint64_t ns);
int inventory_store_commit(struct inventory_store *s);

#endif
