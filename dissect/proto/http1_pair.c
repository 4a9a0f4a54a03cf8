/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 exchanges: which response answers which request, also where some were lost (RFC 9112, 9.3). */
#include "dissect/proto/http1.h"

struct http1_exchange *http1_open(struct http1 *h, struct dissect_ctx *cx) {
  bool room = budget_take(cx->budget, sizeof(struct http1_exchange));
  struct http1_exchange *ex = room ? mem_zalloc(sizeof *ex) : NULL;
  if (ex && !(ex->t = txn_open(cx, "http"))) {
    mem_free(ex);
    ex = NULL;
  } else if (!ex) {
    ctr_inc(cx->ctr, CTR_DISSECT_MEMORY);
  }
  if (!ex) {
    if (room) budget_give(cx->budget, sizeof *ex);
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
  mem_free(ex);
  budget_give(cx->budget, sizeof *ex);
  return t;
}

void http1_close(struct http1 *h, struct dissect_ctx *cx, struct http1_exchange *ex) {
  bool lost = !ex->begun[DIR_RESPONSE] && h->gap_to > ex->recv;
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

/* The client sent `next` after all of ex's response had come: without pipelining that response went by, and where
 * heads were lost in between, it was among them. */
static bool passed(const struct http1 *h, const struct http1_exchange *ex, const struct http1_exchange *next,
                   uint64_t off) {
  return next->recv > ex->recv && next->recv <= off && h->gap_from < next->recv && h->gap_to > ex->recv;
}

struct http1_exchange *http1_pair(struct http1 *h, struct dissect_ctx *cx, uint64_t off, uint64_t ack) {
  struct http1_exchange *ex = unanswered(h->first);
  if (!h->lossy) return ex;
  while (ex) {
    if (ex->recv > off || (ack && ex->start >= ack)) return NULL;
    if (h->pipelined && ex->after_gap) return NULL;
    struct http1_exchange *next = unanswered(ex->next);
    if (!next) break;
    if (passed(h, ex, next, off)) {
      http1_close(h, cx, ex);
    } else if (h->gap_to > ex->recv && next->recv <= off) {
      return NULL; /* pipelined, and heads were lost: any of them */
    } else {
      break;
    }
    ex = next;
  }
  return ex;
}
