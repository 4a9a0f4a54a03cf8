/* SPDX-License-Identifier: Apache-2.0 */
/* Path traversal and reading of files that no caller should name; inclusion of remote or wrapped ones. */
#include "analytics/inspect/prose.h"
#include "analytics/inspect/rules.h"

const struct rule rule_traversal = {
    .id = "traversal",
    .name = "Path traversal",
    .name_zh = "路径遍历",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1083"},
    .tactic = {"TA0001", "TA0007"},
    API8,
    .reason = "A path or parameter climbs out of its folder or names a file of the system.",
    .reason_zh = "路径或参数试图跳出目录，或直接指向系统文件。",
    .remedy =
        "Resolve the name and check that it stays below the intended folder; check which file was returned.",
    .remedy_zh = "规范化后校验路径是否仍在预期目录下；核查实际返回的文件内容。",
};
const struct rule rule_file_inclusion = {
    .id = "file_inclusion",
    .name = "File inclusion",
    .name_zh = "文件包含",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1505.003"},
    .tactic = {"TA0001", "TA0003"},
    API8,
    .reason = "A parameter names a stream wrapper or a remote file to be included.",
    .reason_zh = "参数中含有流封装协议或待包含的远程文件地址。",
    .remedy = "Allow only names from a list; switch off inclusion of addresses and wrappers.",
    .remedy_zh = "仅允许白名单文件名；关闭远程包含与流封装协议。",
};

/* A step upwards at s[i]: dots, then a slash in one of its spellings; how long it is. */
static size_t slash_at(struct span s, size_t i) {
  static const char *const spellings[] = {"/",
                                          "\\",
                                          "%2f",
                                          "%5c",
                                          "%252f",
                                          "%255c",
                                          "0x2f",
                                          "0x5c",
                                          "%c0%af",
                                          "%c1%9c",
                                          "%c0%2f",
                                          "%u2215",
                                          "%u2216",
                                          "%%32%66",
                                          "%%35%63",
                                          "%uefc8",
                                          "%c0%5c",
                                          "%c1%pc",
                                          "%c0%9v",
                                          "%c0%qf",
                                          "%c1%8s",
                                          "%c1%1c",
                                          "%e0%80%af",
                                          "%bg%qf",
                                          "%f0%80%80%af",
                                          "%f8%80%80%80%af",
                                          "%fc%80%80%80%80%af",
                                          "%uf025",
                                          "|",
                                          "\xc0\xaf",
                                          "\xc1\x9c",
                                          "\xc0/"};
  for (size_t k = 0; k < sizeof spellings / sizeof *spellings; k++)
    if (span_starts(span_skip(s, i), span_str(spellings[k]))) return strlen(spellings[k]);
  return 0;
}

static size_t dot_at(struct span s, size_t i) {
  static const char *const spellings[] = {".",      "%2e",      "%252e",   "0x2e", "%c0%ae",
                                          "%c0%2e", "%u002e",   "%%32%65", "x2e",  "%e0%80%ae",
                                          "%c0%ce", "\xc0\xae", "\xc0\x2e"};
  for (size_t k = 0; k < sizeof spellings / sizeof *spellings; k++)
    if (span_starts(span_skip(s, i), span_str(spellings[k]))) return strlen(spellings[k]);
  return 0;
}

struct climb {
  unsigned up, stay, odd; /* "..", ".", steps of three dots and more or oddly spelled */
  size_t at;
};

