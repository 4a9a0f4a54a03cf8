/* SPDX-License-Identifier: Apache-2.0 */
/* Facts of a transaction: dotted names that become nested keys inside the groups that the encoder writes. */
#include "output/encoder.h"
#include "output/redact.h"

#include <stdlib.h>

/* Written by the encoder itself: a fact of that name is left out. In order of strcmp. */
static const char *const owned[] = {
    "destination.bytes",
    "destination.ip",
    "destination.port",
    "event.action",
    "event.category",
    "event.dataset",
    "event.duration",
    "event.end",
    "event.id",
    "event.kind",
    "event.outcome",
    "event.severity",
    "event.start",
    "event.type",
    "http.request.body.bytes",
    "http.request.bytes",
    "http.request.headers",
    "http.request.method",
    "http.request.mime_type",
    "http.response.body.bytes",
    "http.response.bytes",
    "http.response.headers",
    "http.response.mime_type",
    "http.response.status_code",
    "http.version",
    "network.bytes",
    "network.community_id",
    "network.forwarded_ip",
    "network.packets",
    "network.protocol",
    "network.transport",
    "network.type",
    "network.vlan.id",
    "source.bytes",
    "source.ip",
    "source.port",
    "tapscope.anomalies",
    "tapscope.auth.alg",
    "tapscope.auth.kind",
    "tapscope.device",
    "tapscope.endpoint",
    "tapscope.files",
    "tapscope.operation",
    "tapscope.request.data",
    "tapscope.request.decoded_bytes",
    "tapscope.request.items",
    "tapscope.request.protected",
    "tapscope.response.data",
    "tapscope.response.decoded_bytes",
    "tapscope.response.items",
    "tapscope.response.protected",
    "tapscope.service",
    "tapscope.session",
    "tapscope.signals",
    "tapscope.status",
    "tapscope.tunnel",
    "tapscope.unseen",
    "trace.id",
    "url.domain",
    "url.original",
    "url.path",
    "url.port",
    "url.query",
    "url.scheme",
    "user.hash",
    "user.name",
    "user_agent.original",
};

static int by_name(const void *a, const void *b) { return strcmp(a, *(const char *const *)b); }

static bool is_owned(const char *name) {
  return bsearch(name, owned, sizeof owned / sizeof *owned, sizeof *owned, by_name) != NULL;
}

void encoder_load(struct encoder *e, const struct fact *facts, const struct redactions *mask) {
  e->mask = mask;
  e->nfacts = 0;
  for (const struct fact *f = facts; f && e->nfacts < ENCODER_FACTS; f = f->next) {
    if (is_owned(f->name)) continue;
    unsigned i = e->nfacts++;
    for (; i > 0 && strcmp(e->fact[i - 1]->name, f->name) > 0; i--) e->fact[i] = e->fact[i - 1];
    e->fact[i] = f;
  }
  memset(e->used, 0, e->nfacts);
}

static void value(struct encoder *e, const struct fact *f) {
  struct json *j = &e->j;
  e->text.len = 0;
  switch (f->type) {
  case FACT_U64: json_u64(j, f->num); break;
  case FACT_BOOL: json_bool(j, f->num != 0); break;
  default: json_str(j, redact_span(&e->text, f->str, e->mask)); break;
  }
}

/* The facts of one name; those deeper under the same name have no place and go unsaid. */
static void leaf(struct encoder *e, unsigned i) {
  struct json *j = &e->j;
  const char *name = e->fact[i]->name;
  size_t n = strlen(name);
  bool list = e->fact[i]->type == FACT_STRS;
  if (list) JSON_LIT(j, "[");
  for (unsigned k = i; k < e->nfacts && strncmp(e->fact[k]->name, name, n) == 0; k++) {
    char after = e->fact[k]->name[n];
    if (after && after != '.') break;
    if (!after && (k == i || list)) value(e, e->fact[k]);
    e->used[k] = true;
  }
  if (list) json_close(j, j->out->len, ']', true);
}

static void group(struct encoder *e, unsigned i, size_t off) {
  struct json *j = &e->j;
  const char *name = e->fact[i]->name;
  const char *dot = strchr(name + off, '.');
  size_t n = dot ? (size_t)(dot - name) - off : strlen(name + off), at = e->out.len;
  JSON_LIT(j, "\"");
  json_raw(j, name + off, n);
  JSON_LIT(j, "\":");
  if (!dot) {
    leaf(e, i);
    return;
  }
  JSON_LIT(j, "{");
  for (unsigned k = i; k < e->nfacts && strncmp(e->fact[k]->name, name, off + n + 1) == 0; k++)
    if (!e->used[k]) group(e, k, off + n + 1);
  json_close(j, at, '}', false);
}

void encoder_facts(struct encoder *e, const char *prefix) {
  size_t n = strlen(prefix);
  for (unsigned i = 0; i < e->nfacts; i++)
    if (!e->used[i] && strncmp(e->fact[i]->name, prefix, n) == 0) group(e, i, n);
}
