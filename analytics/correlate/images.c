/* SPDX-License-Identifier: Apache-2.0 */
/* Image trust, from registry traffic: who pulls and pushes what, whence, and which nodes a bad layer has reached. */
#include "analytics/correlate/images.h"

#define SEC 1000000000ULL
enum { PUSHES_KNOWN = 3 };

const struct rule correlate_image_pull_tag = {
    .id = "image_pull_tag",
    .name = "Image pulled by a movable tag",
    .name_zh = "按可变标签拉取镜像",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1525", "T1204.003"},
    .tactic = {"TA0003", "TA0002"},
    .owasp = {"API8:2023"},
    .reason =
        "An image was pulled by tag over plaintext: whoever moves the tag or sits between chooses what runs.",
    .reason_zh = "通过明文仓库按可变标签拉取镜像，标签或链路可被篡改。",
    .remedy = "Pull by digest, over TLS, from a registry that demands signatures.",
    .remedy_zh = "按摘要拉取，启用 TLS，并校验镜像签名。"};
const struct rule correlate_image_tag_moved = {.id = "image_tag_moved",
                                               .name = "Tag moved to another image",
                                               .name_zh = "镜像标签被改指",
                                               .category = CATEGORY_LATERAL,
                                               .severity = SEVERITY_MEDIUM,
                                               .technique = {"T1525"},
                                               .tactic = {"TA0003"},
                                               .reason = "A tag now names another digest than before.",
                                               .reason_zh = "同一标签指向了不同的镜像摘要。",
                                               .remedy = "Find the push that moved it.",
                                               .remedy_zh = "核查推送记录。"};
const struct rule correlate_image_push_new = {
    .id = "image_push_new",
    .name = "Image pushed by a host that never pushed",
    .name_zh = "陌生主机推送镜像",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_HIGH,
    .technique = {"T1525", "T1195.002"},
    .tactic = {"TA0003", "TA0001"},
    .reason = "Images come from the build hosts that are known; this one came from another host.",
    .reason_zh = "镜像由非构建主机推送，疑似植入。",
    .remedy = "Ask its owner; take the image out of use; let only build hosts push.",
    .remedy_zh = "联系负责人核实，停用该镜像，仅允许构建主机推送。"};
const struct rule correlate_image_denied = {
    .id = "image_denied",
    .name = "Forbidden image or layer in use",
    .name_zh = "使用被禁镜像或镜像层",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_CRITICAL,
    .technique = {"T1204.003", "T1610"},
    .tactic = {"TA0002", "TA0002"},
    .reason = "An image that is on the deny list, or holds a layer that is, was moved; all nodes and images "
              "it reached are named.",
    .reason_zh = "流转的镜像或其镜像层位于禁用清单，已列出涉及的全部节点与镜像。",
    .remedy = "Stop its containers on these nodes; delete the images; rebuild from a clean base.",
    .remedy_zh = "停止相关节点上的容器，删除镜像，基于干净的基础镜像重建。"};
const struct rule correlate_registry_unknown = {
    .id = "registry_unknown",
    .name = "Unknown registry",
    .name_zh = "未知镜像仓库",
    .category = CATEGORY_LATERAL,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1195.002", "T1204.003"},
    .tactic = {"TA0001", "TA0002"},
    .reason =
        "An image came from a registry that is not among the known ones, or from the internet in the clear.",
    .reason_zh = "镜像来自未登记的仓库，或经明文从互联网拉取。",
    .remedy = "Mirror what is needed into the own registry; forbid others.",
    .remedy_zh = "将所需镜像同步至自有仓库，禁止其他来源。"};
