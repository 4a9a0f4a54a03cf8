/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's transports (thrift.apache.org, doc/specs: framed, HeaderFormat.md) and what a call's name and reply say. */
#include "base/err.h"
#include "dissect/proto/thrift.h"
#include "dissect/side.h"

enum { LENGTH_MOST = 1 << 28, HEADER_MAGIC = 0x0fff, INFOS_MOST = 64, KEY_VALUES = 1, VALUE_MOST = 4096 };

/* Behind the length: magic, flags, sequence number, size of what follows in words; protocol, transforms, infos. */
static int header_start(struct span frame, struct thrift_start *out) {
  struct reader r = reader_of(frame);
  reader_skip(&r, 8);
  size_t size = (size_t)reader_u16be(&r) * 4;
  struct span head = reader_take(&r, size);
  if (r.bad) return 0;
  struct reader h = reader_of(head);
  uint64_t protocol = reader_varint(&h), transforms = reader_varint(&h);
  if (h.bad || (protocol != 0 && protocol != 2) || transforms)
    return ERR_SYNTAX; /* packed ones are not read */
  out->transport = THRIFT_HEADER;
  out->infos = reader_rest(&h);
  out->skip += 10 + size;
  return 1;
}

int thrift_call_start(struct span s, struct thrift_start *out) {
  *out = (struct thrift_start){.transport = THRIFT_UNFRAMED};
  if (!s.len) return 0;
  if (s.base[0] >= 0x80) return thrift_head_read(s, &out->head);
  if (s.base[0] > 0x0f) return ERR_SYNTAX;
  if (s.len < 6) return 0;
  struct reader r = reader_of(s);
  uint32_t length = reader_u32be(&r);
  struct span rest = reader_rest(&r);
  uint8_t c = rest.base[0];
  if (c >= 0x20 && c < 0x80) return thrift_head_read(s, &out->head); /* a name: the length was its */
  if (length > LENGTH_MOST) return ERR_SYNTAX;
  out->transport = THRIFT_FRAMED;
  out->skip = 4;
  int rc = c == HEADER_MAGIC >> 8 && rest.base[1] == (HEADER_MAGIC & 0xff) ? header_start(rest, out) : 1;
  if (rc == 1) rc = thrift_head_read(span_skip(s, out->skip), &out->head);
  if (rc != 1) return rc;
  uint64_t before = out->skip - 4;
  if (length < before + out->head.size + 1) return ERR_SYNTAX;
  out->length = length - before;
  return 1;
}

static struct span info_text(struct reader *r) {
  uint64_t n = reader_varint(r);
  return n > VALUE_MOST ? (reader_fail(r), (struct span){0}) : reader_take(r, (size_t)n);
}

static void keep_infos(struct txn *t, struct span infos, uint32_t most) {
  struct reader r = reader_of(infos);
  struct headers *h = &t->side[DIR_REQUEST].headers;
  if (reader_varint(&r) != KEY_VALUES) return;
  uint64_t n = reader_varint(&r);
  for (uint64_t i = 0; i < n && i < INFOS_MOST && !r.bad && h->count < most; i++) {
    struct span key = info_text(&r), value = info_text(&r);
    if (!r.bad && key.len && txn_header(t, h, key, value) < 0) return;
  }
}

static struct span media_type(enum thrift_protocol p) {
  return p == THRIFT_COMPACT ? SPAN_LIT("application/vnd.apache.thrift.compact")
                             : SPAN_LIT("application/vnd.apache.thrift.binary");
}

static void facts(struct txn *t, const struct thrift_start *m) {
  static const char *const protocols[] = {"binary", "binary_old", "compact"};
  static const char *const transports[] = {"unframed", "framed", "header"};
  if (txn_fact(t, "tapscope.thrift.protocol")) return;
  txn_fact_str(t, "tapscope.thrift.protocol", span_str(protocols[m->head.protocol]));
  txn_fact_str(t, "tapscope.thrift.transport", span_str(transports[m->transport]));
  txn_fact_u64(t, "tapscope.thrift.seqid", (uint32_t)m->head.seqid);
}

void thrift_call_request(struct txn *t, const struct thrift_start *m, uint32_t max_headers) {
  t->side[DIR_REQUEST].mime = media_type(m->head.protocol);
  facts(t, m);
  if (m->head.call == THRIFT_ONEWAY) txn_fact_bool(t, "tapscope.thrift.oneway", true);
  t->operation = arena_copy(&t->arena, m->head.name);
  size_t colon = span_index(t->operation, ':'); /* TMultiplexedProtocol: service and method */
  if (colon && colon < t->operation.len) t->service = span_head(t->operation, colon);
  if (m->infos.len) keep_infos(t, m->infos, max_headers);
}

/* TApplicationException: {1: message, 2: type}. */
static void exception(struct txn *t, struct thrift_values *v, struct reader *r) {
  struct thrift_token k;
  size_t want;
  for (int i = 0; i < 2 && thrift_values_next(v, r, &k, &want) > THRIFT_DONE; i++)
    if (k.field == 2 && k.type == THRIFT_I32 && k.number >= 0)
      txn_fact_u64(t, "tapscope.thrift.exception", (uint64_t)k.number);
}

void thrift_call_reply(struct txn *t, const struct thrift_start *m) {
  struct side *s = &t->side[DIR_RESPONSE];
  struct reader r = reader_of(span_skip(side_unbroken(s), m->head.size));
  struct thrift_values v;
  struct thrift_token k;
  size_t want;
  s->mime = media_type(m->head.protocol);
  facts(t, m);
  thrift_values_begin(&v, m->head.protocol);
  if (m->head.call == THRIFT_EXCEPTION) {
    t->outcome = TXN_ERROR;
    exception(t, &v, &r);
    return;
  }
  int event = thrift_values_next(&v, &r, &k, &want);
  if (event < 0) return;
  bool thrown =
      event == THRIFT_OPEN && k.type == THRIFT_STRUCT && k.field != 0; /* one that the method declares */
  t->outcome = thrown ? TXN_ERROR : TXN_OK;
}
