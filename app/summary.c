/* SPDX-License-Identifier: Apache-2.0 */
/* One screen at the end of a replay. */
#include "app/summary.h"

#include <inttypes.h>
#include <stdlib.h>

static struct summary_class *class_of(struct summary *s, const char *id) {
  for (size_t i = 0; i < s->classes; i++)
    if (strcmp(s->data[i].id, id) == 0) return &s->data[i];
  if (s->classes == SUMMARY_CLASSES) return NULL;
  struct summary_class *c = &s->data[s->classes++];
  c->id = id;
  return c;
}

void summary_call(struct summary *s, const struct api_event *e) {
  for (unsigned d = 0; d < 2; d++)
    for (uint32_t i = 0; i < e->data[d].count; i++) {
      const struct data_hit *h = &e->data[d].item[i];
      struct summary_class *c = class_of(s, h->class_id);
      if (!c) continue;
      c->count += h->count;
      c->grade = h->grade;
    }
}

static unsigned level_of(uint8_t severity) {
  return severity >= 80 ? 4 : severity >= 60 ? 3 : severity >= 40 ? 2 : severity >= 20 ? 1 : 0;
}

void summary_finding(struct summary *s, const struct finding *f) {
  if (f->update > 0) s->findings[level_of(f->severity_was)]--;
  s->findings[level_of(f->severity)]++;
}

void summary_incident(struct summary *s, const struct incident *i) { s->incidents += i->update == 0; }

void summary_asset(struct summary *s, const struct asset *a) {
  if (strcmp(a->kind, "endpoint") == 0 && strcmp(a->change, "new") == 0) s->endpoints++;
}

static int by_count(const void *a, const void *b) {
  const struct summary_class *x = a, *y = b;
  if (x->count != y->count) return x->count > y->count ? -1 : 1;
  return strcmp(x->id, y->id);
}

static void print_data(const struct summary *s, FILE *out) {
  struct summary_class sorted[SUMMARY_CLASSES];
  memcpy(sorted, s->data, sizeof sorted);
  qsort(sorted, s->classes, sizeof *sorted, by_count);
  fprintf(out, "  sensitive data     %s\n", s->classes ? "" : "none");
  for (size_t i = 0; i < s->classes && i < 14; i++) {
    const struct summary_class *c = &sorted[i];
    fprintf(out, "    %-18s %9" PRIu64 "   ", c->id, c->count);
    if (c->grade.jrt0171)
      fprintf(out, "C%u", c->grade.jrt0171);
    else
      fputs("--", out);
    fprintf(out, "  level %u\n", c->grade.jrt0197);
  }
  if (s->classes > 14) fprintf(out, "    and %zu more classes\n", s->classes - 14);
}

/* Counters that say something was not seen or not kept. */
/* clang-format off */
static const enum counter losses[] = {
  CTR_CAPTURE_DROP_KERNEL, CTR_CAPTURE_DROP_INTERFACE, CTR_CAPTURE_DROP_RING, CTR_CAPTURE_DROP_SHED,
  CTR_CAPTURE_SNAPPED,     CTR_CAPTURE_FILE_CUT,       CTR_CAPTURE_BAD_RECORD, CTR_DECODE_MALFORMED,
  CTR_DECODE_DEPTH,        CTR_FRAG_TIMEOUT,           CTR_FRAG_CAP,           CTR_FLOW_CAP,
  CTR_FLOW_MEMORY,         CTR_TCP_GAP,                CTR_TCP_GAP_BYTES,      CTR_TCP_SEGMENT_CAP,
  CTR_DISSECT_LOST_SYNC,   CTR_DISSECT_PENDING_CAP,    CTR_DISSECT_HEADER_CAP, CTR_DISSECT_BODY_CAP,
  CTR_DISSECT_DECODE_CAP,  CTR_DISSECT_MEMORY,         CTR_DISSECT_REFUSED,    CTR_ANALYTICS_STATE_CAP,
  CTR_ANALYTICS_MEMORY,    CTR_OUTPUT_SHED,
};
/* clang-format on */

static void print_losses(const uint64_t *totals, FILE *out) {
  unsigned shown = 0;
  fputs("  losses             ", out);
  for (size_t i = 0; i < sizeof losses / sizeof *losses; i++) {
    if (!totals[losses[i]]) continue;
    fprintf(out, "%s%-26s %" PRIu64 "  %s\n", shown++ ? "                     " : "", ctr_name(losses[i]),
            totals[losses[i]], ctr_doc(losses[i]));
  }
  if (!shown) fputs("none\n", out);
}

void summary_print(const struct summary *s, const uint64_t *totals, double wall, double cpu, size_t rss,
                   FILE *out) {
  double gbit = (double)totals[CTR_CAPTURE_BYTES] * 8e-9;
  fprintf(out, "\n  packets            %" PRIu64 " (%" PRIu64 " duplicates left out), %.1f MB\n",
          totals[CTR_CAPTURE_PACKETS], totals[CTR_CAPTURE_DUPLICATE],
          (double)totals[CTR_CAPTURE_BYTES] * 1e-6);
  fprintf(out, "  flows              %" PRIu64 "\n", totals[CTR_FLOW_NEW]);
  fprintf(out, "  calls              %" PRIu64 "   dns %" PRIu64 "   tls %" PRIu64 "\n",
          s->records[RECORD_CALL], s->records[RECORD_DNS], s->records[RECORD_TLS]);
  fprintf(out, "  endpoints          %" PRIu64 "\n", s->endpoints);
  print_data(s, out);
  fprintf(out,
          "  findings           critical %" PRIu64 "  high %" PRIu64 "  medium %" PRIu64 "  low %" PRIu64
          "  info %" PRIu64 "   incidents %" PRIu64 "\n",
          s->findings[4], s->findings[3], s->findings[2], s->findings[1], s->findings[0], s->incidents);
  print_losses(totals, out);
  fprintf(out,
          "  throughput         %.2f Gbit/s, %.0f packets/s, %.0f calls/s; %.2f s, %.2f s of processor, %.0f "
          "MB\n\n",
          wall > 0 ? gbit / wall : 0, wall > 0 ? (double)totals[CTR_CAPTURE_PACKETS] / wall : 0,
          wall > 0 ? (double)s->records[RECORD_CALL] / wall : 0, wall, cpu, (double)rss * 1e-6);
}

void summary_sinks(const struct sink_account *sink, size_t n, FILE *out) {
  for (size_t i = 0; i < n; i++)
    fprintf(out,
            "  -o %-15s %" PRIu64 " emitted = %" PRIu64 " delivered + %" PRIu64 " spooled + %" PRIu64
            " given up\n",
            sink[i].name, sink[i].emitted, sink[i].delivered, sink[i].spooled, sink[i].shed);
  if (n) fputc('\n', out);
}
