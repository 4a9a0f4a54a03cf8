/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope graph: who calls whom, as a sensor keeps it in its state folder. */
#include "analytics/graph.h"
#include "app/commands.h"
#include "app/listing.h"
#include "base/log.h"
#include "base/mem.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLER_WIDE = 28, OPERATION_WIDE = 44 };

struct view {
  struct listing edges, hosts;
  const char *service; /* pattern; NULL: all */
};

static int keep_edge(void *user, struct graph_edge *e) { return listing_keep(user, e); }
static int keep_host(void *user, struct state_host *h) { return listing_keep(user, h); }

static int by_address(const void *a, const void *b) {
  return strcmp(a, (*(const struct state_host *const *)b)->address);
}

static int by_service(const struct graph_edge *x, const struct graph_edge *y) {
  int c = strcmp(x->caller, y->caller);
  return c ? c : strcmp(x->service, y->service);
}
static int by_ends(const void *a, const void *b) {
  const struct graph_edge *x = *(const struct graph_edge *const *)a,
                          *y = *(const struct graph_edge *const *)b;
  int c = by_service(x, y);
  if (!c) c = (int)x->port - (int)y->port;
  if (!c) c = strcmp(x->protocol, y->protocol);
  return c ? c : strcmp(x->operation, y->operation);
}
static int by_calls(const void *a, const void *b) {
  const struct graph_edge *x = *(const struct graph_edge *const *)a,
                          *y = *(const struct graph_edge *const *)b;
  if (x->sums.calls != y->sums.calls) return x->sums.calls < y->sums.calls ? 1 : -1;
  return by_ends(a, b);
}

static bool shown(const struct view *v, const struct graph_edge *e) {
  return !v->service || fnmatch(v->service, e->caller, FNM_CASEFOLD) == 0 ||
         fnmatch(v->service, e->service, FNM_CASEFOLD) == 0;
}

static void sort(struct listing *l, int (*by)(const void *, const void *)) {
  if (l->count) qsort(l->item, l->count, sizeof *l->item, by);
}

/* Make neighbours that are the same one edge; what is not shown goes. */
static void join(struct view *v, int (*same)(const void *, const void *)) {
  struct listing *l = &v->edges;
  size_t n = 0;
  sort(l, by_ends);
  for (size_t i = 0; i < l->count; i++) {
    struct graph_edge *e = l->item[i];
    bool again = n > 0 && same(&l->item[n - 1], &e) == 0;
    if (again) (void)graph_add(&((struct graph_edge *)l->item[n - 1])->sums, &e->sums);
    if (again || !shown(v, e))
      mem_free(e);
    else
      l->item[n++] = e;
  }
  l->count = n;
}

/* What was called by an address before it had a name is the named one's. Hosts come in the order of addresses. */
static void name_callers(struct view *v) {
  for (size_t i = 0; i < v->edges.count && v->hosts.count; i++) {
    struct graph_edge *e = v->edges.item[i];
    void *const *h = bsearch(e->caller, v->hosts.item, v->hosts.count, sizeof *v->hosts.item, by_address);
    if (h) memcpy(e->caller, ((const struct state_host *)*h)->service, sizeof e->caller);
  }
}

static uint64_t errors(const struct graph_sums *s) {
  return s->errors_client + s->errors_server + s->errors_protocol;
}
static double percent(const struct graph_sums *s) {
  return s->calls ? 100.0 * (double)errors(s) / (double)s->calls : 0;
}
static uint64_t mean(const struct graph_sums *s) { return s->timed ? s->micros / s->timed : 0; }

/* Names come off the wire: what would steer a terminal is shown as a question mark. */
static void calm(char *text) {
  for (; *text; text++)
    if ((unsigned char)*text < ' ' || *text == 127) *text = '?';
}

