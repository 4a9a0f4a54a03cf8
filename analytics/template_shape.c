/* SPDX-License-Identifier: Apache-2.0 */
/* What a path segment is, judged by its characters alone. */
#include "analytics/template.h"
#include "base/coded.h"

#define IS_DIGIT(c) ((c) >= '0' && (c) <= '9')
#define IS_LOWER(c) ((c) >= 'a' && (c) <= 'z')
#define IS_UPPER(c) ((c) >= 'A' && (c) <= 'Z')
#define IS_ALPHA(c) (IS_LOWER(c) || IS_UPPER(c))
#define IS_HEX(c) (IS_DIGIT(c) || ((c) >= 'a' && (c) <= 'f') || ((c) >= 'A' && (c) <= 'F'))

struct tally {
  size_t len, digits, lower, upper, hyphen, under, dot, hex, other, high;
  bool odd;        /* quotes, brackets, blanks and the like */
  size_t switches; /* between letters and digits, and between cases inside a run of letters */
};

/* Percent-decoding, once. Longer segments are judged by their start. */
static size_t decode(struct span s, uint8_t *out, size_t size) {
  size_t n = 0;
  for (size_t i = 0; i < s.len && n < size; i++) {
    if (s.base[i] == '%' && i + 2 < s.len && coded_hex(s.base[i + 1]) >= 0 && coded_hex(s.base[i + 2]) >= 0) {
      out[n++] = (uint8_t)(coded_hex(s.base[i + 1]) << 4 | coded_hex(s.base[i + 2]));
      i += 2;
    } else {
      out[n++] = s.base[i];
    }
  }
  return n;
}

/* NUL, blank, quotes, brackets and what else stands in no name. */
static bool is_odd(uint8_t c) {
  static const uint64_t odd[2] = {1ULL << 0 | 1ULL << ' ' | 1ULL << '"' | 1ULL << '$' | 1ULL << '%' |
                                      1ULL << '\'' | 1ULL << '(' | 1ULL << '/' | 1ULL << ';' | 1ULL << '<' |
                                      1ULL << '>',
                                  1ULL << ('\\' - 64) | 1ULL << ('`' - 64) | 1ULL << ('|' - 64)};
  return odd[c >> 6] >> (c & 63) & 1;
}

static struct tally count(const uint8_t *p, size_t n) {
  struct tally t = {.len = n};
  int last = 0;
  for (size_t i = 0; i < n; i++) {
    uint8_t c = p[i];
    int kind = IS_DIGIT(c) ? 1 : IS_LOWER(c) ? 2 : IS_UPPER(c) ? 3 : 0;
    t.digits += kind == 1;
    t.lower += kind == 2;
    t.upper += kind == 3;
    t.hex += IS_HEX(c);
    t.hyphen += c == '-';
    t.under += c == '_';
    t.dot += c == '.';
    t.high += c >= 0x80;
    if (!kind && c != '-' && c != '_' && c != '.' && c < 0x80) t.other++;
    if (kind && last && kind != last && !(last == 3 && kind == 2)) t.switches++;
    t.odd |= c < 0x80 && is_odd(c);
    last = kind;
  }
  return t;
}

/* "v1", "v2.1", "v1beta1", "v1alpha", "2.0" stays with the dotted numbers. */
static bool is_version(const uint8_t *p, size_t n) {
  size_t i = 1;
  if (n < 2 || n > 10 || (p[0] | 32) != 'v' || !IS_DIGIT(p[1])) return false;
  while (i < n && (IS_DIGIT(p[i]) || p[i] == '.')) i++;
  if (i == n) return true;
  static const char *const tails[] = {"alpha", "beta", "rc", "preview"};
  for (size_t k = 0; k < sizeof tails / sizeof *tails; k++) {
    size_t m = strlen(tails[k]);
    if (n - i < m || memcmp(p + i, tails[k], m) != 0) continue;
    i += m;
    while (i < n && IS_DIGIT(p[i])) i++;
    return i == n;
  }
  return false;
}

static bool is_uuid(const uint8_t *p, size_t n) {
  static const uint8_t at[] = {8, 13, 18, 23};
  if (n > 2 && p[0] == '{' && p[n - 1] == '}') p++, n -= 2;
  if (n < 32 || n > 36) return false;
  size_t hyphens = 0;
  for (size_t i = 0; i < n; i++) {
    if (p[i] == '-')
      hyphens++;
    else if (!IS_HEX(p[i]))
      return false;
  }
  if (n == 36 && hyphens == 4) {
    for (size_t k = 0; k < 4; k++)
      if (p[at[k]] != '-') return false;
    return true;
  }
  return hyphens == 4; /* cut by a limit of the logger or client */
}

