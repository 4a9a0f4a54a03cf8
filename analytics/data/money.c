/* SPDX-License-Identifier: Apache-2.0 */
/* Cards and accounts: ISO/IEC 7812 numbers, ISO 9362, ISO 13616, ISO/IEC 7813. */
#include "analytics/data/validate.h"
#include "base/ascii.h"

/* Issuer ranges where the number alone suffices, and the lengths that go with them. */
struct bin {
  uint32_t from, to; /* first six digits */
  uint8_t min, max;
};
static const struct bin bins[] = {
    {620000, 629999, 16, 19},                           /* UnionPay */
    {400000, 499999, 16, 16},                           /* Visa */
    {510000, 559999, 16, 16}, {222100, 272099, 16, 16}, /* Mastercard */
    {340000, 349999, 15, 15}, {370000, 379999, 15, 15}, /* American Express */
    {352800, 358999, 16, 16},                           /* JCB */
    {601100, 601199, 16, 16}, {644000, 659999, 16, 16}, /* Discover */
    {300000, 305999, 14, 14}, {309500, 309599, 14, 14}, {360000, 369999, 14, 14},
    {380000, 399999, 14, 14}, /* Diners */
    {601382, 601382, 19, 19}, {601428, 601428, 17, 17}, {603000, 603999, 16, 19},
    {955880, 955889, 19, 19}, {955800, 955999, 16, 19}, {940000, 940099, 16, 19},
    {900000, 900010, 16, 19}, {966666, 966666, 18, 18}, {690755, 690755, 15, 18},
    {998800, 998802, 16, 16}, {984301, 984303, 16, 19}, {685800, 685800, 16, 19},
    {688592, 688592, 16, 16}, /* domestic ranges from before UnionPay's */
};

static bool known_bin(const char *d, size_t n) {
  uint32_t six = 0;
  for (unsigned i = 0; i < 6; i++) six = six * 10 + (uint32_t)(d[i] - '0');
  for (size_t i = 0; i < sizeof bins / sizeof *bins; i++)
    if (six >= bins[i].from && six <= bins[i].to && n >= bins[i].min && n <= bins[i].max) return true;
  return false;
}

/* Groups as they are printed: fours, or Amex's 4-6-5; other groupings are phone or order numbers. */
static bool card_groups(struct span v) {
  size_t run = 0, groups = 0, four = 0;
  for (size_t i = 0; i <= v.len; i++) {
    bool digit = i < v.len && v.base[i] >= '0' && v.base[i] <= '9';
    if (digit) {
      run++;
      continue;
    }
    groups++;
    four += run == 4;
    if (i < v.len && run != 4 && run != 6) return false;
    run = 0;
  }
  return groups == 1 || four + 1 >= groups || (groups == 3 && four == 1);
}

static bool all_same(const char *d, size_t n) {
  for (size_t i = 1; i < n; i++)
    if (d[i] != d[0]) return false;
  return true;
}

bool validate_card(struct span v, bool keyed) {
  char d[20];
  if (!keyed && v.len && memchr("0178", v.base[0], 4)) return false; /* no issuer has these */
  size_t n = validate_digits(v, d, sizeof d);
  if (n < 12 || (!keyed && !known_bin(d, n))) return false;
  if (!validate_luhn(d, n) || all_same(d, n)) return false;
  if (v.len != n && !card_groups(v)) return false;
  if (keyed && n >= 15) return d[0] != '0';
  if (keyed && (d[0] == '5' || (d[0] == '6' && d[1] != '0') || (d[0] == '4' && n == 13)))
    return true; /* Maestro, old Visa */
  return known_bin(d, n);
}

bool validate_account(struct span v, bool keyed) {
  char d[32];
  size_t n = validate_digits(v, d, sizeof d);
  return keyed && n >= 8 && n <= 32 && !all_same(d, n);
}

static bool country(const uint8_t *p) {
  static const char list[] = "ADAEAFAGAIALAMAOARATAUAWAZBABBBDBEBFBGBHBIBJBMBNBOBRBSBTBWBYBZCACDCFCGCHCICKCLC"
                             "MCNCOCRCUCVCWCYCZDEDJDKDMDODZECEEEGER"
                             "ESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGTGUGWGYHKHNHRHTHUIDIEILIMINIQIRISI"
                             "TJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLC"
                             "LILKLRLSLTLULVLYMAMCMDMEMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPN"
                             "RNUNZOMPAPEPFPGPHPKPLPMPRPSPTPWPYQARE"
                             "RORSRURWSASBSCSDSESGSHSISKSLSMSNSOSRSSSTSVSXSYSZTCTDTGTHTJTKTLTMTNTOTRTTTVTWTZU"
                             "AUGUSUYUZVAVCVEVGVIVNVUWFWSXKYEYTZAZM"
                             "ZW";
  for (size_t i = 0; i + 1 < sizeof list - 1; i += 2)
    if ((uint8_t)list[i] == p[0] && (uint8_t)list[i + 1] == p[1]) return true;
  return false;
}

bool validate_swift(struct span v, bool keyed) {
  if (!keyed || (v.len != 8 && v.len != 11)) return false;
  for (size_t i = 0; i < v.len; i++)
    if (!ascii_is_upper(v.base[i]) && !(i >= 6 && ascii_is_digit(v.base[i]))) return false;
  return country(v.base + 4);
}

/* Lengths by country (ISO 13616 registry); 0: not in it. */
static size_t iban_length(const char *country) {
  static const char list[] =
      "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18"
      "FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21"
      "LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24"
      "SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";
  for (size_t i = 0; i + 3 < sizeof list - 1; i += 4)
    if (memcmp(list + i, country, 2) == 0)
      return (size_t)(list[i + 2] - '0') * 10 + (size_t)(list[i + 3] - '0');
  return 0;
}

bool validate_iban(struct span v, bool keyed) {
  char text[36];
  size_t n = 0;
  (void)keyed;
  if (v.len < 15 || !ascii_is_upper(v.base[0]) || !ascii_is_upper(v.base[1]) || !ascii_is_digit(v.base[2]) ||
      !ascii_is_digit(v.base[3]))
    return false;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (c == ' ' || c == '-') continue;
    if (n == 34 || (!ascii_is_upper(c) && !ascii_is_digit(c))) return false;
    text[n++] = (char)c;
  }
  if (n < 15 || iban_length(text) != n) return false;
  unsigned mod = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = (uint8_t)text[(i + 4) % n];
    mod = ascii_is_digit(c) ? (mod * 10 + (unsigned)(c - '0')) % 97
                            : (mod * 100 + (unsigned)(c - 'A') + 10) % 97;
  }
  return mod == 1;
}

/* ;PAN=YYMM… or PAN=YYMM… or PAN D YYMM…, as readers give it. */
bool validate_track2(struct span v, bool keyed) {
  if (v.len && v.base[0] == ';') v = span_skip(v, 1);
  size_t sep = span_index(v, '=');
  if (sep == v.len) sep = keyed ? span_index(v, 'D') : v.len;
  if (sep < 13 || sep > 19 || v.len - sep < 8) return false;
  char d[20];
  size_t n = validate_digits(span_head(v, sep), d, sizeof d);
  return n == sep && validate_luhn(d, n) && ascii_is_digit(v.base[sep + 1]) &&
         ascii_is_digit(v.base[sep + 4]);
}
