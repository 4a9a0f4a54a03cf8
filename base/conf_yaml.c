/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration file's YAML: maps of sections, maps of options (libyaml's document interface). */
#include "base/conf_yaml.h"
#include "base/conf_find.h"
#include "base/conf_value.h"
#include "base/err.h"
#include "base/mem.h"
#include <yaml.h>

enum { SECTION_MAX = 64, DEPTH_MAX = 4, SHOWN_MAX = 40 };

struct load {
  const struct conf_section *sections;
  const char *file;
  yaml_document_t *doc;
  struct conf_error *err;
};

static unsigned long line_of(const yaml_node_t *n) { return (unsigned long)n->start_mark.line + 1; }

static struct span text_of(const yaml_node_t *n) {
  return span_of(n->data.scalar.value, n->data.scalar.length);
}

static bool is_nothing(const yaml_node_t *n) {
  if (n->type != YAML_SCALAR_NODE || n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
  struct span s = text_of(n);
  return !s.len || span_eq(s, SPAN_LIT("~")) || span_eq(s, SPAN_LIT("null"));
}

static int wrong_kind(struct load *l, const yaml_node_t *n, const char *name, const char *expected) {
  static const char *const kind[] = {[YAML_SCALAR_NODE] = "a single value",
                                     [YAML_SEQUENCE_NODE] = "a list",
                                     [YAML_MAPPING_NODE] = "a map of keys"};
  const char *found = is_nothing(n) ? "nothing" : n->type <= YAML_MAPPING_NODE ? kind[n->type] : NULL;
  snprintf(l->err->text, sizeof l->err->text, "%s:%lu: %s: expected %s, found %s", l->file, line_of(n), name,
           expected, found ? found : "nothing");
  return ERR_SYNTAX;
}

static int unknown(struct load *l, const yaml_node_t *key, const char *full) {
  char near[128];
  bool hint = conf_find_nearest(l->sections, full, near, sizeof near);
  snprintf(l->err->text, sizeof l->err->text, "%s:%lu: %s: expected a known option, found \"%.*s\"%s%s%s",
           l->file, line_of(key), full, SPAN_FMT(span_head(text_of(key), SHOWN_MAX)),
           hint ? "; did you mean " : "", hint ? near : "", hint ? "?" : "");
  return ERR_NOTFOUND;
}

static int set_list(struct load *l, const struct conf_option *o, void *into, const yaml_node_t *n,
                    const char *full) {
  size_t count = (size_t)(n->data.sequence.items.top - n->data.sequence.items.start);
  struct span *item = mem_alloc(count * sizeof *item);
  if (!item) return ERR_NOMEM;
  int rc = 0;
  for (size_t i = 0; i < count && rc == 0; i++) {
    const yaml_node_t *one = yaml_document_get_node(l->doc, n->data.sequence.items.start[i]);
    if (one->type != YAML_SCALAR_NODE)
      rc = wrong_kind(l, one, full, "single values in the list");
    else
      item[i] = text_of(one);
  }
  if (rc == 0) rc = conf_value_list(o, into, item, count);
  mem_free(item);
  return rc;
}

static int set_option(struct load *l, const struct conf_option *o, void *into, const yaml_node_t *n,
                      const char *full) {
  struct conf_expected expected = conf_value_expected(o);
  if (o->type == CONF_LIST && n->type == YAML_SEQUENCE_NODE) return set_list(l, o, into, n, full);
  bool empty_ok = o->type == CONF_LIST || o->type == CONF_STRING;
  if (n->type != YAML_SCALAR_NODE || (is_nothing(n) && !empty_ok))
    return wrong_kind(l, n, full, expected.text);
  int rc = conf_value_scalar(o, into, is_nothing(n) ? span_of(NULL, 0) : text_of(n));
  if (rc < 0 && rc != ERR_NOMEM)
    snprintf(l->err->text, sizeof l->err->text, "%s:%lu: %s: expected %s, found \"%.*s\"", l->file,
             line_of(n), full, expected.text, SPAN_FMT(span_head(text_of(n), SHOWN_MAX)));
  return rc;
}

static int check_key(struct load *l, const yaml_node_t *map, const yaml_node_pair_t *at, const char *prefix) {
  const yaml_node_t *key = yaml_document_get_node(l->doc, at->key);
  if (key->type != YAML_SCALAR_NODE) return wrong_kind(l, key, prefix[0] ? prefix : "file", "a name");
  for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < at; p++) {
    const yaml_node_t *other = yaml_document_get_node(l->doc, p->key);
    if (!span_eq(text_of(other), text_of(key))) continue;
    snprintf(l->err->text, sizeof l->err->text,
             "%s:%lu: %s%s%.*s: expected it once, found it on line %lu too", l->file, line_of(key), prefix,
             prefix[0] ? "." : "", SPAN_FMT(span_head(text_of(key), SHOWN_MAX)), line_of(other));
    return ERR_SYNTAX;
  }
  return 0;
}

