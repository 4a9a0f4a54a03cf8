/* SPDX-License-Identifier: Apache-2.0 */
/* Records that wait on disk for one sink: append-only segments, one lane a priority, bounded. */
#ifndef OUTPUT_SPOOL_H
#define OUTPUT_SPOOL_H

#include "base/conf.h"
#include "output/block.h"

enum { SPOOL_LANES = 3 };

struct spool;
/** Open or make dir for one sink and take up what an earlier run left. cap: bytes on disk. ERR_IO, ERR_NOMEM; err names the
 *  folder and the remedy. A segment whose end is damaged is used up to there. */
int spool_open(struct spool **out, const char *dir, uint64_t cap, struct conf_error *err);
/** Close; what waits stays on disk. Takes NULL. */
void spool_close(struct spool *s);
/** Append. At the cap the oldest records of the lowest priority make room; r itself is given up when nothing
 *  below or beside it is left. Given up records count in spool_shed. ERR_IO: the disk refused (r counts as shed). */
int spool_put(struct spool *s, const struct record *r);
/** Fill b with the next waiting records, highest priority first, up to about max_bytes; the number of records. */
uint32_t spool_read(struct spool *s, struct block *b, size_t max_bytes);
/** The first n records of the last spool_read are delivered. */
void spool_ack(struct spool *s, uint32_t n);
/** Bring what was written to the disk's surface. */
void spool_sync(struct spool *s);
/** Records waiting; records given up since it was opened. */
uint64_t spool_count(const struct spool *s);
uint64_t spool_shed(const struct spool *s);

#endif
