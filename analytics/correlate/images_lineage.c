/* SPDX-License-Identifier: Apache-2.0 */
/* Lineage of images by shared layers, the user's deny list, and signatures that nobody asked for. */
#include "analytics/correlate/images.h"

#define SEC 1000000000ULL
#define SIGN_NS (600 * SEC) /* verification comes with the pull */
enum { TAGS = 65536, LAYERS = 65536, TICK_EACH = 30 };

extern const struct rule correlate_image_denied, correlate_image_unsigned;

static void layer_done(void *e) { addr_done(&((struct image_layer *)e)->nodes); }
static void depot_done(void *e) {
  struct depot *d = e;
  few_done(&d->pushers), few_done(&d->pullers);
}

int images_start(void *state, struct correlate_ctx *cx) {
  struct images *st = state;
  int rc = store_init(&st->tags, sizeof(struct tag), TAGS, NULL);
  if (rc >= 0) rc = store_init(&st->layers, sizeof(struct image_layer), LAYERS, layer_done);
  if (rc >= 0) rc = store_init(&st->depots, sizeof(struct depot), 1024, depot_done);
  if (rc >= 0) rc = store_init(&st->trusts, sizeof(struct trust), TAGS, NULL);
  (void)cx;
  return rc < 0 ? rc : 0;
}

void images_stop(void *state, struct correlate_ctx *cx, bool end) {
  struct images *st = state;
  (void)cx, (void)end;
  store_done(&st->tags), store_done(&st->layers), store_done(&st->depots), store_done(&st->trusts);
}

static void add_image(struct image_layer *l, struct span name) {
  for (uint32_t i = 0; i < l->images && i < IMAGES_OF_LAYER; i++)
    if (span_eq(span_str(l->image[i]), span_head(name, IMAGE_NAME - 1))) return;
  if (l->images >= IMAGES_OF_LAYER) return;
  name = span_head(name, IMAGE_NAME - 1);
  memcpy(l->image[l->images], name.base, name.len);
  l->image[l->images++][name.len] = 0;
}

static void tell(struct correlate_ctx *cx, const struct api_event *e, const struct image_layer *l,
                 struct span digest) {
  struct evidence v[FINDING_EVIDENCE] = {{SPAN_LIT("tapscope.image.digest"), span_head(digest, 80)}};
  uint32_t n = 1;
  for (uint32_t i = 0; i < l->images && n < FINDING_EVIDENCE; i++)
    v[n++] = (struct evidence){SPAN_LIT("container.image.name"), span_str(l->image[i])};
  struct raise r = correlate_of(&correlate_image_denied, e);
  r.key = hash64(digest, 86) | 1;
  r.actor = (const uint8_t(*)[16])l->nodes.item;
  r.nactors = l->nodes.count;
  r.evidence = v;
  r.nevidence = n;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = 95;
  r.reason =
      correlate_text(cx, "The layer or image has reached %u nodes in %u images.", l->nodes.count, l->images);
  r.reason_zh = correlate_text(cx, "该镜像层已随 %u 个镜像到达 %u 个节点。", l->images, l->nodes.count);
  correlate_raise(cx, &r);
}

static void reach(struct images *st, struct correlate_ctx *cx, const struct api_event *e, struct span digest,
                  struct span image, bool here) {
  if (!digest.len) return;
  struct image_layer *l = store_get(&st->layers, cx, hash64(digest, 87));
  if (!l) return;
  add_image(l, image);
  if (here) addr_add(&l->nodes, cx, e->who.origin, 1024);
  if (image_list_denies(cx->image_list, digest)) tell(cx, e, l, digest);
}

/* How many layers of the manifest at hand other images have too, and which image has most of them. */
static uint32_t shared_layers(const struct images *st, const struct txn *t, struct span name, uint32_t *all,
                              const char **with) {
  uint32_t n = 0;
  for (const struct fact *f = t->facts; f; f = f->next) {
    if (strcmp(f->name, "tapscope.image.layers") != 0) continue;
    const struct image_layer *l = store_find(&st->layers, hash64(f->str, 87));
    ++*all;
    for (uint32_t i = 0; l && i < l->images; i++) {
      if (span_eq(span_str(l->image[i]), name)) continue;
      if (!*with) *with = l->image[i];
      n++;
      break;
    }
  }
  return n;
}

static struct span all_of(struct correlate_ctx *cx, const struct txn *t, const char *name) {
  struct span out = {0};
  for (const struct fact *f = t->facts; f; f = f->next)
    if (strcmp(f->name, name) == 0)
      out = correlate_text(cx, "%.*s%s%.*s", SPAN_FMT(out), out.len ? " " : "", SPAN_FMT(f->str));
  return out;
}

