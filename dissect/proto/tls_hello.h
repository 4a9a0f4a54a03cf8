/* SPDX-License-Identifier: Apache-2.0 */
/* TLS hello messages (RFC 8446, 5246; GB/T 38636 TLCP) and client fingerprints (JA3; JA4, the client part). */
#ifndef DISSECT_PROTO_TLS_HELLO_H
#define DISSECT_PROTO_TLS_HELLO_H

#include "base/span.h"

enum { TLS_CIPHERS = 256, TLS_EXTENSIONS = 96, TLS_GROUPS = 64, TLS_ALPNS = 8 };

struct tls_client_hello {
  uint16_t legacy_version, version; /* version: the highest offered */
  uint16_t cipher[TLS_CIPHERS], extension[TLS_EXTENSIONS], group[TLS_GROUPS], sigalg[TLS_GROUPS];
  uint8_t format[16];
  unsigned ciphers, extensions, groups, sigalgs, formats;
  struct span server_name, alpn[TLS_ALPNS];
  unsigned alpns;
  bool has_ticket; /* a session to resume */
};
struct tls_server_hello {
  uint16_t version, cipher;
  struct span alpn;
  uint16_t group; /* of its key share, 0: none */
  bool retry;     /* HelloRetryRequest */
  bool psk;       /* an earlier session goes on, or a key that both knew */
};

/** Read the body of a handshake message; spans borrow from it. ERR_TRUNC, ERR_SYNTAX. */
int tls_hello_client(struct span body, struct tls_client_hello *out);
int tls_hello_server(struct span body, struct tls_server_hello *out);
/** JA3: MD5 of the hello's numbers, 32 hex digits. */
void tls_hello_ja3(const struct tls_client_hello *h, char out[32]);
/** JA4 as "t13d1516h2_8daaf6152771_e5627efa2ab1", 36 characters; transport 't' or 'q'. FoxIO's description, BSD part. */
void tls_hello_ja4(const struct tls_client_hello *h, char transport, char out[36]);
/** "1.3", "tlcp1.1", …; NULL when unknown. */
const char *tls_hello_version(uint16_t v);
/** IANA name, or NULL. */
const char *tls_hello_cipher(uint16_t c);
/** Whether a suite is not to be used any more: NULL, EXPORT, RC4, DES, 3DES, MD5, anonymous. */
bool tls_hello_cipher_weak(uint16_t c);
static inline bool tls_hello_grease(uint16_t v) { return (v & 0x0f0f) == 0x0a0a && (v >> 8) == (v & 0xff); }

#endif
