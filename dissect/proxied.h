/* SPDX-License-Identifier: Apache-2.0 */
/* What a load balancer says of its client before that client's bytes: HAProxy's PROXY protocol, versions 1 and 2. */
#ifndef DISSECT_PROXIED_H
#define DISSECT_PROXIED_H

#include "dissect/dissector.h"

enum { PROXIED_MOST = 2048 /* bytes of a header with its options */ };
struct proxied {
  size_t len;         /* of the header */
  bool named;         /* it names a client; without one the balancer speaks for itself */
  uint8_t client[16]; /* IPv4 mapped */
};
/** Read the header that s begins with. PROBE_MAYBE when it may be one and goes on. *out is set with PROBE_YES only. */
enum probe proxied_read(struct span s, struct proxied *out);

#endif
