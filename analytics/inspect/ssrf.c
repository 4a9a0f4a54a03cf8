/* SPDX-License-Identifier: Apache-2.0 */
/* Server-side request forgery: addresses of the inside, of metadata services and of call-back services in parameters. */
#include "analytics/inspect/rules.h"
#include "base/ascii.h"

const struct rule rule_ssrf = {
    .id = "ssrf",
    .name = "Server-side request forgery",
    .name_zh = "服务端请求伪造（SSRF）",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1552.005"},
    .tactic = {"TA0001", "TA0006"},
    .owasp = {"API7:2023"},
    .reason = "A parameter holds an address that would make the server call itself, its metadata service or "
              "an observer's host.",
    .reason_zh = "参数中的地址会诱使服务端访问自身、云元数据服务或探测回连主机。",
    .remedy = "Resolve and check addresses against an allow list; block metadata addresses for workloads.",
    .remedy_zh = "按白名单校验解析后的地址；禁止业务负载访问元数据地址。",
};

struct address {
  bool literal, odd; /* an IPv4 address; written in a way no one types */
  uint32_t v4;
  bool v6;
};

/* One part of an address: decimal, octal or hexadecimal. */
static size_t part(struct span s, uint64_t *v, bool *odd) {
  size_t i = 0;
  *v = 0;
  if (s.len > 2 && s.base[0] == '0' && s.base[1] == 'x') {
    for (i = 2;
         i < s.len && i < 20 && ((ascii_is_digit(s.base[i])) || (s.base[i] >= 'a' && s.base[i] <= 'f')); i++)
      *v = *v << 4 | (uint64_t)(ascii_is_digit(s.base[i]) ? s.base[i] - '0' : s.base[i] - 'a' + 10);
    *odd = true;
    return i > 2 ? i : 0;
  }
  bool octal = s.len > 1 && s.base[0] == '0' && ascii_is_digit(s.base[1]);
  for (; i < s.len && i < 20 && ascii_is_digit(s.base[i]); i++)
    *v = *v * (octal ? 8 : 10) + (uint64_t)(s.base[i] - '0');
  if (octal) *odd = true;
  return i;
}

static struct address parse(struct span host) {
  struct address a = {0};
  if (host.len && host.base[0] == '[') {
    a.v6 = true;
    return a;
  }
  uint64_t v[4] = {0};
  unsigned n = 0;
  while (n < 4) {
    size_t len = part(host, &v[n], &a.odd);
    if (!len) return a;
    n++;
    host = span_skip(host, len);
    if (!host.len || host.base[0] != '.') break;
    host = span_skip(host, 1);
  }
  if (host.len && host.base[0] != '/' && host.base[0] != ':' && host.base[0] != '?' && host.base[0] != '#' &&
      host.base[0] != ' ')
    return a;
  a.literal = true;
  if (n < 4) a.odd = true;
  a.v4 = n == 4   ? (uint32_t)(v[0] << 24 | v[1] << 16 | v[2] << 8 | v[3])
         : n == 1 ? (uint32_t)v[0]
                  : (uint32_t)(v[0] << 24 | v[n - 1]);
  return a;
}

