/* SPDX-License-Identifier: Apache-2.0 */
/* The table of validators, and what they share. */
#include "analytics/data/validate.h"

#include <math.h>

static bool any(struct span v, bool keyed) { return keyed && v.len > 0 && !validate_masked(v); }

/* A few words or a code, not a truth value: what stands under a key that tells all. */
static bool word(struct span v, bool keyed) {
  if (!keyed || v.len == 0 || validate_masked(v)) return false;
  static const char *const empty[] = {"null", "none", "nil", "true",      "false",
                                      "n/a",  "-",    "0",   "undefined", "unknown"};
  for (size_t i = 0; i < sizeof empty / sizeof *empty; i++)
    if (span_eq_nocase(v, span_str(empty[i]))) return false;
  return true;
}

static bool amount(struct span v, bool keyed) {
  if (!keyed || v.len == 0) return false;
  size_t digits = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (c >= '0' && c <= '9')
      digits++;
    else if (c != '.' && c != ',' && c != '-' && c != '+')
      return false;
  }
  return digits > 0;
}

static bool latlong(struct span v, bool keyed) {
  size_t dot = span_index(v, '.');
  return amount(v, keyed) && dot < v.len && v.len - dot > 3 && dot <= 4;
}

const struct validator validator_table[] = {
    {"any", any, SHAPE_ANY, NORMAL_NONE, 1, 4096},
    {"word", word, SHAPE_ANY, NORMAL_NONE, 1, 256},
    {"amount", amount, SHAPE_ANY, NORMAL_NONE, 1, 32},
    {"latlong", latlong, SHAPE_ANY, NORMAL_NONE, 5, 24},
    {"digits3to8", validate_digits3to8, SHAPE_ANY, NORMAL_NONE, 3, 8},
    {"cn_id18", validate_id18, SHAPE_TOKEN, NORMAL_UPPER, 18, 18},
    {"cn_id15", validate_id15, SHAPE_DIGITS, NORMAL_DIGITS, 15, 15},
    {"cn_mobile", validate_mobile, SHAPE_DIGITS, NORMAL_PHONE, 11, 20},
    {"cn_landline", validate_landline, SHAPE_DIGITS, NORMAL_DIGITS, 7, 20},
    {"bank_card", validate_card, SHAPE_DIGITS, NORMAL_DIGITS, 12, 24},
    {"bank_account", validate_account, SHAPE_ANY, NORMAL_DIGITS, 8, 40},
    {"cn_uscc", validate_uscc, SHAPE_TOKEN, NORMAL_UPPER, 18, 18},
    {"cn_orgcode", validate_orgcode, SHAPE_ANY, NORMAL_UPPER, 9, 10},
    {"cn_taxid", validate_taxid, SHAPE_ANY, NORMAL_UPPER, 15, 20},
    {"cn_passport", validate_passport, SHAPE_TOKEN, NORMAL_UPPER, 7, 12},
    {"cn_hkm_permit", validate_hkm_permit, SHAPE_TOKEN, NORMAL_UPPER, 9, 11},
    {"cn_tw_permit", validate_tw_permit, SHAPE_TOKEN, NORMAL_UPPER, 8, 12},
    {"cn_frp", validate_frp, SHAPE_TOKEN, NORMAL_UPPER, 15, 18},
    {"cn_military", validate_military, SHAPE_ANY, NORMAL_NONE, 8, 40},
    {"cn_name", validate_name, SHAPE_HAN, NORMAL_NONE, 2, 64},
    {"person", validate_person, SHAPE_ANY, NORMAL_NONE, 2, 64},
    {"cn_address", validate_address, SHAPE_HAN, NORMAL_NONE, 12, 600},
    {"cn_plate", validate_plate, SHAPE_HAN, NORMAL_UPPER, 9, 12},
    {"cn_cnaps", validate_cnaps, SHAPE_ANY, NORMAL_DIGITS, 12, 12},
    {"swift", validate_swift, SHAPE_TOKEN, NORMAL_UPPER, 8, 11},
    {"iban", validate_iban, SHAPE_TOKEN, NORMAL_UPPER, 15, 42},
    {"track2", validate_track2, SHAPE_ANY, NORMAL_NONE, 20, 41},
    {"vin", validate_vin, SHAPE_TOKEN, NORMAL_UPPER, 17, 17},
    {"imei", validate_imei, SHAPE_DIGITS, NORMAL_DIGITS, 15, 18},
    {"imsi", validate_imsi, SHAPE_DIGITS, NORMAL_DIGITS, 15, 15},
    {"email", validate_email, SHAPE_MAIL, NORMAL_LOWER, 6, 254},
    {"ip", validate_ip, SHAPE_IP, NORMAL_LOWER, 7, 45},
    {"mac", validate_mac, SHAPE_ANY, NORMAL_UPPER, 12, 17},
    {"birthday", validate_birthday, SHAPE_DATE, NORMAL_DIGITS, 8, 30},
    {"e164", validate_e164, SHAPE_PHONE, NORMAL_DIGITS, 8, 24},
    {"phone_local", validate_phone_local, SHAPE_PHONE, NORMAL_DIGITS, 7, 24},
    {"us_itin", validate_itin, SHAPE_DIGITS, NORMAL_DIGITS, 9, 11},
    {"us_aba", validate_aba, SHAPE_DIGITS, NORMAL_DIGITS, 9, 9},
    {"es_dni", validate_es_dni, SHAPE_TOKEN, NORMAL_UPPER, 9, 10},
    {"fr_nir", validate_fr_nir, SHAPE_ANY, NORMAL_UPPER, 15, 21},
    {"de_steuer", validate_de_steuer, SHAPE_DIGITS, NORMAL_DIGITS, 11, 14},
    {"it_cf", validate_it_cf, SHAPE_TOKEN, NORMAL_UPPER, 16, 16},
    {"nl_bsn", validate_nl_bsn, SHAPE_DIGITS, NORMAL_DIGITS, 8, 11},
    {"pl_pesel", validate_pl_pesel, SHAPE_DIGITS, NORMAL_DIGITS, 11, 11},
    {"be_nrn", validate_be_nrn, SHAPE_ANY, NORMAL_DIGITS, 11, 15},
    {"se_pnr", validate_se_pnr, SHAPE_ANY, NORMAL_DIGITS, 10, 13},
    {"br_cpf", validate_br_cpf, SHAPE_ANY, NORMAL_DIGITS, 11, 14},
    {"in_aadhaar", validate_in_aadhaar, SHAPE_DIGITS, NORMAL_DIGITS, 12, 14},
    {"in_pan", validate_in_pan, SHAPE_TOKEN, NORMAL_UPPER, 10, 10},
    {"kr_rrn", validate_kr_rrn, SHAPE_DIGITS, NORMAL_DIGITS, 13, 14},
    {"jp_my", validate_jp_my, SHAPE_DIGITS, NORMAL_DIGITS, 12, 14},
    {"sg_nric", validate_sg_nric, SHAPE_TOKEN, NORMAL_UPPER, 9, 9},
    {"hk_id", validate_hk_id, SHAPE_ANY, NORMAL_UPPER, 8, 11},
    {"tw_id", validate_tw_id, SHAPE_TOKEN, NORMAL_UPPER, 10, 10},
    {"us_ssn", validate_ssn, SHAPE_DIGITS, NORMAL_DIGITS, 9, 11},
    {"uk_nino", validate_nino, SHAPE_TOKEN, NORMAL_UPPER, 9, 13},
    {"uk_nhs", validate_nhs, SHAPE_DIGITS, NORMAL_DIGITS, 10, 12},
    {"jwt", validate_jwt, SHAPE_LITERAL, NORMAL_NONE, 20, 65535},
    {"password", validate_password, SHAPE_ANY, NORMAL_NONE, 1, 256},
    {"password_hash", validate_password_hash, SHAPE_ANY, NORMAL_NONE, 16, 512},
    {"secret", validate_secret, SHAPE_ANY, NORMAL_NONE, 8, 4096},
    {"private_key", validate_private_key, SHAPE_LITERAL, NORMAL_NONE, 40, 65535},
    {NULL, NULL, 0, 0, 0, 0},
};