static struct climb climbs(struct span s) {
  struct climb c = {0};
  for (size_t i = 0; i < s.len;) {
    size_t dots = 0, n, k = i;
    bool odd = false;
    while ((n = dot_at(s, k)) && dots < 64) {
      dots++, k += n, odd |= n > 1;
      size_t nul = k < s.len && s.base[k] == 0 ? 1 : span_starts(span_skip(s, k), SPAN_LIT("%00")) ? 3 : 0;
      if (nul && dot_at(s, k + nul)) k += nul, odd = true; /* a NUL between the dots */
    }
    if (!dots) {
      i++;
      continue;
    }
    bool begins =
        i == 0 || (i > 0 && (s.base[i - 1] == '/' || s.base[i - 1] == '\\' || s.base[i - 1] == ';' ||
                             s.base[i - 1] == '=' || s.base[i - 1] == ' ' || s.base[i - 1] == '"' ||
                             s.base[i - 1] == '\'' || s.base[i - 1] == ':' || s.base[i - 1] == '|' ||
                             s.base[i - 1] == ',' || s.base[i - 1] == 'c' || s.base[i - 1] == 'f'));
    while (k < s.len && (s.base[k] == 0 || (dots >= 2 && s.base[k] == ';') ||
                         (s.base[k] <= ' ' && dots >= 2 && k + 1 < s.len)))
      k++;
    if (span_starts(span_skip(s, k), SPAN_LIT("%00")) && dots >= 1) k += 3, odd = true;
    n = slash_at(s, k);
    if (n && dots >= 2) {
      if (begins || odd)
        c.up++;
      else if (dots == 2 && n == 1 && c.up)
        c.up++;
      if ((dots > 2 && (begins || dots > 3)) || odd || n > 1) c.odd++;
      if (c.up + c.odd == 1) c.at = i;
    } else if (n && dots == 1 && (begins || odd)) {
      c.stay++;
      if (odd) c.odd++;
    }
    i = k + (n ? n : 0);
    if (i <= k && !n) i = k ? k : 1;
  }
  return c;
}

/* Two dots and the same few bytes again and again: some decoder takes them for a slash. Counts the steps; *at: the first. */
static unsigned steps(struct span s, size_t *at) {
  for (size_t from = 0;;) {
    from += span_find(span_skip(s, from), SPAN_LIT(".."));
    if (from >= s.len) return 0;
    size_t unit = 2;
    while (from + unit < s.len && unit < 26 && s.base[from + unit] != '.') unit++;
    struct span step = span_of(s.base + from, unit), between = span_skip(step, 2);
    uint32_t c = normalize_classes(between);
    bool telling = (c & (CLASS_SLASH | CLASS_BACKSLASH | CLASS_PERCENT | CLASS_ODD)) ||
                   span_eq(between, SPAN_LIT("2f")) || span_eq(between, SPAN_LIT("5c"));
    unsigned n = 1;
    while (telling && n < 64 && span_starts(span_skip(s, from + n * unit), step)) n++;
    if (telling && n > 1) return *at = from, n;
    from += 2;
  }
}

/* clang-format off */
static const char *const files[] = {
  "etc/passwd", "etc/shadow", "etc/hosts", "etc/group", "etc/issue", "etc/motd", "etcpasswd", "master.passwd",
  "etc/subuid", "etc/subgid", "etc/sudoers", "etc/crontab", "etc/fstab", "etc/ssh", "etc/apache", "etc/nginx",
  "etc/mysql", "etc/php", "etc/httpd", "etc/init", "proc/self", "proc/version", "proc/cpuinfo", "proc/mounts",
  "proc/interrupts", "proc/net", "proc/1/", "boot.ini", "win.ini", "system.ini", "php.ini", "my.cnf",
  "httpd.conf", "apache2.conf", "nginx.conf", "web.config", "web-inf", "meta-inf/", "global.asa", ".htaccess",
  ".htpasswd", "id_rsa", "id_dsa", "authorized_keys", "known_hosts", ".bash_history", ".ssh/", "wp-config",
  "windows/system32", "windows\\system32", "winnt/", "winnt\\", "inetpub/wwwroot", "inetpub\\wwwroot",
  "autoexec.bat", "ntds.dit", "applicationhost.config", "/sys/class", "var/log/apache", "var/log/nginx",
  "var/log/httpd", "usr/local/apache", "xampp/", "sam._", "repair/sam", ".docker/", ".aws/credentials",
  ".kube/config", "backup.sql", "boot/grub", "var/log/auth", "access_log", "error_log", "access.log",
  "error.log", "etc\\passwd", "etc\\shadow", "windows/win", "\\windows\\", "/@fs/", "/@id/", "/.history",
  "oot.ini", "debug.log", "errors.log", ".cursorignore", ".aiignore", "c:/windows", "c:\\windows", "/root/.",
  "var/www/html", "etc/profile", "etc/environment", "windows/repair", "program files",
};
/* clang-format on */

/* "etc", a few bytes that some decoder takes for a slash, and a file of that folder. */
static bool etc_file(struct span s) {
  for (size_t at = 0, n = 0; n < 8; n++) {
    at += span_find(span_skip(s, at), SPAN_LIT("etc"));
    if (at >= s.len) return false;
    at += 3;
    struct span near = span_head(span_skip(s, at), 32);
    size_t k = ANY_OF(near, "passwd", "shadow", "hosts", "issue");
    if (k && k < near.len && k <= 24) {
      uint32_t c = normalize_classes(span_head(near, k));
      if (c & ~(uint32_t)(CLASS_ALPHA | CLASS_SPACE)) return true;
    }
  }
  return false;
}

