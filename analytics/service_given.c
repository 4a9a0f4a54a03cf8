/* SPDX-License-Identifier: Apache-2.0 */
/* Given names of addresses. */
#include "analytics/service_given.h"
#include "analytics/address_names.h"
#include "analytics/analyst_zone.h"
#include "analytics/document.h"
#include "analytics/lines.h"
#include "base/err.h"
#include "base/mem.h"

#include <stdio.h>

enum { NAMES_MAX = 262144 };

struct service_given {
  struct address_names names;
};
static int put_text(struct service_given *g, struct span addr, uint16_t port, struct span text,
                    enum given_origin from) {
  uint8_t bytes[16];
  return zones_address(bytes, addr) < 0 ? ERR_SYNTAX
                                        : address_names_put(&g->names, bytes, port, text, (uint8_t)from);
}

static struct span unquoted(struct span s) {
  if (s.len > 1 && (s.base[0] == '"' || s.base[0] == '\'')) return span_of(s.base + 1, s.len - 2);
  return s;
}

static int file_line(void *user, struct span line, unsigned number) {
  struct service_given *g = user;
  size_t cut = line.len;
  for (size_t i = 0; i < line.len && cut == line.len; i++)
    if (line.base[i] == ',' || (line.base[i] == ':' && i + 1 < line.len && line.base[i + 1] == ' ')) cut = i;
  struct span key = unquoted(span_trim(span_head(line, cut))),
              name = unquoted(span_trim(span_skip(line, cut + 1)));
  uint64_t port = 0;
  (void)number;
  if (!name.len) return ERR_SYNTAX;
  if (key.len && span_index(key, ':') < key.len && span_index(key, '.') < key.len) {
    struct span host = span_cut(&key, ':');
    if (span_u64(key, &port) < 0 || port > 65535) return ERR_SYNTAX;
    key = host;
  }
  return put_text(g, key, (uint16_t)port, name, GIVEN_FILE);
}

/* ---- Kubernetes ---- */

struct object {
  struct service_given *g;
  const json_t *root;
  char name[ADDRESS_NAME_MAX + 1]; /* "orders.shop.svc" */
};

static struct span named(struct object *o, struct span name, const char *tail) {
  struct span ns = document_text(document_get(document_get(o->root, "metadata"), "namespace"));
  int n = snprintf(o->name, sizeof o->name, "%.*s%s%.*s%s", SPAN_FMT(name), ns.len ? "." : "", SPAN_FMT(ns),
                   tail);
  return n > 0 && (size_t)n < sizeof o->name ? span_of(o->name, (size_t)n) : (struct span){0};
}

/* Under each port of a list, or any where none is named. An address that is none ("None", "") is left out. */
static int put_ports(struct object *o, struct span addr, const json_t *ports, struct span name,
                     enum given_origin from) {
  size_t i, some = 0;
  const json_t *port;
  int rc = 0;
  json_array_foreach(ports, i, port) {
    json_int_t n = json_integer_value(document_get(port, "port"));
    if (n <= 0 || n > 65535 || rc < 0) continue;
    some++;
    rc = put_text(o->g, addr, (uint16_t)n, name, from);
    if (rc == ERR_SYNTAX) return 0;
  }
  if (!some) rc = put_text(o->g, addr, 0, name, from);
  return rc == ERR_SYNTAX ? 0 : rc;
}

static int service_object(struct object *o) {
  const json_t *spec = document_get(o->root, "spec"), *ip;
  struct span name = named(o, document_text(document_get(document_get(o->root, "metadata"), "name")), ".svc");
  size_t i;
  int rc = put_ports(o, document_text(document_get(spec, "clusterIP")), NULL, name, GIVEN_SERVICE);
  const json_t *more = document_get(spec, "clusterIPs"), *outer = document_get(spec, "externalIPs");
  json_array_foreach(more, i, ip) if (rc == 0) rc =
      put_ports(o, document_text(ip), NULL, name, GIVEN_SERVICE);
  json_array_foreach(outer, i, ip) if (rc == 0) rc =
      put_ports(o, document_text(ip), document_get(spec, "ports"), name, GIVEN_SERVICE);
  return rc;
}

static int endpoints_object(struct object *o) {
  struct span name = named(o, document_text(document_get(document_get(o->root, "metadata"), "name")), ".svc");
  const json_t *subset, *address;
  size_t i, k;
  int rc = 0;
  json_array_foreach(document_get(o->root, "subsets"), i, subset)
      json_array_foreach(document_get(subset, "addresses"), k, address) if (rc == 0) rc =
          put_ports(o, document_text(document_get(address, "ip")), document_get(subset, "ports"), name,
                    GIVEN_ENDPOINTS);
  return rc;
}

