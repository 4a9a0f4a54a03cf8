/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of any bytes: the first two octets choose the link type and options, then each frame has a length. */
#include "capture/capture.h"
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint16_t links[] = {1,   1,   1,   1,   113, 276, 101, 0, 9,  50,  51,  104, 107,
                                 105, 127, 119, 163, 192, 239, 258, 6, 10, 117, 109, 274};

static void check(const struct packet *p) {
  if ((uint64_t)p->payload_off + p->payload_len > p->caplen) abort();
  if (p->payload_len > p->payload_wire) abort();
  if (p->nlayers > PACKET_LAYERS) abort();
  volatile uint8_t sum = 0;
  struct span s = packet_payload(p);
  if (s.len) sum ^= s.base[0] ^ s.base[s.len - 1];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static struct capture_conf conf;
  const struct conf_section sections[] = {{"capture", capture_options, &conf}, {NULL, NULL, NULL}};
  if (!conf.max_depth && conf_defaults(sections) < 0) return 0;
  if (size < 2) return 0;
  struct counters ctr = {0};
  struct buf scratch;
  uint16_t link = links[data[0] % (sizeof links / sizeof *links)];
  conf.dedup = data[1] & 1;
  conf.verify_checksums = data[1] & 2;
  conf.zone_vlan = conf.zone_vni = data[1] & 4;
  conf.frag_policy = data[1] >> 3 & 3;
  conf.dedup_window = 16;
  struct decoder *d = decoder_new(&conf, 7, &ctr);
  if (!d) return 0;
  buf_init(&scratch, NULL, 1 << 20);
  data += 2;
  size -= 2;
  for (uint64_t t = 1; size >= 2; t++) {
    size_t n = (size_t)(data[0] << 8 | data[1]) & 0x1fff, extra = data[0] >> 6;
    data += 2;
    size -= 2;
    if (n > size) n = size;
    uint8_t *copy = malloc(n ? n : 1); /* of its own, so that a byte too far is seen */
    if (!copy) break;
    memcpy(copy, data, n);
    struct frame f = {copy, (uint32_t)n, (uint32_t)(n + extra * 100), t * 1000000, 0, link};
    struct packet p;
    p.order = t;
    buf_reset(&scratch);
    if (decoder_frame(d, &f, &p, &scratch)) check(&p);
    free(copy);
    data += n;
    size -= n;
  }
  decoder_free(d);
  buf_done(&scratch);
  return 0;
}
