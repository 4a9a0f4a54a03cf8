/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs: capture files, standard input, live interfaces. All give decoded packets. */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include "base/conf.h"
#include "base/counters.h"
#include "capture/packet.h"

enum frag_policy { FRAG_FIRST, FRAG_LAST, FRAG_LINUX, FRAG_WINDOWS, FRAG_BSD };

/** Section "capture". Options in capture/options.c. */
struct capture_conf {
  int64_t snaplen, ring_mb, fanout_threads, fanout_group;
  bool promiscuous, immediate;
  char *filter;      /* BPF */
  int64_t max_depth; /* encapsulations */
  struct conf_list vxlan_ports, geneve_ports, gtpu_ports, tzsp_ports;
  bool zone_vlan, zone_vni; /* fold VLAN/VNI into the flow key */
  bool verify_checksums;    /* off by default: offloading makes them wrong on mirrors */
  bool dedup;
  int64_t dedup_window; /* frames remembered */
  uint64_t dedup_ns;    /* a copy comes within this time */
  int frag_policy;      /* enum frag_policy */
  int64_t frag_max, frag_max_bytes;
  uint64_t frag_timeout_ns;
  struct conf_list cpus; /* pin capture threads to these */
};
extern const struct conf_option capture_options[];

/** Decodes frames, puts fragments together, leaves duplicates out. One per reader thread. */
struct decoder;
struct decoder *decoder_new(const struct capture_conf *conf, uint64_t seed, struct counters *ctr);
void decoder_free(struct decoder *d);
/** Decode one frame into *out. Fills data, caplen, wirelen, ns, source, link from the arguments; the caller sets
 *  order. Returns 1 when out is a packet for a worker, 0 when there is nothing to hand on (fragment held,
 *  duplicate, not IP: counted). A rebuilt datagram is appended to scratch (which may move), and must live as long
 *  as out; the frame is borrowed. */
struct frame {
  const uint8_t *data;
  uint32_t caplen, wirelen;
  uint64_t ns;
  uint16_t source, link;
};
int decoder_frame(struct decoder *d, const struct frame *in, struct packet *out, struct buf *scratch);
/** Copies left out, by where the first and the copy were seen (input, outermost VLAN or 0). */
struct duplicate_pair {
  uint16_t source[2], vlan[2];
  uint64_t count;
};
enum { DUPLICATE_PAIRS = 64 /* told apart; the others' copies are only in the counter */ };
/** Add them to the n pairs at out, which holds `room`; how many there are then. From any thread, at any time. */
size_t decoder_duplicates(const struct decoder *d, struct duplicate_pair *out, size_t n, size_t room);

/** Capture files in time order. One reader thread owns it. */
struct replay;
struct replay_stats {
  uint64_t bytes_total; /* size of all inputs as far as known, 0 for streams */
  uint64_t bytes_done;
  uint64_t frames;
};
/** Open files, folders (every capture in them) and "-" (standard input); formats by content: pcap, pcapng, either
 *  byte order, plain, gzip, zstd. Files are merged by packet time. ERR_IO, ERR_SYNTAX, ERR_UNSUPPORTED, ERR_NOMEM; err names the
 *  file and the remedy. */
int replay_open(struct replay **out, const struct capture_conf *conf, char *const *paths, size_t n,
                struct counters *ctr, struct conf_error *err);
void replay_close(struct replay *r);
/** Next frame. 1, or 0 at the end, or < 0. The bytes stay valid until replay_close when *stable is set, else
 *  until the next call. A file cut in mid-packet ends there and is counted; replay_warning then tells. */
int replay_next(struct replay *r, struct frame *out, bool *stable);
/** Next warning text ("FILE: cut after packet N …"), or NULL. Valid until replay_close. */
const char *replay_warning(struct replay *r);
void replay_stats(const struct replay *r, struct replay_stats *out);

/** One live ring: one capture thread on one interface. */
struct live;
/** Open interface `ifname` as member of fanout group `group` (-1: none). ERR_IO, ERR_RANGE; err tells. */
int live_open(struct live **out, const struct capture_conf *conf, const char *ifname, int group,
              uint16_t source, struct conf_error *err);
void live_close(struct live *l);
/** Next frame; 0 on time-out (about 100 ms or less), < 0 when the interface is gone (ERR_AGAIN: may come back,
 *  call live_reopen). The bytes stay valid until the next call. */
int live_next(struct live *l, struct frame *out);
int live_reopen(struct live *l, struct conf_error *err);
/** Add what the kernel and the interface dropped since the last call to the counters. */
void live_drops(struct live *l, struct counters *ctr);
/** Count what waits unread in a ring that is about to go away (live_reopen, live_close) as dropped by the kernel. Right after
 *  live_drops. */
void live_unread(const struct live *l, struct counters *ctr);
/** Say whether this ring reports the interface's own drops (default); of several rings on one only one should. */
void live_own_interface(struct live *l, bool yes);

#endif