static void print_table(const struct view *v, struct buf *out) {
  size_t caller = 6, service = 7, operation = 9;
  for (size_t i = 0; i < v->edges.count; i++) {
    struct graph_edge *e = v->edges.item[i];
    calm(e->caller), calm(e->service), calm(e->operation);
    if (strlen(e->caller) > caller) caller = strlen(e->caller);
    if (strlen(e->service) > service) service = strlen(e->service);
    if (strlen(e->operation) > operation) operation = strlen(e->operation);
  }
  if (caller > CALLER_WIDE) caller = CALLER_WIDE;
  if (service > CALLER_WIDE) service = CALLER_WIDE;
  if (operation > OPERATION_WIDE) operation = OPERATION_WIDE;
  int c = (int)caller, s = (int)service, o = (int)operation;
  buf_printf(out, "%-*s  %-*s  %5s  %-10s  %-*s  %8s %6s %6s %6s %6s  %9s %9s %9s  %10s %10s  %s\n", c,
             "CALLER", s, "SERVICE", "PORT", "PROTOCOL", o, "OPERATION", "CALLS", "ERR%", "4XX", "5XX",
             "OTHER", "P50MS", "P95MS", "P99MS", "BYTES IN", "BYTES OUT", "TAKES > GIVES");
  for (size_t i = 0; i < v->edges.count; i++) {
    const struct graph_edge *e = v->edges.item[i];
    const struct graph_sums *n = &e->sums;
    buf_printf(out, "%-*.*s  %-*.*s  %5u  %-10.10s  %-*.*s  %8llu %6.2f %6llu %6llu %6llu", c, c, e->caller,
               s, s, e->service, e->port, e->protocol, o, o, e->operation, (unsigned long long)n->calls,
               percent(n), (unsigned long long)n->errors_client, (unsigned long long)n->errors_server,
               (unsigned long long)n->errors_protocol);
    for (unsigned k = 0; k < 3; k++)
      if (n->timed)
        buf_printf(out, "%s%9.3f", k ? " " : "  ", (double)graph_within(n, k ? 91 + 4 * k : 50) / 1000);
      else
        buf_printf(out, "%s%9s", k ? " " : "  ", "-");
    buf_printf(out, "  %10llu %10llu  %s%s%s\n", (unsigned long long)n->bytes[0],
               (unsigned long long)n->bytes[1], n->classes[0],
               n->classes[0][0] || n->classes[1][0] ? " > " : "", n->classes[1]);
  }
}

static void print_csv(const struct view *v, struct buf *out) {
  buf_printf(out,
             "caller,service,port,protocol,operation,calls,errors_client,errors_server,errors_protocol,"
             "bytes_request,bytes_response,timed,mean_us,p50_us,p95_us,p99_us,data_request,data_response,"
             "jrt0171,jrt0197,first_ns,last_ns\n");
  for (size_t i = 0; i < v->edges.count; i++) {
    const struct graph_edge *e = v->edges.item[i];
    const struct graph_sums *n = &e->sums;
    const uint64_t counts[] = {
        n->calls, n->errors_client, n->errors_server,    n->errors_protocol,  n->bytes[0],        n->bytes[1],
        n->timed, mean(n),          graph_within(n, 50), graph_within(n, 95), graph_within(n, 99)};
    listing_cell(out, span_str(e->caller));
    listing_cell(out, span_str(e->service));
    buf_printf(out, "%u,", e->port);
    listing_cell(out, span_str(e->protocol));
    listing_cell(out, span_str(e->operation));
    for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
      buf_printf(out, "%llu,", (unsigned long long)counts[k]);
    listing_cell(out, span_str(n->classes[0]));
    listing_cell(out, span_str(n->classes[1]));
    unsigned a = n->jrt0171[n->jrt0171[1] > n->jrt0171[0]], b = n->jrt0197[n->jrt0197[1] > n->jrt0197[0]];
    buf_printf(out, "%u,%u,%llu,%llu\n", a, b, (unsigned long long)n->first_ns,
               (unsigned long long)n->last_ns);
  }
}

static void json_side(struct json *j, const struct graph_sums *n, unsigned d) {
  JSON_U64(j, "bytes", n->bytes[d]);
  listing_json(j, "data", n->classes[d]);
  JSON_U64(j, "jrt0171", n->jrt0171[d]);
  JSON_U64(j, "jrt0197", n->jrt0197[d]);
}

