/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope live: mirror ports. */
#include "app/commands.h"
#include "app/cpus.h"
#include "app/privileges.h"
#include "app/run.h"
#include "base/err.h"
#include "base/log.h"

#include <stdio.h>
#include <unistd.h>

/* One fanout group an interface; its number must differ between programs and interfaces. */
static int group_of(const struct settings *s, unsigned iface) {
  if (s->capture.fanout_threads <= 1) return -1;
  int64_t base = s->capture.fanout_group > 0 ? s->capture.fanout_group : getpid();
  return (int)((base + iface) & 0xffff);
}

static int open_one(struct pipeline *p, const char *name, unsigned iface, struct conf_error *err) {
  const struct settings *s = p->settings;
  for (int64_t t = 0; t < s->capture.fanout_threads; t++) {
    if (p->readers == PIPELINE_READERS) {
      snprintf(err->text, sizeof err->text, "capture.fanout_threads: at most %d capture threads in all",
               PIPELINE_READERS);
      return ERR_CAP;
    }
    struct reader *r = &p->reader[p->readers];
    int rc = reader_init(r, p, p->readers);
    cpus_pin(&s->capture.cpus, p->readers, name); /* the ring comes from memory beside it */
    if (rc >= 0) rc = live_open(&r->live, &s->capture, name, group_of(s, iface), (uint16_t)iface, err);
    if (rc < 0) return rc;
    r->source = name;
    live_own_interface(r->live, t == 0); /* its drops count once, however many threads share it */
    p->readers++;
  }
  return 0;
}

static int open_all(struct pipeline *p, char *names, struct conf_error *err) {
  char *save = NULL;
  unsigned iface = 0;
  for (char *name = strtok_r(names, ",", &save); name; name = strtok_r(NULL, ",", &save)) {
    int rc = open_one(p, name, iface++, err);
    if (rc < 0) return rc;
  }
  return 0;
}

static int inputs(struct pipeline *p, const struct options *o, struct conf_error *err) {
  const struct sensor_conf *conf = &p->settings->sensor;
  cpu_set_t all;
  bool known = sched_getaffinity(0, sizeof all, &all) == 0;
  int rc = open_all(p, o->interfaces, err);
  if (known) sched_setaffinity(0, sizeof all, &all);
  if (rc >= 0) rc = privileges_drop(conf->user, err);
  return rc >= 0 && conf->seccomp ? privileges_filter(err) : rc;
}

int command_live(const struct options *o, const struct settings *s) {
  if (!o->interfaces) {
    log_msg(LOG_ERROR, "live needs an interface: -i IFACE[,IFACE...]; ip link lists them");
    return EXIT_USAGE;
  }
  return run_all(o, s, inputs);
}
