/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of persons in other countries, each by the check that its authority publishes. All need a telling key or word. */
#include "analytics/data/validate.h"
#include "base/ascii.h"

enum { MOST = 24 };

/* Letters in capitals and digits; blanks, dashes, dots, slashes and brackets left out. 0 when there is anything else. */
static size_t plain(struct span v, char out[MOST]) {
  size_t n = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = ascii_upper(v.base[i]);
    if (ascii_is_digit(c) || (c >= 'A' && c <= 'Z')) {
      if (n == MOST - 1) return 0;
      out[n++] = (char)c;
    } else if (!memchr(" -./()", c, 6)) {
      return 0;
    }
  }
  out[n] = 0;
  return n;
}

static bool digits_in(const char *t, size_t from, size_t to) {
  for (size_t i = from; i < to; i++)
    if (!ascii_is_digit((uint8_t)t[i])) return false;
  return true;
}

static unsigned long long number(const char *t, size_t n) {
  unsigned long long v = 0;
  for (size_t i = 0; i < n; i++) v = v * 10 + (unsigned)(t[i] - '0');
  return v;
}

static unsigned weighed(const char *t, const uint8_t *weight, size_t n) {
  unsigned sum = 0;
  for (size_t i = 0; i < n; i++) sum += (unsigned)(t[i] - '0') * weight[i];
  return sum;
}

static bool same_digit(const char *t, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (t[i] != t[0]) return false;
  return true;
}

/* IRS: 9, then a group of 50–65, 70–88, 90–92, 94–99. */
bool validate_itin(struct span v, bool keyed) {
  char t[MOST];
  if (!keyed || plain(v, t) != 9 || !digits_in(t, 0, 9) || t[0] != '9') return false;
  unsigned g = (unsigned)number(t + 3, 2);
  return (g >= 50 && g <= 65) || (g >= 70 && g <= 88) || (g >= 90 && g != 93);
}

/* ABA routing number: weights 3, 7, 1. */
bool validate_aba(struct span v, bool keyed) {
  static const uint8_t weight[9] = {3, 7, 1, 3, 7, 1, 3, 7, 1};
  char t[MOST];
  if (!keyed || plain(v, t) != 9 || !digits_in(t, 0, 9) || same_digit(t, 9)) return false;
  unsigned head = (unsigned)number(t, 2);
  bool range = head <= 12 || (head >= 21 && head <= 32) || (head >= 61 && head <= 72) || head == 80;
  return range && weighed(t, weight, 9) % 10 == 0;
}

