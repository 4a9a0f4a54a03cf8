/* SPDX-License-Identifier: Apache-2.0 */
/* File types by their first bytes. */
#include "dissect/body/filetype.h"
#include "dissect/body/walk.h"

enum { ARCHIVE_LOOKED = 8192 };
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

bool filetype_is_file(const char *type) {
  static const char *const no[] = {"woff", "wasm", "ico", "java", "class", NULL};
  return !span_in(span_str(type), no);
}

/* Names of the first members, which follow their local heads, tell what an archive is. */
static const char *archive(struct span body) {
  static const char *const marks[][2] = {{"xl/", "xlsx"},
                                         {"word/", "docx"},
                                         {"ppt/", "pptx"},
                                         {"AndroidManifest.xml", "apk"},
                                         {"META-INF/MANIFEST.MF", "jar"},
                                         {"mimetypeapplication/vnd.oasis", "odf"},
                                         {"mimetypeapplication/epub", "epub"}};
  struct span s = span_head(body, ARCHIVE_LOOKED);
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (span_find(s, span_str(marks[i][0])) < s.len) return marks[i][1];
  return "zip";
}

static const char *text_type(struct span s) {
  struct span none = {0}, head = span_trim(span_head(s, 512));
  if (span_starts(head, SPAN_LIT("<?php")) || span_starts(head, SPAN_LIT("<?="))) return "php";
  if (span_starts(head, SPAN_LIT("<%"))) return "jsp";
  if (span_starts(head, SPAN_LIT("#!"))) return "script";
  if (span_starts(head, SPAN_LIT("{\\rtf"))) return "rtf";
  if (span_find(head, SPAN_LIT("<svg")) < head.len) return "svg";
  if (json_format.match(none, head)) return "json";
  if (html_format.match(none, head)) return "html";
  if (xml_format.match(none, head)) return "xml";
  return csv_format.match(none, head) ? "csv" : "text";
}

const char *filetype_of(struct span body) {
  struct span head = span_head(body, 512), none = {0};
  if (!body.len) return "empty";
  if (span_starts(head, SPAN_LIT("PK\x03\x04"))) return archive(body);
  const char *name = filetype_name(head);
  if (name) return name;
  return binary_format.match(none, head) ? "binary" : text_type(body);
}

static bool is_text_type(const char *type) {
  static const char *const texts[] = {"php",  "jsp", "script", "rtf",  "svg", "json",
                                      "html", "xml", "csv",    "text", NULL};
  return span_in(span_str(type), texts);
}

/* What a media type or an extension claims, as a type of ours; "text" for any text; NULL: no claim. */
static const char *claim_of(struct span mime, struct span ext) {
  static const char *const claims[][2] = {
      {"image/png", "png"},
      {"image/jpeg", "jpeg"},
      {"image/jpg", "jpeg"},
      {"image/gif", "gif"},
      {"image/webp", "webp"},
      {"image/bmp", "bmp"},
      {"image/tiff", "tiff"},
      {"application/pdf", "pdf"},
      {"application/zip", "zip"},
      {"application/gzip", "gzip"},
      {"image/svg+xml", "svg"},
      {"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"},
      {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"},
      {"application/vnd.openxmlformats-officedocument.presentationml.presentation", "pptx"},
      {"text/csv", "text"},
      {"text/plain", "text"},
      {"application/json", "text"},
      {"text/xml", "text"},
      {"application/xml", "text"},
  };
  static const char *const extensions[][2] = {
      {"png", "png"},  {"jpg", "jpeg"}, {"jpeg", "jpeg"}, {"gif", "gif"},   {"webp", "webp"},
      {"bmp", "bmp"},  {"tif", "tiff"}, {"tiff", "tiff"}, {"pdf", "pdf"},   {"zip", "zip"},
      {"gz", "gzip"},  {"tgz", "gzip"}, {"xlsx", "xlsx"}, {"docx", "docx"}, {"pptx", "pptx"},
      {"csv", "text"}, {"txt", "text"}, {"json", "text"}, {"xml", "text"},  {"log", "text"},
      {"svg", "svg"},  {"jar", "jar"},  {"apk", "apk"},
  };
  for (size_t i = 0; i < sizeof claims / sizeof *claims; i++)
    if (span_eq(mime, span_str(claims[i][0]))) return claims[i][1];
  for (size_t i = 0; i < sizeof extensions / sizeof *extensions; i++)
    if (span_eq_nocase(ext, span_str(extensions[i][0]))) return extensions[i][1];
  return NULL;
}

bool filetype_differs(const char *type, struct span mime, struct span extension) {
  const char *claim = claim_of(mime, extension);
  if (!claim || strcmp(type, "empty") == 0 || strcmp(claim, type) == 0) return false;
  if (strcmp(claim, "text") == 0)
    return !is_text_type(type) || strcmp(type, "php") == 0 || strcmp(type, "jsp") == 0;
  if (strcmp(claim, "svg") == 0 && strcmp(type, "xml") == 0) return false;
  bool zips = strcmp(claim, "zip") == 0 || strcmp(claim, "jar") == 0 || strcmp(claim, "apk") == 0;
  bool is_zip = strcmp(type, "zip") == 0 || strcmp(type, "jar") == 0 || strcmp(type, "apk") == 0 ||
                strcmp(type, "xlsx") == 0 || strcmp(type, "docx") == 0 || strcmp(type, "pptx") == 0;
  bool office = strcmp(claim, "xlsx") == 0 || strcmp(claim, "docx") == 0 || strcmp(claim, "pptx") == 0;
  if ((zips && is_zip) || (office && strcmp(type, "zip") == 0)) return false;
  return true;
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
