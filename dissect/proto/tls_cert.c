/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates as facts. */
#include "dissect/proto/tls_cert.h"
#include "base/err.h"
#include "base/hash.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

enum { NAMES_MOST = 64, SERIAL_MOST = 32 };

static void name_fact_as(struct txn *t, const char *fact, const X509_NAME *name, bool list) {
  BIO *b = BIO_new(BIO_s_mem());
  char *p = NULL;
  if (!b) return;
  X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
  long n = BIO_get_mem_data(b, &p);
  if (n > 0 && n < 1024) (list ? txn_fact_add : txn_fact_str)(t, fact, span_of(p, (size_t)n));
  BIO_free(b);
}

static void name_fact(struct txn *t, const char *fact, const X509_NAME *name) {
  name_fact_as(t, fact, name, false);
}

/* Certificates of people carry their names and numbers: only what reads as a machine's name is said. */
static bool is_plain(const X509_NAME *name) {
  char text[1024];
  unsigned digits = 0;
  if (!X509_NAME_oneline(name, text, sizeof text)) return false;
  for (const char *p = text; *p; p++) {
    digits = *p >= '0' && *p <= '9' ? digits + 1 : 0;
    if (digits >= 6 || *p == '@' || *p == '\\' || (uint8_t)*p >= 0x80) return false;
  }
  return true;
}

static int64_t time_fact(struct txn *t, const char *fact, const ASN1_TIME *at) {
  struct tm tm;
  if (!ASN1_TIME_to_tm(at, &tm)) return 0;
  txn_fact_str(t, fact,
               arena_printf(&t->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                            tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec));
  return (int64_t)timegm(&tm);
}

static void address_name(struct txn *t, const char *fact, const ASN1_OCTET_STRING *ip) {
  char text[INET6_ADDRSTRLEN];
  int n = ASN1_STRING_length(ip);
  if ((n == 4 || n == 16) &&
      inet_ntop(n == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(ip), text, sizeof text))
    txn_fact_add(t, fact, span_str(text));
}

static void alternative_names(struct txn *t, const char *fact, const X509 *x) {
  GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all) && i < NAMES_MOST; i++) {
    const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);
    if (g->type == GEN_IPADD) address_name(t, fact, g->d.iPAddress);
    if (g->type != GEN_DNS && g->type != GEN_URI) continue;
    const ASN1_STRING *s = g->d.ia5;
    int n = ASN1_STRING_length(s);
    if (n > 0 && n < 256) txn_fact_add(t, fact, span_of(ASN1_STRING_get0_data(s), (size_t)n));
  }
  GENERAL_NAMES_free(all);
}

static void weak(struct txn *t, const char *what) { txn_fact_add(t, "tapscope.tls.weak", span_str(what)); }

/* Static names, because facts keep them. */
struct names {
  const char *hash, *subject, *issuer, *from, *to, *serial, *algorithm, *size, *curve, *signature,
      *alternative;
};
static const struct names names[2] = {
    {"tls.client.hash.sha256", "tls.client.subject", "tls.client.issuer", "tls.client.not_before",
     "tls.client.not_after", "tls.client.x509.serial_number", "tls.client.x509.public_key_algorithm",
     "tls.client.x509.public_key_size", "tls.client.x509.public_key_curve",
     "tls.client.x509.signature_algorithm", "tls.client.x509.alternative_names"},
    {"tls.server.hash.sha256", "tls.server.subject", "tls.server.issuer", "tls.server.not_before",
     "tls.server.not_after", "tls.server.x509.serial_number", "tls.server.x509.public_key_algorithm",
     "tls.server.x509.public_key_size", "tls.server.x509.public_key_curve",
     "tls.server.x509.signature_algorithm", "tls.server.x509.alternative_names"},
};

static bool same_ends(const X509 *x) {
  return X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0;
}

static bool key_is_weak(X509 *x) {
  EVP_PKEY *key = X509_get0_pubkey(x);
  const char *type = key ? EVP_PKEY_get0_type_name(key) : NULL;
  if (!type) return false;
  bool rsa = strncmp(type, "RSA", 3) == 0 || strcmp(type, "DSA") == 0;
  return EVP_PKEY_get_bits(key) < (rsa ? 2048 : 224);
}

