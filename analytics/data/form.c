/* SPDX-License-Identifier: Apache-2.0 */
/* Masked, hashed and encrypted values. */
#include "analytics/data/form.h"
#include "base/ascii.h"

static bool is_star(uint8_t c) { return c == '*' || c == '#' || c == 'x' || c == 'X'; }

bool form_applies(const struct data_class *c) {
  static const char *const groups[] = {"identity",     "contact", "finance", "profile",
                                       "organisation", "vehicle", NULL};
  return span_in(span_str(c->group), groups);
}

/* The key begins or ends in a word of the list: the rest of it, else an empty span. */
static struct span cut_word(struct span key, const char *const *list, size_t n) {
  for (size_t i = 0; i < n; i++) {
    struct span w = span_str(list[i]);
    if (key.len <= w.len) continue;
    if (span_starts_nocase(span_skip(key, key.len - w.len), w)) return span_head(key, key.len - w.len);
    uint8_t after = key.base[w.len];
    if (span_starts_nocase(key, w) && (after < 'a' || after > 'z')) return span_skip(key, w.len);
  }
  return (struct span){0};
}

enum data_hidden form_of_key(struct span key, struct span *bare) {
  static const char *const hashes[] = {"md5",    "sha1", "sha256", "sm3", "hash",
                                       "digest", "hmac", "摘要",   "哈希"};
  static const char *const ciphers[] = {"enc", "encrypt", "encrypted", "cipher", "ciphertext", "sm4",
                                        "aes", "sm2",     "rsa",       "密文",   "加密"};
  static const char *const masks[] = {"mask", "masked", "desensitized", "tm", "脱敏", "掩码"};
  struct span rest = cut_word(key, hashes, sizeof hashes / sizeof *hashes);
  enum data_hidden how = HIDDEN_HASHED;
  if (!rest.len) rest = cut_word(key, ciphers, sizeof ciphers / sizeof *ciphers), how = HIDDEN_ENCRYPTED;
  if (!rest.len) rest = cut_word(key, masks, sizeof masks / sizeof *masks), how = HIDDEN_MASKED;
  if (bare) *bare = rest;
  return rest.len ? how : HIDDEN_NOT;
}

static bool all_hex(struct span v) {
  for (size_t i = 0; i < v.len; i++)
    if (!ascii_is_hex(v.base[i])) return false;
  return true;
}

/* Bytes that v decodes to, 0 when it is no base64 of standard or URL alphabet. */
static size_t base64_bytes(struct span v) {
  size_t pad = 0, letters = 0, n = v.len;
  while (n && v.base[n - 1] == '=' && pad < 2) n--, pad++;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = v.base[i];
    bool alpha = (c | 32) >= 'a' && (c | 32) <= 'z';
    letters += alpha;
    if (!alpha && !ascii_is_digit(c) && c != '+' && c != '/' && c != '-' && c != '_') return 0;
  }
  return letters < n / 3 || (pad && v.len % 4) ? 0 : n * 3 / 4;
}

/* A digest is 16, 20, 28, 32, 48 or 64 bytes; blocks of a cipher are any number of 16. */
static enum data_hidden by_size(size_t bytes, bool hex, enum data_hidden says) {
  bool digest = bytes == 16 || bytes == 20 || bytes == 28 || bytes == 32 || bytes == 48 || bytes == 64;
  bool blocks = bytes >= 16 && (bytes % 16 == 0 || bytes == 128 || bytes == 256);
  if (says == HIDDEN_HASHED && digest) return says;
  if (says == HIDDEN_ENCRYPTED && bytes >= 16) return says;
  if (hex) return digest ? HIDDEN_HASHED : blocks ? HIDDEN_ENCRYPTED : HIDDEN_NOT;
  return bytes == 20 || bytes == 28 ? HIDDEN_HASHED : blocks ? HIDDEN_ENCRYPTED : HIDDEN_NOT;
}

enum data_hidden form_of(struct span v, enum data_hidden says) {
  static const char *const wraps[] = {"ENC(", "{cipher}", "{enc}", "vault:v", "{SM4}", "{AES}"};
  if (v.len < 2 || v.len > 4096) return HIDDEN_NOT;
  if (v.len <= 64 && validate_masked(v)) return HIDDEN_MASKED;
  for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++)
    if (span_starts(v, span_str(wraps[i]))) return HIDDEN_ENCRYPTED;
  if (v.len < 22) return HIDDEN_NOT;
  if (v.len % 2 == 0 && all_hex(v))
    return validate_entropy(v) < 2.6 ? HIDDEN_NOT : by_size(v.len / 2, true, says);
  bool padded = v.base[v.len - 1] == '=';
  size_t bytes =
      padded || says == HIDDEN_ENCRYPTED || says == HIDDEN_HASHED || v.len >= 40 ? base64_bytes(v) : 0;
  if (!bytes || validate_entropy(v) < 3.4) return HIDDEN_NOT;
  return by_size(bytes, false, says);
}

const char *form_masked_class(struct span v) {
  size_t head = 0, stars = 0, tail = 0, i = 0;
  size_t at = span_index(v, '@');
  if (at < v.len && at > 0 && at + 3 < v.len)
    return v.base[at - 1] == '*' || (at > 1 && memchr(v.base, '*', at)) ? "email" : NULL;
  while (i < v.len && (ascii_is_digit(v.base[i]) || (head && v.base[i] == ' ' && !stars)))
    head += v.base[i++] != ' ';
  while (i < v.len && (is_star(v.base[i]) || v.base[i] == ' ')) stars += v.base[i++] != ' ';
  while (i < v.len && (ascii_is_digit(v.base[i]) || v.base[i] == 'X')) tail++, i++;
  size_t n = head + stars + tail;
  if (i < v.len || stars < 3) return NULL;
  if (n == 11 && head == 3 && v.base[0] == '1' && v.base[1] >= '3') return "mobile";
  if (n == 18 && head >= 1 && head <= 10 && stars >= 4 && tail <= 4 && tail >= 1 && v.base[0] != '6')
    return "id_card";
  if (n >= 15 && n <= 19 && head >= 4 && head <= 6 && tail == 4) return "bank_card";
  return head == 0 && tail == 4 && stars >= 8 ? "bank_card" : NULL;
}
