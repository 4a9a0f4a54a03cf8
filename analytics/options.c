/* SPDX-License-Identifier: Apache-2.0 */
/* Options of section "analytics". */
#include "analytics/analyzer.h"

#include <stddef.h>

#define AT(field) offsetof(struct analytics_conf, field)

/* clang-format off */
const struct conf_option analytics_options[] = {
  {"rules_dir", CONF_STRING, AT(rules_dir), "", 0, 0, NULL,
  "folder of data classes, patterns and grading; empty: the rules folder that came with the program"},
  {"key_file", CONF_STRING, AT(key_file), "", 0, 0, NULL,
  "file whose content keys the tokens of private values; empty: a fixed key, so that replays agree"},
  {"internal", CONF_LIST, AT(internal), "10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7", 0, 0, NULL,
  "networks of the estate"},
  {"partner", CONF_LIST, AT(partner), "", 0, 0, NULL, "networks of partners"},
  {"management", CONF_LIST, AT(management), "", 0, 0, NULL, "networks that administer the estate"},
  {"trusted_proxies", CONF_LIST, AT(trusted_proxies), "", 0, 0, NULL,
  "networks whose forwarding headers count; empty: the internal ones"},
  {"login_paths", CONF_LIST, AT(login_paths),
  "login,logon,signin,sign-in,sign_in,auth,oauth,token,session,authenticate,denglu", 0, 0, NULL,
  "words in a path that mark a login endpoint"},
  {"descriptors", CONF_LIST, AT(descriptors), "", 0, 0, NULL,
  "files of protoc --include_imports --descriptor_set_out: names for the fields of gRPC messages"},
  {"assets_file", CONF_STRING, AT(assets_file), "", 0, 0, NULL, "CSV or YAML that names addresses"},
  {"specs_dir", CONF_STRING, AT(specs_dir), "", 0, 0, NULL, "folder of OpenAPI files to compare with"},
  {"policies_file", CONF_STRING, AT(policies_file), "", 0, 0, NULL,
  "YAML that says who may send which data class to whom"},
  {"exceptions_file", CONF_STRING, AT(exceptions_file), "", 0, 0, NULL, "YAML of findings that are known and accepted; empty: exceptions.yaml of the rules"},
  {"max_endpoints", CONF_INT, AT(max_endpoints), "100000", 100, 1e8, NULL, "endpoints kept in the inventory"},
  {"max_actors", CONF_INT, AT(max_actors), "200000", 100, 1e8, NULL, "callers followed at a time"},
  {"max_fields", CONF_INT, AT(max_fields), "512", 16, 65536, NULL,
  "fields of a message's shape that are learned"},
  {"max_tokens", CONF_INT, AT(max_tokens), "1000", 1, 1e6, NULL,
  "distinct values of a data class that are counted exactly in one place of a message"},
  {"window", CONF_DURATION, AT(window_ns), "5m", 1, 86400 * 31, NULL, "window of correlations without their own"},
  {"guess_tries", CONF_INT, AT(guess_tries), "8", 2, 1e6, NULL,
  "failed logins of one account or caller in a window that are guessing"},
  {"stuffing_users", CONF_INT, AT(stuffing_users), "10", 2, 1e6, NULL,
  "accounts tried by one caller in a window that are credential stuffing"},
  {"baseline", CONF_DURATION, AT(baseline_ns), "1h", 0, 86400 * 366, NULL,
  "learning time before something counts as new"},
  {"places_file", CONF_STRING, AT(places_file), "", 0, 0, NULL,
  "CSV \"CIDR,place,latitude,longitude\" that tells where addresses are; empty: impossible travel is not looked for"},
  {"travel_kmh", CONF_INT, AT(travel_kmh), "900", 100, 100000, NULL, "speed between two places that nobody reaches"},
  {"dormant", CONF_DURATION, AT(dormant_ns), "30d", 3600, 86400 * 3660, NULL, "quiet time that makes an account dormant"},
  {"rate_calls", CONF_INT, AT(rate_calls), "120", 10, 1e9, NULL,
  "calls of one identity in a minute below which no rate is unusual"},
  {"scrape_objects", CONF_INT, AT(scrape_objects), "150", 10, 1e6, NULL,
  "distinct objects or pages read by one caller in ten minutes that are scraping"},
  {"coupon_tries", CONF_INT, AT(coupon_tries), "20", 3, 1e6, NULL,
  "coupons, points or draws claimed by one source in ten minutes that are abuse"},
  {"transfer_tries", CONF_INT, AT(transfer_tries), "15", 3, 1e6, NULL,
  "transfers by one identity, or identities paying one payee, in half an hour that are abuse"},
  {"utc_offset", CONF_INT, AT(utc_offset), "8", -12, 14, NULL, "hours from UTC to the estate's time"},
  {"work_from", CONF_INT, AT(work_from), "7", 0, 24, NULL, "hour at which work begins"},
  {"work_to", CONF_INT, AT(work_to), "21", 0, 24, NULL, "hour at which work ends"},
  {"inspect", CONF_BOOL, AT(inspect), "true", 0, 0, NULL, "look for attacks in each transaction"},
  {"classify", CONF_BOOL, AT(classify), "true", 0, 0, NULL, "look for personal data and secrets"},
  {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};

const struct conf_option analytics_asset_options[] = {
  {"specs", CONF_LIST, AT(specs), "", 0, 0, NULL,
  "OpenAPI and Swagger files, or folders of them, to compare with; SERVICE=FILE names the service"},
  {"tags_files", CONF_LIST, AT(tags_files), "", 0, 0, NULL,
  "YAML rules for tags and owners, read after those that came with the program"},
  {"kubernetes", CONF_LIST, AT(kubernetes), "", 0, 0, NULL,
  "lists of Services, Pods and Endpoints as `kubectl get -o json` writes them; names of addresses"},
  {"dormant", CONF_DURATION, AT(asset_dormant_ns), "30d", 60, 86400.0 * 3650, NULL,
  "time without a call after which an endpoint is dormant"},
  {"retired", CONF_DURATION, AT(asset_retired_ns), "90d", 60, 86400.0 * 3650, NULL,
  "time without a call after which an endpoint is retired"},
  {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
/* clang-format on */
