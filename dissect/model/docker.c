/* SPDX-License-Identifier: Apache-2.0 */
/* The Docker Engine API (2375): containers, images, exec; /v1.NN/ in front is optional. */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

static bool is_version(struct span s) {
  return s.len >= 4 && s.base[0] == 'v' && s.base[1] == '1' && s.base[2] == '.' && s.base[3] >= '0' &&
         s.base[3] <= '9';
}

/* container, image, network and volume collections: "json" or nothing lists, "create", "prune", or an id with a verb */
static const char *verb_of(const struct txn *t, const struct model_path *p, unsigned i, struct span *verb) {
  struct span one = model_part(p, i + 1), two = model_part(p, i + 2);
  *verb = two;
  if (model_method(t, "DELETE")) return "remove";
  if (!one.len || (span_eq(one, SPAN_LIT("json")) && !two.len)) return "list";
  if (!two.len && model_method(t, "POST")) return *verb = one, NULL;
  if (span_eq(two, SPAN_LIT("json")) || !two.len) return "inspect";
  return NULL;
}

static bool apply(struct txn *t) {
  const struct model_path *p = model_path(t);
  unsigned i = is_version(model_part(p, 0)) ? 1 : 0;
  struct span noun = model_part(p, i), verb;
  bool docker = i == 1 || t->conn.sport == 2375 || t->conn.sport == 2376 ||
                span_starts(headers_get(&t->side[DIR_RESPONSE].headers, "server"), SPAN_LIT("Docker/"));
  if (model_is(p, i, "_ping")) {
    model_action(t, SPAN_LIT("docker"), "ping");
    return true;
  }
  static const char *const nouns[] = {"containers", "images", "exec",    "networks", "volumes", "swarm",
                                      "services",   "build",  "info",    "version",  "events",  "secrets",
                                      "nodes",      "tasks",  "plugins", "commit"};
  size_t n = 0;
  while (n < sizeof nouns / sizeof *nouns && !span_eq(noun, span_str(nouns[n]))) n++;
  if (n == sizeof nouns / sizeof *nouns) return false;
  bool shape =
      n == 0 && (model_is(p, i + 1, "json") || model_is(p, i + 1, "create") || model_is(p, i + 2, "exec") ||
                 model_is(p, i + 2, "json") || model_is(p, i + 2, "start"));
  if (!docker && !(shape && p->count >= i + 2)) return false;
  const char *fixed = verb_of(t, p, i, &verb);
  if (fixed)
    model_action(t, noun, fixed);
  else
    txn_fact_str(t, "tapscope.action", arena_printf(&t->arena, "%.*s.%.*s", SPAN_FMT(noun), SPAN_FMT(verb)));
  struct span image = model_query(t, "fromImage");
  if (image.base) txn_fact_str(t, "container.image.name", image);
  return true;
}

const struct opmodel opmodel_docker = {"docker", apply};
