/* SPDX-License-Identifier: Apache-2.0 */
/* Fails every allocation of a replay in turn, each in a child of its own.
 * usage: oom_sweep start|replay FIRST LAST RUN CAPTURE      n from FIRST to LAST, RUN allocations in a row fail.
 * start: n counts from the program's first allocation; replay: from when the rules are loaded, where the children are
 * forked off, and LAST 0 stands for the last there is. Works in the current folder, whose state/ may hold compiled patterns.
 * A child must end by itself and without a word of the sanitizers: refused at the start with a message, or with all its records,
 * or with fewer or other ones and counters that tell. Linked with --wrap=ruleset_open, where `replay` forks. */
#include "app/commands.h"
#include "base/err.h"
#include "base/mem_fail.h"
#include <errno.h>
#include <ftw.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LATE_S = 60, SHOWN = 60 };
enum verdict { SAME, COUNTED, SILENT, REFUSED, BAD, VERDICTS };
static const char *const verdicts[] = {"with all records", "with counters that tell",
                                       "with other records and no counter", "refused to start and said why",
                                       "bad"};

static struct {
  unsigned long first, last, run, start; /* start: allocations until the rules are loaded */
  unsigned long count[VERDICTS], shown[VERDICTS];
  char *reference; /* records of an undisturbed replay */
  unsigned long allocations;
  bool forked;
} sweep;

struct child {
  pid_t pid;
  int out, err, seen[2];
  int status;
  bool late;
};

static int rm_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
  (void)st, (void)kind, (void)at;
  return remove(path);
}

static void copy_patterns(const char *to) {
  char command[256];
  snprintf(command, sizeof command, "cp -p state/patterns.* %s/state/ 2>/dev/null", to);
  if (system(command) != 0) return; /* compiled anew, then */
}

/* In the child: a folder of its own, where it finds state/; outputs where the parent reads them. */
static void child_begin(const struct child *c, bool patterns) {
  char folder[64], state[80];
  snprintf(folder, sizeof folder, "child.%d", (int)getpid());
  snprintf(state, sizeof state, "%s/state", folder);
  if (mkdir(folder, 0700) < 0 || mkdir(state, 0700) < 0) _exit(90);
  if (patterns) copy_patterns(folder);
  if (chdir(folder) < 0) _exit(90);
  dup2(c->out, STDOUT_FILENO);
  dup2(c->err, STDERR_FILENO);
}

static struct child child_fork(void) {
  struct child c = {.out = memfd_create("out", MFD_CLOEXEC), .err = memfd_create("err", MFD_CLOEXEC)};
  fflush(NULL);
  c.pid = c.out < 0 || c.err < 0 ? -1 : fork();
  if (c.pid < 0) {
    perror("oom_sweep");
    exit(2);
  }
  return c;
}

static void alarmed(int sig) { (void)sig; }

static void child_wait(struct child *c) {
  alarm(LATE_S);
  while (waitpid(c->pid, &c->status, 0) < 0 && errno == EINTR) {
    c->late = true;
    kill(c->pid, SIGKILL);
  }
  alarm(0);
  char folder[64];
  snprintf(folder, sizeof folder, "child.%d", (int)c->pid);
  nftw(folder, rm_one, 16, FTW_DEPTH | FTW_PHYS);
}

static char *slurp(int fd) {
  off_t n = lseek(fd, 0, SEEK_END);
  char *text = calloc(1, (size_t)n + 1);
  if (text && pread(fd, text, (size_t)n, 0) != n) text[0] = 0;
  close(fd);
  return text;
}

static json_int_t counter(const json_t *sensor, const char *a, const char *b, const char *c) {
  json_t *o = json_object_get(json_object_get(sensor, "tapscope"), "sensor");
  o = json_object_get(json_object_get(o, "counters"), a);
  o = json_object_get(o, b);
  return json_integer_value(c ? json_object_get(o, c) : o);
}

static json_int_t told(const json_t *s) {
  return counter(s, "analytics", "drop", "memory") + counter(s, "dissect", "drop", "memory") +
         counter(s, "flow", "drop", "memory") + counter(s, "dissect", "drop", "refused") +
         counter(s, "fragment", "cap", NULL) + counter(s, "output", "errors", NULL) +
         counter(s, "output", "shed", NULL) + counter(s, "capture", "drop", "ring_full");
}

/* Cuts the sensor's records out of text, the rest are left for comparison; what the last of them counted, -1 where a line is no JSON. */
static json_int_t take_sensor(char *text) {
  json_int_t most = 0;
  char *to = text;
  for (char *line = text, *end; *line; line = end) {
    end = strchr(line, '\n');
    if (!end) return -1;
    json_t *o = json_loadb(line, (size_t)(++end - line), JSON_ALLOW_NUL, NULL);
    if (!o) return -1;
    const char *kind = json_string_value(json_object_get(json_object_get(o, "event"), "dataset"));
    if (kind && strcmp(kind, "tapscope.sensor") == 0) {
      if (told(o) > most) most = told(o);
    } else {
      memmove(to, line, (size_t)(end - line));
      to += end - line;
    }
    json_decref(o);
  }
  *to = 0;
  return most;
}

