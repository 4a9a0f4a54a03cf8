/* SPDX-License-Identifier: Apache-2.0 */
/* Protection of QUIC Initial packets, whose keys follow from the client's first connection id (RFC 9001 5, RFC 9369 3.3). */
#ifndef DISSECT_PROTO_QUIC_CRYPTO_H
#define DISSECT_PROTO_QUIC_CRYPTO_H

#include "dissect/txn.h"

enum { QUIC_CID_MOST = 20, QUIC_TAG = 16, QUIC_SAMPLE = 16 };

struct quic_keys {
  uint8_t key[16], iv[12], hp[16];
};

/** How a version numbers its long packet types, and its salt. */
struct quic_version {
  uint32_t number;
  const char *name; /* "1", "2", "draft-29" */
  uint8_t initial;  /* type bits of an Initial packet; Retry and Handshake follow from it */
  uint8_t salt[20];
  const char *label; /* "quic", "quicv2" */
};

/** NULL for versions that are not known. */
const struct quic_version *quic_crypto_version(uint32_t number);
/** Keys of both directions from the client's destination connection id. ERR_NOMEM. */
int quic_crypto_keys(const struct quic_version *v, struct span dcid, struct quic_keys out[2]);
/** Mask of the first five header bytes from a sample of 16. ERR_NOMEM. */
int quic_crypto_mask(const struct quic_keys *k, const uint8_t *sample, uint8_t mask[5]);
/** Open a payload with its tag behind it into out (in.len - QUIC_TAG bytes). ERR_SYNTAX when it does not verify. */
int quic_crypto_open(const struct quic_keys *k, uint64_t number, struct span header, struct span in,
                     uint8_t *out);

#endif
