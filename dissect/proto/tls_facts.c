/* SPDX-License-Identifier: Apache-2.0 */
/* Hello messages as facts of a transaction (RFC 8446 4.1; ECS names). */
#include "dissect/proto/tls_facts.h"
#include "base/err.h"

void tls_facts_client(struct txn *t, struct span body, char transport) {
  struct tls_client_hello h;
  char ja3[32], ja4[36];
  int rc = tls_hello_client(body, &h);
  if (rc == ERR_SYNTAX || !h.ciphers) {
    t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
    return;
  }
  tls_hello_ja3(&h, ja3);
  tls_hello_ja4(&h, transport, ja4);
  txn_fact_str(t, "tls.client.ja3", span_of(ja3, sizeof ja3));
  txn_fact_str(t, "tapscope.tls.ja4", span_of(ja4, sizeof ja4));
  if (h.server_name.len) {
    txn_fact_str(t, "tls.client.server_name", h.server_name);
    t->host = arena_copy(&t->arena, h.server_name);
    t->service = t->host;
  }
  for (unsigned i = 0; i < h.alpns; i++) txn_fact_add(t, "tapscope.tls.client_alpn", h.alpn[i]);
  t->side[DIR_REQUEST].complete = true;
}

void tls_facts_curve(struct txn *t, uint16_t group) {
  static const struct {
    uint16_t id;
    const char *name;
  } groups[] = {
      {19, "secp192r1"},
      {21, "secp224r1"},
      {22, "secp256k1"},
      {23, "secp256r1"},
      {24, "secp384r1"},
      {25, "secp521r1"},
      {26, "brainpoolP256r1"},
      {27, "brainpoolP384r1"},
      {28, "brainpoolP512r1"},
      {29, "x25519"},
      {30, "x448"},
      {41, "curveSM2"},
      {256, "ffdhe2048"},
      {257, "ffdhe3072"},
      {258, "ffdhe4096"},
      {0x11eb, "SecP256r1MLKEM768"},
      {0x11ec, "X25519MLKEM768"},
      {0x11ed, "SecP384r1MLKEM1024"},
      {0x6399, "X25519Kyber768Draft00"},
  };
  if (txn_fact(t, "tls.curve")) return;
  for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
    if (groups[i].id == group) {
      txn_fact_str(t, "tls.curve", span_str(groups[i].name));
      return;
    }
  txn_fact_str(t, "tls.curve", arena_printf(&t->arena, "0x%04X", group));
}

bool tls_facts_server(struct txn *t, struct span body) {
  struct tls_server_hello h;
  if (tls_hello_server(body, &h) < 0 || h.retry) return false;
  const char *version = tls_hello_version(h.version), *cipher = tls_hello_cipher(h.cipher);
  bool tlcp = h.version == 0x0101, ssl = h.version == 0x0300;
  txn_fact_str(t, "tls.version_protocol", tlcp ? SPAN_LIT("tlcp") : ssl ? SPAN_LIT("ssl") : SPAN_LIT("tls"));
  if (version) txn_fact_str(t, "tls.version", span_str(tlcp || ssl ? version + (tlcp ? 4 : 3) : version));
  t->version = version ? arena_copy(&t->arena, span_str(version)) : span_of("", 0);
  txn_fact_str(t, "tls.cipher", cipher ? span_str(cipher) : arena_printf(&t->arena, "0x%04X", h.cipher));
  if (h.alpn.len) txn_fact_str(t, "tls.next_protocol", h.alpn);
  if (h.group) tls_facts_curve(t, h.group);
  if (h.psk) txn_fact_bool(t, "tls.resumed", true);
  if (!tlcp && h.version < 0x0303) txn_fact_add(t, "tapscope.tls.weak", SPAN_LIT("weak_version"));
  if (tls_hello_cipher_weak(h.cipher)) txn_fact_add(t, "tapscope.tls.weak", SPAN_LIT("weak_cipher"));
  t->side[DIR_RESPONSE].complete = true;
  t->outcome = TXN_OK;
  return true;
}
