/* SPDX-License-Identifier: Apache-2.0 */
/* X.509 certificates as facts. */
#include "dissect/proto/tls_cert.h"
#include "base/err.h"
#include "base/hash.h"

#include <openssl/x509v3.h>
#include <stdio.h>
#include <time.h>

static void name_fact(struct txn *t, const char *fact, const X509_NAME *name) {
  BIO *b = BIO_new(BIO_s_mem());
  char *p = NULL;
  if (!b) return;
  X509_NAME_print_ex(b, name, 0, XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB);
  long n = BIO_get_mem_data(b, &p);
  if (n > 0 && n < 1024) txn_fact_str(t, fact, span_of(p, (size_t)n));
  BIO_free(b);
}

static int64_t time_fact(struct txn *t, const char *fact, const ASN1_TIME *at) {
  struct tm tm;
  if (!ASN1_TIME_to_tm(at, &tm)) return 0;
  txn_fact_str(t, fact,
               arena_printf(&t->arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
                            tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec));
  return (int64_t)timegm(&tm);
}

static void alternative_names(struct txn *t, const X509 *x) {
  GENERAL_NAMES *all = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
  for (int i = 0; all && i < sk_GENERAL_NAME_num(all) && i < 64; i++) {
    const GENERAL_NAME *g = sk_GENERAL_NAME_value(all, i);
    if (g->type != GEN_DNS && g->type != GEN_URI && g->type != GEN_EMAIL) continue;
    const ASN1_STRING *s = g->d.ia5;
    int n = ASN1_STRING_length(s);
    if (n > 0 && n < 256)
      txn_fact_add(t, "tls.server.x509.alternative_names", span_of(ASN1_STRING_get0_data(s), (size_t)n));
  }
  GENERAL_NAMES_free(all);
}

static void weak(struct txn *t, const char *what) { txn_fact_add(t, "tapscope.tls.weak", span_str(what)); }

static void key_facts(struct txn *t, X509 *x) {
  EVP_PKEY *key = X509_get0_pubkey(x);
  if (!key) return;
  int type = EVP_PKEY_get_base_id(key), bits = EVP_PKEY_get_bits(key), sig = X509_get_signature_nid(x);
  const char *name = type == EVP_PKEY_RSA   ? "RSA"
                     : type == EVP_PKEY_EC  ? "EC"
                     : type == EVP_PKEY_SM2 ? "SM2"
                                            : OBJ_nid2sn(type);
  txn_fact_str(t, "tls.server.x509.public_key_algorithm", span_str(name ? name : "unknown"));
  if (bits > 0) txn_fact_u64(t, "tls.server.x509.public_key_size", (uint64_t)bits);
  if ((type == EVP_PKEY_RSA || type == EVP_PKEY_DSA) && bits < 2048) weak(t, "weak_key");
  if (sig == NID_md5WithRSAEncryption || sig == NID_sha1WithRSAEncryption || sig == NID_ecdsa_with_SHA1)
    weak(t, "weak_signature");
}

int tls_cert_facts(struct txn *t, struct span der, uint64_t ns) {
  const unsigned char *p = der.base;
  X509 *x = der.len && der.len < (1 << 20) ? d2i_X509(NULL, &p, (long)der.len) : NULL;
  uint8_t sha[32];
  char hex[64];
  if (!x) return ERR_SYNTAX;
  hash_sha256(der, sha);
  hash_hex(sha, 32, hex);
  txn_fact_str(t, "tls.server.hash.sha256", span_of(hex, sizeof hex));
  name_fact(t, "tls.server.subject", X509_get_subject_name(x));
  name_fact(t, "tls.server.issuer", X509_get_issuer_name(x));
  int64_t from = time_fact(t, "tls.server.not_before", X509_get0_notBefore(x)),
          now = (int64_t)(ns / 1000000000);
  int64_t to = time_fact(t, "tls.server.not_after", X509_get0_notAfter(x));
  if (to && to < now) weak(t, "expired");
  if (from > now) weak(t, "not_yet_valid");
  if (X509_NAME_cmp(X509_get_subject_name(x), X509_get_issuer_name(x)) == 0) weak(t, "self_signed");
  key_facts(t, x);
  alternative_names(t, x);
  X509_free(x);
  return 0;
}
