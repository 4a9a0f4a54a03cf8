/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Web Tokens (RFC 7519): what can be read of one without its key. */
#ifndef ANALYTICS_JWT_H
#define ANALYTICS_JWT_H

#include "base/arena.h"

struct jwt {
  struct span alg, kid, jku, x5u, jwk; /* of the header; jwk: non-empty where one is embedded */
  struct span subject;                 /* user name where there is one, else sub */
  bool has_exp;
  uint64_t iat, exp;              /* seconds; 0 where absent */
  struct span signing, signature; /* header.payload as sent; signature as sent */
};
/** Read a token; spans live in a. ERR_SYNTAX when it is none, ERR_NOMEM. */
int jwt_parse(struct jwt *j, struct span token, struct arena *a);
/** Decode base64 or base64url, padding optional; the number of bytes, 0 where it is not such. */
size_t jwt_base64(struct span in, uint8_t *out, size_t cap);
/** Whether an HS256 token's signature verifies under a secret from a short list of common ones. Some 60 SHA-256 pairs: ask once
 *  per issuer, not per call. */
bool jwt_key_is_common(const struct jwt *j);
/** A member of a flat JSON object as text, without quotes; NULL base where there is none. */
struct span jwt_member(struct span object, const char *name);

#endif