/* 2026-01-07, 2026-01, 2026-W03, 2026-01-07T10:00:00Z, and with other separators. */
static bool is_date(const uint8_t *p, size_t n) {
  if (n < 7 || (p[0] != '1' && p[0] != '2') || !IS_DIGIT(p[1]) || !IS_DIGIT(p[2]) || !IS_DIGIT(p[3]))
    return false;
  if (p[4] != '-' && p[4] != '.' && p[4] != '_') return false;
  return (IS_DIGIT(p[5]) || p[5] == 'W' || p[5] == 'Q') && IS_DIGIT(p[6]);
}

static bool is_mail(const uint8_t *p, size_t n) {
  const uint8_t *at = n ? memchr(p, '@', n) : NULL;
  return at && at > p && memchr(at, '.', (size_t)(p + n - at));
}

static bool in_words(const char *const *list, size_t count, const uint8_t *p, size_t n) {
  for (size_t i = 0; i < count; i++)
    if ((uint8_t)list[i][0] == p[0] && strlen(list[i]) == n && memcmp(list[i], p, n) == 0) return true;
  return false;
}

static bool is_file(const uint8_t *p, size_t n) {
  /* clang-format off */
  static const char *const ext[] = {
    "js", "mjs", "css", "map", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "woff", "woff2", "ttf",
    "eot", "mp4", "mp3", "html", "htm", "txt", "xml", "json", "yaml", "yml", "csv", "xls", "xlsx", "doc",
    "docx", "pdf", "zip", "gz", "tar", "tgz", "jsp", "jspx", "php", "asp", "aspx", "ashx", "do", "action",
    "cgi", "md", "log", "bak", "sql", "wasm", "apk", "ipa", "exe", "jar", "war", "bin", "webm", "m3u8", "ts",
    "ics", "proto", "wsdl", "xsd", "rss", "atom", "properties", "conf", "ini", "env", "swf", "bmp", "tif",
  };
  /* clang-format on */
  size_t dot = n;
  while (dot > 0 && p[dot - 1] != '.') dot--;
  if (dot < 2 || dot == n) return false;
  return in_words(ext, sizeof ext / sizeof *ext, p + dot, n - dot);
}

/* Made of pronounceable parts, as camel case and names with one number are: parts of three letters and more that have a
 * vowel and no five consonants in a row make up most of it. */
static bool is_wordy(const uint8_t *p, size_t n) {
  size_t letters = 0, good = 0, numbers = 0, stubs = 0, i = 0;
  while (i < n) {
    size_t from = i, vowels = 0, run = 0, worst = 0;
    if (!IS_ALPHA(p[i])) {
      numbers += IS_DIGIT(p[i]) && (i == 0 || !IS_DIGIT(p[i - 1]));
      i++;
      continue;
    }
    bool caps = IS_UPPER(p[i]) && i + 1 < n && IS_UPPER(p[i + 1]);
    for (i = from; i < n && IS_ALPHA(p[i]) && (i == from || (caps ? IS_UPPER(p[i]) : IS_LOWER(p[i]))); i++) {
      uint8_t c = p[i] | 32;
      bool vowel = c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y';
      vowels += vowel;
      run = vowel ? 0 : run + 1;
      if (run > worst) worst = run;
    }
    letters += i - from;
    stubs += i - from < 2;
    if (i - from >= 3 && vowels && worst < 5) good += i - from;
  }
  if (!numbers) return letters && !stubs && good * 2 >= letters;
  return numbers == 1 && good * 5 >= letters * 4;
}

/* An id with a prefix that tells its kind: tok_…, cus_…, sha256:…, urn:…, arn:…. */
static bool is_prefixed(const uint8_t *p, size_t n, const struct tally *t) {
  size_t cut = 0;
  while (cut < n && p[cut] != '_' && p[cut] != ':') cut++;
  if (cut == n || cut < 2 || cut > 10 || n - cut < 7) return false;
  if (p[cut] == ':') return t->digits > 0 || t->len > 24;
  struct tally tail = count(p + cut + 1, n - cut - 1);
  if (tail.other || tail.hyphen || tail.under || is_wordy(p + cut + 1, n - cut - 1)) return false;
  return tail.switches > 1 || tail.digits || (tail.upper && tail.lower);
}

