/* SPDX-License-Identifier: Apache-2.0 */
/* Tags of an XML document one after another, without a tree. */
#include "dissect/model/markup_scan.h"
#include "dissect/body/markup.h"

struct markup_scan markup_scan_of(struct span document) {
  return (struct markup_scan){.rest = document};
}

/* Past what begins with "<!" or "<?". */
static bool skip_other(struct span *s) {
  const char *end = span_starts(*s, SPAN_LIT("<!--"))        ? "-->"
                    : span_starts(*s, SPAN_LIT("<![CDATA[")) ? "]]>"
                    : span_starts(*s, SPAN_LIT("<?"))        ? "?>"
                    : span_starts(*s, SPAN_LIT("<!"))        ? ">"
                                                             : NULL;
  if (!end) return false;
  size_t at = span_find(*s, span_str(end));
  *s = span_skip(*s, at + strlen(end));
  return true;
}

bool markup_scan_next(struct markup_scan *s) {
  if (s->closed || (s->tag.len && !s->open)) s->depth -= s->depth > 0;
  s->open = s->closed = false;
  s->tag = (struct span){0};
  for (;;) {
    s->rest = span_skip(s->rest, span_index(s->rest, '<'));
    if (s->rest.len < 2) return false;
    if (!skip_other(&s->rest)) break;
  }
  struct span tag = s->tag = markup_tag(&s->rest);
  s->open = !tag.len || tag.base[0] != '/';
  if (!s->open) tag = span_skip(tag, 1);
  s->closed = s->open && tag.len && tag.base[tag.len - 1] == '/';
  s->depth += s->open;
  struct span name = markup_name(&tag);
  size_t colon = span_index(name, ':');
  s->name = colon + 1 < name.len ? span_skip(name, colon + 1) : name;
  return true;
}

struct span markup_scan_text(const struct markup_scan *s) {
  return span_trim(span_head(s->rest, span_index(s->rest, '<')));
}
