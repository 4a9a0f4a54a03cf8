/* SPDX-License-Identifier: Apache-2.0 */
/* The protocols. Order is the order of probing where ports give no hint: strict probes first. */
#include "dissect/dissector.h"

/* One row a line, so that rows added by different hands do not clash. */
#define DISSECTORS(X) \
  X(dissector_http2) \
  X(dissector_websocket) \
  X(dissector_http1) \
  X(dissector_dns) \
  X(dissector_dns_tcp) \
  X(dissector_tls) \
  X(dissector_quic) \
  X(dissector_dubbo) \
  X(dissector_thrift) \
  X(dissector_redis) \
  X(dissector_mysql) \
  X(dissector_pgsql) \
  X(dissector_socks)

#define X(name) extern const struct dissector name;
DISSECTORS(X)
#undef X

const struct dissector *const dissector_table[] = {
#define X(name) &name,
    DISSECTORS(X)
#undef X
        NULL,
};

const struct dissector *dissector_find(const char *name) {
  for (const struct dissector *const *d = dissector_table; name && *d; d++)
    if (strcmp((*d)->name, name) == 0) return *d;
  return NULL;
}
