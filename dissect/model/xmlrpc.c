/* SPDX-License-Identifier: Apache-2.0 */
/* XML-RPC (xmlrpc.com, specification of 1999) with system.multicall's calls. */
#include "dissect/model/dialect.h"
#include "dissect/model/markup_scan.h"

enum { TAGS_MOST = 20000 };

static bool is(const struct markup_scan *s, const char *name) {
  return s->open && span_eq(s->name, span_str(name));
}

static uint64_t read_call(struct dialect *d, struct markup_scan *s) {
  uint64_t params = 0;
  bool member = false, multi = false;
  for (unsigned n = 0; n < TAGS_MOST && markup_scan_next(s); n++) {
    if (is(s, "methodName") && !d->total) {
      struct span name = markup_scan_text(s);
      multi = span_eq(name, SPAN_LIT("system.multicall"));
      dialect_operation(d, name);
    } else if (is(s, "param")) {
      params++;
    } else if (multi && is(s, "name")) {
      member = span_eq(markup_scan_text(s), SPAN_LIT("methodName"));
    } else if (member && (is(s, "string") || is(s, "value"))) {
      struct span name = markup_scan_text(s);
      if (name.len) {
        dialect_operation(d, name);
        member = false;
      }
    }
  }
  return params;
}

/* <fault>…<name>faultCode</name><value><int>4</int>… */
static void read_fault(struct txn *t) {
  struct markup_scan s = markup_scan_of(side_body(&t->side[DIR_RESPONSE]));
  bool code = false;
  if (!markup_scan_next(&s) || !is(&s, "methodResponse") || !markup_scan_next(&s) || !is(&s, "fault")) return;
  t->outcome = TXN_ERROR;
  for (unsigned n = 0; n < 64 && markup_scan_next(&s); n++) {
    struct span text = markup_scan_text(&s);
    if (is(&s, "name")) code = span_eq(text, SPAN_LIT("faultCode"));
    if (!code || !(is(&s, "int") || is(&s, "i4")) || !text.len || text.len > 11) continue;
    txn_fact_str(t, "tapscope.xmlrpc.fault", text);
    return;
  }
}

bool xmlrpc_apply(struct dialect *d) {
  struct markup_scan s = markup_scan_of(side_body(&d->t->side[DIR_REQUEST]));
  if (!markup_scan_next(&s) || !is(&s, "methodCall")) return false;
  d->name = "xmlrpc";
  uint64_t params = read_call(d, &s);
  txn_fact_u64(d->t, "tapscope.xmlrpc.params", params);
  read_fault(d->t);
  return true;
}
