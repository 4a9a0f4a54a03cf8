/* SPDX-License-Identifier: Apache-2.0 */
/* Flows that ended, or reached their report interval. */
#include "output/encoder.h"

static const char *state_word(enum flow_state s) {
  static const char *const words[] = {"closed",  "reset",   "timeout", "rejected",
                                      "attempt", "drained", "evicted"};
  return (unsigned)s < sizeof words / sizeof *words ? words[s] : "?";
}

static void tcp_flags(struct json *j, const struct flow_record *f) {
  static const char *const names[] = {"fin", "syn", "rst", "psh", "ack", "urg"};
  size_t at = JSON_OPEN(j, "tcp_flags");
  for (int d = 0; d < 2; d++) {
    size_t in = d == DIR_REQUEST ? JSON_OPEN_LIST(j, "client") : JSON_OPEN_LIST(j, "server");
    for (unsigned i = 0; i < 6; i++)
      if (f->tcp_flags[d] >> i & 1) json_text(j, names[i]);
    json_close(j, in, ']', false);
  }
  json_close(j, at, '}', false);
}

static void risks(struct json *j, uint64_t bits) {
  JSON_U64(j, "risks", bits);
  size_t at = JSON_OPEN_LIST(j, "risk_names");
  for (unsigned i = 0; i < 64; i++) {
    const char *words = bits >> i & 1 ? ndpi_risk_words(i) : NULL;
    if (words) json_text(j, words);
  }
  json_close(j, at, ']', false);
}

int encode_flow(struct encoder *e, const struct flow_record *f, struct record *r) {
  struct encoder_event h = {.record = RECORD_FLOW,
                            .kind = "event",
                            .category = {"network"},
                            .type = {"connection", "end"},
                            .action = span_str(state_word(f->state)),
                            .ns = f->last_ns,
                            .start = f->conn.first_ns,
                            .end = f->last_ns};
  encoder_load(e, NULL, NULL);
  struct json *j = encoder_begin(e, &h, NULL);
  struct encoder_ends ends = {.conn = &f->conn,
                              .protocol = f->protocol,
                              .bytes = {f->bytes[0], f->bytes[1]},
                              .packets = {f->packets[0], f->packets[1]}};
  encoder_ends(e, &ends);
  size_t at = JSON_OPEN(j, "tapscope"), in = JSON_OPEN(j, "flow");
  JSON_TEXT(j, "state", state_word(f->state));
  JSON_BOOL(j, "established", f->established);
  JSON_U64(j, "transactions", f->transactions);
  size_t pay = JSON_OPEN(j, "payload_bytes");
  JSON_U64(j, "client", f->payload[0]);
  JSON_U64(j, "server", f->payload[1]);
  json_close(j, pay, '}', true);
  size_t gap = JSON_OPEN(j, "gap_bytes");
  JSON_U64(j, "client", f->gap_bytes[0]);
  JSON_U64(j, "server", f->gap_bytes[1]);
  json_close(j, gap, '}', true);
  tcp_flags(j, f);
  if (f->risks) risks(j, f->risks);
  json_close(j, in, '}', true);
  encoder_tunnel(j, &f->conn);
  encoder_unseen(j, f->unseen);
  encoder_anomalies(j, f->anomalies);
  json_close(j, at, '}', true);
  encoder_key_ip(e, f->conn.client);
  return encoder_finish(e, RECORD_FLOW, f->last_ns, r);
}
