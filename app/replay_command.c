/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope replay: captures in packet time. */
#include "app/commands.h"
#include "app/run.h"
#include "base/log.h"

static int inputs(struct pipeline *p, const struct options *o, struct conf_error *err) {
  int rc = reader_init(&p->reader[0], p, 0);
  if (rc >= 0)
    rc = replay_open(&p->replay, &p->settings->capture, o->input, o->inputs, &p->reader[0].ctr, err);
  p->readers = rc >= 0;
  return rc;
}

int command_replay(const struct options *o, const struct settings *s) {
  if (o->inputs == 0) {
    log_msg(LOG_ERROR, "replay needs a capture file, a folder or - for standard input");
    return EXIT_USAGE;
  }
  return run_all(o, s, inputs);
}
