/* SPDX-License-Identifier: Apache-2.0 */
/* What the encoders of the record kinds share: head, tail, ids, facts. */
#ifndef OUTPUT_ENCODER_H
#define OUTPUT_ENCODER_H

#include "base/memo.h"
#include "output/json.h"
#include "output/record.h"

enum { ENCODER_FACTS = 128, ENCODER_CACHE = 512, ENCODER_HEADERS = 256, ENCODER_HEADER = 488 };

/** Community ids of recent flows; direct mapped by flow id. */
struct encoder_flow {
  uint8_t client[16], server[16];
  uint16_t cport, sport;
  uint8_t proto, len;
  char text[38]; /* "1:" and 28 characters of base64 */
};

/** A header and how it is written: text holds the name and the value as they came, then what is shown. */
struct encoder_header {
  uint64_t hash, next;         /* of the one that is kept, of the one that came last instead; 0: none */
  uint16_t name, value, shown; /* bytes; shown 0: none */
  uint8_t text[ENCODER_HEADER];
};

struct encoder {
  const struct output_conf *conf;         /* borrowed */
  struct buf out, key, tail, text;        /* text: scratch for masked strings */
  struct budget budget;                   /* of text: counts what it was refused */
  struct json j;                          /* writes to out */
  size_t id_at;                           /* where event.id stands in out */
  const struct fact *fact[ENCODER_FACTS]; /* of the present record, in order of name */
  bool used[ENCODER_FACTS];
  unsigned nfacts;
  const struct redactions *mask; /* for the facts; may be NULL */
  struct encoder_flow flow[ENCODER_CACHE];
  struct encoder_header header[ENCODER_HEADERS];
  struct memo names; /* of headers: what to do with the value, and whether the name is to be shown as it is */
};

/** event.* of a record; strings are static text, lists end with NULL. */
struct encoder_event {
  enum record_kind record;
  const char *kind; /* "event", "alert", "asset", "metric" */
  const char *category[3], *type[3];
  struct span action;
  const char *outcome; /* NULL: none */
  unsigned severity;
  uint64_t ns;         /* @timestamp */
  uint64_t start, end; /* 0: not written */
};

/** Begin a record: @timestamp and event.*; returns the writer. id NULL: made by encoder_finish from the content. */
struct json *encoder_begin(struct encoder *e, const struct encoder_event *ev, const char *id);
/** End it and fill *r; the key is what was put in e->key. ERR_NOMEM. */
int encoder_finish(struct encoder *e, enum record_kind kind, uint64_t ns, struct record *r);
/** Collect the facts of a transaction for encoder_facts; spans of mask (may be NULL) in them become stars. NULL: none. */
void encoder_load(struct encoder *e, const struct fact *facts, const struct redactions *mask);
/** Write the facts below prefix ("http.request.", "" for all that are left) into the open object. */
void encoder_facts(struct encoder *e, const char *prefix);

/** The headers of one side; spans of r in them become stars. */
void encoder_headers(struct encoder *e, const struct headers *hs, const struct redactions *r);

/** source, destination and network.* of a flow; bytes where not 0. */
struct encoder_ends {
  const struct conn *conn;
  const char *protocol;
  uint64_t bytes[2], packets[2]; /* by enum dir */
  const uint8_t *forwarded;      /* the address a proxy names; NULL: none */
};
void encoder_ends(struct encoder *e, const struct encoder_ends *x);
/** Put text into the record's key. */
void encoder_key(struct encoder *e, struct span s);
void encoder_key_ip(struct encoder *e, const uint8_t addr[16]);

/** Names of bits as a list, always written. */
void encoder_unseen(struct json *j, uint32_t bits);
void encoder_anomalies(struct json *j, uint64_t bits);
/** One data class with its figures as an object. */
void encoder_hit(struct json *j, const struct data_hit *h);
/** "grade":{…}, left out when nothing is graded. */
void encoder_grade(struct json *j, const struct grade *g);
/** The tunnels of a flow, as in ["vxlan:4096"], without VLANs; left out where there are none. */
void encoder_tunnel(struct json *j, const struct conn *c);
/** A list of addresses. */
void encoder_ips(struct json *j, const uint8_t (*addr)[16], unsigned n);

#endif
