/* SPDX-License-Identifier: Apache-2.0 */
/* Image trust, from registry traffic: images pulled by a tag that can be moved. */
#include "analytics/correlate/correlate.h"

enum { IMAGES = 65536 };

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

struct image {
  struct table_entry te;
  uint64_t digest;
};
struct state {
  struct store tags, known;
};

static int start(void *state, struct correlate_ctx *cx) {
  struct state *s = state;
  (void)cx;
  int rc = store_init(&s->tags, sizeof(struct image), IMAGES, NULL);
  return rc < 0 ? rc : store_init(&s->known, sizeof(struct image), IMAGES, NULL);
}
static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct state *s = state;
  (void)cx, (void)end;
  store_done(&s->tags), store_done(&s->known);
}

static struct span fact(const struct txn *t, const char *name) {
  const struct fact *f = txn_fact(t, name);
  return f ? f->str : (struct span){0};
}

static void event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct state *st = state;
  const struct txn *t = e->txn;
  if (t->kind != TXN_CALL || !span_eq(fact(t, "tapscope.model"), SPAN_LIT("registry"))) return;
  struct span image = fact(t, "container.image.name"), tag = fact(t, "container.image.tag");
  struct span digest = fact(t, "tapscope.image.resolved_digest"), action = fact(t, "tapscope.action");
  if (!image.len || !tag.len || t->status >= 400) return;
  uint64_t name = hash64(image, hash64(e->service, 81)), key = hash64(tag, name);
  struct raise r = correlate_of(&correlate_image_pull_tag, e);
  struct evidence v = {SPAN_LIT("container.image.name"),
                       correlate_text(cx, "%.*s:%.*s", SPAN_FMT(image), SPAN_FMT(tag))};
  bool push = span_ends(action, SPAN_LIT("push"));
  struct image *i = store_get(&st->tags, cx, key);
  r.evidence = &v;
  r.nevidence = 1;
  r.outcome = OUTCOME_SUCCESS;
  if (i && digest.len) {
    uint64_t now = hash64(digest, 82);
    if (i->digest && i->digest != now && !push) {
      struct raise moved = r;
      moved.rule = &correlate_image_tag_moved;
      moved.key = key;
      correlate_raise(cx, &moved);
    }
    i->digest = now;
  }
  if (push || e->encrypted || !(span_eq(t->method, SPAN_LIT("GET")) || span_eq(t->method, SPAN_LIT("HEAD"))))
    return;
  r.confidence = 90;
  correlate_raise(cx, &r);
}

const struct correlation correlate_images = {
    &correlate_image_pull_tag, sizeof(struct state), start, event, NULL, NULL, stop};
