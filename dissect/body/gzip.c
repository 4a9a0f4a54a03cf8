/* SPDX-License-Identifier: Apache-2.0 */
/* gzip members (RFC 1952) that no content coding announces: files sent or fetched as they are, answers whose header was lost. */
#include "dissect/body/walk.h"
#include "dissect/body/zip.h"

enum { GZIP_RATIO = 1100 /* more than deflate gives */ };

static int gzip_walk(struct body_walk *w, struct span s) {
  static const char *const outer[] = {"application/gzip", "application/x-gzip", "application/octet-stream",
                                      "application/x-tar", NULL};
  struct buf text;
  uint32_t unseen = 0, before = w->leaves;
  uint64_t anomalies = 0;
  if (w->nested >= WALK_NESTED) return ERR_UNSUPPORTED;
  buf_init(&text, NULL, ZIP_BYTES);
  int rc = 0;
  if (coding_decode(SPAN_LIT("gzip"), s, &text, GZIP_RATIO, &unseen, &anomalies) > 0) {
    struct body_walk sub = *w;
    if (span_in(w->mime, outer)) sub.mime = sub.content_type = sub.charset = (struct span){0};
    sub.cut |= (unseen | anomalies) != 0;
    sub.at = walk_root(w);
    sub.nested++;
    rc = body_walk(&sub, buf_span(&text), NULL);
    w->leaves = sub.leaves;
    walk_items(w, sub.items);
  }
  buf_done(&text);
  if (unseen & UNSEEN_MEMORY) walk_missed(w);
  return rc < 0 && rc != ERR_SYNTAX && rc != ERR_UNSUPPORTED ? rc : (int)(w->leaves - before);
}

static int gzip_match(struct span mime, struct span head) {
  (void)mime;
  return span_starts(head, SPAN_LIT("\x1f\x8b\x08")) ? 2 : 0;
}

const struct body_format gzip_format = {"gzip", gzip_match, gzip_walk};
