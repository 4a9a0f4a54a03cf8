/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope replay: captures in packet time. */
#include "app/commands.h"
#include "app/run.h"
#include "app/signals.h"
#include "base/err.h"
#include "base/log.h"

int command_replay(const struct options *o, const struct settings *s) {
  struct conf_error err = {.text = ""};
  if (o->inputs == 0) {
    log_msg(LOG_ERROR, "replay needs a capture file, a folder or - for standard input");
    return EXIT_USAGE;
  }
  signals_init();
  struct pipeline *p = run_open(o, s);
  if (!p) return EXIT_USAGE;
  int rc = reader_init(&p->reader[0], p, 0);
  if (rc >= 0) rc = replay_open(&p->replay, &s->capture, o->input, o->inputs, &p->reader[0].ctr, &err);
  int status = EXIT_USAGE;
  if (rc < 0) {
    log_msg(LOG_ERROR, "%s", err.text[0] ? err.text : err_str(rc));
  } else {
    p->readers = 1;
    status = run_watch(p, o);
  }
  run_close(p);
  return status;
}
