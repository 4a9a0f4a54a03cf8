/* SPDX-License-Identifier: Apache-2.0 */
/* Cross-site scripting: markup is cut into tags and attributes (HTML Living Standard 13.2.5), script is told by its calls. */
#include "analytics/inspect/rich.h"
#include "analytics/inspect/rules.h"

const struct rule rule_xss = {
    .id = "xss",
    .name = "Cross-site scripting",
    .name_zh = "跨站脚本（XSS）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1190", "T1059.007"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A parameter holds markup or script that a browser would run if it is shown.",
    .reason_zh = "参数中含有会被浏览器执行的标记或脚本。",
    .remedy = "Encode on output by context, set a content security policy, and look for the text in what was "
              "stored.",
    .remedy_zh = "按上下文做输出编码并启用内容安全策略（CSP）；检查该内容是否已被存储。",
};

enum { XSS_TEXT = 4096, XSS_TAGS = 64, XSS_ATTRS = 32, PAGE = 400, RICH_LEAST = 40 };

static bool is_alpha(uint8_t c) { return c >= 'a' && c <= 'z'; }
static bool is_name(uint8_t c) {
  return is_alpha(c) || (c >= '0' && c <= '9') || c == '-' || c == ':' || c == '_';
}
static bool is_space(uint8_t c) { return c <= ' ' || c == '/' || c == '+' || c == 0xa0; }

/* clang-format off */
static const char *const tags[] = {
  /* tags that run or load something, or reach out of the page */
  "script", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "layer", "ilayer", "bgsound",
  "isindex", "xss", "input", "button", "textarea", "select", "fieldset",
  "meta", "link", "svg", "math", "style", "animate", "animatetransform", "set", "foreignobject", "handler",
  "listener", "event-source",
  "import", "portal", "fencedframe", "vmlframe", "xml", "noembed", "noscript", "marquee", "blink", "keygen",
  "plaintext", "listing", "xmp",
  "html", "head", "body", "form", "title", "template", "slot", "image", "param", "comment", "datalist",
};
/* clang-format on */
/* clang-format off */
static const uint8_t tag_score[] = {
  95, 90, 90, 85, 85, 85, 90, 85, 85, 85, 85, 85, 85, 60, 60, 60, 60, 60,
  80, 70, 75, 70, 75, 75, 75, 70, 75, 75, 75, 75,
  70, 70, 70, 70, 65, 70, 65, 65, 65, 65, 65, 65, 65,
  65, 65, 65, 65, 60, 60, 60, 60, 60, 50, 50,
};
/* clang-format on */
/* clang-format off */
static const char *const events[] = {
  "abort", "activate", "afterprint", "afterupdate", "animation", "auxclick", "beforecopy", "beforecut",
  "beforeinput", "beforeload", "beforepaste", "beforeprint", "beforescriptexecute", "beforeunload",
  "beforetoggle", "begin", "blur", "bounce", "canplay", "cellchange", "change", "click", "close",
  "contentvisibility", "contextmenu", "control", "copy", "cuechange", "cut", "dataavailable",
  "datasetchanged", "dblclick", "deactivate", "drag", "drop", "durationchange", "emptied", "end", "ended",
  "error", "filterchange", "finish", "focus", "formdata", "forminput", "fullscreen", "gesture", "gotpointer",
  "hashchange", "help", "input", "invalid", "key", "layoutcomplete", "load", "losecapture", "lostpointer",
  "mediacomplete", "message", "mouse", "move", "offline", "online", "pagehide", "pageshow", "paste", "pause",
  "play", "pointer", "popstate", "popover", "progress", "propertychange", "ratechange", "readystatechange",
  "repeat", "reset", "resize", "reverse", "row", "scroll", "search", "securitypolicy", "seek", "select",
  "show", "slotchange", "stalled", "start", "stop", "storage", "submit", "suspend", "syncrestored",
  "timeerror", "timeupdate", "toggle", "touch", "trackchange", "transition", "unhandledrejection", "unload",
  "urlflip", "volumechange", "waiting", "webkit", "wheel", "zoom", "xx", "afterscriptexecute", "cancel",
  "dom", "mozfullscreen", "command", "location", "orientation",
};
/* clang-format on */

