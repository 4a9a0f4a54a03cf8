/* SPDX-License-Identifier: Apache-2.0 */
/* HPACK decoder for a listener (RFC 7541): joins late, survives holes, and never guesses. */
#ifndef DISSECT_PROTO_HPACK_H
#define DISSECT_PROTO_HPACK_H

#include "base/buf.h"
#include "base/err.h"

enum {
  HPACK_LIMIT = 64 * 1024, /* bytes of the dynamic table that are kept, by RFC 7541's measure */
  HPACK_DEFAULT = 4096,    /* the table's size before anyone changes it */
  HPACK_OVERHEAD = 32,     /* what an entry costs beside its text */
};

/** One field line. Borrowed for the call. What is not known is empty. */
struct hpack_field {
  struct span name, value;
  bool name_known, value_known;
  bool stale;     /* its name or value stands in the part of the table that a hole has moved */
  uint32_t place; /* of a stale one: counted from the first old entry, those lost in the hole included */
};
/** Called per field in order; < 0 stops nothing (the table must be kept up) but is the result in the end. */
typedef int (*hpack_fn)(void *user, const struct hpack_field *f);

struct hpack_entry {
  uint64_t off;         /* of its name; the value follows */
  uint32_t name, value; /* bytes */
  bool name_known, value_known;
};

/** The dynamic table of one direction. Entries newest first: `fresh` ones whose place is sure, then (after a hole)
 *  an unknown number of lost ones, then stale ones. */
struct hpack {
  struct hpack_entry *ring;
  uint32_t mask, head, count; /* ring size - 1; place of the newest; entries */
  uint32_t fresh;             /* of count, those whose index is sure */
  bool complete;              /* nothing unknown lies below the oldest entry */
  bool max_known;
  size_t max, used;     /* table size as the encoder keeps it; sum of known entries' sizes */
  uint64_t start, base; /* offset of the oldest byte in use, of bytes.base[0] */
  struct buf bytes, scratch;
  struct budget *budget;
};

/** Prepare a decoder whose table is known to be empty (joined: the stream's beginning was seen) or not. */
void hpack_init(struct hpack *h, struct budget *budget, bool joined);
void hpack_done(struct hpack *h);
/** The stream's beginning turns out to have been seen: the table, in which nothing is yet, is known to be empty. */
void hpack_join(struct hpack *h);
/** Forget all: header blocks were missed and nothing is sure. */
void hpack_forget(struct hpack *h);
/** Header blocks may have been missed: what is known becomes stale, its index off by an unknown number of entries. */
void hpack_suspend(struct hpack *h);
/** Whether stale entries wait for hpack_shift. */
static inline bool hpack_suspended(const struct hpack *h) { return h->fresh < h->count; }
/** Declare that exactly `lost` entries were inserted unseen: the stale ones are of use again. ERR_NOMEM. */
int hpack_shift(struct hpack *h, uint32_t lost);
/** Decode a whole header block. 0, or what fn returned below 0, ERR_SYNTAX (table forgotten), ERR_TRUNC (the block ends early:
 *  fields up to there were given; the caller must suspend or forget the table), ERR_NOMEM (forgotten). */
int hpack_decode(struct hpack *h, struct span block, hpack_fn fn, void *user);
/** Decode as if `lost` entries had been inserted unseen, leaving the table alone. Fields as in hpack_decode, but values that would need
 *  unpacking are given as unknown. 0, ERR_SYNTAX, ERR_CAP (too many insertions), ERR_NOMEM. */
int hpack_try(struct hpack *h, struct span block, uint32_t lost, hpack_fn fn, void *user);
/** Unpack a Huffman-coded string, appending to out. ERR_SYNTAX, ERR_NOMEM, ERR_CAP. RFC 7541 5.2. */
int hpack_unpack(struct span in, struct buf *out);

#endif