/* DNI and NIE (Spain): letter by the number modulo 23. */
bool validate_es_dni(struct span v, bool keyed) {
  char t[MOST];
  if (!keyed || plain(v, t) != 9) return false;
  if (t[0] >= 'X' && t[0] <= 'Z') t[0] = (char)(t[0] - 'X' + '0');
  return digits_in(t, 0, 8) && t[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[number(t, 8) % 23];
}

/* NIR (France): 97 less the number modulo 97; Corsica has letters. */
bool validate_fr_nir(struct span v, bool keyed) {
  char t[MOST];
  if (!keyed || plain(v, t) != 15 || (t[0] != '1' && t[0] != '2')) return false;
  if (t[5] == '2' && (t[6] == 'A' || t[6] == 'B')) t[6] = t[6] == 'A' ? '9' : '8', t[5] = '1';
  if (!digits_in(t, 0, 15)) return false;
  return 97 - number(t, 13) % 97 == number(t + 13, 2);
}

/* Steuer-Identifikationsnummer (Germany): ISO/IEC 7064 MOD 11,10. */
bool validate_de_steuer(struct span v, bool keyed) {
  char t[MOST];
  if (!keyed || plain(v, t) != 11 || !digits_in(t, 0, 11) || t[0] == '0') return false;
  unsigned p = 10;
  for (size_t i = 0; i < 10; i++) {
    unsigned s = ((unsigned)(t[i] - '0') + p) % 10;
    p = (s ? s : 10) * 2 % 11;
  }
  return (11 - p) % 10 == (unsigned)(t[10] - '0');
}

/* Codice fiscale (Italy): odd and even places count differently. */
bool validate_it_cf(struct span v, bool keyed) {
  static const uint8_t odd[36] = {1,  0,  5, 7, 9,  13, 15, 17, 19, 21, 1,  0,  5,  7,  9,  13, 15, 17,
                                  19, 21, 2, 4, 18, 20, 11, 3,  6,  8,  12, 14, 16, 10, 22, 25, 24, 23};
  char t[MOST];
  if (!keyed || plain(v, t) != 16) return false;
  unsigned sum = 0;
  for (size_t i = 0; i < 15; i++) {
    unsigned x = ascii_is_digit((uint8_t)t[i]) ? (unsigned)(t[i] - '0') : (unsigned)(t[i] - 'A');
    if (i < 6 && ascii_is_digit((uint8_t)t[i])) return false;
    sum += i % 2 ? x : odd[ascii_is_digit((uint8_t)t[i]) ? x : x + 10];
  }
  return t[15] == (char)('A' + sum % 26);
}

/* Burgerservicenummer (Netherlands): the eleven test. */
bool validate_nl_bsn(struct span v, bool keyed) {
  static const uint8_t weight[8] = {9, 8, 7, 6, 5, 4, 3, 2};
  char t[MOST];
  if (!keyed || plain(v, t) != 9 || !digits_in(t, 0, 9) || same_digit(t, 9)) return false;
  return weighed(t, weight, 8) % 11 == (unsigned)(t[8] - '0');
}

bool validate_pl_pesel(struct span v, bool keyed) {
  static const uint8_t weight[10] = {1, 3, 7, 9, 1, 3, 7, 9, 1, 3};
  char t[MOST];
  if (!keyed || plain(v, t) != 11 || !digits_in(t, 0, 11)) return false;
  unsigned month = (unsigned)number(t + 2, 2) % 20, day = (unsigned)number(t + 4, 2);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         (10 - weighed(t, weight, 10) % 10) % 10 == (unsigned)(t[10] - '0');
}

/* Rijksregisternummer (Belgium): 97 less the number modulo 97, 2 in front of those born since 2000. */
bool validate_be_nrn(struct span v, bool keyed) {
  char t[MOST];
  if (!keyed || plain(v, t) != 11 || !digits_in(t, 0, 11)) return false;
  unsigned long long n = number(t, 9), check = number(t + 9, 2);
  return 97 - n % 97 == check || 97 - (2000000000ULL + n) % 97 == check;
}

/* Personnummer (Sweden): Luhn over the last ten. */
bool validate_se_pnr(struct span v, bool keyed) {
  char t[MOST];
  size_t n = keyed ? plain(v, t) : 0;
  if ((n != 10 && n != 12) || !digits_in(t, 0, n)) return false;
  const char *p = t + n - 10;
  unsigned month = (unsigned)number(p + 2, 2), day = (unsigned)number(p + 4, 2) % 60;
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 && validate_luhn(p, 10);
}

bool validate_br_cpf(struct span v, bool keyed) {
  char t[MOST];
  if (!keyed || plain(v, t) != 11 || !digits_in(t, 0, 11) || same_digit(t, 11)) return false;
  for (unsigned k = 9; k < 11; k++) {
    unsigned sum = 0;
    for (unsigned i = 0; i < k; i++) sum += (unsigned)(t[i] - '0') * (k + 1 - i);
    unsigned c = sum * 10 % 11 % 10;
    if (c != (unsigned)(t[k] - '0')) return false;
  }
  return true;
}

/* Aadhaar (India): Verhoeff's check over the dihedral group. */
bool validate_in_aadhaar(struct span v, bool keyed) {
  static const uint8_t turn[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
                                      {5, 8, 0, 3, 7, 9, 6, 1, 4, 2}, {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
                                      {9, 4, 5, 3, 1, 2, 6, 8, 7, 0}, {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                      {2, 7, 9, 3, 8, 0, 6, 4, 1, 5}, {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};
  char t[MOST];
  if (!keyed || plain(v, t) != 12 || !digits_in(t, 0, 12) || t[0] < '2') return false;
  unsigned c = 0;
  for (unsigned i = 0; i < 12; i++) {
    unsigned x = turn[i % 8][t[11 - i] - '0'];
    if (c < 5)
      c = x < 5 ? (c + x) % 5 : 5 + (c + x - 5) % 5;
    else
      c = x < 5 ? 5 + (c - 5 + 5 - x) % 5 : (c - 5 + 5 - (x - 5)) % 5;
  }
  return c == 0;
}

/* PAN (India): five letters, the fourth says what kind of holder, four digits, a letter. */
bool validate_in_pan(struct span v, bool keyed) {
  if (!keyed || v.len != 10) return false;
  for (size_t i = 0; i < 10; i++) {
    uint8_t c = v.base[i];
    bool digit = i >= 5 && i < 9;
    if (digit ? !ascii_is_digit(c) : c < 'A' || c > 'Z') return false;
  }
  return strchr("PCHABGJLFT", v.base[3]) != NULL;
}

bool validate_kr_rrn(struct span v, bool keyed) {
  static const uint8_t weight[12] = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
  char t[MOST];
  if (!keyed || plain(v, t) != 13 || !digits_in(t, 0, 13)) return false;
  unsigned month = (unsigned)number(t + 2, 2), day = (unsigned)number(t + 4, 2);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 &&
         (11 - weighed(t, weight, 12) % 11) % 10 == (unsigned)(t[12] - '0');
}

/* My Number (Japan). */
bool validate_jp_my(struct span v, bool keyed) {
  static const uint8_t weight[11] = {6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2};
  char t[MOST];
  if (!keyed || plain(v, t) != 12 || !digits_in(t, 0, 12) || same_digit(t, 12)) return false;
  unsigned r = weighed(t, weight, 11) % 11;
  return (r <= 1 ? 0 : 11 - r) == (unsigned)(t[11] - '0');
}

bool validate_sg_nric(struct span v, bool keyed) {
  static const uint8_t weight[7] = {2, 7, 6, 5, 4, 3, 2};
  char t[MOST];
  if (!keyed || plain(v, t) != 9 || !digits_in(t, 1, 8) || !strchr("STFGM", t[0])) return false;
  unsigned sum = weighed(t + 1, weight, 7) + (t[0] == 'T' || t[0] == 'G' ? 4 : t[0] == 'M' ? 3 : 0);
  unsigned r = sum % 11;
  if (t[0] == 'M') return t[8] == "KLJNPQRTUWX"[10 - r];
  return t[8] == (t[0] == 'S' || t[0] == 'T' ? "JZIHGFEDCBA" : "XWUTRQPNMLK")[r];
}

/* Hong Kong: one or two letters, six digits, a check digit or A, often in brackets. */
bool validate_hk_id(struct span v, bool keyed) {
  char t[MOST];
  size_t n = keyed ? plain(v, t) : 0, letters = n - 7;
  if ((n != 8 && n != 9) || !digits_in(t, letters, n - 1)) return false;
  unsigned sum = letters == 1 ? 36 * 9 : 0;
  for (size_t i = 0; i + 1 < n; i++) {
    unsigned x = ascii_is_digit((uint8_t)t[i]) ? (unsigned)(t[i] - '0') : (unsigned)(t[i] - 'A') + 10;
    if (i < letters && ascii_is_digit((uint8_t)t[i])) return false;
    sum += x * (unsigned)(n - i);
  }
  unsigned c = (11 - sum % 11) % 11;
  return t[n - 1] == (c == 10 ? 'A' : (char)('0' + c));
}

/* Taiwan: a letter for the place, then nine digits. */
bool validate_tw_id(struct span v, bool keyed) {
  static const uint8_t weight[9] = {8, 7, 6, 5, 4, 3, 2, 1, 1};
  static const char order[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
  char t[MOST];
  if (!keyed || plain(v, t) != 10 || !digits_in(t, 1, 10) || t[0] < 'A') return false;
  unsigned place = (unsigned)(strchr(order, t[0]) - order) + 10;
  return (place / 10 + place % 10 * 9 + weighed(t + 1, weight, 9)) % 10 == 0;
}