static uint8_t score_tag(struct span name) {
  static const char *const spaces[] = {"svg:", "html:", "xhtml:", "xsl:", "math:", "x:", "xss:"};
  for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
    if (span_starts(name, span_str(spaces[i]))) return 65;
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (span_eq(name, span_str(tags[i]))) return tag_score[i];
  if (span_starts(name, SPAN_LIT("script"))) return 75;
  return 0;
}

static bool is_event(struct span name) {
  if (name.len < 5 || name.base[0] != 'o' || name.base[1] != 'n') return false;
  struct span rest = span_skip(name, 2);
  for (size_t i = 0; i < sizeof events / sizeof *events; i++)
    if (span_starts(rest, span_str(events[i]))) return true;
  return false;
}

/* Text without blanks, control characters, quotes' escapes and comments. */
static struct span squeeze(struct span s, uint8_t *out, size_t cap) {
  size_t n = 0;
  for (size_t i = 0; i < s.len && n < cap; i++) {
    uint8_t c = s.base[i];
    if (c <= ' ' || c == '\\' || c == 0x7f) continue;
    if (c == '/' && i + 1 < s.len && s.base[i + 1] == '*') {
      size_t end = span_find(span_skip(s, i + 2), SPAN_LIT("*/"));
      if (i + 2 + end < s.len) {
        i += end + 3;
        continue;
      }
    }
    out[n++] = c;
  }
  return span_of(out, n);
}

static uint8_t score_url(struct span value) {
  uint8_t buf[256];
  struct span s = squeeze(span_head(value, 512), buf, sizeof buf);
  while (s.len && (s.base[0] == '"' || s.base[0] == '\'' || s.base[0] == '`' || s.base[0] == '&'))
    s = span_skip(s, 1);
  if (span_starts(s, SPAN_LIT("javascript:")) || span_starts(s, SPAN_LIT("vbscript:")) ||
      span_starts(s, SPAN_LIT("livescript:")) || span_starts(s, SPAN_LIT("mocha:")) ||
      span_starts(s, SPAN_LIT("jav&#")))
    return 90;
  if (span_starts(s, SPAN_LIT("data:text/html")) || span_starts(s, SPAN_LIT("data:image/svg")) ||
      span_starts(s, SPAN_LIT("data:application/x")) || span_starts(s, SPAN_LIT("data:text/xml")) ||
      span_starts(s, SPAN_LIT("data:,")) || span_starts(s, SPAN_LIT("data:text/javascript")))
    return 80;
  if (span_starts(s, SPAN_LIT("{"))) s = span_skip(s, 1);
  return ANY_OF(s, "javascript:", "vbscript:", "data:text/html") < s.len ? 80 : 0;
}

static uint8_t score_style(struct span v) {
  uint8_t buf[512];
  struct span s = squeeze(span_head(v, 1024), buf, sizeof buf);
  return ANY_OF(s, "expression(", "javascript:", "-moz-binding", "behavior:url", "behaviour:url",
                "binding:url", "vbscript:", "@import", "livescript:") < s.len
             ? 85
             : 0;
}

static uint8_t score_attr(struct span name, struct span value) {
  if (is_event(name)) return 95;
  if (span_eq(name, SPAN_LIT("style"))) return score_style(value);
  if (span_eq(name, SPAN_LIT("srcdoc")) || span_eq(name, SPAN_LIT("formaction")) ||
      span_eq(name, SPAN_LIT("xlink:href")) || span_eq(name, SPAN_LIT("http-equiv")) ||
      span_eq(name, SPAN_LIT("datasrc")) || span_eq(name, SPAN_LIT("datafld")) ||
      span_eq(name, SPAN_LIT("dynsrc")) || span_eq(name, SPAN_LIT("lowsrc")) ||
      span_eq(name, SPAN_LIT("fscommand")) || span_eq(name, SPAN_LIT("seeksegmenttime")))
    return 75;
  return value.len ? score_url(value) : 0;
}