const struct rule correlate_registry_open = {.id = "registry_open",
                                             .name = "Registry without authentication",
                                             .name_zh = "镜像仓库未认证",
                                             .category = CATEGORY_POSTURE,
                                             .severity = SEVERITY_MEDIUM,
                                             .technique = {"T1525"},
                                             .tactic = {"TA0003"},
                                             .owasp = {"API2:2023"},
                                             .reason =
                                                 "The registry gives or takes images without credentials.",
                                             .reason_zh = "镜像仓库无需凭据即可拉取或推送。",
                                             .remedy = "Demand a login, for pushes at the least.",
                                             .remedy_zh = "启用认证，至少对推送启用。"};
const struct rule correlate_image_unsigned = {
    .id = "image_unsigned",
    .name = "Image run without a signature",
    .name_zh = "镜像未校验签名",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_LOW,
    .technique = {"T1195.002"},
    .tactic = {"TA0001"},
    .reason = "Nobody asked for a signature or attestation of this image when it was pulled.",
    .reason_zh = "拉取镜像时未请求签名或证明。",
    .remedy = "Sign images and let nodes verify them.",
    .remedy_zh = "对镜像签名并在节点侧校验。"};

static struct raise of(struct correlate_ctx *cx, const struct api_event *e, const struct rule *rule,
                       struct evidence *v, const struct pull *p) {
  struct raise r = correlate_of(rule, e);
  *v = (struct evidence){SPAN_LIT("container.image.name"),
                         correlate_text(cx, "%.*s%s%.*s", SPAN_FMT(p->image), p->tag.len ? ":" : "@",
                                        SPAN_FMT(p->tag.len ? p->tag : p->digest))};
  r.evidence = v;
  r.nevidence = 1;
  r.outcome = OUTCOME_SUCCESS;
  r.confidence = 90;
  return r;
}

static void tags(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                 const struct pull *p) {
  struct evidence v;
  if (!p->tag.len || !p->digest.len) return;
  struct tag *g = store_get(&st->tags, cx, p->key);
  if (!g) return;
  uint64_t now = hash64(p->digest, 82);
  bool moved = g->digest && g->digest != now;
  g->digest = now;
  if (!moved || p->push) return; /* told when someone pulls what was moved */
  struct raise r = of(cx, e, &correlate_image_tag_moved, &v, p);
  r.key = p->key;
  correlate_raise(cx, &r);
}

/* Build hosts are learned; once some are known, a host of another kind is strange. */
static void pushes(struct images *st, struct correlate_ctx *cx, const struct api_event *e,
                   const struct pull *p) {
  struct evidence v;
  struct depot *d = store_get(&st->depots, cx, hash64(e->service, 84));
  if (!d) return;
  uint64_t who = correlate_addr(e->who.origin);
  if (!p->push) {
    few_add(&d->pullers, cx, who, 4096);
    return;
  }
  bool learned = cx->conf->baseline_ns && cx->now - cx->first >= cx->conf->baseline_ns;
  const struct tag *over = store_find(&st->tags, p->key); /* by whom it was written last */
  bool other = over && over->by && over->by != who && d->pushes >= PUSHES_KNOWN;
  bool strange = d->pushers.count && !few_has(&d->pushers, who) &&
                 (learned || other || (d->pushes >= PUSHES_KNOWN && few_has(&d->pullers, who)));
  d->pushes++;
  struct tag *mine = p->tag.len ? store_get(&st->tags, cx, p->key) : NULL;
  if (mine) mine->by = who;
  if (!strange) {
    few_add(&d->pushers, cx, who, 4096);
    return;
  }
  struct raise r = of(cx, e, &correlate_image_push_new, &v, p);
  r.baseline = correlate_text(cx, "%u hosts pushed before, %u times.", d->pushers.count, d->pushes - 1);
  r.confidence = 75;
  correlate_raise(cx, &r);
}

/* Who pulls by digest sees by himself that nobody changed the image: inside, that alone is no news. What is written, what a name
 * stands for, the list of what there is, and what goes outside are. */
