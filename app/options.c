/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: a table of long options over getopt. */
#include "app/options.h"
#include "base/err.h"
#include "base/log.h"

#include <getopt.h>
#include <stdio.h>

enum {
  OPT_WORKERS = 256,
  OPT_STATE,
  OPT_SET,
  OPT_ONLY,
  OPT_PROGRESS,
  OPT_REPORT,
  OPT_SERVICE,
  OPT_FORMAT,
  OPT_BPF,
  OPT_FROM,
  OPT_TAG,
  OPT_OWNER,
  OPT_IN_STATE,
  OPT_MIN_RISK
};

static const struct option longs[] = {
    {"config", required_argument, NULL, 'c'},
    {"output", required_argument, NULL, 'o'},
    {"interface", required_argument, NULL, 'i'},
    {"quiet", no_argument, NULL, 'q'},
    {"help", no_argument, NULL, 'h'},
    {"verbose", no_argument, NULL, 'v'},
    {"workers", required_argument, NULL, OPT_WORKERS},
    {"state", required_argument, NULL, OPT_STATE},
    {"set", required_argument, NULL, OPT_SET},
    {"only", required_argument, NULL, OPT_ONLY},
    {"progress", required_argument, NULL, OPT_PROGRESS},
    {"report", required_argument, NULL, OPT_REPORT},
    {"service", required_argument, NULL, OPT_SERVICE},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"filter", required_argument, NULL, OPT_BPF},
    {"from", required_argument, NULL, OPT_FROM},
    {"tag", required_argument, NULL, OPT_TAG},
    {"owner", required_argument, NULL, OPT_OWNER},
    {"in-state", required_argument, NULL, OPT_IN_STATE},
    {"min-risk", required_argument, NULL, OPT_MIN_RISK},
    {NULL, 0, NULL, 0},
};
static const char shorts[] = "c:o:i:qvh";

void options_usage(void) {
  fputs("usage: tapscope COMMAND [OPTION]... [ARGUMENT]...\n"
        "\n"
        "  replay FILE|DIR|-...   read captures (pcap, pcapng; plain, gzip, zstd), merged by packet time\n"
        "  live -i IFACE[,...]    listen on mirror ports\n"
        "  explain ID --from FILE what a finding rests on, what its rule means, the exception to write\n"
        "  data-map --state DIR   which service moves which data to whom, and along which path\n"
        "  graph --state DIR      who calls whom, how often, how well, how fast, with which data\n"
        "  check                  validate configuration and rules\n"
        "  config                 print every option with its default\n"
        "  assets [list]          endpoints of an inventory: --format table, json or csv\n"
        "  assets diff            what differs from the specifications in assets.specs\n"
        "  assets accept [ID]...  take endpoints, or all, into the baseline\n"
        "  assets tag ID TAG,...  set tags, and --owner NAME\n"
        "  assets merge|split SERVICE PATH   rule that names endpoints: /a/{x} or /a/word\n"
        "  openapi [FOLDER]       OpenAPI 3.1 of what was learned; FOLDER: a file for each service\n"
        "  version\n"
        "\n"
        "  -c, --config FILE      configuration in YAML; see tapscope.example.yaml\n"
        "  -o, --output SINK      stdout:, file:PATH, kafka:HOST:PORT[,...]; repeatable; default stdout:\n"
        "      --only KIND[,...]  call, exposure, finding, incident, asset, flow, dns, tls, sensor\n"
        "      --set KEY=VALUE    any option of the configuration, as in dissect.max_flows=100000\n"
        "      --workers N        threads that dissect and inspect\n"
        "      --state DIR        keep the inventory, the spool and keys there\n"
        "      --report FILE      write a report page at the end\n"
        "      --filter BPF       take only these packets (live)\n"
        "      --service NAME     only this service; may hold * and ? (assets, openapi, graph)\n"
        "      --tag TAG, --owner NAME, --in-state STATE, --min-risk N\n"
        "                         only such endpoints (assets)\n"
        "      --format FORMAT    table, json or csv (assets, data-map, graph); dot (graph)\n"
        "      --progress MODE    auto, plain (a line a second) or none\n"
        "  -q, --quiet            no progress, no summary\n"
        "  -v, --verbose          say more\n",
        stdout);
}

static int set(struct settings *s, const char *key, const char *value) {
  char text[4096];
  struct conf_error err;
  if (snprintf(text, sizeof text, "%s=%s", key, value) >= (int)sizeof text) return ERR_RANGE;
  int rc = conf_set(s->section, text, &err);
  if (rc < 0) log_msg(LOG_ERROR, "%s", err.text);
  return rc;
}