static bool signature_is_weak(const X509 *x) {
  int sig = X509_get_signature_nid(x);
  return sig == NID_md2WithRSAEncryption || sig == NID_md5WithRSAEncryption ||
         sig == NID_sha1WithRSAEncryption || sig == NID_dsaWithSHA1 || sig == NID_ecdsa_with_SHA1;
}

static void key_facts(struct txn *t, const struct names *n, X509 *x) {
  EVP_PKEY *key = X509_get0_pubkey(x);
  char curve[64];
  size_t len = 0;
  const char *signature = OBJ_nid2sn(X509_get_signature_nid(x));
  if (signature) txn_fact_str(t, n->signature, span_str(signature));
  if (!key) return;
  const char *type = EVP_PKEY_get0_type_name(key);
  int bits = EVP_PKEY_get_bits(key);
  txn_fact_str(t, n->algorithm, span_str(type ? type : "unknown"));
  if (bits > 0) txn_fact_u64(t, n->size, (uint64_t)bits);
  bool curved = type && (strcmp(type, "EC") == 0 || strcmp(type, "SM2") == 0);
  if (curved && EVP_PKEY_get_group_name(key, curve, sizeof curve, &len) == 1)
    txn_fact_str(t, n->curve, span_of(curve, len));
}

static void serial_fact(struct txn *t, const char *fact, const X509 *x) {
  const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
  char hex[2 * SERIAL_MOST];
  int n = ASN1_STRING_length(serial);
  if (n <= 0 || n > SERIAL_MOST) return;
  hash_hex(ASN1_STRING_get0_data(serial), (size_t)n, hex);
  txn_fact_str(t, fact, span_of(hex, 2 * (size_t)n));
}

static int64_t seconds_of(const ASN1_TIME *at) {
  struct tm tm;
  return ASN1_TIME_to_tm(at, &tm) ? (int64_t)timegm(&tm) : 0;
}

static X509 *parse(struct span der) {
  const unsigned char *p = der.base;
  return der.len && der.len < (1 << 20) ? d2i_X509(NULL, &p, (long)der.len) : NULL;
}

int tls_cert_facts(struct txn *t, enum dir d, struct span der, uint64_t ns) {
  const struct names *n = &names[d];
  X509 *x = parse(der);
  uint8_t sha[32];
  char hex[64];
  if (!x) return ERR_SYNTAX;
  hash_sha256(der, sha);
  hash_hex(sha, 32, hex);
  txn_fact_str(t, n->hash, span_of(hex, sizeof hex));
  bool server = d == DIR_RESPONSE, plain = is_plain(X509_get_subject_name(x));
  if (server || plain) name_fact(t, n->subject, X509_get_subject_name(x));
  if (server || is_plain(X509_get_issuer_name(x))) name_fact(t, n->issuer, X509_get_issuer_name(x));
  serial_fact(t, n->serial, x);
  int64_t from = time_fact(t, n->from, X509_get0_notBefore(x)), now = (int64_t)(ns / 1000000000);
  int64_t to = time_fact(t, n->to, X509_get0_notAfter(x));
  if (to && to < now) weak(t, server ? "expired" : "client_expired");
  if (from > now) weak(t, server ? "not_yet_valid" : "client_not_yet_valid");
  if (same_ends(x)) weak(t, server ? "self_signed" : "client_self_signed");
  if (key_is_weak(x)) weak(t, server ? "weak_key" : "client_weak_key");
  if (signature_is_weak(x)) weak(t, server ? "weak_signature" : "client_weak_signature");
  key_facts(t, n, x);
  if (server || plain) alternative_names(t, n->alternative, x);
  X509_free(x);
  return 0;
}

int tls_cert_chain(struct txn *t, struct span der, uint64_t ns) {
  X509 *x = parse(der);
  int64_t now = (int64_t)(ns / 1000000000), to;
  if (!x) return ERR_SYNTAX;
  name_fact_as(t, "tapscope.tls.chain", X509_get_subject_name(x), true);
  to = seconds_of(X509_get0_notAfter(x));
  if (to && to < now) weak(t, "chain_expired");
  if (key_is_weak(x)) weak(t, "chain_weak_key");
  if (!same_ends(x) && signature_is_weak(x)) weak(t, "chain_weak_signature");
  X509_free(x);
  return 0;
}
