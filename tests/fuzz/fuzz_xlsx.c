/* SPDX-License-Identifier: Apache-2.0 */
/* Fuzz target: spreadsheets. The input is the sheet or the table of strings inside an archive whose other part is fixed, so that the
 * fuzzer need not learn to pack; and the archive itself. */
#include "tests/fuzz/body.h"

#include <string.h>
#include <zlib.h>

static size_t put(uint8_t *out, const char *name, struct span s) {
  size_t n = strlen(name);
  uint32_t crc = (uint32_t)crc32(0, s.base, (unsigned)s.len), len = (uint32_t)s.len;
  uint16_t name_len = (uint16_t)n;
  memset(out, 0, 30);
  memcpy(out, "PK\3\4\24", 5);
  memcpy(out + 14, &crc, 4), memcpy(out + 18, &len, 4), memcpy(out + 22, &len, 4),
      memcpy(out + 26, &name_len, 2);
  memcpy(out + 30, name, n);
  if (s.len) memcpy(out + 30 + n, s.base, s.len);
  return 30 + n + s.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const mime = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  static uint8_t pack[32768];
  fuzz_body(mime, span_of(data, size));
  struct span rest = span_head(span_of(data, size), 16384);
  struct span strings = span_cut(&rest, 0);
  if (!rest.len) rest = SPAN_LIT("<sheetData><row><c t=\"s\"><v>0</v></c><c><v>7</v></c></row></sheetData>");
  size_t n = put(pack, "xl/sharedStrings.xml", strings);
  n += put(pack + n, "xl/worksheets/sheet1.xml", rest);
  fuzz_body(mime, span_of(pack, n));
  return 0;
}
