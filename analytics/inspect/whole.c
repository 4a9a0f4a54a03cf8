/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies and files that are one packed thing: serialized objects of Java, Python and .NET with what exploits put into them (gzip
 * or not), archives whose members climb out of their folder. */
#include "analytics/inspect/whole.h"
#include "analytics/inspect/rules.h"
#include "dissect/body/multipart.h"

#include <zlib.h>

enum { HEAD = 16384, INFLATED = 8192, PARTS = 16, MEMBERS = 256 };

static bool holds_any(struct span s, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (span_find(s, span_str(list[i])) < s.len) return true;
  return false;
}

enum whole whole_kind(struct span s) {
  if (s.len < 12) return WHOLE_OTHER;
  if (memcmp(s.base, "\xac\xed\x00\x05", 4) == 0) return WHOLE_JAVA;
  if (memcmp(s.base, "\x00\x01\x00\x00\x00\xff\xff\xff\xff", 9) == 0) return WHOLE_NET;
  if (s.base[0] == 0x80 && s.base[1] >= 2 && s.base[1] <= 5) return WHOLE_PICKLE;
  return s.base[0] == 0x1f && s.base[1] == 0x8b ? WHOLE_GZIP : WHOLE_OTHER;
}

size_t whole_inflate(struct span s, uint8_t *out, size_t cap) {
  z_stream z = {.next_in = (Bytef *)(uintptr_t)s.base,
                .avail_in = s.len < UINT32_MAX ? (uInt)s.len : UINT32_MAX};
  if (inflateInit2(&z, 16 + MAX_WBITS) != Z_OK) return 0;
  z.next_out = out, z.avail_out = (uInt)cap;
  inflate(&z, Z_SYNC_FLUSH);
  size_t n = cap - z.avail_out;
  inflateEnd(&z);
  return n;
}

bool whole_is_hostile(enum whole kind, struct span s) {
  static const char *const java[] = {"org.apache.commons.collections",
                                     "TemplatesImpl",
                                     "BadAttributeValueExpException",
                                     "AnnotationInvocationHandler",
                                     "java.net.URL",
                                     "BeanComparator",
                                     "java.rmi.server",
                                     "PoolBackedDataSource",
                                     "SignedObject",
                                     "InvokerTransformer",
                                     "JdbcRowSetImpl",
                                     "org.codehaus.groovy.runtime",
                                     "java.lang.Runtime",
                                     "java.lang.ProcessBuilder",
                                     "org.springframework.beans.factory.ObjectFactory",
                                     "sun.rmi.",
                                     "org.hibernate.engine.spi.TypedValue",
                                     "com.tangosol.util",
                                     "javax.management.remote",
                                     "bsh.XThis",
                                     "org.python.core"};
  static const char *const pickle[] = {"posix",       "nt\n",     "subprocess", "os\nsystem",
                                       "__builtin__", "builtins", "commands",   "pty\nspawn",
                                       "system",      "runpy",    "importlib"};
  static const char *const net[] = {"System.Diagnostics.Process",
                                    "ObjectDataProvider",
                                    "TypeConfuseDelegate",
                                    "ActivitySurrogate",
                                    "WindowsIdentity",
                                    "System.Windows",
                                    "PSObject",
                                    "System.Data.DataSet",
                                    "ClaimsIdentity",
                                    "DelegateSerializationHolder",
                                    "TextFormattingRunProperties"};
  switch (kind) {
  case WHOLE_JAVA: return holds_any(s, java, sizeof java / sizeof *java);
  case WHOLE_PICKLE: return holds_any(s, pickle, sizeof pickle / sizeof *pickle);
  case WHOLE_NET: return holds_any(s, net, sizeof net / sizeof *net);
  default: return false;
  }
}

/* Objects as such are what some services inside speak; from the internet they are asked about. */
static void objects(struct inspect_ctx *cx, struct span s, const char *where) {
  uint8_t out[INFLATED];
  s = span_head(s, HEAD);
  enum whole kind = whole_kind(s);
  if (kind == WHOLE_GZIP) {
    s = span_of(out, whole_inflate(s, out, sizeof out));
    kind = whole_kind(s);
  }
  if (kind == WHOLE_OTHER || kind == WHOLE_GZIP) return;
  bool hostile = whole_is_hostile(kind, s),
       outer = zones_of(cx->zones, cx->txn->conn.client) == ZONE_INTERNET;
  if (!hostile && (!outer || kind == WHOLE_PICKLE)) return;
  inspect_signal(cx, &rule_deserialization, SEVERITY_HIGH, hostile ? 90 : 65, OUTCOME_ATTEMPTED,
                 span_str(where),
                 kind == WHOLE_JAVA     ? SPAN_LIT("Java object")
                 : kind == WHOLE_PICKLE ? SPAN_LIT("Python pickle")
                                        : SPAN_LIT(".NET object"));
}

bool whole_climbs(struct span s) {
  if (!span_starts(s, SPAN_LIT("PK\x03\x04"))) return false;
  for (unsigned n = 0; n < MEMBERS; n++) { /* the directory at its end, APPNOTE 4.3.12 */
    s = span_skip(s, span_find(s, SPAN_LIT("PK\x01\x02")));
    if (s.len < 47) return false;
    struct span name = span_head(span_skip(s, 46), (size_t)s.base[28] | (size_t)s.base[29] << 8);
    if (span_find(name, SPAN_LIT("../")) < name.len || span_find(name, SPAN_LIT("..\\")) < name.len)
      return true;
    s = span_skip(s, 46);
  }
  return false;
}

static void archive(struct inspect_ctx *cx, struct span s, const char *where) {
  if (whole_climbs(s))
    inspect_signal(cx, &rule_file_upload, SEVERITY_HIGH, 90, OUTCOME_ATTEMPTED, span_str(where),
                   SPAN_LIT("archive whose members climb out of their folder"));
}

static void call(struct inspect_ctx *cx) {
  const struct side *req = &cx->txn->side[DIR_REQUEST];
  struct span body = side_body(req);
  if (body.len < 12 || !cx->txn->method.len) return; /* calls of RPC carry objects by their nature */
  objects(cx, body, "body");
  archive(cx, body, "body");
  struct multipart m;
  struct multipart_part p;
  if (!span_starts(req->mime, SPAN_LIT("multipart/")) ||
      !multipart_open(&m, headers_get(&req->headers, "content-type"), body))
    return;
  for (unsigned n = 0; n < PARTS && multipart_next(&m, &p); n++) {
    objects(cx, p.body, "body.file");
    archive(cx, p.body, "body.file");
  }
}
const struct inspection inspect_whole = {.rule = &rule_deserialization, .call = call};
