/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages (RFC 1035, 3596, 2782, 6891, 9460): names, questions, records as text. */
#ifndef DISSECT_PROTO_DNS_MESSAGE_H
#define DISSECT_PROTO_DNS_MESSAGE_H

#include "base/arena.h"
#include "base/span.h"

enum { DNS_NAME_MAX = 1020 }; /* presentation form of 255 octets, escapes included */

struct dns_head {
  uint16_t id, flags, questions, answers, authority, additional;
};
struct dns_question {
  struct span name; /* without the last dot; "." for the root */
  uint16_t type, class;
};
struct dns_answer {
  struct span name, data; /* data as in a zone file: "192.0.2.1", "10 mail.example" */
  uint16_t type, class;
  uint32_t ttl;
};
struct dns_message {
  struct dns_head head;
  struct dns_question question; /* the first */
  struct span rest;             /* at the first record after the questions */
  struct span whole;
};

/** Read head and questions; text goes to a. ERR_SYNTAX, ERR_TRUNC (cut: what was read is set), ERR_NOMEM. */
int dns_message_parse(struct span in, struct arena *a, struct dns_message *out);
/** Read the record at m->rest and move on. ERR_SYNTAX, ERR_TRUNC, ERR_NOMEM. */
int dns_message_answer(struct dns_message *m, struct arena *a, struct dns_answer *out);
/** "A", "AAAA", … or "TYPE123" into buf (16 bytes). */
const char *dns_message_type(uint16_t type, char buf[16]);
/** "NOERROR", "NXDOMAIN", …; "RCODE11" for others into buf (16 bytes). */
const char *dns_message_rcode(unsigned rcode, char buf[16]);

#endif
