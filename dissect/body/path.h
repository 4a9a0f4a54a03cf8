/* SPDX-License-Identifier: Apache-2.0 */
/* Paths of values, interned: a step down is a look-up, and what is known of a path hangs on its node. */
#ifndef DISSECT_BODY_PATH_H
#define DISSECT_BODY_PATH_H

#include "base/mem.h"
#include "base/span.h"

enum { PATH_NOTES = 4 };
/** What a step's name says of those beside it: {"name": "mobile", "value": …}, {"columns": […], "rows": [[…]]}. */
enum path_role { PATH_PLAIN, PATH_LABEL, PATH_LABEL_WEAK, PATH_VALUE, PATH_HEADING };

/** One path. Lives until path_begin says that nodes were forgotten, or path_table_free. */
struct path_node {
  struct span path;          /* "data.items[].idNo"; empty for the root */
  struct span key;           /* last named step, "idNo" (of an item: of its list) */
  uint64_t hash;             /* hash64 of path under a fixed seed */
  uint32_t id;               /* dense from 0; index for the user's own arrays */
  uint32_t parent;           /* id of the node above; the root's is 0 */
  uint16_t depth;            /* named steps and lists above */
  bool is_item;              /* path ends in [] */
  uint8_t role;              /* enum path_role */
  bool folded;               /* the step stood for a value ("{key}"), as in maps keyed by ids */
  uint16_t note[PATH_NOTES]; /* the users' own, 0 at first; each speaks of the key alone */
  /* private */
  uint32_t epoch, kid_hash;
  struct path_node *chain, *item, *first, *after;
};

enum { PATH_KEY_MAX = 128, PATH_MAX_LEN = 1024 };

struct path_table;
/** max: most different paths within one message. NULL when out of memory. */
struct path_table *path_table_new(uint32_t max);
void path_table_free(struct path_table *t); /* takes NULL */
/** Begin a message. True when nodes were forgotten: ids start anew. Results never depend on what was kept. */
bool path_begin(struct path_table *t);
/** Paths not made for want of memory since this was last asked. */
uint64_t path_missed(struct path_table *t);
struct path_node *path_root(struct path_table *t);
/** The child by name. Names that are values themselves (digits, mail addresses, UUIDs, long hex) fold into "{key}". At
 *  the cap, or out of memory, the parent itself. Never NULL. */
struct path_node *path_child(struct path_table *t, struct path_node *parent, struct span name);
/** The same with a guess: the node that came before among its siblings, NULL for the first. */
struct path_node *path_next(struct path_table *t, struct path_node *parent, struct path_node *before,
                            struct span name);
/** The node of a list's items ("a" → "a[]"). */
struct path_node *path_item(struct path_table *t, struct path_node *parent);
/** The node of a dotted path written by somebody else. */
struct path_node *path_of(struct path_table *t, struct span path);
/** The role of a step by its name; case and underscores do not matter. */
enum path_role path_role(struct span name);
/** Whether a name is a value rather than a name. */
bool path_is_value(struct span name);

#endif
