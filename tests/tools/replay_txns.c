/* SPDX-License-Identifier: Apache-2.0 */
/* Prints one JSON line per transaction and flow of a capture: a look at dissect/ without what comes after it. */
#include "base/hash.h"
#include "capture/capture.h"
#include "dissect/dissect.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

enum { SHARDS = 4, EPOCH = 1024 };
static bool quiet, flows;
static struct txn_pool *pool;
static uint64_t txns, body_bytes;

static void put_str(const char *key, struct span s) {
  printf(",\"%s\":\"", key);
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c == '"' || c == '\\' || c < 32 || c > 126)
      printf("\\u%04x", c);
    else
      putchar(c);
  }
  putchar('"');
}

static void put_end(const char *key, const uint8_t a[16], uint16_t port) {
  char text[INET6_ADDRSTRLEN];
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (memcmp(a, mapped, 12) == 0)
    inet_ntop(AF_INET, a + 12, text, sizeof text);
  else
    inet_ntop(AF_INET6, a, text, sizeof text);
  printf("\"%s\":\"%s:%u\"", key, text, port);
}

static void put_side(const char *name, const struct side *s) {
  uint8_t sum[32];
  char hex[65] = "";
  hash_sha256(side_body(s), sum);
  hash_hex(sum, 32, hex);
  printf(",\"%s\":{\"seen\":%d,\"complete\":%d,\"body\":%llu,\"decoded\":%llu,\"gap\":%llu,\"wire\":%llu,"
         "\"sha\":\"%.64s\",\"headers\":%u",
         name, s->seen, s->complete, (unsigned long long)s->body_bytes, (unsigned long long)s->decoded_bytes,
         (unsigned long long)s->gap_bytes, (unsigned long long)s->wire_bytes, hex, s->headers.count);
  put_str("mime", s->mime);
  put_str("rid", headers_get(&s->headers, "x-request-id"));
  printf(",\"unseen\":[");
  for (unsigned b = 0, n = 0; b < UNSEEN_BITS; b++)
    if (s->unseen & (1u << b)) printf("%s\"%s\"", n++ ? "," : "", unseen_name(b));
  printf("]}");
}

static void on_txn(void *user, struct txn *t) {
  (void)user;
  txns++;
  body_bytes += t->side[0].body_bytes + t->side[1].body_bytes;
  if (!quiet) {
    printf("{");
    put_end("client", t->conn.client, t->conn.cport);
    printf(",");
    put_end("server", t->conn.server, t->conn.sport);
    printf(",\"flow\":%llu,\"seq\":%u,\"protocol\":\"%s\",\"status\":%d,\"t\":%.6f",
           (unsigned long long)t->conn.id, t->seq, t->protocol, t->status,
           (double)t->side[t->side[0].seen ? 0 : 1].first_ns / 1e9);
    put_str("method", t->method);
    put_str("target", t->target);
    put_str("host", t->host);
    put_str("path", t->path);
    put_side("req", &t->side[0]);
    put_side("resp", &t->side[1]);
    printf(",\"anomalies\":[");
    for (unsigned b = 0, n = 0; b < ANOMALY_COUNT; b++)
      if (t->anomalies & ANOMALY_BIT(b)) printf("%s\"%s\"", n++ ? "," : "", anomaly_name(b));
    printf("]}\n");
  }
  txn_pool_put(pool, t);
}

static void on_flow(void *user, const struct flow_record *f) {
  (void)user;
  if (!flows) return;
  printf("{\"type\":\"flow\",");
  put_end("client", f->conn.client, f->conn.cport);
  printf(",");
  put_end("server", f->conn.server, f->conn.sport);
  printf(
      ",\"flow\":%llu,\"proto\":%u,\"protocol\":\"%s\",\"state\":%d,\"txns\":%u,\"packets\":[%llu,%llu],"
      "\"payload\":[%llu,%llu],\"gap\":[%llu,%llu],\"est\":%d,\"unseen\":%u,\"risks\":%llu,\"anomalies\":[",
      (unsigned long long)f->conn.id, f->conn.proto, f->protocol, (int)f->state, f->transactions,
      (unsigned long long)f->packets[0], (unsigned long long)f->packets[1], (unsigned long long)f->payload[0],
      (unsigned long long)f->payload[1], (unsigned long long)f->gap_bytes[0],
      (unsigned long long)f->gap_bytes[1], f->established, f->unseen, (unsigned long long)f->risks);
  for (unsigned b = 0, n = 0; b < ANOMALY_COUNT; b++)
    if (f->anomalies & ANOMALY_BIT(b)) printf("%s\"%s\"", n++ ? "," : "", anomaly_name(b));
  printf("]}\n");
}

int main(int argc, char **argv) {
  int arg = 1;
  bool stats = false;
  for (; arg < argc && argv[arg][0] == '-'; arg++) {
    if (!strcmp(argv[arg], "-q")) quiet = true;
    if (!strcmp(argv[arg], "-f")) flows = true;
    if (!strcmp(argv[arg], "-s")) stats = true;
  }
  struct capture_conf cc = {0};
  struct dissect_conf dc = {0};
  struct conf_section sections[] = {
      {"capture", capture_options, &cc}, {"dissect", dissect_options, &dc}, {NULL, NULL, NULL}};
  if (conf_defaults(sections) < 0) return 1;
  static struct counters ctr;
  struct conf_error err = {""};
  struct replay *r = NULL;
  if (replay_open(&r, &cc, argv + arg, (size_t)(argc - arg), &ctr, &err) < 0) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  struct budget budget = {0, (size_t)1 << 31, 0};
  struct decoder *dec = decoder_new(&cc, 1, &ctr);
  pool = txn_pool_new(&dc, &budget);
  struct ndpi_env *ndpi = dc.ndpi ? ndpi_env_new(&dc) : NULL;
  struct dissect *d[SHARDS];
  struct dissect_sink sink = {NULL, on_txn, on_flow};
  for (int i = 0; i < SHARDS; i++) d[i] = dissect_new(&dc, SHARDS, 7, &ctr, pool, &budget, ndpi, sink);
  struct frame fr;
  struct packet p;
  struct buf scratch;
  buf_init(&scratch, NULL, 0);
  uint64_t order = 0, clock = 0;
  bool stable;
  while (replay_next(r, &fr, &stable) == 1) {
    buf_reset(&scratch);
    order++;
    if (fr.ns > clock) clock = fr.ns;
    if (decoder_frame(dec, &fr, &p, &scratch) == 1) {
      p.order = order;
      dissect_packet(d[p.hash % SHARDS], &p);
    }
    if (order % EPOCH == 0)
      for (int i = 0; i < SHARDS; i++) dissect_tick(d[i], clock, order);
  }
  for (int i = 0; i < SHARDS; i++) dissect_drain(d[i], order);
  for (int i = 0; i < SHARDS; i++) dissect_free(d[i]);
  if (stats) {
    for (int i = 0; i < CTR_COUNT; i++)
      if (ctr_get(&ctr, (enum counter)i))
        fprintf(stderr, "%s %llu\n", ctr_name((enum counter)i),
                (unsigned long long)ctr_get(&ctr, (enum counter)i));
    fprintf(stderr, "txns %llu body %llu\n", (unsigned long long)txns, (unsigned long long)body_bytes);
  }
  ndpi_env_free(ndpi);
  txn_pool_free(pool);
  decoder_free(dec);
  replay_close(r);
  buf_done(&scratch);
  conf_done(sections);
  if (budget.used) fprintf(stderr, "leak in budget: %zu\n", budget.used);
  return 0;
}
