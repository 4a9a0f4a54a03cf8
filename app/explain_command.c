/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope explain ID: what a finding or an incident rests on, what its rule means, and the exception to write. */
#include "app/commands.h"
#include "base/err.h"
#include "base/log.h"
#include "dissect/body/path.h"
#include "dissect/body/walk.h"

#include <errno.h>
#include <stdio.h>

enum { EXPLAIN_LINE = 4 << 20, EXPLAIN_LEAVES = 4096, EXPLAIN_FINDINGS = 64, EXPLAIN_LISTED = 12 };

struct record_text {
  struct arena arena;
  struct {
    struct span path, value;
  } leaf[EXPLAIN_LEAVES];
  size_t count;
};
/* What was asked for, and what is still to be found. */
struct search {
  struct span id;
  struct record_text found; /* the latest record of that id */
  bool any;
  char member[EXPLAIN_FINDINGS][40]; /* of an incident */
  size_t members;
};

static int keep(void *user, const struct leaf *l) {
  struct record_text *r = user;
  if (r->count == EXPLAIN_LEAVES) return 0;
  struct span path = arena_copy(&r->arena, l->path), value = arena_copy(&r->arena, l->value);
  if (l->path.len && !path.len) return ERR_NOMEM;
  r->leaf[r->count].path = path, r->leaf[r->count++].value = value;
  return 0;
}

static int read_record(struct record_text *r, struct span line) {
  struct body_walk w = {.leaf = keep, .user = r};
  struct arena scratch;
  arena_reset(&r->arena);
  r->count = 0;
  w.paths = path_table_new(EXPLAIN_LEAVES);
  if (!w.paths) return ERR_NOMEM;
  path_begin(w.paths);
  w.at = path_root(w.paths);
  w.max_depth = 16, w.max_leaves = EXPLAIN_LEAVES;
  arena_init(&scratch, NULL, 0);
  w.scratch = &scratch;
  int rc = json_format.walk(&w, line);
  arena_done(&scratch);
  path_table_free(w.paths);
  return rc < 0 ? rc : 0;
}

static struct span get(const struct record_text *r, const char *path, size_t nth) {
  for (size_t i = 0; i < r->count; i++)
    if (span_eq(r->leaf[i].path, span_str(path)) && nth-- == 0) return r->leaf[i].value;
  return span_of(NULL, 0);
}

static bool names(const struct record_text *r, struct span id) {
  static const char *const paths[] = {"tapscope.finding.id", "tapscope.incident.id", "event.id"};
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    struct span have = get(r, paths[i], 0);
    if (have.len && span_starts(have, id)) return true;
  }
  return false;
}

static void say(const char *label, struct span text) {
  if (text.len) printf("  %-12s %.*s\n", label, SPAN_FMT(text));
}

static void listing(const char *label, const struct record_text *r, const char *path) {
  struct span v = get(r, path, 0);
  if (!v.len) return;
  printf("  %-12s", label);
  for (size_t i = 0; i < EXPLAIN_LISTED && (v = get(r, path, i)).len; i++)
    printf("%s %.*s", i ? "," : "", SPAN_FMT(v));
  puts(get(r, path, EXPLAIN_LISTED).len ? ", …" : "");
}

static void heading(const struct record_text *r, const char *id) {
  struct span zh = get(r, "tapscope.finding.name_zh", 0);
  printf("%.*s (%.*s)%s%.*s\n", SPAN_FMT(get(r, "rule.name", 0)), SPAN_FMT(get(r, "rule.id", 0)),
         zh.len ? "  " : "", SPAN_FMT(zh));
  say("id", get(r, id, 0));
  say("category", get(r, "tapscope.category", 0));
  say("severity", get(r, "event.severity", 0));
  say("confidence", get(r, "tapscope.confidence", 0));
  say("outcome", get(r, "tapscope.finding.outcome", 0));
  say("first", get(r, "event.start", 0));
  say("last", get(r, "event.end", 0));
  say("signals", get(r, "tapscope.finding.count", 0));
  if (span_eq(get(r, "tapscope.finding.shadow", 0), SPAN_LIT("true"))) puts("  on trial     (shadow)");
}

static void evidence(const struct record_text *r) {
  puts("\nevidence");
  listing("actor", r, "tapscope.finding.actor_ips[]");
  listing("target", r, "tapscope.finding.target_ips[]");
  say("user", get(r, "user.hash", 0));
  say("service", get(r, "tapscope.service", 0));
  say("endpoint", get(r, "tapscope.endpoint", 0));
  for (size_t i = 0; get(r, "tapscope.evidence[].where", i).len; i++)
    printf("  %.*s: %.*s\n", SPAN_FMT(get(r, "tapscope.evidence[].where", i)),
           SPAN_FMT(get(r, "tapscope.evidence[].what", i)));
  listing("calls", r, "tapscope.calls[]");
  listing("unseen", r, "tapscope.unseen[]");
  struct span base = get(r, "tapscope.finding.baseline", 0);
  printf("\nbaseline\n  %.*s\n",
         SPAN_FMT(base.len ? base : SPAN_LIT("none: the rule speaks of what a call holds, not of habits")));
}

static void meaning(const struct record_text *r) {
  puts("\nrule");
  say("means", get(r, "message", 0));
  say("含义", get(r, "tapscope.finding.reason_zh", 0));
  say("do", get(r, "tapscope.finding.remedy", 0));
  say("处置", get(r, "tapscope.finding.remedy_zh", 0));
  listing("ATT&CK", r, "threat.technique.id[]");
  listing("tactic", r, "threat.tactic.id[]");
  listing("OWASP", r, "tapscope.owasp[]");
}

