/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a pcap of N SYN packets, each a flow of its own: flood OUT.pcap N [PACKETS_PER_SECOND]. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void put16(uint8_t *p, unsigned v) { p[0] = (uint8_t)(v >> 8), p[1] = (uint8_t)v; }
static void put32(uint8_t *p, uint32_t v) { put16(p, v >> 16), put16(p + 2, v & 0xffff); }

int main(int argc, char **argv) {
  if (argc < 3) return fputs("usage: flood OUT.pcap N [PACKETS_PER_SECOND]\n", stderr), 2;
  unsigned long n = strtoul(argv[2], NULL, 10), rate = argc > 3 ? strtoul(argv[3], NULL, 10) : 100000;
  FILE *f = fopen(argv[1], "wb");
  if (!f || !rate) return perror(argv[1]), 1;
  const uint32_t head[6] = {0xa1b23c4d, 4u << 16 | 2, 0, 0, 262144, 1};
  fwrite(head, 1, sizeof head, f);
  uint8_t frame[54] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 40, 0, 0, 0x40, 0, 64, 6};
  put32(frame + 30, 0x0a000001);
  put16(frame + 36, 443);
  frame[46] = 0x50, frame[47] = 2;
  for (unsigned long i = 0; i < n; i++) {
    uint64_t ns = 1795000000ULL * 1000000000 + i * (1000000000 / rate);
    const uint32_t rec[4] = {(uint32_t)(ns / 1000000000), (uint32_t)(ns % 1000000000), sizeof frame,
                             sizeof frame};
    put16(frame + 18, (unsigned)i & 0xffff);
    put32(frame + 26, 0xc6000000u + (uint32_t)(i / 60000));
    put16(frame + 34, 1024 + (unsigned)(i % 60000));
    put32(frame + 38, (uint32_t)(i * 2654435761u));
    fwrite(rec, 1, sizeof rec, f);
    fwrite(frame, 1, sizeof frame, f);
  }
  return fclose(f) ? 1 : 0;
}
