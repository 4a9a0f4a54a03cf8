/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates as facts (RFC 5280), read by OpenSSL. */
#ifndef DISSECT_PROTO_TLS_CERT_H
#define DISSECT_PROTO_TLS_CERT_H

#include "dissect/txn.h"

/** Add tls.server.* facts of the first certificate of a chain: subject, issuer, names, dates, key, hash; and tapscope.tls.weak entries
 *  (expired, not_yet_valid, self_signed, weak_key, weak_signature) as of time ns. ERR_SYNTAX when it cannot be read. */
int tls_cert_facts(struct txn *t, struct span der, uint64_t ns);

#endif
