/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 exchanges: which response answers which request, also where some were lost (RFC 9112, 9.3). */
#include "dissect/proto/http1.h"

struct http1_exchange *http1_open(struct http1 *h, struct dissect_ctx *cx) {
  struct http1_exchange *ex = budget_zalloc(cx->budget, sizeof *ex);
  if (!ex) {
    ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
    return NULL;
  }
  if (!(ex->t = txn_open(cx, "http"))) {
    budget_free(cx->budget, ex, sizeof *ex);
    return NULL;
  }
  *(h->last ? &h->last->next : &h->first) = ex;
  h->last = ex;
  h->open++;
  return ex;
}

struct txn *http1_detach(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex) {
  struct http1_exchange **at = &h->first, *prev = NULL;
  while (*at && *at != ex) {
    prev = *at;
    at = &prev->next;
  }
  *at = ex->next;
  if (h->last == ex) h->last = prev;
  for (int d = 0; d < 2; d++)
    if (h->half[d].ex == ex) {
      h->half[d].ex = NULL;
      if (h->half[d].phase != HTTP1_START) {
        h->half[d].phase = HTTP1_START;
        h->half[d].lost = true;
      }
    }
  h->open--;
  struct txn *t = ex->t;
  budget_free(cx->budget, ex, sizeof *ex);
  return t;
}

void http1_close(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex) {
  bool lost = !ex->begun[DIR_RESPONSE] && (h->gap_to > ex->recv || h->unpaired);
  struct txn *t = http1_detach(h, cx, ex);
  if (lost && !(cx->flow_unseen & UNSEEN_ONE_SIDED)) t->side[DIR_RESPONSE].unseen |= UNSEEN_GAP;
  txn_close(cx, t);
}

void http1_settle(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex) {
  if (ex->done[DIR_REQUEST] && ex->done[DIR_RESPONSE]) http1_close(h, cx, ex);
}

static struct http1_exchange *unanswered(struct http1_exchange *ex) {
  while (ex && ex->begun[DIR_RESPONSE]) ex = ex->next;
  return ex;
}

/* A client that waits for each answer gets it from where it stood when it asked: heads lost behind that point
 * were the answer's. */
static bool missed(const struct http1 *h, const struct http1_exchange *ex, uint64_t off) {
  return h->gap_to > ex->recv && h->gap_from < off;
}

/* The answer that begins at off may be any one's. */
static struct http1_exchange *none_of(struct http1 *h) {
  h->unpaired = true;
  return NULL;
}

struct http1_exchange *http1_pair(struct http1 *h, struct dissect_ctx *cx, uint64_t off, uint64_t ack) {
  h->gap_open = false;
  struct http1_exchange *ex = unanswered(h->first);
  if (!h->lossy) return ex;
  while (ex) {
    if (ex->recv > off || (ack && ex->start >= ack)) return none_of(h);
    if ((h->pipelined || h->suspect) && (ex->after_gap || missed(h, ex, off))) return none_of(h);
    if (!missed(h, ex, off)) return ex;
    struct http1_exchange *next = unanswered(ex->next);
    http1_close(h, cx, ex);
    ex = next;
  }
  return NULL;
}

void http1_gap(struct http1 *h, uint64_t off, uint64_t n) {
  if (!h->gap_open) h->gap_from = off;
  h->gap_open = true;
  h->gap_to = off + n;
}
