/* SPDX-License-Identifier: Apache-2.0 */
/* File types by their first bytes. */
#include "dissect/body/filetype.h"

enum kind { KIND_BINARY, KIND_IMAGE, KIND_PDF };
struct magic {
  const char *name;
  uint8_t len, off;
  const char *bytes;
  enum kind kind;
};
static const struct magic magics[] = {
    {"pdf", 5, 0, "%PDF-", KIND_PDF},
    {"png", 8, 0, "\x89PNG\r\n\x1a\n", KIND_IMAGE},
    {"jpeg", 3, 0, "\xff\xd8\xff", KIND_IMAGE},
    {"gif", 4, 0, "GIF8", KIND_IMAGE},
    {"webp", 4, 8, "WEBP", KIND_IMAGE},
    {"bmp", 2, 0, "BM", KIND_BINARY},
    {"tiff", 4, 0, "II*\0", KIND_IMAGE},
    {"tiff", 4, 0, "MM\0*", KIND_IMAGE},
    {"ico", 4, 0, "\0\0\1\0", KIND_IMAGE},
    {"gzip", 3, 0, "\x1f\x8b\x08", KIND_BINARY},
    {"zstd", 4, 0, "\x28\xb5\x2f\xfd", KIND_BINARY},
    {"xz", 6, 0,
     "\xfd"
     "7zXZ\0",
     KIND_BINARY},
    {"7z", 6, 0, "7z\xbc\xaf\x27\x1c", KIND_BINARY},
    {"rar", 6, 0, "Rar!\x1a\x07", KIND_BINARY},
    {"elf", 4, 0,
     "\x7f"
     "ELF",
     KIND_BINARY},
    {"pe", 2, 0, "MZ", KIND_BINARY},
    {"class", 4, 0, "\xca\xfe\xba\xbe", KIND_BINARY},
    {"ole", 8, 0, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", KIND_BINARY},
    {"sqlite", 15, 0, "SQLite format 3", KIND_BINARY},
    {"java", 4, 0, "\xac\xed\x00\x05", KIND_BINARY},
    {"wasm", 4, 0, "\0asm", KIND_BINARY},
    {"woff", 3, 0, "wOF", KIND_BINARY},
    {"mp4", 4, 4, "ftyp", KIND_BINARY},
    {"mp3", 3, 0, "ID3", KIND_BINARY},
    {"ogg", 4, 0, "OggS", KIND_BINARY},
};

static const struct magic *find(struct span head) {
  for (size_t i = 0; i < sizeof magics / sizeof *magics; i++) {
    const struct magic *m = &magics[i];
    if (head.len >= (size_t)m->off + m->len && memcmp(head.base + m->off, m->bytes, m->len) == 0) return m;
  }
  return NULL;
}

/* Two letters at the front of a text prove nothing. */
static bool holds(const struct magic *m, struct span head) {
  if (m->len > 2) return true;
  for (size_t i = 0; i < head.len; i++)
    if (head.base[i] == 0) return true;
  return false;
}

const char *filetype_name(struct span head) {
  const struct magic *m = find(head);
  return m && holds(m, head) ? m->name : NULL;
}

static int kind_match(struct span head, enum kind kind) {
  const struct magic *m = find(head);
  return m && m->kind == kind && holds(m, head) ? 2 : 0;
}

static int pdf_match(struct span mime, struct span head) {
  (void)mime;
  return kind_match(head, KIND_PDF);
}

static int image_match(struct span mime, struct span head) {
  int m = kind_match(head, KIND_IMAGE);
  bool svg = head.len && head.base[0] == '<';
  return m ? m : span_starts(mime, SPAN_LIT("image/")) && !svg ? 2 : 0;
}

/* Bytes that no text has. */
static int binary_match(struct span mime, struct span head) {
  (void)mime;
  if (kind_match(head, KIND_BINARY)) return 2;
  size_t odd = 0;
  for (size_t i = 0; i < head.len; i++) {
    uint8_t c = head.base[i];
    odd += c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != 0x1b && c != '\f';
  }
  return odd * 50 > head.len ? 2 : 0;
}

static int no_walk(struct body_walk *w, struct span body) {
  (void)w;
  (void)body;
  return 0;
}

const struct body_format pdf_format = {"pdf", pdf_match, no_walk};
const struct body_format image_format = {"image", image_match, no_walk};
const struct body_format binary_format = {"binary", binary_match, no_walk};
