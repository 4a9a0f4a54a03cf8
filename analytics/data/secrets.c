/* SPDX-License-Identifier: Apache-2.0 */
/* Passwords, their hashes, tokens and keys. */
#include "analytics/data/validate.h"
#include "base/ascii.h"
#include "base/coded.h"

static bool is_url64(uint8_t c) { return ascii_is_digit(c) || ascii_is_alpha(c) || c == '-' || c == '_'; }

static bool counts_up(struct span v) {
  size_t run = 1;
  for (size_t i = 1; i < v.len && run < 10; i++) run = v.base[i] == v.base[i - 1] + 1 ? run + 1 : 1;
  return run >= 10;
}

bool validate_sample(struct span v) {
  size_t up = 1, same = 1, most_up = 1, most_same = 1;
  for (size_t i = 1; i < v.len; i++) {
    bool next = v.base[i] == v.base[i - 1] + 1 || (v.base[i] == '0' && v.base[i - 1] == '9');
    up = next ? up + 1 : 1;
    same = v.base[i] == v.base[i - 1] ? same + 1 : 1;
    if (up > most_up) most_up = up;
    if (same > most_same) most_same = same;
  }
  if (most_up >= 10 && most_up * 2 >= v.len) return true;
  return (most_same >= 10 && most_same * 4 >= v.len) || span_find(v, SPAN_LIT("EXAMPLE")) < v.len;
}

/* Placeholders stand where secrets would be: ${VAR}, %VAR%, <token>, ****, xxxx, your-key-here, null. */
static bool placeholder(struct span v) {
  static const char *const words[] = {"null",     "none",   "nil",    "true",   "false",   "undefined",
                                      "password", "secret", "token",  "string", "example", "changeme",
                                      "redacted", "masked", "hidden", "empty",  "test",    "change_me"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_eq_nocase(v, span_str(words[i]))) return true;
  uint8_t c = v.base[0], end = v.base[v.len - 1];
  if (c == '$' && v.len > 1 && (v.base[1] == '{' || v.base[1] == '(')) return true;
  if ((c == '<' && end == '>') || (c == '{' && v.len > 1 && v.base[1] == '{')) return true;
  if ((c == '%' && end == '%' && v.len > 2) || (c == '[' && end == ']')) return true;
  size_t same = 1;
  for (size_t i = 1; i < v.len; i++) same += v.base[i] == c;
  return same == v.len;
}

/* Words of examples and of variables inside a value. */
static bool speaks(struct span v) {
  static const char *const words[] = {"example",  "your-",       "your_",      "yourkey", "yourtoken",
                                      "-here",    "_here",       "dummy",      "sample",  "placeholder",
                                      "changeme", "change_me",   "redacted",   "xxxxxx",  "insert",
                                      "replace",  "process.env", "os.environ", "getenv",  "snapshot"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_find_nocase(v, span_str(words[i])) < v.len) return true;
  return false;
}

static bool is_mark(uint8_t c) { return c == '-' || c == '_' || c == '.' || c == ':'; }

/* Names of things are words and numbers between marks: cmp2-qat-1208358310, orders-db-2, io.jsonwebtoken. */
static bool names_thing(struct span v) {
  size_t parts = 0, plain = 0, from = 0, longest = 0;
  for (size_t i = 0; i <= v.len; i++) {
    if (i < v.len && !is_mark(v.base[i])) continue;
    size_t digits = 0, upper = 0, lower = 0, n = i - from;
    for (size_t k = from; k < i; k++) {
      digits += ascii_is_digit(v.base[k]);
      upper += v.base[k] >= 'A' && v.base[k] <= 'Z';
      lower += v.base[k] >= 'a' && v.base[k] <= 'z';
    }
    bool word = digits == 0 && (upper == 0 || lower == 0 || upper == 1) && n <= 14;
    bool number = digits == n && n <= 10;
    parts++;
    plain += n && (word || number || n <= 4);
    if (n > longest) longest = n;
    from = i + 1;
  }
  return parts >= 3 && plain == parts && longest >= 2;
}

static bool hash_prefix(struct span v) {
  static const char *const heads[] = {
      "$2a$",          "$2b$",    "$2y$",     "$1$",     "$5$",   "$6$",      "$y$",
      "$argon2",       "$pbkdf2", "$scrypt$", "{SSHA}",  "{SHA}", "{bcrypt}", "pbkdf2_sha256$",
      "pbkdf2:sha256", "sha256$", "{MD5}",    "{noop}$", "$P$",   "$H$",      "$apr1$"};
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
    if (span_starts(v, span_str(heads[i]))) return true;
  return false;
}

bool validate_password_hash(struct span v, bool keyed) {
  if (hash_prefix(v) && v.len >= 20) return true;
  if (!keyed) return false;
  if (v.len == 32 || v.len == 40 || v.len == 56 || v.len == 64 || v.len == 96 || v.len == 128) {
    for (size_t i = 0; i < v.len; i++)
      if (!ascii_is_hex(v.base[i])) return false;
    return validate_entropy(v) > 2.5;
  }
  if ((v.len == 24 || v.len == 28 || v.len == 44 || v.len == 88) && v.base[v.len - 1] == '=') return true;
  return false;
}

