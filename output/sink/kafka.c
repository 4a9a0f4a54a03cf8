/* SPDX-License-Identifier: Apache-2.0 */
/* Apache Kafka by librdkafka: idempotent producer, acks=all, one topic a kind, delivery reports counted. */
#include "base/err.h"
#include "base/clock.h"
#include "output/sink/table.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>

enum { IN_FLIGHT = 20000, IN_FLIGHT_BYTES = 64 << 20, SYNC_MS = 500, CLOSE_DOWN_MS = 2000 };

/** Travels with a message, so that it can be given back. */
struct parcel {
  struct record head; /* spans point behind */
  uint8_t bytes[];
};

struct kafka {
  rd_kafka_t *rk;
  rd_kafka_topic_t *topic[RECORD_KIND_COUNT];
  const struct sink_ctx *cx;
  char *brokers;
  size_t in_flight, in_flight_bytes;
  bool down;         /* no broker answers; until a delivery says otherwise */
  bool fatal;        /* the producer must be made anew */
  uint64_t probe_ns; /* when the next record may try whether the broker is back */
};

static void delivered(rd_kafka_t *rk, const rd_kafka_message_t *m, void *opaque) {
  struct kafka *k = opaque;
  struct parcel *p = m->_private;
  (void)rk;
  k->in_flight--;
  k->in_flight_bytes -= p->head.json.len;
  if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
    k->down = false;
    ctr_inc(k->cx->ctr, CTR_OUTPUT_DELIVERED);
  } else {
    ctr_inc(k->cx->ctr, CTR_OUTPUT_ERRORS);
    k->cx->back(k->cx->user, &p->head);
  }
  mem_free(p);
}

static void on_error(rd_kafka_t *rk, int code, const char *why, void *opaque) {
  struct kafka *k = opaque;
  (void)rk;
  (void)why;
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) k->down = true;
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION)
    atomic_store(k->cx->cause, EACCES);
  else if (code == RD_KAFKA_RESP_ERR__SSL)
    atomic_store(k->cx->cause, EPROTO);
  else if (code == RD_KAFKA_RESP_ERR__RESOLVE)
    atomic_store(k->cx->cause, EHOSTUNREACH);
  else if (code == RD_KAFKA_RESP_ERR__TRANSPORT)
    atomic_store(k->cx->cause, ECONNREFUSED);
  if (code == RD_KAFKA_RESP_ERR__FATAL) k->fatal = true;
  ctr_inc(k->cx->ctr, CTR_OUTPUT_ERRORS);
}

static void no_log(const rd_kafka_t *rk, int level, const char *fac, const char *text) {
  (void)rk;
  (void)level;
  (void)fac;
  (void)text;
}

static int set(rd_kafka_conf_t *c, const char *name, const char *value, struct conf_error *err) {
  char why[256];
  if (rd_kafka_conf_set(c, name, value, why, sizeof why) == RD_KAFKA_CONF_OK) return 0;
  snprintf(err->text, sizeof err->text, "output.kafka: %.64s: %s", name, why);
  return ERR_SYNTAX;
}

static int set_all(struct kafka *k, rd_kafka_conf_t *c, struct conf_error *err) {
  static const char *const fixed[][2] = {
      {"client.id", "tapscope"},
      {"enable.idempotence", "true"},
      {"acks", "all"},
      {"compression.codec", "lz4"},
      {"linger.ms", "20"},
      {"queue.buffering.max.messages", "200000"},
      {"message.max.bytes", "8000000"},
      {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},
      {"log.connection.close", "false"},
      {"socket.keepalive.enable", "true"},
  };
  int rc = set(c, "bootstrap.servers", k->brokers, err);
  for (size_t i = 0; rc == 0 && i < sizeof fixed / sizeof *fixed; i++)
    rc = set(c, fixed[i][0], fixed[i][1], err);
  for (size_t i = 0; rc == 0 && i < k->cx->conf->kafka.count; i++) {
    char name[256];
    snprintf(name, sizeof name, "%s", k->cx->conf->kafka.item[i]);
    char *eq = strchr(name, '=');
    if (!eq) {
      snprintf(err->text, sizeof err->text, "output.kafka: \"%.64s\": expected name=value", name);
      return ERR_SYNTAX;
    }
    *eq = 0;
    rc = set(c, name, strchr(k->cx->conf->kafka.item[i], '=') + 1, err);
  }
  return rc;
}

static int start(struct kafka *k, struct conf_error *err) {
  char why[256];
  rd_kafka_conf_t *c = rd_kafka_conf_new();
  int rc = set_all(k, c, err);
  if (rc < 0) {
    rd_kafka_conf_destroy(c);
    return rc;
  }
  rd_kafka_conf_set_opaque(c, k);
  rd_kafka_conf_set_dr_msg_cb(c, delivered);
  rd_kafka_conf_set_error_cb(c, on_error);
  rd_kafka_conf_set_log_cb(c, no_log);
  k->rk = rd_kafka_new(RD_KAFKA_PRODUCER, c, why, sizeof why);
  if (!k->rk) {
    rd_kafka_conf_destroy(c);
    snprintf(err->text, sizeof err->text, "-o kafka:%.100s: %s", k->brokers, why);
    return ERR_SYNTAX;
  }
  k->fatal = false;
  return 0;
}

