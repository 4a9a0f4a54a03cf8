/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies as trees of named values, whatever their format; and content codings and charsets. */
#ifndef DISSECT_BODY_H
#define DISSECT_BODY_H

#include "base/buf.h"
#include "base/span.h"
#include "dissect/txn.h"

enum leaf_type {
  LEAF_STRING,
  LEAF_NUMBER,
  LEAF_BOOL,
  LEAF_NULL,
  LEAF_TEXT /* free text without structure */,
  LEAF_BYTES
};

/** One value in a body. Borrowed for the call. */
struct leaf {
  struct span path;  /* dotted, arrays folded: "data.items[].idNo"; XML: element names, "@a" for attributes */
  struct span key;   /* last named step of the path, without [] */
  struct span value; /* unescaped, UTF-8 */
  struct span raw;   /* where it stands in the body, as sent */
  uint64_t path_hash; /* hash64 of path under a fixed seed */
  uint32_t index;     /* position in the innermost array, else 0 */
  enum leaf_type type;
  uint8_t depth;
  struct span label
      [2]; /* what stands for a name beside it: a list's "name" beside "value", a form's label; then a weaker
                           one. Empty where there is none */
  struct path_node
      *node; /* path, interned in body_walk.paths (dissect/body/path.h); NULL from formats that do without */
};
/** Called per leaf; < 0 stops the walk and is its result. */
typedef int (*leaf_fn)(void *user, const struct leaf *leaf);

struct descriptor_message; /* dissect/body/descriptor.h */

struct body_walk {
  leaf_fn leaf;
  void *user;
  struct span mime, charset, content_type; /* content_type: the whole header */
  struct arena *
      scratch; /* for unescaped values; reset by the walker as it likes, but for `missed`. NULL: made for this walk */
  uint32_t max_depth, max_leaves; /* 0: 64 and 1,000,000 */
  bool cut;                       /* the body ends early (cap, hole): no complaint at the end */
  struct path_table
      *paths; /* keeps paths from one body to the next, and tells of those missed; NULL: made for this walk */
  uint32_t items;       /* out: records in the largest list; set to 0 first by the caller */
  uint32_t leaves;      /* out: leaves given so far */
  uint8_t nested;       /* how deep this body stands inside another's values */
  struct path_node *at; /* node that the walk begins at; NULL: the root */
  struct span label[2]; /* of the next value, for the formats' use */
  uint32_t label_of;    /* 1 + id of the node that label[0] stands in; 0: whatever comes next */
  const struct descriptor_message *message; /* of Protocol Buffers: their type; NULL where it is not known */
};
/** One format: one file, one row in dissect/body/table.c. */
struct body_format {
  const char *name; /* "json" */
  /** 0 no, 1 by content, 2 by declared type. */
  int (*match)(struct span mime, struct span head);
  /** Number of leaves, or ERR_SYNTAX, ERR_CAP, ERR_NOMEM (leaves up to there were given), or what leaf() returned. */
  int (*walk)(struct body_walk *w, struct span body);
};
extern const struct body_format *const body_table[]; /* NULL at the end */
/** Choose the format by declared type and by content (content wins where they clash) and walk it. Sets *format where not NULL.
 *  Text that is not UTF-8 is converted by charset first (GBK, GB18030, Big5, Latin-1; guessed where not declared).
 *  As body_format.walk; ERR_NOMEM also where a scratch or paths made for this walk missed something. */
int body_walk(struct body_walk *w, struct span body, const struct body_format **format);

/** Undo content codings, last applied first ("gzip, br"). Appends to out up to its cap. Returns bytes written, or ERR_UNSUPPORTED,
 *  ERR_CAP, ERR_SYNTAX, ERR_NOMEM; *unseen gets UNSEEN_CAPPED when the cap cut it, UNSEEN_MEMORY when memory did (which out's budget
 *  then counts); anomalies in *anomalies. What a damaged or cut body gives up to the damage is kept. */
long coding_decode(struct span coding, struct span in, struct buf *out, uint64_t max_ratio, uint32_t *unseen,
                   uint64_t *anomalies);
/** Convert text to UTF-8 into out. Names as in Content-Type. ERR_UNSUPPORTED, ERR_CAP; invalid sequences become U+FFFD. */
int charset_utf8(struct span charset, struct span in, struct buf *out);
/** Whether s is valid UTF-8. */
bool charset_is_utf8(struct span s);

#endif
