/* SPDX-License-Identifier: Apache-2.0 */
/* Layout of spool files: a fixed head, the key, the JSON. */
#include "output/spool_segment.h"

#include "base/err.h"

#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>
#include <zlib.h>

enum { SEGMENT_MAGIC = 0x31505354, SEGMENT_KEY = 1 << 16, SEGMENT_JSON = 64 << 20 };

/** Host order: a spool does not move between machines. */
struct head {
  uint32_t magic, crc; /* of all that follows crc */
  uint32_t key_len, json_len;
  uint64_t ns;
  uint8_t kind, priority, zero[6];
  char id[32];
};

static uint32_t sum(const struct head *h, struct span key, struct span json) {
  size_t from = offsetof(struct head, key_len);
  uLong c = crc32(0, (const Bytef *)h + from, (uInt)(sizeof *h - from));
  if (key.len) c = crc32(c, key.base, (uInt)key.len);
  if (json.len) c = crc32(c, json.base, (uInt)json.len);
  return (uint32_t)c;
}

size_t spool_segment_need(const struct record *r) { return sizeof(struct head) + r->key.len + r->json.len; }

int spool_segment_append(int fd, uint64_t at, const struct record *r) {
  struct head h = {.magic = SEGMENT_MAGIC,
                   .key_len = (uint32_t)r->key.len,
                   .json_len = (uint32_t)r->json.len,
                   .ns = r->ns,
                   .kind = (uint8_t)r->kind,
                   .priority = r->priority};
  memcpy(h.id, r->id, sizeof h.id);
  h.crc = sum(&h, r->key, r->json);
  struct iovec v[3] = {{&h, sizeof h},
                       {(void *)(uintptr_t)r->key.base, r->key.len},
                       {(void *)(uintptr_t)r->json.base, r->json.len}};
  ssize_t n = pwritev(fd, v, 3, (off_t)at);
  if (n == (ssize_t)spool_segment_need(r)) return 0;
  int cut = ftruncate(fd, (off_t)at); /* where it fails the next record is written over the rest */
  (void)cut;
  return ERR_IO;
}

size_t spool_segment_parse(struct span in, struct record *out) {
  struct head h;
  if (in.len < sizeof h) return 0;
  memcpy(&h, in.base, sizeof h);
  if (h.magic != SEGMENT_MAGIC || h.key_len > SEGMENT_KEY || h.json_len > SEGMENT_JSON ||
      h.kind >= RECORD_KIND_COUNT || in.len - sizeof h < (size_t)h.key_len + h.json_len)
    return 0;
  struct span key = span_of(in.base + sizeof h, h.key_len),
              json = span_of(in.base + sizeof h + h.key_len, h.json_len);
  if (sum(&h, key, json) != h.crc) return 0;
  *out = (struct record){
      .kind = (enum record_kind)h.kind, .priority = h.priority, .ns = h.ns, .key = key, .json = json};
  memcpy(out->id, h.id, sizeof h.id);
  return sizeof h + h.key_len + h.json_len;
}

int spool_segment_load(const char *path, uint64_t at, size_t n, struct buf *text) {
  buf_reset(text);
  if (buf_reserve(text, n + 1) < 0) return ERR_NOMEM;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return ERR_IO;
  while (text->len < n) {
    ssize_t got = pread(fd, text->base + text->len, n - text->len, (off_t)(at + text->len));
    if (got <= 0) break;
    text->len += (size_t)got;
  }
  close(fd);
  return 0;
}

int spool_segment_scan(const char *path, uint64_t *off, uint64_t *size, uint64_t *records) {
  struct stat st;
  struct buf text;
  uint64_t at = 0, n = 0;
  bool begin = *off == 0;
  if (stat(path, &st) < 0) return ERR_IO;
  buf_init(&text, NULL, 0);
  int rc = spool_segment_load(path, 0, (size_t)st.st_size, &text);
  for (size_t len = 1; rc == 0 && len; at += len) {
    struct record r;
    if (at == *off) begin = true;
    len = spool_segment_parse(span_skip(buf_span(&text), at), &r);
    if (len && at >= *off) n++;
  }
  if (rc == 0 && !begin) { /* an offset that makes no sense: deliver all again */
    buf_done(&text);
    *off = 0;
    return spool_segment_scan(path, off, size, records);
  }
  if (rc == 0) {
    *size = at;
    *records = n;
    if (at < (uint64_t)st.st_size) rc = truncate(path, (off_t)at) < 0 ? ERR_IO : 0;
  }
  buf_done(&text);
  return rc;
}
