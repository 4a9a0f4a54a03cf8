/* SPDX-License-Identifier: Apache-2.0 */
/* Exposures: a data class that an endpoint moves to or from a consumer. */
#include "output/encoder.h"

static unsigned severity(const struct exposure *x) {
  const struct grade *g = &x->hit->grade;
  bool grave = g->jrt0171 >= 3 || g->jrt0197 >= 4 || g->gbt35273 == 2 || g->pci == 2;
  if (x->plaintext && !x->authenticated && x->zone && strcmp(x->zone, "internet") == 0)
    return grave ? 60 : 40;
  return grave ? 40 : 20;
}

int encode_exposure(struct encoder *e, const struct exposure *x, struct record *r) {
  const struct api_event *ev = x->event;
  const struct txn *t = ev->txn;
  const struct side *s = &t->side[x->dir];
  uint64_t ns = s->seen ? s->last_ns : t->side[!x->dir].last_ns;
  struct encoder_event h = {.record = RECORD_EXPOSURE,
                            .kind = "event",
                            .category = {"network"},
                            .type = {"info"},
                            .action = SPAN_LIT("data-exposure"),
                            .severity = severity(x),
                            .ns = ns};
  encoder_load(e, NULL, NULL);
  struct json *j = encoder_begin(e, &h, NULL);
  struct encoder_ends ends = {
      .conn = &t->conn, .protocol = t->protocol, .forwarded = ev->who.forwarded ? ev->who.origin : NULL};
  encoder_ends(e, &ends);
  size_t at = JSON_OPEN(j, "tapscope"), in;
  struct span service = ev->service.len ? ev->service : t->service;
  JSON_STR(j, "service", service);
  JSON_STR(j, "endpoint", ev->endpoint);
  in = JSON_OPEN(j, "exposure");
  JSON_TEXT(j, "direction", x->dir == DIR_REQUEST ? "request" : "response");
  JSON_KEY(j, "data");
  encoder_hit(j, x->hit);
  JSON_STR(j, "consumer", x->consumer);
  JSON_TEXT(j, "zone", x->zone);
  JSON_BOOL(j, "authenticated", x->authenticated);
  JSON_BOOL(j, "plaintext", x->plaintext);
  json_close(j, in, '}', true);
  if (ev->id[0]) {
    in = JSON_OPEN_LIST(j, "calls");
    json_str(j, span_of(ev->id, 32));
    json_close(j, in, ']', true);
  }
  encoder_tunnel(j, &t->conn);
  encoder_unseen(j, txn_unseen(t));
  json_close(j, at, '}', true);
  encoder_key(e, service);
  if (ev->endpoint.len) encoder_key(e, SPAN_LIT(" "));
  encoder_key(e, ev->endpoint);
  return encoder_finish(e, RECORD_EXPOSURE, ns, r);
}