/* End the producer; what is not delivered comes back through the reports. */
static void end(struct kafka *k) {
  if (!k->rk) return;
  rd_kafka_purge(k->rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  for (int i = 0; k->in_flight && i < 50; i++) rd_kafka_poll(k->rk, 100);
  for (int i = 0; i < RECORD_KIND_COUNT; i++) {
    if (k->topic[i]) rd_kafka_topic_destroy(k->topic[i]);
    k->topic[i] = NULL;
  }
  rd_kafka_destroy(k->rk);
  k->rk = NULL;
}

static int open_kafka(void **state, const char *rest, const struct sink_ctx *cx, struct conf_error *err) {
  if (!*rest) {
    snprintf(err->text, sizeof err->text, "-o kafka: expected brokers, as in kafka:HOST:PORT[,HOST:PORT]");
    return ERR_SYNTAX;
  }
  struct kafka *k = mem_zalloc(sizeof *k);
  if (k) k->brokers = mem_strdup(rest);
  if (!k || !k->brokers) {
    mem_free(k);
    return ERR_NOMEM;
  }
  k->cx = cx;
  int rc = start(k, err);
  if (rc < 0) {
    mem_free(k->brokers);
    mem_free(k);
    return rc;
  }
  *state = k;
  return 0;
}

static int restart(struct kafka *k) {
  struct conf_error err;
  end(k);
  return start(k, &err) < 0 ? ERR_IO : 0;
}

static rd_kafka_topic_t *topic(struct kafka *k, enum record_kind kind) {
  char name[256];
  if (k->topic[kind]) return k->topic[kind];
  snprintf(name, sizeof name, "%s%s", k->cx->conf->topic_prefix ? k->cx->conf->topic_prefix : "tapscope.",
           record_kind_name(kind));
  return k->topic[kind] = rd_kafka_topic_new(k->rk, name, NULL);
}

static struct parcel *pack(const struct record *r) {
  struct parcel *p = mem_alloc(sizeof *p + r->key.len + r->json.len);
  if (!p) return NULL;
  p->head = *r;
  if (r->key.len) memcpy(p->bytes, r->key.base, r->key.len);
  memcpy(p->bytes + r->key.len, r->json.base, r->json.len);
  p->head.key = span_of(p->bytes, r->key.len);
  p->head.json = span_of(p->bytes + r->key.len, r->json.len);
  return p;
}

/* While no broker answers one record in a while is let through to find out. */
static bool may_try(struct kafka *k) {
  if (!k->down) return true;
  if (k->in_flight || clock_ns() < k->probe_ns) return false;
  k->probe_ns = clock_ns() + 1000000000ULL;
  return true;
}

static int put(void *state, const struct record *r) {
  struct kafka *k = state;
  rd_kafka_poll(k->rk, 0);
  if ((k->fatal || !k->rk) && restart(k) < 0) return ERR_IO;
  if (!may_try(k)) return ERR_IO;
  if (k->in_flight >= IN_FLIGHT || k->in_flight_bytes >= IN_FLIGHT_BYTES) return ERR_AGAIN;
  rd_kafka_topic_t *t = topic(k, r->kind);
  struct parcel *p = t ? pack(r) : NULL;
  if (!p) return ERR_NOMEM;
  if (rd_kafka_produce(t, RD_KAFKA_PARTITION_UA, 0, (void *)(uintptr_t)p->head.json.base, p->head.json.len,
                       p->head.key.base, p->head.key.len, p) < 0) {
    rd_kafka_resp_err_t e = rd_kafka_last_error();
    mem_free(p);
    if (e == RD_KAFKA_RESP_ERR__QUEUE_FULL) return ERR_AGAIN;
    ctr_inc(k->cx->ctr, CTR_OUTPUT_ERRORS);
    if (e == RD_KAFKA_RESP_ERR__FATAL) k->fatal = true;
    return ERR_IO;
  }
  k->in_flight++;
  k->in_flight_bytes += r->json.len;
  return 0;
}

static int tick(void *state) {
  struct kafka *k = state;
  if (k->rk) rd_kafka_poll(k->rk, 0);
  return 0;
}

static int sync_all(void *state) {
  struct kafka *k = state;
  if (!k->rk) return 0;
  rd_kafka_flush(k->rk, SYNC_MS);
  return k->in_flight ? ERR_AGAIN : 0;
}

static long close_kafka(void *state, int timeout_ms) {
  struct kafka *k = state;
  uint64_t until = clock_ns() + (uint64_t)(unsigned)(timeout_ms > 0 ? timeout_ms : 0) * 1000000U;
  uint64_t soon = clock_ns() + CLOSE_DOWN_MS * 1000000ULL;
  while (k->rk && k->in_flight && clock_ns() < until && !(k->down && clock_ns() > soon))
    rd_kafka_flush(k->rk, 100);
  long left = (long)k->in_flight;
  end(k);
  mem_free(k->brokers);
  mem_free(k);
  return left;
}

const struct sink sink_kafka = {.kind = "kafka",
                                .spooled = true,
                                .open = open_kafka,
                                .write = put,
                                .poll = tick,
                                .sync = sync_all,
                                .close = close_kafka};