static int read_map(struct load *l, const yaml_node_t *map, const char *prefix, int depth);

static int read_pair(struct load *l, const yaml_node_pair_t *p, const char *prefix, int depth) {
  const yaml_node_t *key = yaml_document_get_node(l->doc, p->key);
  const yaml_node_t *value = yaml_document_get_node(l->doc, p->value);
  char full[SECTION_MAX + SHOWN_MAX + 2];
  snprintf(full, sizeof full, "%s%s%.*s", prefix, prefix[0] ? "." : "",
           SPAN_FMT(span_head(text_of(key), SHOWN_MAX)));
  void *into;
  const struct conf_option *o = conf_find_option(l->sections, span_str(prefix), text_of(key), &into);
  if (o) return set_option(l, o, into, value, full);
  bool is_prefix, section = conf_find_section(l->sections, span_str(full), &is_prefix);
  if ((!section && !is_prefix) || depth == DEPTH_MAX || strlen(full) >= SECTION_MAX)
    return unknown(l, key, full);
  if (is_nothing(value)) return 0;
  if (value->type != YAML_MAPPING_NODE) return wrong_kind(l, value, full, "a map of keys");
  return read_map(l, value, full, depth + 1);
}

static int read_map(struct load *l, const yaml_node_t *map, const char *prefix, int depth) {
  for (const yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
    int rc = check_key(l, map, p, prefix);
    if (rc == 0) rc = read_pair(l, p, prefix, depth);
    if (rc < 0) return rc;
  }
  return 0;
}

static int bad_yaml(const yaml_parser_t *p, const char *name, struct conf_error *err) {
  unsigned long line = (unsigned long)p->problem_mark.line + 1;
  if (p->error == YAML_MEMORY_ERROR) return ERR_NOMEM;
  snprintf(err->text, sizeof err->text, "%s:%lu: expected YAML, found: %s%s%s", name, line,
           p->problem ? p->problem : "something else", p->context ? " " : "", p->context ? p->context : "");
  return ERR_SYNTAX;
}

int conf_yaml_read(const struct conf_section *sections, FILE *f, const char *name, struct conf_error *err) {
  yaml_parser_t parser;
  yaml_document_t doc;
  if (!yaml_parser_initialize(&parser)) return ERR_NOMEM;
  yaml_parser_set_input_file(&parser, f);
  if (!yaml_parser_load(&parser, &doc)) {
    int rc = bad_yaml(&parser, name, err);
    yaml_parser_delete(&parser);
    return rc;
  }
  struct load l = {sections, name, &doc, err};
  const yaml_node_t *root = yaml_document_get_root_node(&doc);
  int rc = 0;
  if (root && !is_nothing(root))
    rc = root->type == YAML_MAPPING_NODE ? read_map(&l, root, "", 0)
                                         : wrong_kind(&l, root, "file", "a map of sections");
  yaml_document_delete(&doc);
  yaml_parser_delete(&parser);
  return rc;
}