/* Attributes from i on, up to '>' or the end. */
static uint8_t attributes(struct span s, size_t i) {
  uint8_t best = 0;
  for (unsigned n = 0; n < XSS_ATTRS && i < s.len; n++) {
    while (i < s.len && (is_space(s.base[i]) || s.base[i] == '"' || s.base[i] == '\'' || s.base[i] == '=' ||
                         s.base[i] == '`' || s.base[i] == ',' || s.base[i] == ';' || s.base[i] >= 0x80))
      i++;
    if (i >= s.len || s.base[i] == '>') break;
    size_t from = i;
    while (i < s.len && (is_name(s.base[i]) || s.base[i] == '.')) i++;
    struct span name = span_of(s.base + from, i - from);
    if (i == from) {
      i++;
      continue;
    }
    size_t k = i;
    while (k < s.len && is_space(s.base[k])) k++;
    struct span value = span_of(NULL, 0);
    if (k < s.len && s.base[k] == '=') {
      for (k++; k < s.len && (s.base[k] <= ' ' || s.base[k] == '+'); k++) {}
      uint8_t quote = k < s.len ? s.base[k] : 0;
      size_t start = k;
      if (quote == '"' || quote == '\'' || quote == '`') {
        for (k = ++start; k < s.len && s.base[k] != quote; k++) {}
      } else {
        while (k < s.len && s.base[k] > ' ' && s.base[k] != '>') k++;
      }
      value = span_of(s.base + start, k - start);
      i = k;
    } else if (is_event(name)) {
      continue; /* no value: does nothing */
    }
    uint8_t score = score_attr(name, value);
    if (score > best) best = score;
    if (best >= 90) break;
  }
  return best;
}

/* s begins with the bracket. page: of rich text, else empty. */
static uint8_t one_tag(struct span s, struct span page) {
  size_t i = 1;
  while (i < s.len &&
         (s.base[i] == '<' || s.base[i] == '/' || s.base[i] <= ' ' || s.base[i] == '%' || s.base[i] == '?'))
    i++;
  size_t from = i;
  while (i < s.len && is_name(s.base[i])) i++;
  struct span name = span_of(s.base + from, i - from);
  bool other = i < s.len && (s.base[i] == '.' || s.base[i] == '@'); /* <base.pm>, <form@x.example> */
  uint8_t score = other ? 0 : score_tag(name);
  bool plain_close = s.base[1] == '/' && score < 90;
  if (plain_close) score = score > 60 ? 60 : 0;
  if (span_starts(name, SPAN_LIT("xmlns")) ||
      inspect_has(span_head(span_skip(s, i), 200), "xsi:schemalocation"))
    score = 70;
  uint8_t a = name.len && is_alpha(name.base[0]) && from <= 3 ? attributes(s, i) : 0;
  if (page.len) {                                            /* what is escaped there is text about markup */
    bool typed = a == 75 && span_eq(name, SPAN_LIT("meta")); /* http-equiv */
    if (span_find(page, span_head(s, i)) >= page.len) return 0;
    if ((!a || typed) && rich_is_passive(name, span_skip(s, i))) return 0;
  }
  if (a > score) score = a;
  if ((!page.len && span_starts(s, SPAN_LIT("<!--[if"))) || span_starts(s, SPAN_LIT("<?import")) ||
      span_starts(s, SPAN_LIT("<?xml-stylesheet")))
    score = 75;
  return score;
}

static uint8_t markup(struct span s, struct span page) {
  uint8_t best = 0;
  for (unsigned n = 0; n < XSS_TAGS && best < 90; n++) {
    s = span_skip(s, span_index(s, '<'));
    if (s.len < 2) break;
    uint8_t score = one_tag(s, page);
    if (score > best) best = score;
    s = span_skip(s, 1);
  }
  return best;
}

/* A quote, then an event's attribute: the way out of an attribute's value. */
static uint8_t breakout(struct span s) {
  uint8_t best = 0;
  size_t at = 0;
  for (unsigned n = 0; n < 32; n++) {
    size_t k = span_find(span_skip(s, at), SPAN_LIT("on"));
    if (at + k >= s.len) break;
    at += k;
    size_t i = at;
    while (i < s.len && is_alpha(s.base[i])) i++;
    struct span name = span_of(s.base + at, i - at);
    uint8_t before = at ? s.base[at - 1] : ' ';
    while (i < s.len && is_space(s.base[i])) i++;
    bool assigned = i < s.len && s.base[i] == '=';
    bool led = before <= ' ' || before == '"' || before == '\'' || before == '/' || before == '`' ||
               before == ';' || before == '+' || before >= 0x80;
    if (assigned && led && is_event(name)) {
      struct span head = span_head(s, at), value = span_skip(s, i + 1);
      bool quoted = memchr(head.base, '"', head.len) || memchr(head.base, '\'', head.len) ||
                    memchr(head.base, '<', head.len) || memchr(head.base, '`', head.len);
      bool code = memchr(value.base, '(', value.len) || memchr(value.base, '`', value.len) ||
                  memchr(value.base, '=', value.len);
      if (quoted || code)
        best = quoted && code ? 90 : best > 75 ? best : 75;
      else if (at && s.base[0] <= ' ' && best < 60)
        best = 60;
    }
    at += 2;
  }
  return best;
}