static void json_edge(struct json *j, const struct graph_edge *e) {
  const struct graph_sums *n = &e->sums;
  size_t at = json_open(j, "{", 1);
  JSON_STR(j, "caller", span_str(e->caller));
  JSON_STR(j, "service", span_str(e->service));
  JSON_U64(j, "port", e->port);
  JSON_STR(j, "protocol", span_str(e->protocol));
  JSON_STR(j, "operation", span_str(e->operation));
  JSON_U64(j, "calls", n->calls);
  size_t in = JSON_OPEN(j, "errors");
  JSON_U64(j, "client", n->errors_client);
  JSON_U64(j, "server", n->errors_server);
  JSON_U64(j, "protocol", n->errors_protocol);
  json_close(j, in, '}', true);
  in = JSON_OPEN(j, "request");
  json_side(j, n, 0);
  json_close(j, in, '}', true);
  in = JSON_OPEN(j, "response");
  json_side(j, n, 1);
  json_close(j, in, '}', true);
  in = JSON_OPEN(j, "latency_us");
  JSON_U64(j, "count", n->timed);
  JSON_U64(j, "mean", mean(n));
  JSON_U64(j, "p50", graph_within(n, 50));
  JSON_U64(j, "p95", graph_within(n, 95));
  JSON_U64(j, "p99", graph_within(n, 99));
  size_t hist = JSON_OPEN_LIST(j, "histogram");
  for (unsigned i = 0; i < GRAPH_HIST; i++) json_u64(j, n->hist[i]);
  json_close(j, hist, ']', true);
  json_close(j, in, '}', true);
  JSON_TIME(j, "first_seen", n->first_ns);
  JSON_TIME(j, "last_seen", n->last_ns);
  json_close(j, at, '}', true);
}

static int print_json(const struct view *v, struct buf *out) {
  struct json j = {out, false};
  JSON_LIT(&j, "[");
  for (size_t i = 0; i < v->edges.count; i++) {
    JSON_LIT(&j, "\n");
    json_edge(&j, v->edges.item[i]);
  }
  json_close(&j, 0, ']', true);
  if (j.bad) return ERR_NOMEM;
  out->base[out->len - 1] = '\n';
  return 0;
}

static void dot_name(struct buf *out, const char *text) {
  buf_put_u8(out, '"');
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') buf_put_u8(out, '\\');
    buf_put_u8(out, (unsigned char)*text < ' ' ? '?' : (uint8_t)*text);
  }
  buf_put_u8(out, '"');
}

static void print_dot(const struct view *v, struct buf *out) {
  buf_printf(out, "digraph tapscope {\n  rankdir=LR;\n  node [shape=box];\n");
  for (size_t i = 0; i < v->edges.count; i++) {
    const struct graph_edge *e = v->edges.item[i];
    buf_printf(out, "  ");
    dot_name(out, e->caller);
    buf_printf(out, " -> ");
    dot_name(out, e->service);
    buf_printf(out, " [label=\"%llu calls, %.2f%% errors\"];\n", (unsigned long long)e->sums.calls,
               percent(&e->sums));
  }
  buf_printf(out, "}\n");
}

static int same_services(const void *a, const void *b) {
  return by_service(*(const struct graph_edge *const *)a, *(const struct graph_edge *const *)b);
}

static int print(struct view *v, enum listing_format format) {
  struct buf out;
  int rc = 0;
  buf_init(&out, NULL, 0);
  name_callers(v);
  join(v, format == LISTING_DOT ? same_services : by_ends);
  if (format != LISTING_DOT) sort(&v->edges, by_calls);
  if (format == LISTING_TABLE) print_table(v, &out);
  if (format == LISTING_CSV) print_csv(v, &out);
  if (format == LISTING_DOT) print_dot(v, &out);
  if (format == LISTING_JSON) rc = print_json(v, &out);
  if (rc >= 0 && out.len && fwrite(out.base, 1, out.len, stdout) != out.len) rc = ERR_IO;
  buf_done(&out);
  return rc;
}

int command_graph(const struct options *o, const struct settings *s) {
  struct conf_error err = {.text = ""};
  struct state_db *db = NULL;
  struct view v = {.service = o->service};
  enum listing_format format;
  if (!s->state.dir || !*s->state.dir) {
    log_msg(LOG_ERROR, "name the folder that a sensor keeps its state in by --state DIR");
    return EXIT_USAGE;
  }
  if (!listing_format(o->format, true, &format)) return EXIT_USAGE;
  int rc = graph_store_open(&db, s->state.dir, true, &err);
  if (rc >= 0) rc = state_host_load(db, keep_host, &v.hosts);
  if (rc >= 0) rc = graph_store_load(db, keep_edge, &v.edges);
  if (rc >= 0) rc = print(&v, format);
  if (rc < 0) log_msg(LOG_ERROR, "%s", err.text[0] ? err.text : err_str(rc));
  state_db_close(db);
  listing_drop(&v.edges);
  listing_drop(&v.hosts);
  return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}
