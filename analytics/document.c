/* SPDX-License-Identifier: Apache-2.0 */
/* YAML 1.1 and JSON (RFC 8259) files as trees, bounded in size and depth. */
#include "analytics/document.h"
#include "base/buf.h"
#include "base/err.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <yaml.h>

enum { DEPTH = 128, NODES = 4000000 };

struct build {
  yaml_document_t doc;
  size_t made;
  bool deep;
};

struct span document_text(const json_t *v) {
  return json_is_string(v) ? span_of(json_string_value(v), json_string_length(v)) : (struct span){0};
}

static bool is_one(const char *z, const char *const *words) {
  for (; *words; words++)
    if (strcmp(z, *words) == 0) return true;
  return false;
}

/* Numbers only where they print back as they were, so that versions and codes stay text. */
static json_t *plain(const char *z) {
  static const char *const none[] = {"", "~", "null", "Null", "NULL", NULL},
                           *const yes[] = {"true", "True", "TRUE", NULL},
                           *const no[] = {"false", "False", "FALSE", NULL};
  char back[32], *end;
  if (is_one(z, none)) return json_null();
  if (is_one(z, yes)) return json_true();
  if (is_one(z, no)) return json_false();
  errno = 0;
  long long v = strtoll(z, &end, 10);
  if (!*end && !errno) {
    snprintf(back, sizeof back, "%lld", v);
    if (strcmp(back, z) == 0) return json_integer(v);
  }
  return NULL;
}

static json_t *scalar(const yaml_node_t *n) {
  const char *z = (const char *)n->data.scalar.value;
  json_t *v = n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE ? plain(z) : NULL;
  return v ? v : json_stringn(z, n->data.scalar.length);
}

static json_t *convert(struct build *b, int index, unsigned depth) {
  const yaml_node_t *n = yaml_document_get_node(&b->doc, index);
  if (!n || depth > DEPTH || ++b->made > NODES) {
    b->deep = true;
    return NULL;
  }
  if (n->type == YAML_SCALAR_NODE) return scalar(n);
  json_t *out = n->type == YAML_MAPPING_NODE ? json_object() : json_array();
  if (n->type == YAML_SEQUENCE_NODE)
    for (yaml_node_item_t *i = n->data.sequence.items.start; out && i < n->data.sequence.items.top; i++)
      if (json_array_append_new(out, convert(b, *i, depth + 1)) < 0) return json_decref(out), NULL;
  if (n->type == YAML_MAPPING_NODE)
    for (yaml_node_pair_t *p = n->data.mapping.pairs.start; out && p < n->data.mapping.pairs.top; p++) {
      const yaml_node_t *k = yaml_document_get_node(&b->doc, p->key);
      const char *key = k && k->type == YAML_SCALAR_NODE ? (const char *)k->data.scalar.value : "?";
      if (json_object_set_new(out, key, convert(b, p->value, depth + 1)) < 0) return json_decref(out), NULL;
    }
  return out;
}

static int parse_yaml(json_t **out, struct span text, const char *name, struct conf_error *err) {
  struct build b = {0};
  yaml_parser_t parser;
  if (!yaml_parser_initialize(&parser)) return ERR_NOMEM;
  yaml_parser_set_input_string(&parser, text.base, text.len);
  int rc = yaml_parser_load(&parser, &b.doc) ? 0 : ERR_SYNTAX;
  if (rc < 0) {
    snprintf(err->text, sizeof err->text, "%.200s:%zu: %.200s", name, parser.problem_mark.line + 1,
             parser.problem ? parser.problem : "no YAML");
  } else {
    *out = yaml_document_get_root_node(&b.doc) ? convert(&b, 1, 0) : json_null();
    yaml_document_delete(&b.doc);
    rc = *out ? 0 : b.deep ? ERR_CAP : ERR_NOMEM;
    if (rc < 0) snprintf(err->text, sizeof err->text, "%.200s: nested too deep, or not UTF-8", name);
  }
  yaml_parser_delete(&parser);
  return rc;
}

static int parse(json_t **out, struct span text, const char *name, struct conf_error *err) {
  json_error_t e;
  if (span_starts(text, SPAN_LIT("\xef\xbb\xbf"))) text = span_skip(text, 3);
  struct span body = span_trim(text);
  if (!body.len || (body.base[0] != '{' && body.base[0] != '[')) return parse_yaml(out, text, name, err);
  *out = json_loadb((const char *)body.base, body.len, JSON_ALLOW_NUL, &e);
  if (*out) return 0;
  json_t *flow = NULL; /* YAML may begin with a bracket too */
  if (parse_yaml(&flow, text, name, err) == 0) return *out = flow, 0;
  snprintf(err->text, sizeof err->text, "%.200s:%d: %.150s", name, e.line, e.text);
  return ERR_SYNTAX;
}

int document_load(json_t **out, const char *path, struct conf_error *err) {
  struct buf text;
  FILE *f = fopen(path, "rbe");
  if (!f) {
    snprintf(err->text, sizeof err->text, "%.300s: %s", path, strerror(errno));
    return ERR_IO;
  }
  buf_init(&text, NULL, DOCUMENT_BYTES);
  int rc = 0;
  for (size_t n = 1; rc == 0 && n;) {
    rc = buf_reserve(&text, 65536);
    n = rc == 0 ? fread(text.base + text.len, 1, 65536, f) : 0;
    text.len += n;
  }
  if (rc == 0 && ferror(f)) rc = ERR_IO;
  fclose(f);
  if (rc < 0) snprintf(err->text, sizeof err->text, "%.300s: cannot be read, or larger than 64 MB", path);
  if (rc == 0) rc = parse(out, buf_span(&text), path, err);
  buf_done(&text);
  return rc;
}
