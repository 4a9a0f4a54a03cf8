/* SPDX-License-Identifier: Apache-2.0 */
/* Text exposition format 0.0.4 of Prometheus. */
#include "output/metrics.h"

#include "base/err.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { ACCOUNTS = 16, NAME = 96 };

/* "capture.drop.kernel" is tapscope_capture_drop_total{reason="kernel"}; other dots are underscores. */
struct metric {
  char name[NAME];
  const char *reason; /* NULL: none */
};

static void name_of(enum counter id, struct metric *m) {
  const char *dotted = ctr_name(id), *last = strrchr(dotted, '.');
  size_t n = strlen(dotted);
  m->reason = NULL;
  if (last && last - dotted > 4 && (memcmp(last - 5, ".drop", 5) == 0 || memcmp(last - 4, ".cap", 4) == 0)) {
    m->reason = last + 1;
    n = (size_t)(last - dotted);
  }
  snprintf(m->name, sizeof m->name, "tapscope_%.*s_total", (int)n, dotted);
  for (char *p = m->name; *p; p++)
    if (*p == '.') *p = '_';
}

static int put_label(struct buf *out, const char *name, const char *value, bool first) {
  int rc = buf_printf(out, "%s%s=\"", first ? "" : ",", name);
  for (; rc >= 0 && *value; value++) {
    if (*value == '\n' || *value == '"' || *value == '\\') rc = buf_put_u8(out, '\\');
    if (rc >= 0) rc = buf_put_u8(out, (uint8_t)(*value == '\n' ? 'n' : *value));
  }
  return rc < 0 ? rc : buf_put_u8(out, '"');
}

static int head(struct buf *out, const char *name, const char *type, const char *doc) {
  return buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, doc, name, type);
}

static int sample(struct buf *out, const struct metric *m, const struct metrics_part *p, uint64_t value) {
  char index[16];
  snprintf(index, sizeof index, "%u", p->index);
  int rc = buf_printf(out, "%s{", m->name);
  if (rc >= 0) rc = put_label(out, "thread", p->role, true);
  if (rc >= 0) rc = put_label(out, "index", index, false);
  if (rc >= 0 && p->source) rc = put_label(out, "source", p->source, false);
  if (rc >= 0 && m->reason) rc = put_label(out, "reason", m->reason, false);
  return rc < 0 ? rc : buf_printf(out, "} %" PRIu64 "\n", value);
}

static bool told_by_sinks(enum counter id) {
  return id >= CTR_OUTPUT_EMITTED && id <= CTR_OUTPUT_ERRORS && id != CTR_OUTPUT_SAMPLED;
}

/* Who counts what of this name: shown there even while it is zero, so that a rate has something to begin with. */
static const char *role_of(enum counter id) {
  static const struct {
    const char *lead, *role;
  } all[] = {{"capture.", "reader"}, {"decode.", "reader"}, {"fragment.", "reader"},
             {"flow.", "worker"},    {"tcp.", "worker"},    {"dissect.", "worker"}};
  for (size_t i = 0; i < sizeof all / sizeof *all; i++)
    if (strncmp(ctr_name(id), all[i].lead, strlen(all[i].lead)) == 0) return all[i].role;
  return "analyst";
}

static int counters(struct buf *out, const struct metrics_view *view) {
  struct metric m, before = {.name = ""};
  int rc = 0;
  for (int i = 0; i < CTR_COUNT && rc >= 0; i++) {
    enum counter id = (enum counter)i;
    if (told_by_sinks(id) || id == CTR_OUTPUT_SAMPLED) continue;
    name_of(id, &m);
    if (strcmp(m.name, before.name) != 0)
      rc = head(out, m.name, "counter", m.reason ? "given up, by reason" : ctr_doc(id));
    before = m;
    for (size_t k = 0; k < view->parts && rc >= 0; k++) {
      uint64_t v = ctr_get(view->part[k].ctr, id);
      if (v || strcmp(view->part[k].role, role_of(id)) == 0) rc = sample(out, &m, &view->part[k], v);
    }
  }
  return rc;
}

