/* SPDX-License-Identifier: Apache-2.0 */
/* Container registries: the OCI Distribution Specification 1.1 (Docker Registry HTTP API V2). */
#include "dissect/model/model.h"
#include "dissect/model/path.h"
#include "base/err.h"
#include "dissect/body/body.h"

enum { IMAGE_LAYERS = 128, IMAGE_PORTS = 16, IMAGE_JSON = 1 << 20 };

/* /v2/<name of several parts>/<kind>/<reference>: where <kind> stands, counted from the end. */
static unsigned kind_at(const struct model_path *p) {
  for (unsigned i = p->count; i-- > 2;)
    if (model_is(p, i, "manifests") || model_is(p, i, "blobs") || model_is(p, i, "tags") ||
        model_is(p, i, "referrers"))
      return i;
  return 0;
}

static const char *blob_action(const struct txn *t, const struct model_path *p, unsigned kind) {
  if (!model_is(p, kind + 1, "uploads"))
    return model_method(t, "HEAD") ? "head" : model_method(t, "DELETE") ? "delete" : "pull";
  if (model_method(t, "POST")) return model_query(t, "mount").base ? "mount" : "upload.start";
  if (model_method(t, "PATCH")) return "upload.chunk";
  if (model_method(t, "PUT")) return "upload.finish";
  return "upload.status";
}

static const char *action_of(const struct txn *t, const struct model_path *p, unsigned kind) {
  if (model_is(p, kind, "blobs")) return blob_action(t, p, kind);
  if (model_is(p, kind, "tags")) return "list";
  if (model_is(p, kind, "referrers")) return "list";
  if (model_method(t, "HEAD")) return "head";
  if (model_method(t, "PUT")) return "push";
  return model_method(t, "DELETE") ? "delete" : t->status == 404 ? "miss" : "pull";
}

static void image_facts(struct txn *t, const struct model_path *p, unsigned kind) {
  const uint8_t *from = p->part[1].base, *to = p->part[kind - 1].base + p->part[kind - 1].len;
  struct span name = span_of(from, (size_t)(to - from)), ref = model_part(p, kind + 1);
  txn_fact_str(t, "container.image.name", name);
  if (span_starts(ref, SPAN_LIT("sha256:")) || span_starts(ref, SPAN_LIT("sha512:")))
    txn_fact_str(t, "tapscope.image.digest", ref);
  else if (model_is(p, kind, "manifests") && ref.len)
    txn_fact_add(t, "container.image.tag", ref);
  struct span digest = headers_get(&t->side[DIR_RESPONSE].headers, "docker-content-digest");
  if (digest.base && model_is(p, kind, "manifests"))
    txn_fact_str(t, "tapscope.image.resolved_digest", digest);
}

struct image {
  struct txn *t;
  unsigned layers, steps;
  bool base;
};

/* A leaf of a manifest or index (OCI Image Manifest Specification) or of a configuration (OCI Image Configuration). */
static int image_leaf(void *user, const struct leaf *l) {
  struct image *i = user;
  struct span path = l->path, v = span_head(l->value, 256);
  if (span_eq(path, SPAN_LIT("config.digest")))
    txn_fact_str(i->t, "tapscope.image.config", v);
  else if (span_eq(path, SPAN_LIT("layers[].digest")) || span_eq(path, SPAN_LIT("fsLayers[].blobSum"))) {
    if (i->layers++ < IMAGE_LAYERS) txn_fact_add(i->t, "tapscope.image.layers", v);
  } else if (span_eq(path, SPAN_LIT("manifests[].digest"))) {
    if (i->layers++ < IMAGE_LAYERS) txn_fact_add(i->t, "tapscope.image.variants", v);
  } else if (span_eq(path, SPAN_LIT("created"))) {
    txn_fact_str(i->t, "tapscope.image.created", v);
  } else if (span_eq(path, SPAN_LIT("config.User"))) {
    txn_fact_str(i->t, "tapscope.image.user", v);
  } else if (span_eq(l->key, SPAN_LIT("org.opencontainers.image.base.name")) ||
             (!i->steps && !i->base && span_eq(path, SPAN_LIT("history[].created_by")))) {
    if (!i->base) txn_fact_str(i->t, "tapscope.image.base", span_head(v, 160));
    i->base = true;
  }
  if (span_eq(path, SPAN_LIT("history[].created_by"))) i->steps++;
  return 0;
}