/* Quoted for YAML where it must be. */
static void yaml(const char *key, struct span v) {
  if (!v.len) return;
  printf("    %s: \"", key);
  for (size_t i = 0; i < v.len; i++) {
    if (v.base[i] == '"' || v.base[i] == '\\') putchar('\\');
    putchar(v.base[i] < 0x20 ? ' ' : v.base[i]);
  }
  puts("\"");
}

static void exception(const struct record_text *r) {
  struct span actors = get(r, "tapscope.finding.actors", 0), where = get(r, "tapscope.evidence[].where", 0);
  puts("\nexception, for the file that analytics.exceptions_file names (leave out what shall not matter)");
  puts("exceptions:");
  printf("  - rule: %.*s\n", SPAN_FMT(get(r, "rule.id", 0)));
  yaml("endpoint", get(r, "tapscope.endpoint", 0));
  if (span_eq(actors, SPAN_LIT("1"))) yaml("actor", get(r, "tapscope.finding.actor_ips[]", 0));
  if (where.len && !get(r, "tapscope.evidence[].where", 1).len) yaml("field", where);
  puts("    until: 2099-12-31  # when to look at it again\n    why: \"\"");
}

static void incident(const struct record_text *r, struct search *s) {
  listing("rules", r, "tapscope.incident.rules[]");
  listing("stages", r, "tapscope.incident.tactics[]");
  struct span v;
  for (size_t i = 0; s->members < EXPLAIN_FINDINGS && (v = get(r, "tapscope.incident.findings[]", i)).len;
       i++)
    snprintf(s->member[s->members++], sizeof s->member[0], "%.*s", SPAN_FMT(span_head(v, 39)));
}

static void show(struct search *s) {
  const struct record_text *r = &s->found;
  bool group = span_eq(get(r, "event.dataset", 0), SPAN_LIT("tapscope.incident"));
  heading(r, group ? "tapscope.incident.id" : "tapscope.finding.id");
  if (group) {
    incident(r, s);
    return;
  }
  evidence(r);
  meaning(r);
  exception(r);
}

/* A line of any length up to the cap; what is longer comes in parts, none of which is a record. */
static bool next_line(FILE *f, struct buf *line) {
  char part[65536];
  buf_reset(line);
  while (fgets(part, sizeof part, f)) {
    struct span s = span_str(part);
    if (buf_put(line, s) < 0) return true;
    if (s.len && s.base[s.len - 1] == '\n') break;
  }
  return line->len > 0;
}

/* The last record of that id in the file; 0 or ERR_IO, ERR_NOMEM. */
static int look(struct search *s, const char *path) {
  FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
  struct buf line;
  int rc = 0;
  if (!f) return ERR_IO;
  struct record_text *one = mem_zalloc(sizeof *one);
  if (!one) rc = ERR_NOMEM;
  if (one) arena_init(&one->arena, NULL, 0);
  buf_init(&line, NULL, EXPLAIN_LINE);
  while (rc >= 0 && next_line(f, &line)) {
    struct span text = buf_span(&line);
    if (span_find(text, s->id) >= text.len) continue;
    if (read_record(one, text) < 0 || !names(one, s->id) || !get(one, "rule.id", 0).len) continue;
    struct record_text was = s->found;
    s->found = *one, *one = was, s->any = true;
  }
  buf_done(&line);
  if (f != stdin) fclose(f);
  if (one) arena_done(&one->arena);
  mem_free(one);
  return rc;
}

static int explain(struct search *s, const char *path, const char *id) {
  s->id = span_str(id);
  arena_init(&s->found.arena, NULL, 0);
  int rc = look(s, path);
  if (rc < 0)
    log_msg(LOG_ERROR, "%s: %s", path, rc == ERR_IO ? strerror(errno) : err_str(rc));
  else if (!s->any)
    log_msg(LOG_ERROR, "%s: no finding or incident %s; records are written with -o file:PATH", path, id);
  else
    show(s);
  bool good = rc >= 0 && s->any;
  arena_done(&s->found.arena);
  s->any = false, s->found.count = 0;
  return good ? EXIT_GOOD : EXIT_FAILED;
}

int command_explain(const struct options *o, const struct settings *s) {
  char path[4400];
  if (o->inputs != 1 || strlen(o->input[0]) < 4) {
    log_msg(LOG_ERROR,
            "explain takes one id, of a finding or an incident: tapscope explain ID --from events.jsonl");
    return EXIT_USAGE;
  }
  if (!o->from && !s->state.dir[0]) {
    log_msg(LOG_ERROR, "where are the records? --from FILE, or --state DIR with an events.jsonl in it");
    return EXIT_USAGE;
  }
  snprintf(path, sizeof path, "%s%s", o->from ? o->from : s->state.dir, o->from ? "" : "/events.jsonl");
  struct search *q = mem_zalloc(sizeof *q);
  if (!q) return EXIT_FAILED;
  int status = explain(q, path, o->input[0]);
  for (size_t i = 0; status == EXIT_GOOD && i < q->members && strcmp(path, "-") != 0; i++) {
    puts("");
    explain(q, path, q->member[i]);
  }
  mem_free(q);
  return status;
}
