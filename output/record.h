/* SPDX-License-Identifier: Apache-2.0 */
/* Encoded records, and the sinks that take them. */
#ifndef OUTPUT_RECORD_H
#define OUTPUT_RECORD_H

#include "analytics/analyst.h"
#include "base/buf.h"
#include "capture/capture.h"

#define RECORD_KINDS(X) \
  X(CALL, "call") \
  X(EXPOSURE, "exposure") \
  X(FINDING, "finding") \
  X(INCIDENT, "incident") X(ASSET, "asset") X(FLOW, "flow") X(DNS, "dns") X(TLS, "tls") X(SENSOR, "sensor")
enum record_kind {
#define X(id, name) RECORD_##id,
  RECORD_KINDS(X)
#undef X
      RECORD_KIND_COUNT
};
const char *record_kind_name(enum record_kind k); /* "call" */
const char *record_dataset(enum record_kind k);   /* "tapscope.call" */

/** Encoded bytes with an id; what sinks see. Reference counted among the sinks by the router. */
struct record {
  enum record_kind kind;
  uint8_t priority; /* for shedding: findings and incidents last */
  char id[32];      /* event.id, hex */
  struct span key;  /* keeps one API's or one actor's records in order (Kafka key) */
  struct span json; /* one line without '\n' */
  uint64_t ns;
  bool drop; /* left out by sampling: the router counts it and goes on */
};

/** Section "output". Options in output/options.c. */
struct output_conf {
  char *observer;         /* observer.name; host name when empty */
  struct conf_list kinds; /* only these kinds; empty: all */
  double sample_calls;    /* share of calls kept; those with findings or sensitive data always are */
  int64_t file_rotate_mb, file_keep;
  uint64_t file_rotate_ns, fsync_ns;
  char *spool_dir;
  int64_t spool_mb;
  struct conf_list kafka; /* librdkafka properties "name=value" */
  char *topic_prefix;     /* "tapscope." */
  int64_t queue;          /* records waiting per sink */
};
extern const struct conf_option output_options[];

/** Turns things into records. One per thread. Output bytes go to `out` (appended, one JSON object, no newline). */
struct encoder;
struct encoder *encoder_new(const struct output_conf *conf, const char *version);
void encoder_free(struct encoder *e);
/** Texts that were left out of records for want of memory since this was last asked. */
uint64_t encoder_missed(struct encoder *e);
/** Each fills *r; spans point into the encoder and live until its next call. ERR_NOMEM. */
int encode_call(struct encoder *e, const struct api_event *ev,
                struct record *r); /* call, dns or tls by its kind */
int encode_exposure(struct encoder *e, const struct exposure *x, struct record *r);
int encode_finding(struct encoder *e, const struct finding *f, struct record *r);
int encode_incident(struct encoder *e, const struct incident *i, struct record *r);
int encode_asset(struct encoder *e, const struct asset *a, struct record *r);
int encode_flow(struct encoder *e, const struct flow_record *f, struct record *r);
/** Sensor health: totals of all counters plus extra name/value pairs. */
struct sensor_state {
  uint64_t ns, interval_ns;
  const uint64_t *totals; /* CTR_COUNT values */
  uint64_t rss_bytes, flows;
  const char *reason; /* "interval", "end" */
  const struct duplicate_pair *duplicates;
  size_t nduplicates;
};
int encode_sensor(struct encoder *e, const struct sensor_state *s, struct record *r);
/** event.id of a call before it is encoded (hash of conn, seq, times and content). Writes 32 hex digits. */
void encoder_call_id(const struct api_event *ev, char id[32]);

#endif
