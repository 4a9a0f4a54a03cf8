/* SPDX-License-Identifier: Apache-2.0 */
/* Damages capture files as files and reads what is left, many times in one process.
 * usage: readfiles SEED COUNT FROM CAPTURE…      Variants FROM … FROM+COUNT-1 of each (mutate SEED 1 N 0 CAPTURE writes
 *        variant N). Every frame is decoded; what is read may not pass its bounds. Prints variants, refused ones, frames. */
#include "capture/capture.h"
#include "tests/torture/damage.h"
#include <sys/mman.h>
#include <unistd.h>

struct totals {
  unsigned long variants, refused, frames, decoded;
};

static void frame(struct decoder *d, struct frame *f, struct buf *scratch, struct totals *t) {
  struct packet p;
  volatile uint8_t sum = 0;
  if (f->caplen > f->wirelen) abort();
  if (f->caplen) sum ^= f->data[0] ^ f->data[f->caplen - 1];
  buf_reset(scratch);
  p.order = ++t->frames;
  if (decoder_frame(d, f, &p, scratch) <= 0) return;
  if ((uint64_t)p.payload_off + p.payload_len > p.caplen || p.payload_len > p.payload_wire) abort();
  t->decoded++;
}

static void variant(const struct capture_conf *conf, struct span file, struct totals *t) {
  struct counters ctr = {0};
  struct conf_error err;
  struct replay *r;
  struct frame f;
  bool stable;
  char path[64], *paths[] = {path};
  int fd = memfd_create("capture", 0);
  if (fd < 0 || write(fd, file.base, file.len) != (ssize_t)file.len) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  t->variants++;
  if (replay_open(&r, conf, paths, 1, &ctr, &err) < 0) {
    t->refused++;
  } else {
    struct decoder *d = decoder_new(conf, 7, &ctr);
    struct buf scratch;
    buf_init(&scratch, NULL, 1 << 20);
    while (d && replay_next(r, &f, &stable) > 0) frame(d, &f, &scratch, t);
    while (replay_warning(r)) {}
    decoder_free(d);
    buf_done(&scratch);
    replay_close(r);
  }
  close(fd);
}

int main(int argc, char **argv) {
  static struct capture_conf conf;
  const struct conf_section sections[] = {{"capture", capture_options, &conf}, {NULL, NULL, NULL}};
  struct totals t = {0};
  if (argc < 5 || conf_defaults(sections) < 0) return 2;
  conf.dedup_window = 16;
  conf.frag_max = 64;
  uint64_t seed = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10),
           from = strtoull(argv[3], NULL, 10);
  for (int i = 4; i < argc; i++) {
    uint8_t *whole = NULL, *copy = malloc(DAMAGE_MOST);
    size_t len = damage_load(argv[i], DAMAGE_MOST, &whole);
    for (uint64_t n = from; copy && len && n < from + count; n++) {
      struct rnd r = rnd_of(seed, n);
      memcpy(copy, whole, len);
      variant(&conf, span_of(copy, damage_file(&r, copy, len)), &t);
    }
    free(whole);
    free(copy);
  }
  conf_done(sections);
  printf("%lu %lu %lu %lu\n", t.variants, t.refused, t.frames, t.decoded);
  return 0;
}
