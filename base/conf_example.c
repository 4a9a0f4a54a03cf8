/* SPDX-License-Identifier: Apache-2.0 */
/* The example configuration file: every option with its default and its text. */
#include "base/buf.h"
#include "base/conf.h"
#include "base/conf_value.h"
#include <stdio.h>

/* Whether text can stand in YAML without quotes as the string that it is. */
static bool plain(const char *z) {
  if (!*z || strchr("~!&*-?|>@%`'\"[]{}#,:=", *z)) return false;
  return !strpbrk(z, "#\"\\\t\n") && !strstr(z, ": ") && z[strlen(z) - 1] != ':';
}

static int put_text(struct buf *out, const char *z) {
  if (plain(z)) return buf_put(out, span_str(z));
  int rc = buf_put_u8(out, '"');
  for (; *z && rc >= 0; z++) {
    if (*z == '"' || *z == '\\') rc = buf_put_u8(out, '\\');
    if (rc >= 0) rc = buf_put_u8(out, (uint8_t)*z);
  }
  return rc < 0 ? rc : buf_put_u8(out, '"');
}

static int put_value(struct buf *out, const struct conf_option *o) {
  const char *z = o->fallback ? o->fallback : "";
  if (o->type == CONF_LIST) return z[0] == '[' ? buf_put(out, span_str(z)) : buf_printf(out, "[%s]", z);
  return o->type == CONF_STRING ? put_text(out, z) : buf_put(out, span_str(z));
}

static int put_option(struct buf *out, const struct conf_option *o) {
  struct conf_expected e = conf_value_expected(o);
  bool told = o->type != CONF_BOOL && o->type != CONF_STRING && o->type != CONF_LIST;
  int rc = buf_printf(out, "\n  # %s", o->doc ? o->doc : o->key);
  if (rc >= 0 && told) rc = buf_printf(out, " (%s)", e.text);
  if (rc >= 0) rc = buf_printf(out, "\n  %s: ", o->key);
  if (rc >= 0) rc = put_value(out, o);
  return rc < 0 ? rc : buf_put_u8(out, '\n');
}

int conf_example(const struct conf_section *sections, struct buf *out) {
  int rc = buf_printf(out, "# Example configuration of tapscope. Every option is shown with its default;\n"
                           "# keep only what you change.\n");
  for (const struct conf_section *s = sections; s->name && rc >= 0; s++) {
    rc = buf_printf(out, "\n%s:\n", s->name);
    for (const struct conf_option *o = s->options; o->key && rc >= 0; o++) rc = put_option(out, o);
  }
  return rc < 0 ? rc : 0;
}