static enum verdict judge(const struct child *c, char *out, const char *err) {
  int code = WIFEXITED(c->status) ? WEXITSTATUS(c->status) : -1;
  if (c->late || code < 0 || code > 3 || strstr(err, "Sanitizer") || strstr(err, "runtime error")) return BAD;
  json_int_t counted = take_sensor(out);
  if (counted < 0) return BAD;
  if (code == 1 || code == 2) return err[0] ? REFUSED : BAD;
  if (!sweep.reference || strcmp(out, sweep.reference) == 0) return SAME;
  return counted > 0 || strstr(err, "out of memory") ? COUNTED : SILENT;
}

/* The first line that is in one and not in the other, for the eye. */
static void show_difference(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  printf("    wanted …%.*s\n    got    …%.*s\n", 160, a, 160, b);
}

static void record(const char *phase, unsigned long n, struct child *c) {
  char *out = slurp(c->out), *err = slurp(c->err);
  if (!out || !err) exit(2);
  enum verdict v = judge(c, out, err);
  sweep.count[v]++;
  if ((v == BAD || v == SILENT) && sweep.shown[v]++ < SHOWN) {
    printf("oom: %s n=%lu: %s: status %#x%s\n%.3000s\n", phase, n, verdicts[v], (unsigned)c->status,
           c->late ? ", late" : "", err);
    if (v == SILENT) show_difference(sweep.reference, out);
  }
  free(out);
  free(err);
}

static void print_totals(unsigned long last) {
  printf("n from %lu to %lu, %lu in a row: ", sweep.first, last, sweep.run);
  for (unsigned v = 0; v < VERDICTS; v++)
    printf("%lu %s%s", sweep.count[v], verdicts[v], v + 1 < VERDICTS ? ", " : "\n");
}

/* An undisturbed replay in a child; how many allocations it makes, through a shared page. */
static unsigned long *shared;

static void count_at_exit(void) { *shared = mem_fail_seen(); }

int __real_ruleset_open(struct ruleset **out, const struct analytics_conf *conf, const char *cache,
                        struct conf_error *err);
int __wrap_ruleset_open(struct ruleset **out, const struct analytics_conf *conf, const char *cache,
                        struct conf_error *err);

/* Returns in children only: each goes on with the replay. */
static bool each(const char *phase, unsigned long first, unsigned long last, bool patterns) {
  for (unsigned long n = first; n <= last; n++) {
    struct child c = child_fork();
    if (c.pid == 0) {
      child_begin(&c, patterns);
      mem_fail_at(n, sweep.run);
      return true;
    }
    child_wait(&c);
    record(phase, n, &c);
    if (n % 1000 == 0) fprintf(stderr, "oom: %s %lu of %lu\n", phase, n, last);
  }
  return false;
}

int __wrap_ruleset_open(struct ruleset **out, const struct analytics_conf *conf, const char *cache,
                        struct conf_error *err) {
  int rc = __real_ruleset_open(out, conf, cache, err);
  if (sweep.forked || rc < 0) return rc;
  sweep.forked = true;
  sweep.start = mem_fail_seen();
  struct child c = child_fork();
  if (c.pid == 0) {
    child_begin(&c, false);
    atexit(count_at_exit);
    return rc;
  }
  child_wait(&c);
  char *reference = slurp(c.out), *errors = slurp(c.err);
  if (!reference || c.status != 0 || take_sensor(reference) != 0) {
    printf("oom: fails without any failing allocation:\n%s\n", errors);
    exit(2);
  }
  free(errors);
  sweep.reference = reference;
  sweep.allocations = *shared - sweep.start;
  unsigned long last = sweep.last ? sweep.last : sweep.allocations;
  if (each("replay", sweep.first, last, false)) {
    free(sweep.reference);
    return rc;
  }
  printf("oom: %lu allocations of the start, then %lu of the replay; ", sweep.start, sweep.allocations);
  print_totals(last);
  fflush(NULL);
  _exit(sweep.count[BAD] || sweep.count[SILENT]);
}

static int run(int argc, char **argv) {
  struct settings settings;
  struct options options;
  int rc = settings_init(&settings);
  if (rc < 0) {
    fprintf(stderr, "cannot set the configuration's defaults: %s\n", err_str(rc));
    settings_done(&settings);
    return 1;
  }
  rc = options_parse(&options, &settings, argc, argv);
  int status = rc < 0 ? 2 : command_replay(&options, &settings);
  settings_done(&settings);
  return status;
}

int main(int argc, char **argv) {
  char *args[] = {"tapscope", "replay", "-q",      "--workers",    "1", "--state",
                  "state",    "-o",     "stdout:", argv[argc - 1], NULL};
  int nargs = (int)(sizeof args / sizeof *args) - 1;
  if (argc != 6) return 2;
  sweep.first = strtoul(argv[2], NULL, 10);
  sweep.last = strtoul(argv[3], NULL, 10);
  sweep.run = strtoul(argv[4], NULL, 10);
  struct sigaction on_alarm = {.sa_handler = alarmed};
  sigaction(SIGALRM, &on_alarm, NULL);
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (shared == MAP_FAILED) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (strcmp(argv[1], "start") != 0) return run(nargs, args);
  sweep.forked = true;
  if (each("start", sweep.first, sweep.last, true)) return run(nargs, args);
  printf("oom: the start; ");
  print_totals(sweep.last);
  return sweep.count[BAD] || sweep.count[SILENT];
}
