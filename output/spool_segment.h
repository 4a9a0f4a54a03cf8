/* SPDX-License-Identifier: Apache-2.0 */
/* One spool file: records one after the other, each with its CRC. */
#ifndef OUTPUT_SPOOL_SEGMENT_H
#define OUTPUT_SPOOL_SEGMENT_H

#include "output/record.h"

/** Bytes that r takes in a segment. */
size_t spool_segment_need(const struct record *r);
/** Write r at offset `at`. ERR_IO: nothing was added. */
int spool_segment_append(int fd, uint64_t at, const struct record *r);
/** Read the first record of `in`; it borrows from there. Its length, or 0 when it is cut or damaged. */
size_t spool_segment_parse(struct span in, struct record *out);
/** Read n bytes at `at` into text. ERR_IO, ERR_NOMEM. */
int spool_segment_load(const char *path, uint64_t at, size_t n, struct buf *text);
/** Walk a file: *size up to its last sound record, *records after *off, which is put on a record's begin (0 if it was on none). */
int spool_segment_scan(const char *path, uint64_t *off, uint64_t *size, uint64_t *records);

#endif
