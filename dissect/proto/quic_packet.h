/* SPDX-License-Identifier: Apache-2.0 */
/* QUIC long header packets and the frames of Initial packets (RFC 8999, RFC 9000 17.2 and 19). */
#ifndef DISSECT_PROTO_QUIC_PACKET_H
#define DISSECT_PROTO_QUIC_PACKET_H

#include "dissect/proto/quic_crypto.h"

enum quic_kind { QUIC_INITIAL, QUIC_0RTT, QUIC_HANDSHAKE, QUIC_RETRY };

/** One packet of a datagram; spans borrow from it. */
struct quic_packet {
  const struct quic_version *version;
  enum quic_kind kind;
  struct span dcid, scid;
  struct span whole; /* from its first byte to its end */
  size_t number_at;  /* offset of the packet number in whole; 0 where there is none */
};

/** Take the next long header packet off the front of *datagram. ERR_SYNTAX for what is none, or of an unknown version. */
int quic_packet_next(struct span *datagram, struct quic_packet *out);
/** Undo the protection of an Initial packet into out (room for whole.len bytes); *largest is the highest number seen, plus one,
 *  and rises. Length of the payload, or ERR_SYNTAX when the keys do not fit. */
long quic_packet_open(const struct quic_packet *p, const struct quic_keys *k, uint64_t *largest,
                      uint8_t *out);
/** Called for each CRYPTO frame. */
typedef void (*quic_crypto_fn)(void *user, uint64_t off, struct span data);
/** Walk an Initial packet's frames. *closed gets the error code of a CONNECTION_CLOSE, plus one. */
void quic_packet_frames(struct span payload, quic_crypto_fn crypto, void *user, uint64_t *closed);

#endif