/* Calls that a page's script makes and a parameter does not. */
static uint8_t script(struct span s) {
  static const char *const calls[] = {"alert",       "prompt",     "confirm", "eval", "settimeout",
                                      "setinterval", "execscript", "msgbox",  "print"};
  uint8_t best = 0;
  for (size_t f = 0; f < sizeof calls / sizeof *calls; f++) {
    struct span name = span_str(calls[f]);
    for (size_t at = 0, n = 0; n < 8; n++) {
      at += span_find(span_skip(s, at), name);
      if (at >= s.len) break;
      uint8_t before = at ? s.base[at - 1] : '\n';
      size_t i = at + name.len;
      bool blank = i < s.len && s.base[i] <= ' ';
      while (i < s.len && (s.base[i] <= ' ' || s.base[i] == ')' || s.base[i] == '?' || s.base[i] == '.')) i++;
      uint8_t open = i < s.len ? s.base[i] : 0, arg = i + 1 < s.len ? s.base[i + 1] : 0;
      bool word = (is_name(before) && before != '-' && before != ':') || before == '$';
      bool codeish = arg == '\'' || arg == '"' || arg == '/' || (arg >= '0' && arg <= '9') || arg == '`' ||
                     arg == ')' || arg == '&' || arg == '\\' ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("document")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("xss")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("string.")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("location")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("window")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("origin")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("this")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("self")) ||
                     span_starts(span_skip(s, i + 1), SPAN_LIT("atob"));
      if (!word && (open == '(' || open == '`') && f < 8 && (codeish || open == '`') &&
          (!blank || s.len < 40))
        best = best > 75 ? best : 75;
      at += name.len;
    }
  }
  if (ANY_OF(s, "document.cookie", "document.write", "document.domain", "document.location",
             "window.location", "string.fromcharcode", "document[", "window[", "self[", "top[",
             "document.createelement", "document.body", "document.getelement",
             "location.href=", "location=", "location.hash", "innerhtml=", "innerhtml +=", "javascript:alert",
             "constructor.constructor", "constructor(", "[\"constructor\"]", "['constructor']", "fetch(`",
             "fetch('http", "import('", "import(/", "parent[", "globalthis[", "this[", "frames[", ".call`",
             "alert?.", "onerror=alert", "throw onerror", "{onerror", "=alert", "=prompt,", "=confirm,",
             "(alert)", "[alert]", "alert,", "|alert", "alert;", "jquery.globaleval", "$.getscript",
             "srcdoc=", "window.name", "window.open(", "xmlhttprequest(") < s.len)
    best = best > 70 ? best : 70;
  return best;
}

/* Programs made of brackets, signs and little else. */
static uint8_t brackets(struct span s) {
  if (s.len < 24) return 0;
  size_t signs = 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    signs += c == '[' || c == ']' || c == '(' || c == ')' || c == '!' || c == '+' || c == '{' || c == '}' ||
             c == '$' || c == '_' || c == '~' || c == '=';
  }
  if (signs * 10 >= s.len * 5 && inspect_has(s, "![]") && inspect_has(s, "[])[")) return 80;
  return signs * 10 >= s.len * 7 && (inspect_has(s, "[]") || inspect_has(s, "$$") || inspect_has(s, "{}")) &&
                 inspect_has(s, "+")
             ? 80
             : 0;
}

