/* SPDX-License-Identifier: Apache-2.0 */
/* ZIP archives (PKWARE's APPNOTE 6.3): text members are walked, workbooks by their rows. Local headers are followed, so that a cut
 * archive is read as far as it goes. */
#include "dissect/body/zip.h"
#include "base/mem.h"
#include "base/reader.h"

#include <zlib.h>

struct zip {
  struct zip_member member[ZIP_MEMBERS];
  unsigned count;
  size_t room; /* bytes that may still be unpacked */
  bool missed; /* for want of memory something was not unpacked */
};

static bool wanted(struct span name) {
  static const char *const ends[] = {".xml", ".json", ".csv",        ".txt",  ".html", ".htm",
                                     ".log", ".sql",  ".properties", ".yaml", ".yml"};
  if (span_starts(name, SPAN_LIT("xl/theme")) || span_starts(name, SPAN_LIT("docProps")) ||
      span_ends(name, SPAN_LIT("styles.xml")) || span_starts(name, SPAN_LIT("[Content")))
    return false;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    if (span_ends(name, span_str(ends[i]))) return true;
  return false;
}

/* Unpack deflate data that begins in, at most `room` bytes of it; the number of bytes eaten, or < 0 where it does not end: ERR_SYNTAX,
 * ERR_NOMEM. */
static long unpack(struct span in, struct buf *out, size_t *room) {
  z_stream z = {0};
  uint8_t chunk[16384];
  if (inflateInit2(&z, -MAX_WBITS) != Z_OK) return ERR_NOMEM;
  z.next_in = (Bytef *)(uintptr_t)in.base;
  z.avail_in = in.len < UINT32_MAX ? (uInt)in.len : UINT32_MAX;
  int rc = Z_OK;
  while (rc == Z_OK && *room) {
    z.next_out = chunk;
    z.avail_out = sizeof chunk;
    rc = inflate(&z, Z_NO_FLUSH);
    struct span text = span_head(span_of(chunk, sizeof chunk - z.avail_out), *room);
    if (text.len == 0 && rc == Z_OK) break;
    *room -= text.len;
    int put = out ? buf_put(out, text) : 0;
    if (put == ERR_NOMEM) rc = Z_MEM_ERROR;
    if (put < 0) break;
  }
  long eaten = (long)z.total_in;
  inflateEnd(&z);
  if (rc == Z_MEM_ERROR) return ERR_NOMEM;
  return rc == Z_STREAM_END || rc == Z_BUF_ERROR ? eaten : ERR_SYNTAX;
}

static struct zip_member *add(struct zip *z, struct span name) {
  if (!wanted(name) || z->count == ZIP_MEMBERS || !z->room) return NULL;
  struct zip_member *m = &z->member[z->count++];
  m->name = name;
  buf_init(&m->text, NULL, ZIP_BYTES);
  return m;
}

/* One member at the front of r; false at the end of them. */
static bool take_member(struct zip *z, struct reader *r) {
  if (reader_u32le(r) != 0x04034b50) return false;
  reader_skip(r, 2);
  uint16_t flags = reader_u16le(r), method = reader_u16le(r);
  reader_skip(r, 8);
  uint32_t packed = reader_u32le(r);
  reader_skip(r, 4);
  uint16_t name_len = reader_u16le(r), extra = reader_u16le(r);
  struct span name = reader_take(r, name_len);
  reader_skip(r, extra);
  if (r->bad || flags & 1) return false; /* encrypted */
  struct zip_member *m = add(z, name);
  struct span data = reader_rest(r);
  if (!(flags & 8) && packed < data.len) data.len = packed;
  long eaten = (long)data.len;
  if (method == 8 && (m || flags & 8)) {
    eaten = unpack(data, m ? &m->text : NULL, &z->room);
    z->missed |= eaten == ERR_NOMEM;
  } else if (flags & 8) {
    return false; /* stored without a length */
  } else if (m && method == 0) {
    struct span text = span_head(data, z->room);
    int rc = buf_put(&m->text, text);
    if (rc == 0) z->room -= text.len;
    z->missed |= rc == ERR_NOMEM;
  }
  if (eaten < 0 && flags & 8) return false;
  reader_skip(r, flags & 8 ? (size_t)eaten : data.len);
  if (!(flags & 8)) return !r->bad;
  struct span next = reader_rest(r);
  reader_skip(r, span_starts(next, SPAN_LIT("PK\x07\x08")) ? 16 : 12);
  return !r->bad;
}

static int walk_member(struct body_walk *w, struct zip_member *m) {
  struct body_walk sub = *w;
  sub.mime = sub.content_type = sub.charset = (struct span){0};
  if (span_ends(m->name, SPAN_LIT(".csv"))) sub.mime = SPAN_LIT("text/csv");
  sub.at = walk_root(w);
  sub.nested++;
  int rc = body_walk(&sub, buf_span(&m->text), NULL);
  w->leaves = sub.leaves;
  walk_items(w, sub.items);
  return rc == ERR_SYNTAX || rc == ERR_UNSUPPORTED ? 0 : rc;
}

static int zip_walk(struct body_walk *w, struct span s) {
  struct zip *z = mem_zalloc(sizeof *z);
  if (!z) return ERR_NOMEM;
  z->room = ZIP_BYTES;
  struct reader r = reader_of(s);
  while (take_member(z, &r)) {}
  bool book = false;
  for (unsigned i = 0; i < z->count; i++) book |= span_starts(z->member[i].name, SPAN_LIT("xl/"));
  uint32_t before = w->leaves;
  int rc = 0;
  if (book) rc = xlsx_walk(w, z->member, z->count);
  for (unsigned i = 0; i < z->count; i++) {
    if (!book && rc >= 0 && w->nested < WALK_NESTED) rc = walk_member(w, &z->member[i]);
    buf_done(&z->member[i].text);
  }
  if (z->missed && rc >= 0) rc = ERR_NOMEM;
  mem_free(z);
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int zip_match(struct span mime, struct span head) {
  (void)mime;
  return span_starts(head, SPAN_LIT("PK\x03\x04")) ? 2 : 0;
}

const struct body_format zip_format = {"zip", zip_match, zip_walk};
