/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's part of analytics: one transaction at a time, no state between transactions that shows. */
#ifndef ANALYTICS_ANALYZER_H
#define ANALYTICS_ANALYZER_H

#include "analytics/event.h"
#include "analytics/watch.h"
#include "base/conf.h"
#include "base/counters.h"
#include "dissect/body/body.h"

/** Section "analytics". Options in analytics/options.c. */
struct analytics_conf {
  char *rules_dir;           /* "rules" beside the program by default */
  char *key_file;            /* HMAC key for tokens; empty: a fixed key, for replays that must agree */
  struct conf_list internal; /* CIDRs of the estate; RFC 1918 and ULA by default */
  struct conf_list partner, management; /* CIDRs */
  struct conf_list trusted_proxies;     /* whose forwarding headers count; empty: internal ones */
  struct conf_list login_paths;         /* words that mark a login endpoint */
  struct conf_list descriptors;         /* files of protoc --descriptor_set_out */
  char *assets_file, *specs_dir;        /* names of addresses; OpenAPI files */
  char *policies_file, *exceptions_file, *places_file, *segments_file, *images_file;
  int64_t max_endpoints, max_actors, max_fields, max_tokens;
  uint64_t window_ns; /* default window of correlations */
  int64_t guess_tries, stuffing_users;
  uint64_t baseline_ns; /* learning time before novelty counts */
  uint64_t dormant_ns;  /* quiet time that makes an account dormant */
  int64_t travel_kmh;   /* faster is impossible */
  int64_t rate_calls;   /* calls of one identity in a minute that may be too many */
  int64_t spread_hosts, exfil_mb;
  int64_t scrape_objects, coupon_tries, transfer_tries;
  int64_t utc_offset, work_from, work_to; /* hours */
  bool inspect, classify;
  /* section "assets" */
  struct conf_list specs;      /* OpenAPI files and folders, "service=file" */
  struct conf_list tags_files; /* rules for tags and owners, after rules_dir/tags.yaml */
  struct conf_list kubernetes; /* lists as kubectl exports them */
  uint64_t asset_dormant_ns, asset_retired_ns;
};
extern const struct conf_option analytics_options[], analytics_asset_options[];

/** Rules compiled: classes, patterns, grading, policies. Const after loading; shared by all threads; reloaded as a whole. */
struct ruleset;
struct inventory_tags; /* analytics/inventory_tag.h */
struct specs;          /* analytics/spec.h */
/** Load rules_dir. ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names file, line, remedy. */
int ruleset_load(struct ruleset **out, const struct analytics_conf *conf, struct conf_error *err);
/** The same; cache: a folder that keeps compiled patterns, so that the next start is quicker, or NULL. */
int ruleset_open(struct ruleset **out, const struct analytics_conf *conf, const char *cache,
                 struct conf_error *err);
void ruleset_free(struct ruleset *r);
/** Before any thread uses r: calls under way may go on naming what older names, even after it is freed. ERR_NOMEM. */
int ruleset_adopt(struct ruleset *r, struct ruleset *older);
/** Once no thread uses older any more: r holds the rows that open findings still name, then older may be freed. */
void ruleset_keep(struct ruleset *r, struct ruleset *older);
/** Specifications of APIs; NULL where there are none. */
const struct specs *ruleset_specs(const struct ruleset *r);
struct service_given; /* analytics/service_given.h */
const struct service_given *ruleset_given(const struct ruleset *r);
const struct inventory_tags *ruleset_tags(const struct ruleset *r);
/** The user's exceptions (analytics/exceptions.h); NULL where there are none. r may be NULL. */
struct exceptions;
const struct exceptions *ruleset_exceptions(const struct ruleset *r);

struct analyzer;
/** One per worker. Keeps conf, rules and ctr until analyzer_free. */
struct analyzer *analyzer_new(const struct analytics_conf *conf, const struct ruleset *rules,
                              struct counters *ctr);
void analyzer_free(struct analyzer *a);
/** Use other rules from the next transaction on. */
int analyzer_rules(struct analyzer *a, const struct ruleset *rules);
/** Tell w, which is kept, of each detection's work. */
void analyzer_watch(struct analyzer *a, const struct watch *w);
/** Turn t into an event that lives in t's arena. The event owns t. NULL when out of memory (t stays the caller's). */
struct api_event *analyzer_txn(struct analyzer *a, struct txn *t);

/** One inspection: one file in inspect/, one row in inspect/table.c. Const state only. */
struct inspect_ctx; /* analytics/inspect/inspect.h */
struct inspection {
  const struct rule *rule; /* the main one; a file may raise several; NULL where rules come from outside */
  /** Called per value of the request whose prefilter bits hit; see inspect.h. May be NULL. */
  void (*value)(struct inspect_ctx *cx, const struct leaf *value);
  /** Called once per transaction, after all values, both sides at hand (bodies too). May be NULL. */
  void (*call)(struct inspect_ctx *cx);
  uint64_t wants;   /* word groups, and */
  uint32_t classes; /* classes of bytes, any of which makes value() run */
};

#endif
