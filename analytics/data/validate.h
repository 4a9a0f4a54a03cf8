/* SPDX-License-Identifier: Apache-2.0 */
/* Validators: does a value belong to a class? One row each in validate.c; rules name them. */
#ifndef ANALYTICS_DATA_VALIDATE_H
#define ANALYTICS_DATA_VALIDATE_H

#include "base/span.h"

/** What a candidate in free text looks like. */
enum shape {
  SHAPE_ANY /* by key only */,
  SHAPE_DIGITS /* digits, perhaps in groups */,
  SHAPE_TOKEN /* letters and digits */,
  SHAPE_MAIL,
  SHAPE_HAN,
  SHAPE_DATE,
  SHAPE_LITERAL /* begins with a telling text */,
  SHAPE_PHONE /* digits in groups, brackets and a plus among them */,
  SHAPE_IP,
  SHAPES
};
/** How values are made equal before they are counted as distinct. */
enum normal {
  NORMAL_NONE,
  NORMAL_DIGITS /* digits only */,
  NORMAL_PHONE /* digits without 86 */,
  NORMAL_UPPER /* letters and digits, upper case */,
  NORMAL_LOWER
};

struct validator {
  const char *name;
  /** keyed: a key or a neighbour word tells of the class, so less proof is needed. */
  bool (*ok)(struct span value, bool keyed);
  uint8_t shape;     /* enum shape */
  uint8_t normal;    /* enum normal */
  uint16_t min, max; /* bytes */
};
extern const struct validator validator_table[]; /* ends with a NULL name */
const struct validator *validator_find(const char *name);

/** Digits of v without single spaces and dashes between them; their number, 0 when there is anything else or more than max. */
size_t validate_digits(struct span v, char *out, size_t max);
bool validate_luhn(const char *digits, size_t n);
/** Real province and prefecture by GB/T 2260 (six digits). */
bool validate_region(const char *six);
/** Real day of the Gregorian calendar, 1900 to 2035. */
bool validate_date(unsigned y, unsigned m, unsigned d);
/** Shannon entropy in bits a byte. */
double validate_entropy(struct span v);
/** Made up for a manual: half of it counts up, a quarter is one character, or it says EXAMPLE. */
bool validate_sample(struct span v);
/** Whether part of the value has been starred or crossed out. */
bool validate_masked(struct span v);
/** Length in bytes of the Chinese name that s begins with (surname and one to three more characters), 0 for none.
 *  whole: the name must fill s. */
size_t validate_name_head(struct span s, bool whole);
/** Length of the address that s begins with: province or city, then parts down to a house; 0 for none. */
size_t validate_address_head(struct span s);
/** Length in bytes of the licence plate that s begins with, 0 for none. */
size_t validate_plate_head(struct span s);
/** Code point at the front of s, its length to *n (1 and U+FFFD when damaged). */
uint32_t validate_char(struct span s, size_t *n);

#define VALIDATORS_CN \
  bool validate_id18(struct span, bool); \
  bool validate_id15(struct span, bool); \
  bool validate_mobile(struct span, bool); \
  bool validate_landline(struct span, bool); \
  bool validate_uscc(struct span, bool); \
  bool validate_orgcode(struct span, bool); \
  bool validate_passport(struct span, bool); \
  bool validate_hkm_permit(struct span, bool); \
  bool validate_tw_permit(struct span, bool); \
  bool validate_frp(struct span, bool); \
  bool validate_name(struct span, bool); \
  bool validate_address(struct span, bool); \
  bool validate_plate(struct span, bool); \
  bool validate_military(struct span, bool); \
  bool validate_cnaps(struct span, bool); \
  bool validate_taxid(struct span, bool); \
  bool validate_person(struct span, bool);
VALIDATORS_CN
bool validate_card(struct span, bool);
bool validate_account(struct span, bool);
bool validate_swift(struct span, bool);
bool validate_iban(struct span, bool);
bool validate_track2(struct span, bool);
bool validate_vin(struct span, bool);
bool validate_imei(struct span, bool);
bool validate_imsi(struct span, bool);
bool validate_email(struct span, bool);
bool validate_ip(struct span, bool);
bool validate_mac(struct span, bool);
bool validate_birthday(struct span, bool);
bool validate_e164(struct span, bool);
bool validate_ssn(struct span, bool);
bool validate_nino(struct span, bool);
bool validate_nhs(struct span, bool);
bool validate_phone_local(struct span, bool);
bool validate_itin(struct span, bool);
bool validate_aba(struct span, bool);
bool validate_es_dni(struct span, bool);
bool validate_fr_nir(struct span, bool);
bool validate_de_steuer(struct span, bool);
bool validate_it_cf(struct span, bool);
bool validate_nl_bsn(struct span, bool);
bool validate_pl_pesel(struct span, bool);
bool validate_be_nrn(struct span, bool);
bool validate_se_pnr(struct span, bool);
bool validate_br_cpf(struct span, bool);
bool validate_in_aadhaar(struct span, bool);
bool validate_in_pan(struct span, bool);
bool validate_kr_rrn(struct span, bool);
bool validate_jp_my(struct span, bool);
bool validate_sg_nric(struct span, bool);
bool validate_hk_id(struct span, bool);
bool validate_tw_id(struct span, bool);
bool validate_jwt(struct span, bool);
bool validate_password(struct span, bool);
bool validate_password_hash(struct span, bool);
bool validate_secret(struct span, bool);
bool validate_private_key(struct span, bool);
bool validate_digits3to8(struct span, bool);

#endif