/* Letters and digits mixed as chance does it. Names mix them too, but with few changes and of words. */
static bool is_random(const uint8_t *p, size_t n, const struct tally *t) {
  size_t letters = t->lower + t->upper;
  if (t->other || n < 6 || is_wordy(p, n)) return false;
  if (t->digits && t->upper && t->lower && t->switches >= 2) return true;
  if (t->digits && letters && t->switches >= 2 && !t->hyphen && !t->dot) return true;
  if (n >= 8 && t->upper && t->lower && !t->dot && t->hyphen + t->under <= 2) return true;
  return n >= 20 && t->digits && letters && t->switches >= 2;
}

/* "2.0", "1.1": how some name their versions. */
static bool is_short_version(const uint8_t *p, size_t n) {
  return n == 3 && IS_DIGIT(p[0]) && p[1] == '.' && IS_DIGIT(p[2]);
}

/* "_search", "_bulk", ".well-known": what a server keeps for itself. */
static bool is_command(const uint8_t *p, size_t n) {
  static const char known[] = ".well-known";
  if (n == sizeof known - 1 && memcmp(p, known, n) == 0) return true;
  for (size_t i = 1; i < n; i++)
    if (!IS_LOWER(p[i]) && p[i] != '_') return false;
  return n > 2 && p[0] == '_';
}

static bool is_code(const uint8_t *p, size_t n, const struct tally *t) {
  /* ACC-2024-0001, LN202670475375, GB-12, +8613800000000, 1.2.3, 10.0.0.1, 91110101MAEKXL3U21 */
  if (t->lower == 0 && t->digits >= 2 && t->upper && !t->other) return true;
  if (p[0] == '+' && t->digits + 1 == n && n > 6) return true;
  if (t->digits + t->dot == n && t->digits && t->dot) return true;
  if (t->digits + t->hyphen + t->dot + t->other == n && t->digits >= 3) return true;
  return t->digits * 2 >= n && t->digits >= 4 && !t->other;
}

/* What broken clients put where a value belongs. */
static bool is_placeholder(const uint8_t *p, size_t n) {
  static const char *const words[] = {"null", "undefined", "NaN", "nil", "None", "[object Object]"};
  return in_words(words, sizeof words / sizeof *words, p, n);
}

/* Words that name an action or view wherever they stand. */
static bool is_reserved(const uint8_t *p, size_t n) {
  /* clang-format off */
  static const char *const words[] = {
    "me", "self", "search", "current", "latest", "count", "export", "import", "batch", "bulk", "list", "all",
    "login", "logout", "health", "healthz", "status", "metrics", "config", "query", "validate", "verify",
    "api", "graphql", "docs", "upload", "download", "stats", "summary", "info", "version", "ping", "auth",
    "oauth", "token", "refresh", "send", "register", "admin", "public", "static", "assets", "create",
    "update", "delete", "new", "edit", "add", "remove", "get", "set", "find", "check", "profile", "settings",
    "history",
  };
  /* clang-format on */
  return in_words(words, sizeof words / sizeof *words, p, n);
}

enum template_shape template_shape(struct span segment) {
  uint8_t p[256];
  size_t n = decode(segment, p, sizeof p);
  if (!n) return SHAPE_LITERAL;
  struct tally t = count(p, n);
  if (is_version(p, n) || is_short_version(p, n) || is_command(p, n)) return SHAPE_LITERAL;
  if (t.digits == n) return SHAPE_ID;
  if (is_mail(p, n) || is_uuid(p, n) || is_date(p, n)) return SHAPE_ID;
  if (t.odd || (n == 2 && p[0] == '.' && p[1] == '.')) return SHAPE_ODD;
  if (is_file(p, n)) return SHAPE_FILE;
  if (t.hex == n && n >= 8 && t.digits) return SHAPE_ID;
  if (t.hex == n && n >= 16) return SHAPE_ID;
  if (is_prefixed(p, n, &t) || is_code(p, n, &t) || is_random(p, n, &t) || t.high) return SHAPE_ID;
  if (is_placeholder(p, n)) return SHAPE_ID;
  if (is_reserved(p, n)) return SHAPE_LITERAL;
  return t.digits || t.hyphen || t.dot || t.other ? SHAPE_SLUG : SHAPE_WORD;
}