const struct validator *validator_find(const char *name) {
  for (const struct validator *v = validator_table; v->name; v++)
    if (strcmp(v->name, name) == 0) return v;
  return NULL;
}

size_t validate_digits(struct span v, char *out, size_t max) {
  size_t n = 0;
  bool sep = true; /* none in front */
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (c >= '0' && c <= '9') {
      if (n == max) return 0;
      out[n++] = (char)c;
      sep = false;
    } else if ((c == ' ' || c == '-') && !sep) {
      sep = true;
    } else {
      return 0;
    }
  }
  return sep ? 0 : n;
}

bool validate_luhn(const char *d, size_t n) {
  unsigned sum = 0;
  for (size_t i = 0; i < n; i++) {
    unsigned x = (unsigned)(d[n - 1 - i] - '0');
    if (i & 1) x = x * 2 > 9 ? x * 2 - 9 : x * 2;
    sum += x;
  }
  return sum % 10 == 0;
}

bool validate_date(unsigned y, unsigned m, unsigned d) {
  static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (y < 1900 || y > 2035 || m < 1 || m > 12 || d < 1 || d > days[m - 1]) return false;
  bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
  return m != 2 || d < 29 || leap;
}

double validate_entropy(struct span v) {
  uint16_t count[256] = {0};
  if (v.len > 4096) v.len = 4096;
  for (size_t i = 0; i < v.len; i++) count[v.base[i]]++;
  double h = 0;
  for (size_t i = 0; i < 256; i++) {
    if (!count[i]) continue;
    double p = (double)count[i] / (double)v.len;
    h -= p * log2(p);
  }
  return h;
}

bool validate_masked(struct span v) {
  size_t stars = 0, run = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    stars = c == '*' || c == '#' ? stars + 1 : 0;
    run = c == 'x' || c == 'X' ? run + 1 : 0;
    if (stars >= 2 || run >= 4) return true;
    if (c == 0xe2 && v.len - i >= 3 && v.base[i + 1] == 0x97 && v.base[i + 2] >= 0x8b)
      return true; /* circles */
  }
  return v.len <= 16 && span_index(v, '*') < v.len; /* 张*, *晶 */
}

uint32_t validate_char(struct span s, size_t *n) {
  uint8_t c = s.len ? s.base[0] : 0;
  *n = 1;
  if (c < 0x80) return c;
  if (c >= 0xe0 && c < 0xf0 && s.len >= 3) {
    *n = 3;
    return (uint32_t)(c & 15) << 12 | (uint32_t)(s.base[1] & 63) << 6 | (s.base[2] & 63);
  }
  if (c >= 0xc2 && c < 0xe0 && s.len >= 2) {
    *n = 2;
    return (uint32_t)(c & 31) << 6 | (s.base[1] & 63);
  }
  if (c >= 0xf0 && c < 0xf5 && s.len >= 4) {
    *n = 4;
    return (uint32_t)(c & 7) << 18 | (uint32_t)(s.base[1] & 63) << 12 | (uint32_t)(s.base[2] & 63) << 6 |
           (s.base[3] & 63);
  }
  return 0xfffd;
}