/* The keys of "ExposedPorts", an object of empty objects. */
static void image_ports(struct txn *t, struct span body) {
  size_t at = span_find(body, SPAN_LIT("\"ExposedPorts\""));
  struct span rest = span_skip(body, at < body.len ? at + 14 : body.len);
  rest = span_head(span_skip(rest, span_index(rest, '{') + 1), 1024);
  for (unsigned n = 0; n < IMAGE_PORTS && rest.len; n++) {
    size_t quote = span_index(rest, '"'), end = span_index(rest, '}');
    if (quote >= rest.len || end < quote) return;
    rest = span_skip(rest, quote + 1);
    size_t close = span_index(rest, '"');
    if (close >= rest.len || close > 16) return;
    txn_fact_add(t, "tapscope.image.ports", span_head(rest, close));
    rest = span_skip(rest, close + 1);
    rest = span_skip(rest, span_index(rest, '}') + 1);
  }
}

/* Manifests by their type, configurations by what they hold. Not of a body that was cut: a lineage must be whole. */
static void image_body(struct txn *t, bool manifest) {
  const struct side *s = &t->side[model_method(t, "PUT") ? DIR_REQUEST : DIR_RESPONSE];
  struct span body = side_body(s);
  if (!body.len || body.len > IMAGE_JSON || body.base[0] != '{' || s->gap_bytes) return;
  bool config = !manifest && span_find(body, SPAN_LIT("\"rootfs\"")) < body.len;
  if (!manifest && !config) return;
  struct arena scratch;
  arena_init(&scratch, NULL, IMAGE_JSON * 4);
  struct image i = {.t = t};
  struct body_walk w = {
      .leaf = image_leaf, .user = &i, .mime = SPAN_LIT("application/json"), .scratch = &scratch};
  if (body_walk(&w, body, NULL) == ERR_NOMEM || scratch.missed) txn_missed(t);
  arena_done(&scratch);
  if (!config) return;
  txn_fact_u64(t, "tapscope.image.steps", i.steps);
  image_ports(t, body);
}

static bool apply(struct txn *t) {
  const struct model_path *p = model_path(t);
  if (!model_is(p, 0, "v2")) return false;
  struct span version = headers_get(&t->side[DIR_RESPONSE].headers, "docker-distribution-api-version");
  if (p->count == 1 && (version.base || t->status == 401 || span_ends(t->path, SPAN_LIT("/")))) {
    txn_fact_str(t, "tapscope.action", SPAN_LIT("ping"));
    return true;
  }
  if (p->count == 2 && model_is(p, 1, "_catalog")) {
    txn_fact_str(t, "tapscope.action", SPAN_LIT("catalog.enumerate"));
    return true;
  }
  unsigned kind = kind_at(p);
  if (!kind || kind + 1 >= p->count + model_is(p, kind, "tags")) return false;
  image_facts(t, p, kind);
  struct span noun = p->part[kind];
  if (model_is(p, kind, "manifests") || model_is(p, kind, "blobs")) noun.len--; /* singular */
  model_action(t, noun, action_of(t, p, kind));
  if (t->status < 300 && !model_method(t, "HEAD") && !model_method(t, "PATCH")) {
    if (model_is(p, kind, "manifests"))
      image_body(t, true);
    else if (model_is(p, kind, "blobs"))
      image_body(t, false);
  }
  return true;
}

const struct opmodel opmodel_registry = {"registry", apply};
