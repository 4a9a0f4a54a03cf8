/* SPDX-License-Identifier: Apache-2.0 */
/* SOAP 1.1 (W3C Note of 2000) and 1.2 (W3C Recommendation, second edition), with attachments (MTOM, SwA). */
#include "base/err.h"
#include "dissect/body/charset.h"
#include "dissect/body/markup.h"
#include "dissect/model/dialect.h"
#include "dissect/model/markup_scan.h"

enum { CODE_MOST = 64 };

struct envelope {
  struct span operation;      /* local name of the body's first element, as sent */
  struct span space, version; /* namespaces of the operation and of the envelope */
  struct span fault;          /* code, without prefix */
  bool body, is_fault;
};

/* Namespace that a tag declares for a prefix (empty: the default one). */
static struct span declared(struct span tag, struct span prefix) {
  struct span name, value;
  (void)markup_name(&tag);
  while (markup_attribute(&tag, &name, &value)) {
    struct span head = span_cut(&name, ':');
    if (span_eq(head, SPAN_LIT("xmlns")) && span_eq(name, prefix)) return value;
  }
  return (struct span){0};
}

static struct span prefix_of(struct span tag) {
  struct span name = markup_name(&tag);
  size_t colon = span_index(name, ':');
  return colon < name.len ? span_head(name, colon) : span_of("", 0);
}

/* <faultcode>soap:Client</faultcode>, <Code><Value>env:Sender</Value>. */
static void read_fault(struct markup_scan *s, struct envelope *e) {
  for (unsigned n = 0; n < 8 && markup_scan_next(s); n++) {
    if (!s->open || !(span_eq(s->name, SPAN_LIT("faultcode")) || span_eq(s->name, SPAN_LIT("Value"))))
      continue;
    struct span text = markup_scan_text(s);
    size_t colon = span_index(text, ':');
    text = colon < text.len ? span_skip(text, colon + 1) : text;
    bool plain = text.len && text.len <= CODE_MOST;
    for (size_t i = 0; i < text.len; i++) plain &= markup_is_name(text.base[i]);
    if (plain) e->fault = text;
    return;
  }
}

/* False where the document is no envelope. */
static bool read_envelope(struct span text, struct envelope *e) {
  struct markup_scan s = markup_scan_of(text);
  struct span outer = {0};
  memset(e, 0, sizeof *e);
  if (!markup_scan_next(&s) || !s.open || !span_eq(s.name, SPAN_LIT("Envelope"))) return false;
  outer = s.tag;
  e->version = declared(outer, prefix_of(outer));
  while (markup_scan_next(&s)) {
    if (!s.open || s.depth != 2 || !span_eq(s.name, SPAN_LIT("Body"))) continue;
    struct span body = s.tag;
    e->body = true;
    if (s.closed || !markup_scan_next(&s) || !s.open) return true;
    struct span prefix = prefix_of(s.tag);
    e->operation = s.name;
    e->space = declared(s.tag, prefix);
    if (!e->space.len) e->space = declared(body, prefix);
    if (!e->space.len) e->space = declared(outer, prefix);
    e->is_fault = span_eq(s.name, SPAN_LIT("Fault"));
    if (e->is_fault) read_fault(&s, e);
    return true;
  }
  return e->version.len > 0;
}

/* SOAPAction of 1.1, or the action parameter of 1.2's media type. */
static struct span action_of(const struct txn *t) {
  const struct headers *h = &t->side[DIR_REQUEST].headers;
  struct span a = span_trim(headers_get(h, "soapaction"));
  if (!a.len) a = walk_param(headers_get(h, "content-type"), SPAN_LIT("action"));
  if (a.len >= 2 && (a.base[0] == '"' || a.base[0] == '\'')) a = span_of(a.base + 1, a.len - 2);
  return a;
}

/* "urn:bank#Transfer", "http://bank.example/Transfer": the last part. */
static struct span action_name(struct span a) {
  size_t i = a.len;
  while (i && a.base[i - 1] != '#' && a.base[i - 1] != '/' && a.base[i - 1] != ':') i--;
  return span_skip(a, i);
}

/* The XML of one side: the first part where it is multipart. */
static struct span xml_of(const struct txn *t, enum dir d) {
  struct span body = side_body(&t->side[d]);
  if (!span_starts(t->side[d].mime, SPAN_LIT("multipart/"))) return body;
  size_t at = span_find(span_head(body, 8192), SPAN_LIT("\r\n\r\n"));
  return span_skip(body, at + 4);
}

/* Names may stand in the charset of the document. */
static struct span in_utf8(struct txn *t, enum dir d, struct span s) {
  struct buf b;
  if (charset_is_utf8(s)) return s;
  buf_init(&b, NULL, s.len * 4 + 64);
  struct span charset = t->side[d].charset;
  int rc = charset.len ? charset_utf8(charset, s, &b) : charset_utf8(span_str(charset_guess(s)), s, &b);
  if (rc == ERR_NOMEM) txn_missed(t);
  s = rc == 0 ? arena_copy(&t->arena, buf_span(&b)) : span_of(NULL, 0);
  buf_done(&b);
  return s;
}

static void facts(struct dialect *d, const struct envelope *q, const struct envelope *p, struct span action) {
  struct txn *t = d->t;
  const struct envelope *e = q->version.len ? q : p;
  bool v12 = span_eq(e->version, SPAN_LIT("http://www.w3.org/2003/05/soap-envelope"));
  txn_fact_str(t, "tapscope.soap.version", v12 ? SPAN_LIT("1.2") : SPAN_LIT("1.1"));
  if (action.len && action.len <= 256) txn_fact_str(t, "tapscope.soap.action", action);
  struct span space = q->operation.len ? q->space : p->space;
  if (space.len && space.len <= 256) txn_fact_str(t, "tapscope.soap.namespace", space);
  if (!p->is_fault) return;
  txn_fact_str(t, "tapscope.soap.fault", p->fault.len ? p->fault : SPAN_LIT("unknown"));
  t->outcome = TXN_ERROR;
}

bool soap_apply(struct dialect *d) {
  struct txn *t = d->t;
  struct envelope q, p;
  bool asked = read_envelope(xml_of(t, DIR_REQUEST), &q), answered = false;
  if (!asked && t->side[DIR_REQUEST].seen) return false;
  answered = read_envelope(xml_of(t, DIR_RESPONSE), &p);
  if (!asked && !answered) return false;
  struct span action = action_of(t), name = in_utf8(t, DIR_REQUEST, q.operation);
  bool hidden = span_eq(name, SPAN_LIT("EncryptedData"));
  if (!name.len || hidden) name = action_name(action);
  if (!name.len && !asked && !p.is_fault) {
    name = in_utf8(t, DIR_RESPONSE, p.operation);
    if (span_ends(name, SPAN_LIT("Response"))) name.len -= sizeof "Response" - 1;
  }
  d->name = "soap";
  if (hidden) txn_fact_bool(t, "tapscope.soap.encrypted", true);
  if (name.len) dialect_operation(d, name);
  facts(d, &q, &p, action);
  return true;
}
