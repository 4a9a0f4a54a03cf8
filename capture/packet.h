/* SPDX-License-Identifier: Apache-2.0 */
/* A decoded packet and the batch it travels in. */
#ifndef CAPTURE_PACKET_H
#define CAPTURE_PACKET_H

#include "base/buf.h"
#include "base/span.h"

enum { PACKET_LAYERS = 12 };

/** Addresses and ports of the innermost IP packet, as seen: from src to dst. IPv4 stands as ::ffff:a.b.c.d. */
struct tuple {
  uint8_t src[16], dst[16];
  uint16_t sport,
      dport;     /* host order; ICMP: type and code, of an echo's answer those of the request, turned round */
  uint8_t proto; /* IP protocol number */
  uint8_t ipver; /* 4 or 6 */
  uint32_t zone; /* VLAN/VNI folded in where the user says address spaces overlap, else 0 */
};

enum layer_kind {
  LAYER_NONE,
  LAYER_VLAN,
  LAYER_VNTAG,
  LAYER_MPLS,
  LAYER_PPPOE,
  LAYER_GRE,
  LAYER_NVGRE,
  LAYER_ERSPAN,
  LAYER_VXLAN,
  LAYER_VXLAN_GPE,
  LAYER_GENEVE,
  LAYER_GTPU,
  LAYER_IPIP,
  LAYER_SIXINFOUR,
  LAYER_TEREDO,
  LAYER_TZSP,
  LAYER_ETHERIP,
  LAYER_PBB,
  LAYER_L2TP,
  LAYER_CAPWAP,
  LAYER_KINDS
};
/** One encapsulation, outermost first. */
struct layer {
  uint8_t kind; /* enum layer_kind */
  uint32_t id;  /* VLAN id, VNI, MPLS label, ERSPAN session, GRE key, TEID; 0 where there is none */
};
/** "vlan", "vxlan", …; "?" for others. Static text. */
const char *layer_name(uint8_t kind);

enum tcp_flag { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16, TCP_URG = 32 };

enum packet_flag {
  PACKET_DEFRAGMENTED = 1 << 0, /* data were put together from fragments */
  PACKET_SNAPPED = 1 << 1,      /* payload_len < payload_wire */
  PACKET_FRAGMENT = 1 << 2,     /* a fragment that stays one; no ports */
  PACKET_HAS_TS = 1 << 3,       /* ts_val and ts_ecr are set */
  PACKET_HAS_WSCALE = 1 << 4,
  PACKET_FRAG_OVERLAP = 1 << 5, /* put together from overlapping fragments */
  PACKET_NO_L4 = 1 << 6,        /* transport header missing or not TCP/UDP/ICMP */
  PACKET_TCP_MD5 = 1 << 7,      /* signed as RFC 2385 says: dropped by who expects no signature */
};

/** Borrows its bytes until its batch is released. */
struct packet {
  const uint8_t *data; /* the frame, or the rebuilt datagram */
  uint32_t caplen, wirelen;
  uint64_t ns;     /* capture time, nanoseconds since the epoch */
  uint64_t order;  /* place in the whole input; strictly rising within one reader */
  uint64_t hash;   /* of the tuple, the same for both directions */
  uint64_t digest; /* of what no hop changes, as dedup_known takes it; 0 where copies are not looked for */
  struct tuple tuple;
  uint16_t source; /* which input: index of file or interface */
  uint16_t link;   /* DLT_* of the frame */
  uint16_t flags;  /* enum packet_flag */
  uint8_t nlayers;
  uint8_t ttl;
  struct layer layer[PACKET_LAYERS];
  uint32_t payload_off, payload_len; /* of the transport payload in data, bytes captured */
  uint32_t payload_wire;             /* payload bytes by the IP length; more than payload_len if snapped */
  uint32_t seq, ack;                 /* TCP */
  uint32_t ts_val, ts_ecr;
  uint16_t window;   /* TCP, unscaled */
  uint8_t tcp_flags; /* enum tcp_flag */
  uint8_t wscale;
};
static inline struct span packet_payload(const struct packet *p) {
  return (struct span){p->data + p->payload_off, p->payload_len};
}

/** Packets of one worker in one epoch. Made by a reader, given back to it through a ring. */
struct batch {
  struct packet *packets;
  uint32_t count, size;
  uint64_t order_end; /* every packet of this reader up to this order was handed out */
  uint64_t clock;     /* packet time at the end of the epoch, ns; rises only */
  uint16_t reader;    /* which reader thread made it */
  bool last;          /* the reader's input has ended */
  struct buf bytes;   /* frames that had to be copied (live, streams, fragments) */
};

#endif
