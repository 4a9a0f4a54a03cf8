/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates as facts (RFC 5280), read by OpenSSL. */
#ifndef DISSECT_PROTO_TLS_CERT_H
#define DISSECT_PROTO_TLS_CERT_H

#include "dissect/txn.h"

/** Add tls.server.* (of a client's, by d: tls.client.*) facts of the first certificate of a chain: subject, issuer, names, dates, key,
 *  hash; and tapscope.tls.weak entries (expired, not_yet_valid, self_signed, weak_key, weak_signature; a client's with client_
 *  before) as of time ns. ERR_SYNTAX when it cannot be read. */
int tls_cert_facts(struct txn *t, enum dir d, struct span der, uint64_t ns);
/** Add what stands above it in the chain, one certificate a call: its subject to tapscope.tls.chain; chain_expired, chain_weak_key,
 *  chain_weak_signature. ERR_SYNTAX. */
int tls_cert_chain(struct txn *t, struct span der, uint64_t ns);

#endif
