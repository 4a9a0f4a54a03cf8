/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines to a file descriptor, buffered; nothing is lost when a write fails half way. */
#ifndef OUTPUT_SINK_STREAM_H
#define OUTPUT_SINK_STREAM_H

#include "output/block.h"
#include "output/sink.h"

struct stream {
  int fd;
  bool regular;          /* a file: writes do not wait for a reader */
  struct block *pending; /* not yet written */
  uint32_t done;         /* of these, already written … */
  size_t part;           /* … and bytes of the next */
  uint64_t size;         /* bytes written to fd since stream_attach */
  const struct sink_ctx *cx;
  int error; /* errno of the last failure */
};

/** ERR_NOMEM. Keeps cx. */
int stream_init(struct stream *s, const struct sink_ctx *cx);
/** Write to fd from now on (not owned). */
void stream_attach(struct stream *s, int fd, uint64_t size);
/** Buffer r; writes when enough has come together. ERR_IO: not taken, what is buffered cannot be written;
 *  ERR_NOTFOUND: the reader is gone; ERR_AGAIN: it reads slowly; ERR_NOMEM. */
int stream_put(struct stream *s, const struct record *r);
/** Write all. Errors as stream_put. */
int stream_flush(struct stream *s);
/** Give back what could not be written and free; the number of records. */
long stream_done(struct stream *s);

#endif