/* The folder of programs alone, with no file in it. */
static bool folder_only(struct span s) {
  s = span_trim(s);
  if (s.len < 4 || s.base[1] != ':') return false;
  struct span rest = span_skip(s, 2);
  return span_eq(rest, SPAN_LIT("\\program files")) || span_eq(rest, SPAN_LIT("\\program files\\")) ||
         span_eq(rest, SPAN_LIT("\\program files (x86)"));
}

static bool names_file(struct span s) {
  if (folder_only(s)) return false;
  return inspect_any(s, files, sizeof files / sizeof *files) < s.len || etc_file(s);
}

/* A folder that belongs to the system: nothing that an application stores for its callers lies there. */
static bool system_path(struct span s) {
  static const char *const unix_folders[] = {
      "/etc/",       "/proc/",      "/boot/",      "/root/",      "/var/log/",   "/var/adm/",
      "/var/run/",   "/var/spool/", "/var/lock/",  "/var/lp/",    "/var/mail/",  "/var/cron/",
      "/var/lib/",   "/var/www/",   "/var/apache", "/usr/local/", "/usr/lib/",   "/usr/etc/",
      "/usr/spool/", "/usr/adm/",   "/usr/apache", "/usr/pkg/",   "/usr/ports/", "/usr/sbin/",
      "/usr/bin/",   "/opt/apache", "/opt/lampp/", "/opt/xampp/", "/opt/httpd/", "/private/",
      "/library/",   "/winnt/",     "/windows/",   "/sys/",       "/dev/",       "/system32/"};
  static const char *const windows_folders[] = {
      "windows", "winnt", "inetpub", "system32", "boot.ini", "apache",   "xampp",    "wamp",       "appserv",
      "php",     "mysql", "nginx",   "sysprep",  "autoexec", "unattend", "pagefile", "config.sys", "io.sys"};
  if (s.len < 5 || s.len > 200 || (normalize_classes(s) & (CLASS_ANGLE | CLASS_BRACE | CLASS_CTRL)))
    return false;
  if (s.base[0] == '/') {
    for (size_t i = 0; i < sizeof unix_folders / sizeof *unix_folders; i++)
      if (span_starts(s, span_str(unix_folders[i]))) return true;
    return false;
  }
  if (s.base[1] != ':' || (s.base[2] != '\\' && s.base[2] != '/')) return false;
  struct span rest = span_skip(s, 3);
  while (rest.len && (rest.base[0] == '\\' || rest.base[0] == '/')) rest = span_skip(rest, 1);
  for (size_t i = 0; i < sizeof windows_folders / sizeof *windows_folders; i++)
    if (span_starts(rest, span_str(windows_folders[i]))) return true;
  return false;
}

/* Text in which a path is mentioned: documents and code have relative links. */
static bool mentions(struct span s, const struct climb *c) {
  uint32_t k = normalize_classes(s);
  return c->odd == 0 && c->up < 4 && s.len > 60 && (k & CLASS_SPACE);
}

static uint8_t judge(struct span s, enum place place) {
  struct climb c = climbs(s);
  bool file = names_file(s), marker = inspect_has(s, "{file}");
  size_t at = 0;
  unsigned n = c.up + c.odd >= 2 ? 0 : steps(s, &at);
  bool slash = at + 2 < s.len && (s.base[at + 2] == '/' || s.base[at + 2] == '\\') && at + 3 < s.len &&
               s.base[at + 3] == '.';
  if (n) c.up += n, c.odd += !slash, c.at = at;
  if (file && (c.up || c.odd || c.stay)) return 95;
  if (mentions(s, &c) && !marker) return 0;
  if (file && s.len < 200 &&
      (prose_mentions(s, SPAN_LIT("/etc/passwd")) || prose_mentions(s, SPAN_LIT("/etc/hosts"))))
    return 0;
  if (c.up + c.odd >= 2 || marker) return 90;
  if (c.up && c.odd) return 85;
  if (file) {
    if (ANY_OF(s, "etc/passwd", "etc/shadow", "proc/self", "boot.ini", "win.ini", "web-inf/web.xml", "id_rsa",
               ".htpasswd", "wp-config", ".ssh/", "etc/subuid", "ntds.dit", "global.asa", "etcpasswd",
               "master.passwd", ".aws/credentials", ".kube/config", "/@fs/", "backup.sql") < s.len)
      return place == PLACE_HEADER || s.len < 512 ? 85 : 60;
    bool rooted = s.base[0] == '/' || (s.len > 2 && s.base[1] == ':') || span_starts(s, SPAN_LIT("file:"));
    if (etc_file(s) && s.len < 512)
      return place != PLACE_HEADER || normalize_classes(s) & CLASS_SPACE ? 75 : 85;
    return rooted && place != PLACE_PATH                                              ? 75
           : inspect_has(s, "%00") || memchr(s.base, 0, s.len) || place == PLACE_PATH ? 65
                                                                                      : 45;
  }
  if (c.up) return place == PLACE_HEADER || memchr(s.base, '<', s.len) ? 50 : 65;
  if (c.stay >= 6) return 70;
  if (c.odd) return 65;
  return place == PLACE_QUERY && system_path(s) ? 60 : 0;
}