static bool names_inside(struct span host) {
  /* clang-format off */
  static const char *const names[] = {
    "localhost", "127.", "0.0.0.0", "ip6-loopback", "ip6-localhost", "ipv6-localhost", "ipv6-loopback",
    "host.docker.internal", "gateway.docker.internal", "kubernetes.docker.internal",
    "host.containers.internal", "kubernetes.default", "localtest.me", "lvh.me", "metadata.google",
    "metadata.tencentyun", "metadata.packet", "metadata.azure", "169.254.", "100.100.100.200", "192.0.0.192",
    "[::", "[0:", "instance-data", "loopback",
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (span_starts(host, span_str(names[i]))) return true;
  return ANY_OF(span_head(host, span_index(host, '/')), ".nip.io", ".xip.io", ".sslip.io", ".localtest.me",
                ".lvh.me", ".internal", ".svc.cluster.local", ".localdomain", "burpcollaborator", "oastify",
                "interact.sh", "dnslog", "ceye.io", ".oast.", "requestbin", "webhook.site",
                "bxss.me") < span_index(host, '/');
}

static uint8_t judge_host(struct span host, bool odd_scheme) {
  for (unsigned n = 0; n < 3; n++) { /* user@host, as often as it occurs before the path */
    size_t at = span_index(span_head(host, span_index(host, '/')), '@');
    if (at >= span_index(host, '/') || at >= host.len) break;
    host = span_skip(host, at + 1);
  }
  struct address a = parse(host);
  if (a.v6) return 85;
  if (a.literal && a.odd) return 85;
  if (a.literal) {
    uint8_t first = (uint8_t)(a.v4 >> 24);
    if (first == 127 || a.v4 == 0 || (a.v4 >> 16) == 0xa9fe || a.v4 == 0x646464c8 || a.v4 == 0xc00000c0)
      return 90;
    return odd_scheme ? 80 : 0;
  }
  if (names_inside(host)) return 85;
  if (host.len > 3 && host.base[0] == '\\') return 80;
  return odd_scheme ? 70 : 0;
}

static uint8_t judge(struct span s) {
  static const char *const odd[] = {
      "gopher", "dict",   "ldap",       "ldaps", "tftp",  "sftp", "jar",  "netdoc", "imap", "imaps",
      "pop3",   "pop3s",  "smtp",       "ssh",   "rsync", "rtsp", "rtmp", "irc",    "xri",  "acap",
      "svn",    "telnet", "local_file", "rmi",   "iiop",  "smb",  "file", "nntp",   "jdbc"};
  size_t colon = span_index(s, ':');
  uint8_t best = 0;
  for (size_t at = 0, n = 0; n < 4 && colon < s.len; n++) {
    size_t from = colon;
    while (from > at && ((s.base[from - 1] >= 'a' && s.base[from - 1] <= 'z') ||
                         ascii_is_digit(s.base[from - 1]) || s.base[from - 1] == '_'))
      from--;
    struct span scheme = span_of(s.base + from, colon - from), rest = span_skip(s, colon + 1);
    unsigned slashes = 0;
    while (slashes < 3 && rest.len && rest.base[0] == '/') rest = span_skip(rest, 1), slashes++;
    bool strange = false;
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++)
      strange |= span_eq(scheme, span_str(odd[i])) && slashes > 0;
    bool web = span_eq(scheme, SPAN_LIT("http")) || span_eq(scheme, SPAN_LIT("https")) ||
               span_eq(scheme, SPAN_LIT("ftp")) || span_eq(scheme, SPAN_LIT("ws"));
    if (web && !slashes && rest.len > 7 && ascii_is_digit(rest.base[0])) { /* http:2852039166 */
      struct address a = parse(rest);
      if (a.literal && a.odd && best < 75) best = 75;
    }
    if (span_eq(scheme, SPAN_LIT("unix")) && ANY_OF(rest, "|http", "|ajp", "|ws", "|fcgi") < rest.len)
      best = 85; /* a proxy's way to a socket, CVE-2021-40438 */
    if (strange || web) {
      uint8_t score = judge_host(rest, strange && !span_eq(scheme, SPAN_LIT("jdbc")) &&
                                           !span_eq(scheme, SPAN_LIT("file")));
      if (span_eq(scheme, SPAN_LIT("file")) && slashes >= 2) score = 75;
      if (score > best) best = score;
    }
    at = colon + 1;
    colon = at + span_index(span_skip(s, at), ':');
  }
  return best;
}

static bool names_place(struct span key) {
  static const char *const words[] = {"url",      "uri",     "host",     "target", "dest",  "redirect",
                                      "callback", "webhook", "proxy",    "link",   "src",   "source",
                                      "domain",   "server",  "endpoint", "fetch",  "image", "next",
                                      "return",   "feed",    "ssrf",     "addr",   "site"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_find_nocase(key, span_str(words[i])) < key.len) return true;
  return false;
}

/* Addresses that only cloud instances know are telling in themselves. */
static bool metadata(struct span s) {
  return ANY_OF(s, "/latest/meta-data", "/latest/user-data", "/latest/dynamic", "computemetadata",
                "/metadata/v1", "/openstack", "/metadata/instance", "/opc/v1", "/userdata", "metadata.packet",
                "169.254.170.2") < s.len;
}

