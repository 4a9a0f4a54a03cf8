/* SPDX-License-Identifier: Apache-2.0 */
/* The walk through the headers of one frame: shared by the files that decode. Internal to capture/. */
#ifndef CAPTURE_WALK_H
#define CAPTURE_WALK_H

#include "capture/capture.h"

/** What stands at walk.at, or how the walk ended. */
enum next {
  NEXT_DONE,  /* walk.p is complete */
  NEXT_NONE,  /* nothing to hand on; counted */
  NEXT_FAIL,  /* not what the layer before promised; walk.why counts it if no outer packet can be used */
  NEXT_ETHER, /* an Ethernet header */
  NEXT_TYPE,  /* what walk.type says, as an EtherType */
  NEXT_PPP,   /* what walk.type says, as a PPP protocol */
  NEXT_MPLS,
  NEXT_IP, /* IPv4 or IPv6 by the version nibble */
  NEXT_L4, /* what walk.type says, as an IP protocol */
};

/** UDP ports that may carry a tunnel. */
struct port_kind {
  uint16_t port;
  uint8_t kind; /* enum layer_kind */
};
enum { PORT_KINDS = 32 };

struct fragments;
struct dedup;
struct decoder {
  const struct capture_conf *conf;
  struct counters *ctr;
  uint64_t seed;
  struct fragments *frags;
  struct dedup *dedup; /* NULL: off */
  size_t nports;
  struct port_kind ports[PORT_KINDS];
  uint64_t port_bits[16]; /* bit of (port mod 1024): cheap no */
};

/** Where to stand again when what a tunnel carries cannot be read. */
struct walk_mark {
  bool set;
  const uint8_t *at;
  uint32_t cap, wire;
  const uint8_t *ip;
  uint32_t ip_cap;
  uint8_t nlayers, ttl;
  struct tuple tuple;
};
struct walk {
  struct decoder *d;
  struct packet *p;
  struct buf *scratch;
  const uint8_t *at;   /* the bytes of this layer */
  uint32_t cap, wire;  /* bytes left in it: captured, and on the wire (cap <= wire) */
  const uint8_t *ip;   /* innermost IP header so far, NULL before */
  uint32_t ip_cap;     /* captured bytes from there to the end of the datagram */
  uint32_t vlans, vni; /* for the zone: tags since the last tunnel, last tunnel's network */
  uint16_t type;
  enum counter why;
  bool looked; /* the datagram at ip was looked up among the copies already */
  bool firm;   /* wire is what the layer before said: a longer IP packet is not cut but wrong */
  struct walk_mark mark;
};

static inline uint16_t walk_be16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t walk_be32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
/** Step over n captured bytes; the caller has checked cap. */
static inline void walk_skip(struct walk *w, uint32_t n) {
  w->at += n;
  w->cap -= n;
  w->wire -= n;
}
/** Begin a tunnel's inner packet: its own zone. */
static inline void walk_enter(struct walk *w, uint32_t vni) {
  w->vlans = 0;
  w->vni = vni;
  w->firm = false;
}
/** Keep at most n bytes of the wire from here on. */
static inline void walk_limit(struct walk *w, uint32_t n) {
  w->wire = n;
  if (w->cap > n) w->cap = n;
}
static inline enum next walk_fail(struct walk *w, enum counter why) {
  w->why = why;
  return NEXT_FAIL;
}
/** Note an encapsulation. False, and walk.why set, at the depth cap. */
bool walk_layer(struct walk *w, uint8_t kind, uint32_t id);
/** Of the VLANs and VNI around this packet, as far as configured. */
uint32_t walk_zone(const struct walk *w);
/** True, and counted, when the datagram at w->ip is a copy of one seen before. */
bool walk_copy(struct walk *w);
/** Remember this place: the payload of the last IP header, before a tunnel is tried. */
void walk_mark(struct walk *w);

/* link.c: the link layer's own header. */
enum next link_of(struct walk *w, uint16_t link);
/* ether.c: Ethernet, tags, LLC, PPP; ether_known: types that a heuristic may rely on; ether_fits: whether a frame of
 * such a type begins `off` bytes from here. */
enum next ether_header(struct walk *w);
enum next ether_type(struct walk *w);
enum next ether_llc(struct walk *w);
enum next ether_ppp(struct walk *w);
bool ether_known(uint16_t type);
bool ether_fits(const struct walk *w, uint32_t off);
/* mpls.c, wifi.c; swapped: the two octets of frame control may stand the other way round. */
enum next mpls_stack(struct walk *w);
enum next wifi_header(struct walk *w, bool swapped);
/* checksum.c: true when right, or when it cannot be told. */
bool checksum_header(struct span header);
bool checksum_transport(const struct walk *w, uint8_t proto);
/* ip.c */
enum next ip_header(struct walk *w);
/* tunnel.c: carried by IP; w->type is the IP protocol. NEXT_FAIL when it is none. */
enum next tunnel_ip(struct walk *w);
enum next tunnel_gre(struct walk *w);
/* udptunnel.c: w->at is at the UDP header, the ports stand in the tuple. NEXT_FAIL with w->at as it
 * was when it carries none; else the place is marked. */
enum next udptunnel_try(struct walk *w);
/* l4.c: transport headers; tunnels are tried unless plain. */
enum next l4_header(struct walk *w, bool plain);

#endif
