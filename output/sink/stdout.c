/* SPDX-License-Identifier: Apache-2.0 */
/* JSON lines on standard output. */
#include "base/err.h"
#include "output/sink/stream.h"
#include "output/sink/table.h"

#include <unistd.h>

static int open_stdout(void **state, const char *rest, const struct sink_ctx *cx, struct conf_error *err) {
  (void)rest;
  (void)err;
  struct stream *s = mem_zalloc(sizeof *s);
  if (!s || stream_init(s, cx) < 0) {
    mem_free(s);
    return ERR_NOMEM;
  }
  stream_attach(s, STDOUT_FILENO, 0);
  *state = s;
  return 0;
}

static int put(void *state, const struct record *r) { return stream_put(state, r); }

static int flush(void *state) { return stream_flush(state); }

static long close_stdout(void *state, int timeout_ms) {
  int waited = 0;
  while (stream_flush(state) == ERR_AGAIN && waited < timeout_ms) waited += 100;
  long left = stream_done(state);
  mem_free(state);
  return left;
}

const struct sink sink_stdout = {
    .kind = "stdout", .open = open_stdout, .write = put, .poll = flush, .sync = flush, .close = close_stdout};