/* Names of an estate's own services, which these tell each other to be called back. */
static bool is_neighbour(struct span host) {
  for (size_t i = 0; i < host.len; i++)
    if (host.base[i] == '/' || host.base[i] == ':' || host.base[i] == '?') host.len = i;
  return !memchr(host.base, '@', host.len) && !inspect_has(host, "metadata") &&
         !inspect_has(host, "instance-data") && !inspect_has(host, "docker") &&
         !inspect_has(host, "containers") && !span_starts(host, SPAN_LIT("kubernetes.")) &&
         (span_ends(host, SPAN_LIT(".internal")) || span_ends(host, SPAN_LIT(".svc.cluster.local")) ||
          span_ends(host, SPAN_LIT(".localdomain")));
}

/* Where a program on one's own machine waits for its answer (RFC 8252, 7.3), and where the caller itself may be called back. */
static bool is_own(const struct inspect_ctx *cx, struct span key, struct span s) {
  size_t at = span_find(s, SPAN_LIT("://"));
  if (at > 5 || !span_starts(s, SPAN_LIT("http"))) return false;
  struct address a = parse(span_skip(s, at + 3));
  bool loopback =
      (a.literal && !a.odd && a.v4 >> 24 == 127) || span_starts(span_skip(s, at + 3), SPAN_LIT("localhost"));
  if (loopback && (span_starts_nocase(key, SPAN_LIT("redirect_ur")) ||
                   span_eq_nocase(key, SPAN_LIT("post_logout_redirect_uri")) ||
                   span_eq_nocase(key, SPAN_LIT("redirecturi"))))
    return true;
  if (loopback && (span_starts_nocase(key, SPAN_LIT("return")) || span_eq_nocase(key, SPAN_LIT("next")) ||
                   span_eq_nocase(key, SPAN_LIT("continue"))))
    return true; /* where the browser goes on, not the server */
  if (is_neighbour(span_skip(s, at + 3)) && zones_inside(cx->zones, cx->txn->conn.client)) return true;
  const uint8_t *c = cx->txn->conn.client + 12;
  uint32_t client = (uint32_t)c[0] << 24 | (uint32_t)c[1] << 16 | (uint32_t)c[2] << 8 | c[3];
  return a.literal && !a.odd && cx->txn->conn.ipver == 4 && a.v4 == client && a.v4 >> 16 != 0xa9fe;
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  const struct inspect_form *f = cx->form;
  if (inspect_done(cx, &rule_ssrf)) return;
  struct span s = span_head(f->low, 1024);
  if (cx->place == PLACE_HEADER &&
      (span_eq_nocase(leaf->key, SPAN_LIT("referer")) || span_eq_nocase(leaf->key, SPAN_LIT("origin")) ||
       span_eq_nocase(leaf->key, SPAN_LIT("user-agent")))) {
    if (inspect_points(cx, WORD_SSRF) < 10 && !metadata(s)) return;
  }
  bool prose =
      cx->place == PLACE_BODY && !leaf->key.len && span_find(s, SPAN_LIT("://")) > 12; /* a text, a log */
  if (prose || is_own(cx, leaf->key, s)) return;
  uint8_t score = judge(s);
  if (score < 60 && inspect_points(cx, WORD_SSRF) >= 10) score = 75;
  if (score < 60 && metadata(s) && cx->place != PLACE_PATH) score = 85;
  if (score < 60 && cx->place != PLACE_HEADER && names_place(leaf->key) && names_inside(s) &&
      (span_index(s, '/') < s.len || span_index(s, ':') < s.len))
    score = 70;
  if (cx->place == PLACE_PATH || (cx->place == PLACE_HEADER && score < 85)) score = score >= 90 ? score : 0;
  if (score >= 60 && f->text.len < 1024) inspect_attack(cx, &rule_ssrf, score, 0);
}

const struct inspection inspect_ssrf = {
    .rule = &rule_ssrf, .value = value, .wants = BIT(WORD_SSRF) | BIT(WORD_RFI)};
