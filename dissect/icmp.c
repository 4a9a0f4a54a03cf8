/* SPDX-License-Identifier: Apache-2.0 */
/* ICMP echoes (RFC 792, RFC 4443) as flows: a host answers with the data of the request, and those of a ping stay the same
 * but for a time at their start. What is unlike that is counted; plain pings are not reported. */
#include "base/hash.h"
#include "dissect/flow.h"

enum { ICMP4 = 1, ICMP6 = 58, HEADER = 8, STAMP = 16, LOOK = 32, REPORT = 256 };

static bool is_echo(const struct packet *p, struct span s) {
  if (s.len < HEADER || s.base[1] != 0) return false;
  if (p->tuple.proto == ICMP4) return s.base[0] == 0 || s.base[0] == 8;
  return p->tuple.proto == ICMP6 && (s.base[0] == 128 || s.base[0] == 129);
}

/* Of some bytes from `from` on; 0 when they are not there. */
static uint32_t sum_of(struct span s, size_t from) {
  if (s.len < from + LOOK) return 0;
  return (uint32_t)hash64(span_of(s.base + from, LOOK), 7) | 1;
}

/* An end that asks keeps of its last request: identifier and number in seq0, a sum of its first data in top, its length and
 * a sum of later data in acked. */
static bool is_unlike(struct flow *f, int end, const struct packet *p, struct span s) {
  struct flow_side *me = &f->side[end], *peer = &f->side[!end];
  uint32_t which =
      (uint32_t)s.base[4] << 24 | (uint32_t)s.base[5] << 16 | (uint32_t)s.base[6] << 8 | s.base[7];
  uint32_t head = sum_of(s, HEADER), later = sum_of(s, HEADER + STAMP);
  if (s.base[0] == 0 || s.base[0] == 129) {
    if (!peer->known || peer->seq0 != which) return false;
    return (uint32_t)peer->acked != p->payload_wire || (head && peer->top && head != peer->top);
  }
  bool other = me->known && me->seq0 != which && later && me->acked >> 32 && me->acked >> 32 != later;
  me->known = SEQ_SYN;
  me->seq0 = which;
  me->top = head;
  me->acked = (uint64_t)later << 32 | p->payload_wire;
  return other;
}

void icmp_packet(struct dissect *d, const struct packet *p) {
  struct span s = packet_payload(p);
  int end = 0;
  if (!is_echo(p, s)) return;
  d->order = p->order;
  struct flow *f = flow_find(d, p, &end);
  if (f && flow_expired(d, f, p->ns)) {
    flow_remove(d, f, FLOW_STATE_TIMEOUT);
    f = NULL;
  }
  if (!f) {
    end = 0;
    f = flow_create(d, p);
    if (!f) return;
    flow_set_class(d, f, CLASS_UDP);
    f->name = "icmp";
    if (s.base[0] == 0 || s.base[0] == 129) flow_swap(f);
  }
  flow_touch(d, f, end, p);
  if (is_unlike(f, end, p, s)) f->unlike++;
  if (f->unlike >= REPORT) flow_remove(d, f, FLOW_STATE_TIMEOUT);
}
