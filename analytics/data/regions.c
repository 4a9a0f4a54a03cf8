/* SPDX-License-Identifier: Apache-2.0 */
/* Administrative divisions by GB/T 2260: provinces and their prefectures, those since renamed included, because identity
 * numbers keep the code of the day they were given. */
#include "analytics/data/validate.h"

/* Pairs of first and last second-level code of each province. */
struct province {
  uint8_t code;
  uint8_t range[10];
};
static const struct province provinces[] = {
    {11, {1, 2}},
    {12, {1, 3}},
    {13, {1, 11, 21, 33, 90, 90}},
    {14, {1, 11, 21, 32}},
    {15, {1, 9, 21, 30}},
    {21, {1, 14, 19, 25, 90, 90}},
    {22, {1, 8, 19, 24, 90, 90}},
    {23, {1, 12, 18, 27, 90, 90}},
    {31, {1, 2}},
    {32, {1, 13, 19, 29, 90, 90}},
    {33, {1, 11, 19, 27, 90, 90}},
    {34, {1, 18, 21, 29, 90, 90}},
    {35, {1, 9, 21, 29, 90, 90}},
    {36, {1, 11, 21, 26, 90, 90}},
    {37, {1, 17, 19, 31, 90, 90}},
    {41, {1, 17, 19, 30, 90, 90}},
    {42, {1, 13, 21, 29, 90, 90}},
    {43, {1, 13, 21, 31, 90, 90}},
    {44, {1, 20, 21, 30, 51, 53, 90, 90}},
    {45, {1, 14, 21, 33}},
    {46, {0, 4, 90, 90}},
    {50, {0, 3, 81, 82}},
    {51, {1, 25, 29, 38, 90, 90}},
    {52, {1, 6, 21, 28}},
    {53, {1, 9, 21, 35}},
    {54, {0, 6, 21, 28}},
    {61, {1, 10, 21, 30}},
    {62, {1, 12, 21, 33}},
    {63, {1, 2, 21, 28}},
    {64, {1, 5, 21, 24}},
    {65, {1, 5, 21, 33, 40, 40, 42, 43, 90, 90}},
    {71, {0, 99}},
    {81, {0, 0}},
    {82, {0, 0}},
    {83, {0, 0}},
};

bool validate_region(const char *six) {
  unsigned p = (unsigned)(six[0] - '0') * 10 + (unsigned)(six[1] - '0');
  unsigned q = (unsigned)(six[2] - '0') * 10 + (unsigned)(six[3] - '0');
  for (size_t i = 0; i < sizeof provinces / sizeof *provinces; i++) {
    if (provinces[i].code != p) continue;
    const uint8_t *r = provinces[i].range;
    for (unsigned k = 0; k < 10 && (k == 0 || r[k + 1]); k += 2)
      if (q >= r[k] && q <= r[k + 1]) return true;
    return false;
  }
  return false;
}