bool validate_password(struct span v, bool keyed) {
  if (!keyed || v.len < 4 || v.len > 128) return false;
  if (placeholder(v) || hash_prefix(v)) return false;
  size_t stars = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (c < 0x20 || c >= 0x80) return false;
    stars += c == '*' || c == ' ';
  }
  if (stars * 2 > v.len || span_index(v, ' ') < v.len) return false;
  return true;
}

/* Words and sentences have few digits and spaces between; identifiers repeat. */
bool validate_secret(struct span v, bool keyed) {
  size_t bar = span_index(v, '|'); /* an application's number and what belongs to it */
  if (bar >= 14 && bar <= 17 && bar + 20 < v.len) {
    uint64_t number;
    if (span_u64(span_head(v, bar), &number) < 0) return false;
    v = span_skip(v, bar + 1);
  }
  if (!keyed || v.len < 10 || v.len > 2048 || placeholder(v)) return false;
  size_t digits = 0, letters = 0, other = 0, dots = 0;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (ascii_is_digit(c))
      digits++;
    else if (ascii_is_alpha(c))
      letters++;
    else if (c <= ' ' || c >= 0x7f || memchr("<>(){}[]*,;\"'`\\|", c, 16))
      return false;
    else
      other++, dots += c == '.';
  }
  if (other * 3 > v.len || dots > 4) return false;
  if (counts_up(v) || speaks(v) || (other >= 2 && names_thing(v))) return false;
  if (span_find(v, SPAN_LIT("://")) < v.len || v.base[0] == '/' || v.base[0] == '.') return false;
  double h = validate_entropy(v);
  if (letters == 0) return digits >= 15 && h > 2.6;
  if (digits == 0) return v.len >= 16 && h > 3.7 && other == 0;
  return h > (v.len < 16 ? 2.8 : v.len < 24 ? 3.0 : 3.2);
}

static bool decodes_to_object(struct span s) {
  /* base64 of '{"', '{ "', '{\n', '{\r' */
  return span_starts(s, SPAN_LIT("eyJ")) || span_starts(s, SPAN_LIT("eyA")) ||
         span_starts(s, SPAN_LIT("ewo")) || span_starts(s, SPAN_LIT("ewk")) ||
         span_starts(s, SPAN_LIT("ew0"));
}

/* A token that was put into base64 once more. */
static bool wrapped_jwt(struct span v) {
  uint8_t text[1024];
  size_t n = 0;
  uint32_t acc = 0;
  for (size_t i = 0, bits = 0; i < v.len && n < sizeof text; i++) {
    int x = coded_64(v.base[i]);
    if (x < 0) break;
    acc = acc << 6 | (uint32_t)x;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    text[n++] = (uint8_t)(acc >> bits);
  }
  struct span s = {text, n};
  size_t dot = span_index(s, '.');
  if (dot < 10 || dot == n) return false;
  for (size_t i = 0; i < n; i++)
    if (!is_url64(text[i]) && text[i] != '.' && text[i] != '=') return false;
  return true;
}

bool validate_jwt(struct span v, bool keyed) {
  (void)keyed;
  if (span_starts(v, SPAN_LIT("ZXlK"))) return v.len >= 44 && wrapped_jwt(v);
  size_t first = span_index(v, '.'), dots = 0, part = 0;
  if (span_starts(v, SPAN_LIT("Bearer "))) return validate_jwt(span_skip(v, 7), keyed);
  if (first < 10 || first == v.len || !decodes_to_object(v)) return false;
  if (!decodes_to_object(span_skip(v, first + 1)) && v.len - first < 24) return false;
  for (size_t i = 0; i < v.len; i++) {
    uint8_t c = v.base[i];
    if (c == '.') {
      if (part == 0 && dots > 1) return false;
      dots++;
      part = 0;
    } else if (is_url64(c) || c == '=') {
      part++;
    } else {
      return false;
    }
  }
  return dots == 2 || dots == 4 || (dots == 1 && part > 10);
}

bool validate_private_key(struct span v, bool keyed) {
  (void)keyed;
  size_t at = span_find(v, SPAN_LIT("-----BEGIN"));
  struct span s = span_skip(v, at + 10);
  struct span line = span_head(s, 60);
  size_t key = span_find(line, SPAN_LIT("PRIVATE KEY"));
  if (at == v.len || key == line.len) return false;
  s = span_skip(s, key + 11);
  size_t body = 0;
  for (size_t i = 0; i < s.len && i < 4096 && body < 40; i++) {
    uint8_t c = s.base[i];
    body += ascii_is_digit(c) || ascii_is_alpha(c) || c == '+' || c == '/';
    if (c == '-' && body && i > 8 && span_starts(span_skip(s, i), SPAN_LIT("-----END"))) break;
  }
  return body >= 40;
}
