/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and decoding alone: ns a packet, packets/s, Gbit/s on one core, over a mapped capture read again and again.
 * cc -O3 -march=native -D_GNU_SOURCE -I. bench/decode.c build/release/libts_{capture,base}.a -lpcap -lz -lzstd -lyaml -lcrypto -lm
 * ./a.out CAPTURE [ROUNDS] [section.key=value…] */
#include "capture/capture.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct totals {
  uint64_t frames, packets, bytes, sum;
};

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Later rounds come an hour later each, so that nothing is a copy of the round before. */
static int round_of(const struct capture_conf *conf, struct decoder *d, char *path, unsigned n,
                    struct totals *t) {
  struct counters ctr = {0};
  struct conf_error err;
  struct replay *r;
  struct frame f;
  struct packet p;
  struct buf scratch;
  bool stable;
  buf_init(&scratch, NULL, 0);
  if (replay_open(&r, conf, &path, 1, &ctr, &err) < 0) return fprintf(stderr, "%s\n", err.text), -1;
  while (replay_next(r, &f, &stable) > 0) {
    t->frames++;
    t->bytes += f.wirelen;
    if (!d) {
      t->sum += f.data[f.caplen / 2];
      continue;
    }
    f.ns += (uint64_t)n * 3600000000000u;
    buf_reset(&scratch);
    if (decoder_frame(d, &f, &p, &scratch) != 1) continue;
    t->packets++;
    t->sum += p.hash;
  }
  replay_close(r);
  buf_done(&scratch);
  return 0;
}

static void measure(const struct capture_conf *conf, bool decode, char *path, unsigned rounds,
                    const char *name) {
  static struct counters ctr;
  struct totals t = {0};
  struct decoder *d = decode ? decoder_new(conf, 42, &ctr) : NULL;
  double from = seconds();
  for (unsigned i = 0; i < rounds; i++)
    if (round_of(conf, d, path, i + 1, &t) < 0) exit(1);
  double s = seconds() - from;
  printf("%-14s %8.1f ns/packet %8.2f Mpackets/s %8.2f Gbit/s  (%" PRIu64 " frames, %" PRIu64
         " packets, %" PRIx64 ")\n",
         name, s / (double)t.frames * 1e9, (double)t.frames / s / 1e6, (double)t.bytes * 8 / s / 1e9,
         t.frames, t.packets, t.sum & 0xff);
  decoder_free(d);
}

int main(int argc, char **argv) {
  static struct capture_conf conf;
  const struct conf_section sections[] = {{"capture", capture_options, &conf}, {NULL, NULL, NULL}};
  struct conf_error err;
  if (argc < 2 || conf_defaults(sections) < 0) return 1;
  unsigned rounds = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 20;
  for (int i = 3; i < argc; i++)
    if (conf_set(sections, argv[i], &err) < 0) return fprintf(stderr, "%s\n", err.text), 1;
  measure(&conf, false, argv[1], rounds, "read");
  measure(&conf, true, argv[1], rounds, "read+decode");
  conf.dedup = false;
  measure(&conf, true, argv[1], rounds, "without dedup");
  conf_done(sections);
  return 0;
}
