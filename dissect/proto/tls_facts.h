/* SPDX-License-Identifier: Apache-2.0 */
/* Hello messages as facts of a transaction, for TLS over TCP and inside QUIC. */
#ifndef DISSECT_PROTO_TLS_FACTS_H
#define DISSECT_PROTO_TLS_FACTS_H

#include "dissect/proto/tls_hello.h"
#include "dissect/txn.h"

/** Body of a ClientHello: server name, ALPN, JA3, JA4 (transport 't' or 'q'). What is none sets an anomaly. */
void tls_facts_client(struct txn *t, struct span body, char transport);
/** Body of a ServerHello: version, cipher, ALPN, what is weak about them. False for a HelloRetryRequest and for what is none. */
bool tls_facts_server(struct txn *t, struct span body);
/** The group of the key exchange, by its number (IANA "TLS Supported Groups"). */
void tls_facts_curve(struct txn *t, uint16_t group);

#endif