static int slice_object(struct object *o) {
  const json_t *labels = document_get(document_get(o->root, "metadata"), "labels"), *endpoint, *address;
  struct span name = named(o, document_text(document_get(labels, "kubernetes.io/service-name")), ".svc");
  size_t i, k;
  int rc = 0;
  json_array_foreach(document_get(o->root, "endpoints"), i, endpoint)
      json_array_foreach(document_get(endpoint, "addresses"), k, address) if (rc == 0) rc =
          put_ports(o, document_text(address), document_get(o->root, "ports"), name, GIVEN_ENDPOINTS);
  return rc;
}

/* What it belongs to: "ledger" of the ReplicaSet "ledger-7f9c", else its own name. Pods on the host's network share its address. */
static int pod_object(struct object *o) {
  const json_t *meta = document_get(o->root, "metadata"), *status = document_get(o->root, "status"), *ip;
  const json_t *owner = json_array_get(document_get(meta, "ownerReferences"), 0);
  struct span name = document_text(document_get(owner, "name"));
  size_t i;
  if (json_is_true(document_get(document_get(o->root, "spec"), "hostNetwork"))) return 0;
  if (span_eq(document_text(document_get(owner, "kind")), SPAN_LIT("ReplicaSet")))
    for (size_t n = name.len; n > 1; n--)
      if (name.base[n - 1] == '-') {
        name.len = n - 1;
        break;
      }
  if (!name.len) name = document_text(document_get(meta, "name"));
  name = named(o, name, "");
  int rc = put_ports(o, document_text(document_get(status, "podIP")), NULL, name, GIVEN_POD);
  json_array_foreach(document_get(status, "podIPs"), i, ip) if (rc == 0) rc =
      put_ports(o, document_text(document_get(ip, "ip")), NULL, name, GIVEN_POD);
  return rc;
}

static int any_object(struct service_given *g, const json_t *root, unsigned depth) {
  static const struct {
    const char *kind;
    int (*read)(struct object *o);
  } kinds[] = {{"Service", service_object},
               {"Endpoints", endpoints_object},
               {"EndpointSlice", slice_object},
               {"Pod", pod_object}};
  struct object o = {.g = g, .root = root};
  struct span kind = document_text(document_get(root, "kind"));
  const json_t *items = document_get(root, "items"), *item;
  size_t i;
  int rc = 0;
  if (json_is_array(items) && depth < 2) {
    struct span of = kind.len > 4 && span_ends(kind, SPAN_LIT("List")) ? span_head(kind, kind.len - 4) : kind;
    json_array_foreach(items, i, item) { /* a "PodList" names the kind of its items once */
      if (rc == 0 && of.len && !document_get(item, "kind"))
        rc = json_object_set_new((json_t *)item, "kind", json_stringn((const char *)of.base, of.len)) < 0
                 ? ERR_NOMEM
                 : 0;
      if (rc == 0) rc = any_object(g, item, depth + 1);
    }
    return rc;
  }
  for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
    if (span_eq(kind, span_str(kinds[k].kind))) return kinds[k].read(&o);
  return 0;
}

static int read_list(struct service_given *g, const char *file, struct conf_error *err) {
  json_t *root = NULL;
  int rc = document_load(&root, file, err);
  if (rc < 0) return rc;
  if (!json_is_object(root) || !(document_get(root, "kind") || document_get(root, "items"))) {
    snprintf(
        err->text, sizeof err->text,
        "%.300s: no list out of Kubernetes; write it with kubectl get services,endpoints,pods -A -o json",
        file);
    rc = ERR_SYNTAX;
  }
  if (rc == 0) rc = any_object(g, root, 0);
  if (rc < 0 && !err->text[0]) snprintf(err->text, sizeof err->text, "%.300s: %s", file, err_str(rc));
  json_decref(root);
  return rc;
}

int service_given_load(struct service_given **out, const char *file, const struct conf_list *lists,
                       struct conf_error *err) {
  *out = NULL;
  if (!(file && *file) && !lists->count) return 0;
  struct service_given *g = mem_zalloc(sizeof *g);
  int rc = g ? address_names_init(&g->names, NAMES_MAX, false) : ERR_NOMEM;
  struct lines lines = {file, "analytics.assets_file", "\"address,name\" or \"address: name\"", true};
  if (rc >= 0) rc = lines_read(&lines, file_line, g, err);
  for (size_t i = 0; rc >= 0 && i < lists->count; i++) rc = read_list(g, lists->item[i], err);
  if (rc < 0)
    service_given_free(g);
  else
    *out = g;
  return rc < 0 ? rc : 0;
}

void service_given_free(struct service_given *g) {
  if (!g) return;
  address_names_done(&g->names);
  mem_free(g);
}

struct span service_given_find(const struct service_given *g, const uint8_t addr[16], uint16_t port,
                               enum given_origin *origin) {
  if (!g) return (struct span){0};
  const struct address_name *n = address_names_find(&g->names, addr, port),
                            *any = address_names_find(&g->names, addr, 0);
  if (!n || (any && any->origin > n->origin)) n = any;
  if (n) *origin = (enum given_origin)n->origin;
  return n ? span_of(n->text, n->len) : (struct span){0};
}