/* An image by its manifest's digest: first when the manifest is seen, anew when its configuration is. */
static void publish(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                    const struct pull *p, struct span name) {
  const struct txn *t = e->txn;
  bool config = txn_fact(t, "tapscope.image.steps") != NULL;
  struct image_layer *l = store_find(&st->layers, hash64(p->digest, 87));
  struct span of = txn_fact_text(t, "tapscope.image.config");
  if (!cx->sink->asset || !l || (!config && !of.len) || (config ? !l->id[0] || l->calls++ : l->id[0] != 0))
    return;
  struct asset a = {
      .kind = "image", .service = e->service, .ns = cx->now, .last_ns = cx->now, .state = "active"};
  if (config) {
    struct span user = txn_fact_text(t, "tapscope.image.user"), ports = all_of(cx, t, "tapscope.image.ports");
    a.change = "changed";
    a.detail = correlate_text(cx, "base %.*s; user %.*s; created %.*s; ports %.*s",
                              SPAN_FMT(txn_fact_text(t, "tapscope.image.base")),
                              SPAN_FMT(user.len ? user : SPAN_LIT("root")),
                              SPAN_FMT(txn_fact_text(t, "tapscope.image.created")), SPAN_FMT(ports));
  } else {
    struct hash128 h = hash128(correlate_text(cx, "%.*s %.*s", SPAN_FMT(e->service), SPAN_FMT(p->digest)));
    uint32_t all = 0;
    const char *with = NULL;
    uint32_t n = shared_layers(st, t, name, &all, &with);
    hash_hex((const uint8_t *)&h, 16, l->id);
    l->first_ns = cx->now;
    a.change = "new";
    a.detail = with ? correlate_text(cx, "%u layers, %u of them also in %s", all, n, with)
                    : correlate_text(cx, "%u layers", all);
    struct image_layer *c = store_get(&st->layers, cx, hash64(of, 87));
    if (c && !c->id[0]) memcpy(c->id, l->id, sizeof c->id), c->first_ns = cx->now;
  }
  a.id = span_of(l->id, sizeof l->id);
  a.first_ns = l->first_ns;
  a.endpoint = config ? p->image : correlate_text(cx, "%.*s@%.*s", SPAN_FMT(name), SPAN_FMT(p->digest));
  a.exposure = zones_name(zones_of(cx->zones, t->conn.server));
  memcpy(a.addr, t->conn.server, 16);
  a.port = t->conn.sport;
  a.protocol = t->protocol;
  a.auth = 1u << e->who.auth;
  a.calls = 1;
  a.callers = l->nodes.count;
  a.visibility = 1;
  a.risk = -1;
  cx->sink->asset(cx->sink->user, &a);
}

void images_lineage(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                    const struct pull *p) {
  struct span name =
      correlate_text(cx, "%.*s%s%.*s", SPAN_FMT(p->image), p->tag.len ? ":" : "", SPAN_FMT(p->tag));
  bool here = p->whole;
  reach(st, cx, e, p->digest, name, here);
  for (const struct fact *f = e->txn->facts; f; f = f->next)
    if (strcmp(f->name, "tapscope.image.layers") == 0 || strcmp(f->name, "tapscope.image.config") == 0)
      reach(st, cx, e, f->str, name, here && strcmp(f->name, "tapscope.image.config") != 0);
  if (here) publish(st, cx, e, p, name);
}

void images_signed(struct images *st, struct correlate_ctx *cx, const struct pull *p) {
  struct trust *t = store_get(&st->trusts, cx, p->name);
  if (t) t->sign = true;
}

void images_pulled(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                   const struct pull *p) {
  struct trust *t = !p->push && p->whole ? store_get(&st->trusts, cx, p->name) : NULL;
  if (!t || t->pulled) return;
  t->pulled = cx->now;
  memcpy(t->node, e->who.origin, 16);
  memcpy(t->server, e->txn->conn.server, 16);
  t->port = e->txn->conn.sport;
  struct span name = span_head(p->image, IMAGE_NAME - 1);
  memcpy(t->image, name.base, name.len);
}

void images_unsigned(struct images *st, struct correlate_ctx *cx, uint64_t clock) {
  if (clock < st->ticked + TICK_EACH * SEC) return;
  st->ticked = clock;
  for (struct table_entry *x = st->trusts.table.oldest; x; x = x->newer) {
    struct trust *t = (struct trust *)x;
    if (!t->pulled || t->sign || t->told || t->pulled + SIGN_NS > clock) continue;
    t->told = true;
    struct evidence v = {SPAN_LIT("container.image.name"), span_str(t->image)};
    struct raise r = {.rule = &correlate_image_unsigned,
                      .key = x->hash | 1,
                      .actor = &t->node,
                      .nactors = 1,
                      .target = &t->server,
                      .ntargets = 1,
                      .port = t->port,
                      .evidence = &v,
                      .nevidence = 1,
                      .confidence = 70,
                      .per_endpoint = true,
                      .ns = t->pulled};
    correlate_raise(cx, &r);
  }
}
