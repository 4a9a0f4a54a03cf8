/* SPDX-License-Identifier: Apache-2.0 */
/* An endpoint in memory, as the inventory and its store share it. */
#ifndef ANALYTICS_INVENTORY_ROW_H
#define ANALYTICS_INVENTORY_ROW_H

#include "analytics/inventory.h"
#include "analytics/schema_book.h"
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
  ROW_SAMPLES = 16,
  ROW_OWNER = 64,
  ROW_TAGS = 192,
  ROW_WHY = 320,
  ROW_ALGS = 4,
  ROW_ALG = 12,
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
  char *sample[ROW_SAMPLES]; /* paths that were seen, one for each choice of words; never stored */
  uint64_t words_of[ROW_SAMPLES];
  uint8_t nsamples;
  uint16_t service_len, method_len, name_len;
  uint64_t first_ns, last_ns, calls, bytes, lost;
  uint32_t auth;
  uint32_t words;                  /* bit i: where segment i of the name is a variable, a word stood for it */
  uint64_t auth_calls[AUTH_KINDS]; /* that were answered well */
  char alg[ROW_ALGS][ROW_ALG];     /* of JWTs */
  uint64_t plaintext;              /* calls that no TLS carried */
  uint8_t caller[ROW_CALLERS][16];
  uint32_t callers;
  uint8_t addr[16];
  uint16_t port;
  char protocol[ROW_PROTOCOL];
  enum zone exposure;
  enum row_state state;
  struct row_class data[2][ROW_CLASSES];
  uint8_t ndata[2];
  struct schema_book *schema;                 /* NULL until something was learned */
  uint32_t findings;                          /* of this endpoint */
  uint8_t severity;                           /* the gravest of them */
  char finding[ROW_CLASS];                    /* its rule */
  char tags[ROW_TAGS], rule_owner[ROW_OWNER]; /* by rules */
  uint16_t tags_len;
  char user_tags[ROW_TAGS], owner[ROW_OWNER]; /* the user's, from the store */
  uint64_t accepted;                          /* when the user took it into the baseline; 0: not */
  int risk;
  char why[ROW_WHY]; /* of the risk */
  bool dirty, gone;  /* dirty: not in the store yet */
  bool touched;      /* since the program started */
};
static inline struct span row_service(const struct row *r) { return span_of(r->service, r->service_len); }
static inline struct span row_name(const struct row *r) { return span_of(r->name, r->name_len); }

void inventory_row_free(struct row *r); /* takes NULL */
const char *inventory_row_state(const struct row *r);
/** Name it and make its id. */
void inventory_row_name(struct row *r, struct span name);
/** Copy at most size bytes; how many. */
uint16_t inventory_row_keep(char *to, size_t size, struct span s);
void inventory_row_caller(struct row *r, const uint8_t addr[16]);
/** Count data; true when the class is new there. */
bool inventory_row_class(struct row *r, int d, const struct row_class *c);
/** Keep a path that was seen, while there are few. 0 or ERR_NOMEM. */
int inventory_row_sample(struct row *r, struct span path);
/** Its name has changed. */
void inventory_row_resample(struct row *r);
/** Count how a call was authenticated. */
void inventory_row_auth(struct row *r, const struct api_event *e);
/** The kind that most calls had, and text about the others ("none 3 of 120"); AUTH_KINDS when no call was answered well. */
enum auth_kind inventory_row_main_auth(const struct row *r, char *others, size_t size);
/** Add all that from counted. */
void inventory_row_absorb(struct row *to, const struct row *from);
/** The endpoint's risk, 0..100, into r->risk, and its parts into r->why. Reads r->tags. */
void inventory_risk(struct row *r);

/** SQLite database state_dir/inventory.db; docs/INVENTORY.md has the schema. */
struct inventory_store;
struct service_row;
/** Open or create; an older one is brought up. ERR_IO, ERR_NOMEM; err names the file and the remedy. */
int inventory_store_open(struct inventory_store **out, const char *state_dir, struct conf_error *err);
void inventory_store_close(struct inventory_store *s); /* takes NULL */
/** Read all endpoints; each row is the callee's to keep (inventory_row_free). < 0: what the callee returned, or ERR_IO. */
int inventory_store_load(struct inventory_store *s, int (*row)(void *user, struct row *r), void *user);
int inventory_store_begin(struct inventory_store *s);
int inventory_store_put(struct inventory_store *s, const struct row *r);
int inventory_store_drop(struct inventory_store *s, const struct row *r);
int inventory_store_event(struct inventory_store *s, const struct row *r, const char *change,
                          struct span detail, uint64_t ns);
int inventory_store_service(struct inventory_store *s, const struct service_row *r);
int inventory_store_commit(struct inventory_store *s);
/** Whether another program wrote since the last call. */
bool inventory_store_changed(struct inventory_store *s);
/** What the user said of an endpoint; borrowed for the call. */
struct store_user {
  struct span service, endpoint, owner, tags;
  uint64_t accepted;
};
/** Give each() all that the user said. 0 or ERR_IO. */
int inventory_store_user(struct inventory_store *s, void (*each)(void *user, const struct store_user *u),
                         void *user);
/** Read the user's rules for templates, oldest first: kind "merge" or "split". */
int inventory_store_rules(struct inventory_store *s,
                          int (*each)(void *user, struct span kind, struct span service, struct span path),
                          void *user);
/** Writes of the user's commands; number of rows, or ERR_IO. id NULL: every endpoint. tags, owner NULL: leave. */
int inventory_store_accept(struct inventory_store *s, const char *id, uint64_t ns);
int inventory_store_label(struct inventory_store *s, const char *id, const char *tags, const char *owner);
int inventory_store_rule(struct inventory_store *s, const char *kind, struct span service, struct span path);

#endif
