/* SPDX-License-Identifier: Apache-2.0 */
/* Container registries: the OCI Distribution Specification 1.1 (Docker Registry HTTP API V2). */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

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
  return true;
}

const struct opmodel opmodel_registry = {"registry", apply};
