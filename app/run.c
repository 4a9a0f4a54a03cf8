/* SPDX-License-Identifier: Apache-2.0 */
/* The main thread's watch: progress, reload, orderly end. */
#include "app/run.h"
#include "app/commands.h"
#include "app/health.h"
#include "app/progress.h"
#include "app/signals.h"
#include "base/err.h"
#include "base/filewatch.h"
#include "base/log.h"
#include "base/notify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HURRY_MS = 10000 }; /* for sinks that hold up a replay that is told to end */

static bool state_dir(const struct settings *s) {
  if (!s->state.dir[0] || mkdir(s->state.dir, 0700) == 0 || access(s->state.dir, W_OK) == 0) return true;
  log_msg(LOG_ERROR, "%s: cannot keep state there: %m; create the folder or choose another with --state",
          s->state.dir);
  return false;
}

static void title(char *to, size_t size, const struct options *o) {
  if (o->inputs == 0) {
    snprintf(to, size, "%s", o->interfaces ? o->interfaces : "");
    return;
  }
  const char *slash = strrchr(o->input[0], '/');
  const char *name = slash && slash[1] ? slash + 1 : o->input[0];
  if (o->inputs == 1)
    snprintf(to, size, "%s", name);
  else
    snprintf(to, size, "%s and %zu more", name, o->inputs - 1);
}

/* NULL after saying why. */
static struct pipeline *prepare(const struct options *o, const struct settings *s, run_inputs inputs) {
  static char *const standard[] = {(char *)"stdout:"};
  struct conf_error err = {.text = ""};
  struct ruleset *rules = NULL;
  if (!state_dir(s)) return NULL;
  struct pipeline *p = mem_zalloc(sizeof *p);
  int rc = p ? ruleset_open(&rules, &s->analytics, s->state.dir[0] ? s->state.dir : NULL, &err) : ERR_NOMEM;
  if (rc >= 0) rc = pipeline_init(p, s, rules, &err);
  if (rc >= 0) title(p->title, sizeof p->title, o);
  if (rc >= 0) rc = inputs(p, o, &err);
  if (rc >= 0) rc = pipeline_sinks(p, o->sinks ? o->sink : standard, o->sinks ? o->sinks : 1, &err);
  if (rc >= 0) return p;
  log_msg(LOG_ERROR, "%s", err.text[0] ? err.text : err_str(rc));
  if (rules) pipeline_done(p);
  mem_free(p);
  return NULL;
}

static void reload(struct pipeline *p) {
  struct ruleset *rules;
  struct conf_error err = {.text = ""};
  if (ruleset_open(&rules, &p->settings->analytics, p->state_dir, &err) < 0) {
    log_msg(LOG_ERROR, "rules not reloaded, the old ones stay: %s", err.text);
    return;
  }
  if (ruleset_adopt(rules, (struct ruleset *)(uintptr_t)atomic_load(&p->rules)) < 0) {
    log_msg(LOG_ERROR, "rules not reloaded, the old ones stay: out of memory");
    ruleset_free(rules);
    return;
  }
  pipeline_rules(p, rules);
  log_msg(LOG_INFO, "rules reloaded");
}

static void *join(void *arg) {
  struct pipeline *p = arg;
  pipeline_join(p);
  return NULL;
}

static int finish(struct pipeline *p, const struct options *o, double seconds) {
  struct rusage ru;
  uint64_t totals[CTR_COUNT];
  const char *warning;
  while (p->replay && (warning = replay_warning(p->replay))) log_msg(LOG_WARN, "%s", warning);
  for (char text[640]; router_message(p->analysis.router, text, sizeof text);) log_msg(LOG_WARN, "%s", text);
  getrusage(RUSAGE_SELF, &ru);
  pipeline_counters(p, totals);
  double cpu = (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
               (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) * 1e-6;
  struct sink_account sinks[OPTIONS_SINKS];
  size_t n = router_accounts(p->analysis.router, sinks, OPTIONS_SINKS);
  if (!o->quiet) {
    summary_print(&p->analysis.summary, totals, seconds, cpu, (size_t)ru.ru_maxrss * 1024, stderr);
    summary_sinks(sinks, n, stderr);
  }
  int failed = atomic_load(&p->failed);
  if (failed < 0) {
    log_msg(LOG_ERROR, "ended early: %s", err_str(failed));
    return EXIT_FAILED;
  }
  if (p->undelivered == 0) return EXIT_GOOD;
  for (size_t i = 0; i < n; i++)
    if (sinks[i].delivered < sinks[i].emitted)
      log_msg(LOG_WARN,
              "-o %s: %" PRIu64 " of %" PRIu64 " records could not be delivered: %" PRIu64
              " wait in the spool for the next run, %" PRIu64 " are given up",
              sinks[i].name, sinks[i].emitted - sinks[i].delivered, sinks[i].emitted, sinks[i].spooled,
              sinks[i].shed);
  return EXIT_UNDELIVERED;
}

/* The service manager, if one started us, hears that we live. */
struct manager {
  const char *socket;
  double every, told; /* seconds; every 0: no watchdog */
};

static struct manager manager_ready(void) {
  struct manager m = {.socket = getenv("NOTIFY_SOCKET"),
                      .every = (double)notify_interval(getenv("WATCHDOG_USEC")) * 1e-9,
                      .told = progress_now()};
  notify_send(m.socket, "READY=1");
  return m;
}

static void manager_alive(struct manager *m) {
  double now = progress_now();
  if (m->every <= 0 || now - m->told < m->every) return;
  m->told = now;
  notify_send(m->socket, "WATCHDOG=1");
}

static void stop(struct pipeline *p) {
  if (atomic_exchange(&p->stop, true)) {
    log_msg(LOG_WARN, "second signal: ending at once");
    _exit(EXIT_FAILED);
  }
  router_hurry(p->analysis.router, HURRY_MS);
}

static int watch(struct pipeline *p, const struct options *o) {
  struct progress g;
  struct health h;
  struct conf_error err = {.text = ""};
  pthread_t joiner;
  progress_start(&g, o);
  if (health_start(&h, p, g.start, &err) < 0) {
    log_msg(LOG_ERROR, "%s", err.text);
    return EXIT_USAGE;
  }
  if (pipeline_start(p) < 0 || pthread_create(&joiner, NULL, join, p) != 0) {
    log_msg(LOG_ERROR, "cannot start threads: %m");
    _exit(EXIT_FAILED);
  }
  struct manager manager = manager_ready();
  struct filewatch lists;
  filewatch_start(&lists, p->settings->analytics.assets_file, &p->settings->analytics.kubernetes,
                  progress_now());
  while (!atomic_load(&p->done)) {
    manager_alive(&manager);
    enum signal_event e = signals_wait(50);
    /* A replay is of one piece: what it says must not depend on when a file was written. */
    if (e == SIGNAL_RELOAD || (!p->replay && filewatch_changed(&lists, progress_now()))) reload(p);
    if (e == SIGNAL_STOP) stop(p);
    progress_show(&g, p);
    health_tick(&h, progress_now(), false);
  }
  pthread_join(joiner, NULL);
  health_tick(&h, progress_now(), true);
  health_stop(&h);
  progress_end(&g);
  return finish(p, o, progress_now() - g.start);
}

int run_all(const struct options *o, const struct settings *s, run_inputs inputs) {
  signals_init();
  struct pipeline *p = prepare(o, s, inputs);
  if (!p) return EXIT_USAGE;
  int status = watch(p, o);
  pipeline_done(p);
  mem_free(p);
  return status;
}
