/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of records. */
#include "output/block.h"

#include "base/err.h"

struct block *block_new(size_t bytes) {
  struct block *b = mem_zalloc(sizeof *b);
  if (!b) return NULL;
  buf_init(&b->bytes, NULL, 0);
  if (buf_reserve(&b->bytes, bytes) < 0) {
    block_free(b);
    return NULL;
  }
  return b;
}

void block_free(struct block *b) {
  if (!b) return;
  buf_done(&b->bytes);
  mem_free(b->rec);
  mem_free(b);
}

void block_reset(struct block *b) {
  buf_reset(&b->bytes);
  b->count = 0;
  b->refs = 0;
}

int block_put(struct block *b, const struct record *r) {
  if (b->count == b->size) {
    uint32_t size = b->size ? 2 * b->size : 64;
    struct block_record *more = mem_realloc(b->rec, size * sizeof *more);
    if (!more) return ERR_NOMEM;
    b->rec = more;
    b->size = size;
  }
  if (buf_reserve(&b->bytes, r->key.len + r->json.len) < 0) return ERR_NOMEM;
  struct block_record *to = &b->rec[b->count++];
  *to = (struct block_record){.key_len = (uint32_t)r->key.len,
                              .json_len = (uint32_t)r->json.len,
                              .at = b->bytes.len,
                              .ns = r->ns,
                              .kind = (uint8_t)r->kind,
                              .priority = r->priority};
  memcpy(to->id, r->id, sizeof to->id);
  (void)buf_put(&b->bytes, r->key);
  (void)buf_put(&b->bytes, r->json);
  return 0;
}

void block_get(const struct block *b, uint32_t i, struct record *out) {
  const struct block_record *r = &b->rec[i];
  *out = (struct record){.kind = (enum record_kind)r->kind, .priority = r->priority, .ns = r->ns};
  memcpy(out->id, r->id, sizeof out->id);
  out->key = span_of(b->bytes.base + r->at, r->key_len);
  out->json = span_of(b->bytes.base + r->at + r->key_len, r->json_len);
}