/* A path that says the same letter or sign hundreds of times probes the limits of a file's name. */
static bool stuffed(struct span s) {
  size_t run = 1, best = 0;
  for (size_t i = 1; i < s.len; i++) {
    run = s.base[i] == s.base[i - 1] ? run + 1 : 1;
    if (run > best) best = run;
  }
  return best >= 200 && s.base[0] == '/';
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  const struct inspect_form *f = cx->form;
  if (inspect_done(cx, &rule_traversal)) return;
  struct span s = span_head(f->low, 2048);
  uint8_t score = judge(s, cx->place);
  if (score < 60 && cx->place != PLACE_HEADER && s.len > 256 && stuffed(s)) score = 60;
  uint8_t need = cx->place == PLACE_HEADER ? 85 : f->text.len > 1024 ? 85 : 60;
  if (cx->place == PLACE_BODY && f->text.len > 300) need = 80;
  if (score >= need) inspect_attack(cx, &rule_traversal, score, climbs(s).at);
}

const struct inspection inspect_traversal = {
    .rule = &rule_traversal, .value = value, .wants = BIT(WORD_DOTS) | BIT(WORD_PATH)};

static void inclusion(struct inspect_ctx *cx, const struct leaf *leaf) {
  const struct inspect_form *f = cx->form;
  unsigned points = inspect_points(cx, WORD_RFI);
  struct span s = span_head(f->low, 1024);
  if (points < 10 && cx->place != PLACE_HEADER &&
      (span_starts(s, SPAN_LIT("http")) || span_starts(s, SPAN_LIT("ftp")))) {
    size_t q = span_index(s, '?');
    bool cut = q + 1 == s.len && q < s.len; /* the '?' that cuts off what the application appends */
    struct span path = span_head(s, q);
    bool code = span_ends(path, SPAN_LIT(".txt")) || span_ends(path, SPAN_LIT(".php")) ||
                span_ends(path, SPAN_LIT(".inc")) || span_ends(path, SPAN_LIT(".dat"));
    bool named = span_find_nocase(leaf->key, SPAN_LIT("path")) < leaf->key.len ||
                 span_find_nocase(leaf->key, SPAN_LIT("include")) < leaf->key.len ||
                 span_find_nocase(leaf->key, SPAN_LIT("root")) < leaf->key.len ||
                 span_find_nocase(leaf->key, SPAN_LIT("dir")) == 0 ||
                 span_index(leaf->key, '[') < leaf->key.len;
    bool file = span_find_nocase(leaf->key, SPAN_LIT("file")) < leaf->key.len ||
                span_find_nocase(leaf->key, SPAN_LIT("page")) < leaf->key.len;
    if (cut || (code && (file || named)) ||
        (named && cx->place == PLACE_QUERY &&
         span_find_nocase(cx->txn->path, SPAN_LIT(".php")) < cx->txn->path.len))
      points = 10;
  }
  if (points < 10 && cx->place == PLACE_PATH &&
      ANY_OF(s, "/http://", "/https://", "/file://", "/ftp://", "/file:%2f") < s.len)
    points = 10;
  if (points >= 10 && !inspect_done(cx, &rule_file_inclusion))
    inspect_attack(cx, &rule_file_inclusion, 80, 0);
}

const struct inspection inspect_inclusion = {
    .rule = &rule_file_inclusion, .value = inclusion, .wants = BIT(WORD_RFI)};