static void open_registry(struct correlate_ctx *cx, const struct api_event *e, const struct pull *p) {
  struct evidence v;
  if (e->who.auth != AUTH_NONE) return;
  enum zone from = zones_of(cx->zones, e->who.origin);
  if (!p->push && p->image.len && !p->tag.len && from != ZONE_INTERNET && from != ZONE_PARTNER) return;
  struct raise r = of(cx, e, &correlate_registry_open, &v, p);
  if (!p->image.len) v = (struct evidence){SPAN_LIT("url.path"), e->txn->path};
  r.per_endpoint = true;
  r.key = hash64(e->service, 85) | 1;
  if (p->push) r.severity = SEVERITY_HIGH;
  correlate_raise(cx, &r);
}

static void registry(struct correlate_ctx *cx, const struct api_event *e, const struct pull *p) {
  struct evidence v;
  bool outside = zones_of(cx->zones, e->txn->conn.server) == ZONE_INTERNET && e->txn->conn.server[12] != 127;
  bool named = image_list_names_registries(cx->image_list);
  if (named ? !image_list_has_registry(cx->image_list, e->txn->host) : outside && !e->encrypted) {
    struct raise r = of(cx, e, &correlate_registry_unknown, &v, p);
    if (!named) r.severity = SEVERITY_LOW;
    correlate_raise(cx, &r);
  }
  open_registry(cx, e, p);
}

/* Signatures and attestations stand beside an image: tags "sha256-….sig", or its referrers. */
static bool is_signature(const struct txn *t, struct span tag) {
  return (span_starts(tag, SPAN_LIT("sha256-")) &&
          (span_ends(tag, SPAN_LIT(".sig")) || span_ends(tag, SPAN_LIT(".att")) ||
           span_ends(tag, SPAN_LIT(".sbom")))) ||
         span_find(t->path, SPAN_LIT("/referrers/")) < t->path.len ||
         span_ends(t->path, SPAN_LIT("/signatures"));
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct images *st = state;
  const struct txn *t = e->txn;
  struct evidence v;
  if (t->kind != TXN_CALL || !t->facts || !span_eq(txn_fact_text(t, "tapscope.model"), SPAN_LIT("registry")))
    return;
  struct span action = txn_fact_text(t, "tapscope.action");
  struct pull p = {.image = txn_fact_text(t, "container.image.name"),
                   .tag = txn_fact_text(t, "container.image.tag")};
  p.digest = txn_fact_text(t, "tapscope.image.resolved_digest");
  if (!p.digest.len) p.digest = txn_fact_text(t, "tapscope.image.digest");
  p.push = span_ends(action, SPAN_LIT("push")) || span_ends(action, SPAN_LIT("upload.finish"));
  if (t->status >= 400 || t->status < 200) return;
  if (span_eq(action, SPAN_LIT("catalog.enumerate"))) open_registry(cx, e, &p);
  if (!p.image.len) return;
  p.name = hash64(p.image, hash64(e->service, 81));
  p.key = hash64(p.tag, p.name);
  p.whole = span_eq(t->method, SPAN_LIT("GET")) || span_eq(t->method, SPAN_LIT("PUT"));
  if (is_signature(t, p.tag)) {
    images_signed(st, cx, &p);
    return;
  }
  images_lineage(st, cx, e, &p);
  registry(cx, e, &p);
  if (span_starts(action, SPAN_LIT("manifest"))) {
    tags(st, cx, e, &p);
    pushes(st, cx, e, &p);
    images_pulled(st, cx, e, &p);
  }
  bool read = p.whole || span_eq(t->method, SPAN_LIT("HEAD"));
  if (p.push || !p.tag.len || e->encrypted || !read) return;
  struct raise r = of(cx, e, &correlate_image_pull_tag, &v, &p);
  correlate_raise(cx, &r);
}

static void tick(void *state, struct correlate_ctx *cx, uint64_t clock) { images_unsigned(state, cx, clock); }

const struct correlation correlate_images = {
    &correlate_image_pull_tag, sizeof(struct images), images_start, event, NULL, tick, images_stop};