static uint8_t judge(struct span s, uint32_t classes) {
  uint8_t best = 0, score;
  if (classes & CLASS_ANGLE) best = markup(s, span_of(NULL, 0));
  if (best < 90 && (score = breakout(s)) > best) best = score;
  if (best < 90 && (score = script(s)) > best) best = score;
  if (best < 80 && (score = score_url(s)) > best && memchr(s.base, ':', s.len)) {
    size_t colon = span_index(s, ':');
    struct span rest = span_skip(s, colon + 1);
    bool code = normalize_classes(rest) & (CLASS_PAREN | CLASS_ANGLE | CLASS_SEP | CLASS_EQUAL | CLASS_QUOTE |
                                           CLASS_SLASH | CLASS_PERCENT);
    bool disguised = ANY_OF(s, "javascript:", "vbscript:", "data:", "livescript:", "mocha:") >= s.len;
    if (code || disguised || inspect_has(rest, "base64") || inspect_has(rest, "\\")) best = score;
  }
  if (best < 80 && (score = brackets(s)) > best) best = score;
  if (best < 80 &&
      (inspect_has(s, "+adw-") || inspect_has(s, "expression(") || inspect_has(s, "-moz-binding:") ||
       inspect_has(s, "[link to code]") || inspect_has(s, "<!entity") || inspect_has(s, "xi:include") ||
       inspect_has(s, "!entity %") || inspect_has(s, "#@~^")))
    best = 80;
  if (best < 75 && ANY_OF(s, ".call`", "call `", "(![]", "[![]]", "!![]", "![]+[]", "+!![]", "[![]]", "(!![]",
                          "reflect.apply", "navigation.navigate") < s.len)
    best = 75;
  if (best < 60 && (span_starts(s, SPAN_LIT("-->")) || span_starts(s, SPAN_LIT("--!>")))) best = 60;
  if (best < 70 && (s.base[0] == 0xbc || (s.len < 512 && inspect_has(s, "\xbc/")) ||
                    inspect_has(s, "\xbcscript") || inspect_has(s, "\xbc/script")))
    best = 75;
  if (best < 70 && inspect_has(s, "style") && (score = score_style(s)) > best) best = score;
  return best;
}

/* The form of the value that is rich text, as its editor made it; empty where there is none. */
static struct span page_of(const struct inspect_ctx *cx) {
  if (cx->place != PLACE_BODY) return span_of(NULL, 0);
  for (unsigned i = 0; i < cx->nforms; i++) {
    struct span low = span_head(cx->forms[i].low, XSS_TEXT);
    if (low.len > RICH_LEAST && (cx->forms[i].classes & CLASS_ANGLE) && rich_is_text(low)) return low;
  }
  return span_of(NULL, 0);
}

static uint8_t judge_rich(struct span s, struct span page) {
  uint8_t best = markup(s, page), style = inspect_has(s, "style") ? score_style(s) : 0;
  return style > best ? style : best;
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  const struct inspect_form *f = cx->form;
  const struct side *req = &cx->txn->side[DIR_REQUEST];
  if (inspect_done(cx, &rule_xss)) return;
  if (rich_is_shown(leaf->key, leaf->raw) && span_find(req->mime, SPAN_LIT("xml")) == req->mime.len) return;
  struct span low = span_head(f->low, XSS_TEXT);
  uint8_t score = judge(low, f->classes);
  struct span page = score ? page_of(cx) : span_of(NULL, 0);
  if (page.len) score = judge_rich(low, page);
  bool body = cx->place == PLACE_BODY && !leaf->key.len;
  bool is_page = score && score < 80 && body &&
                 ANY_OF(f->low, "<html", "<!doctype html", "<!doctype svg", "<svg xmlns") < f->low.len;
  if (score && cx->place == PLACE_BODY && f->text.len > PAGE / 2 && inspect_has(f->low, "<html") &&
      inspect_has(f->low, "</html>") && (body || score < 90))
    return; /* a whole page, to be printed, mailed or published */
  uint8_t need = cx->place == PLACE_HEADER || cx->place == PLACE_COOKIE ? 70
                 : cx->place == PLACE_BODY && f->text.len > 1024        ? 85
                 : is_page || (body && f->text.len > PAGE)              ? 80
                                                                        : 60;
  if (score >= need) inspect_attack(cx, &rule_xss, score, f->text.len > 80 ? span_index(f->text, '<') : 0);
}

const struct inspection inspect_xss = {.rule = &rule_xss, .value = value, .wants = BIT(WORD_XSS)};