static int progress(struct options *o, const char *mode) {
  static const char *const names[] = {"auto", "plain", "none"};
  for (unsigned i = 0; i < 3; i++)
    if (strcmp(mode, names[i]) == 0) {
      o->progress = (enum progress_mode)i;
      return 0;
    }
  log_msg(LOG_ERROR, "--progress: expected auto, plain or none, found \"%s\"", mode);
  return ERR_SYNTAX;
}

static int only(struct settings *s, const char *kinds) {
  char list[256], *save = NULL;
  snprintf(list, sizeof list, "%s", kinds);
  for (char *k = strtok_r(list, ",", &save); k; k = strtok_r(NULL, ",", &save)) {
    unsigned i = 0;
    while (i < RECORD_KIND_COUNT && strcmp(k, record_kind_name((enum record_kind)i)) != 0) i++;
    if (i < RECORD_KIND_COUNT) continue;
    log_msg(LOG_ERROR,
            "--only: no kind \"%s\"; expected call, exposure, finding, incident, asset, flow, dns, "
            "tls or sensor",
            k);
    return ERR_SYNTAX;
  }
  return set(s, "output.kinds", kinds);
}

static int add_sink(struct options *o, char *spec) {
  if (o->sinks == OPTIONS_SINKS) {
    log_msg(LOG_ERROR, "-o: at most %d sinks", OPTIONS_SINKS);
    return ERR_CAP;
  }
  o->sink[o->sinks++] = spec;
  return 0;
}

static int min_risk(struct options *o, const char *text) {
  uint64_t v;
  if (span_u64(span_str(text), &v) == 0 && v <= 100) {
    o->min_risk = (int)v;
    return 0;
  }
  log_msg(LOG_ERROR, "--min-risk: expected 0 to 100, found \"%s\"", text);
  return ERR_RANGE;
}

static int assign(struct settings *s, const char *text) {
  struct conf_error err;
  int rc = conf_set(s->section, text, &err);
  if (rc < 0) log_msg(LOG_ERROR, "--set: %s", err.text);
  return rc;
}

static int apply(struct options *o, struct settings *s, int c) {
  switch (c) {
  case 'o': return add_sink(o, optarg);
  case 'i': o->interfaces = optarg; return 0;
  case 'q': o->quiet = true; return 0;
  case 'v': log_set_level(LOG_DEBUG); return 0;
  case 'h': o->help = true; return 0;
  case 'c': return 0; /* read in the first pass, so that --set wins wherever it stands */
  case OPT_WORKERS: return set(s, "sensor.workers", optarg);
  case OPT_STATE: return set(s, "state.dir", optarg);
  case OPT_REPORT: return set(s, "sensor.report", optarg);
  case OPT_BPF: return set(s, "capture.filter", optarg);
  case OPT_ONLY: return only(s, optarg);
  case OPT_PROGRESS: return progress(o, optarg);
  case OPT_SERVICE: o->service = optarg; return 0;
  case OPT_FROM: o->from = optarg; return 0;
  case OPT_FORMAT: o->format = optarg; return 0;
  case OPT_TAG: o->tag = optarg; return 0;
  case OPT_OWNER: o->owner = optarg; return 0;
  case OPT_IN_STATE: o->in_state = optarg; return 0;
  case OPT_MIN_RISK: return min_risk(o, optarg);
  case OPT_SET: return assign(s, optarg);
  default: return ERR_SYNTAX;
  }
}

static int config_files(struct settings *s, int argc, char **argv) {
  int c;
  optind = 1;
  opterr = 0; /* what is wrong is said below */
  while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
    struct conf_error err;
    if (c == '?') {
      const char *was = argv[optind - 1];
      log_msg(LOG_ERROR, "%s: %s; see tapscope --help", was,
              optopt ? "this option needs a value, or is none" : "no such option");
      return ERR_SYNTAX;
    }
    if (c != 'c') continue;
    int rc = conf_file(s->section, optarg, &err);
    if (rc < 0) {
      log_msg(LOG_ERROR, "%s", err.text);
      return rc;
    }
  }
  return 0;
}

int options_parse(struct options *o, struct settings *s, int argc, char **argv) {
  memset(o, 0, sizeof *o);
  if (argc < 2) return ERR_SYNTAX;
  o->command = argv[1];
  argc--, argv++; /* getopt takes the command for the program's name */
  int rc = config_files(s, argc, argv), c;
  if (rc < 0) return rc;
  optind = 1;
  while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1)
    if ((rc = apply(o, s, c)) < 0) return rc;
  o->input = argv + optind;
  o->inputs = (size_t)(argc - optind);
  return 0;
}
