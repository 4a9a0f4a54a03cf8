/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of one side's body, and the holes in it. */
#ifndef DISSECT_SIDE_H
#define DISSECT_SIDE_H

#include "dissect/dissector.h"

/** Make room for a body that says to be length bytes long; for a long one only as much as it fills soon. */
void side_expect(struct side *s, uint64_t length);
/** Append bytes of the body to raw, up to its cap. What there is no room for is counted in body_bytes, and UNSEEN_CAPPED; without
 *  memory UNSEEN_MEMORY as well. */
void side_put(struct side *s, struct dissect_ctx *cx, struct span data);
/** Note that bytes of the body, or values of it, had no room in raw; why: ERR_CAP or ERR_NOMEM. Counted once a side. */
void side_full(struct side *s, struct dissect_ctx *cx, int why);
/** As side_put at ns for a body without framing, whose bytes are those of the wire, and whose values cannot be told apart behind a hole:
 *  there nothing is kept. */
void side_put_values(struct side *s, struct dissect_ctx *cx, struct span data, uint64_t ns);
/** Note that n bytes of the side, body or not, were lost, or cut by the snapshot length. */
void side_lost(struct side *s, uint64_t n, bool snapped);
/** Note the same of n bytes of a body without framing, at ns; the first hole's place is kept. */
void side_hole(struct side *s, uint64_t n, bool snapped, uint64_t ns);
/** The body as sent, up to the first hole. */
struct span side_unbroken(const struct side *s);

#endif