static int duplicates(struct buf *out, const struct metrics_view *view) {
  static const char *const name = "tapscope_duplicate_frames_total";
  int rc = view->nduplicates
               ? head(out, name, "counter", "copies left out, by where the first and the copy were seen")
               : 0;
  for (size_t i = 0; i < view->nduplicates && rc >= 0; i++) {
    const struct duplicate_pair *p = &view->duplicates[i];
    rc = buf_printf(
        out, "%s{first_source=\"%u\",first_vlan=\"%u\",copy_source=\"%u\",copy_vlan=\"%u\"} %" PRIu64 "\n",
        name, p->source[0], p->vlan[0], p->source[1], p->vlan[1], p->count);
  }
  return rc;
}

static int sinks(struct buf *out, const struct metrics_view *view) {
  struct sink_account a[ACCOUNTS];
  size_t n = view->router ? router_accounts(view->router, a, ACCOUNTS) : 0;
  int rc = head(out, "tapscope_sink_records_total", "counter", "records by sink and what became of them");
  for (size_t i = 0; i < n && rc >= 0; i++) {
    const struct {
      const char *name;
      uint64_t value;
    } what[] = {{"emitted", a[i].emitted},
                {"delivered", a[i].delivered},
                {"shed", a[i].shed},
                {"failed_attempt", a[i].errors}};
    for (size_t k = 0; k < sizeof what / sizeof *what && rc >= 0; k++) {
      rc = buf_printf(out, "tapscope_sink_records_total{");
      if (rc >= 0) rc = put_label(out, "sink", a[i].name, true);
      if (rc >= 0) rc = buf_printf(out, ",outcome=\"%s\"} %" PRIu64 "\n", what[k].name, what[k].value);
    }
  }
  if (rc >= 0) rc = head(out, "tapscope_sink_spooled", "gauge", "records that wait on disk");
  for (size_t i = 0; i < n && rc >= 0; i++) {
    rc = buf_printf(out, "tapscope_sink_spooled{");
    if (rc >= 0) rc = put_label(out, "sink", a[i].name, true);
    if (rc >= 0) rc = buf_printf(out, "} %" PRIu64 "\n", a[i].spooled);
  }
  return rc;
}

int metrics_text(struct buf *out, const struct metrics_view *view) {
  int rc = counters(out, view);
  if (rc >= 0) rc = duplicates(out, view);
  if (rc >= 0) rc = sinks(out, view);
  if (rc >= 0) rc = head(out, "tapscope_resident_bytes", "gauge", "peak resident memory");
  if (rc >= 0) rc = buf_printf(out, "tapscope_resident_bytes %" PRIu64 "\n", view->rss_bytes);
  if (rc >= 0) rc = head(out, "tapscope_uptime_seconds", "gauge", "time since the start");
  if (rc >= 0) rc = buf_printf(out, "tapscope_uptime_seconds %.3f\n", view->uptime);
  if (rc >= 0) rc = head(out, "tapscope_build_info", "gauge", "version");
  return rc < 0 ? rc : buf_printf(out, "tapscope_build_info{version=\"%s\"} 1\n", view->version);
}

static int write_all(int fd, struct span text) {
  while (text.len) {
    ssize_t n = write(fd, text.base, text.len);
    if (n < 0 && errno != EINTR) return ERR_IO;
    if (n > 0) text = span_skip(text, (size_t)n);
  }
  return 0;
}

int metrics_file(const char *path, struct span text) {
  char part[PATH_MAX];
  int n = snprintf(part, sizeof part, "%s.part", path);
  if (n < 0 || (size_t)n >= sizeof part) {
    errno = ENAMETOOLONG;
    return ERR_IO;
  }
  int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return ERR_IO;
  int rc = write_all(fd, text);
  if (close(fd) < 0 || rc < 0 || rename(part, path) < 0) {
    int why = errno;
    unlink(part);
    errno = why;
    return ERR_IO;
  }
  return 0;
}
