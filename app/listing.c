/* SPDX-License-Identifier: Apache-2.0 */
/* Lists, their formats and cells. */
#include "app/listing.h"
#include "base/log.h"
#include "base/mem.h"

int listing_keep(struct listing *l, void *item) {
  if (l->count == l->size) {
    size_t size = l->size ? l->size * 2 : 64;
    void **p = mem_realloc(l->item, size * sizeof *p);
    if (!p) mem_free(item);
    if (!p) return ERR_NOMEM;
    l->item = p;
    l->size = size;
  }
  l->item[l->count++] = item;
  return 0;
}

void listing_drop(struct listing *l) {
  for (size_t i = 0; i < l->count; i++) mem_free(l->item[i]);
  mem_free(l->item);
  *l = (struct listing){.count = 0};
}

bool listing_format(const char *name, bool dot, enum listing_format *out) {
  static const char *const names[] = {"table", "json", "csv", "dot"};
  *out = LISTING_TABLE;
  if (!name) return true;
  for (unsigned i = 0; i < (dot ? 4 : 3); i++)
    if (strcmp(name, names[i]) == 0) {
      *out = (enum listing_format)i;
      return true;
    }
  log_msg(LOG_ERROR, "no format \"%s\": table, json%s csv%s", name, dot ? "," : " or", dot ? " or dot" : "");
  return false;
}

void listing_cell(struct buf *out, struct span s) {
  buf_put_u8(out, '"');
  for (size_t i = 0; i < s.len; i++) {
    if (s.base[i] == '"') buf_put_u8(out, '"');
    if (s.base[i] >= ' ') buf_put_u8(out, s.base[i]);
  }
  buf_put(out, SPAN_LIT("\","));
}

void listing_json(struct json *j, const char *key, const char *items) {
  struct span rest = span_str(items);
  json_text(j, key);
  if (!j->bad) j->out->len--;
  JSON_LIT(j, ":[");
  while (rest.len) json_str(j, span_cut(&rest, ','));
  json_close(j, j->out->len, ']', true);
}
