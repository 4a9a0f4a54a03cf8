/* SPDX-License-Identifier: Apache-2.0 */
/* Command injection, judged by the grammar of shells: a separator or a substitution, then a command with what it takes. */
#include "analytics/inspect/rules.h"

const struct rule rule_cmdi = {
    .id = "cmdi",
    .name = "Command injection",
    .name_zh = "命令注入",
    .category = CATEGORY_ATTACK,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190", "T1059"},
    .tactic = {"TA0001", "TA0002"},
    API8,
    .reason = "A parameter holds a command that a shell would run.",
    .reason_zh = "参数中含有会被系统命令解释器执行的命令。",
    .remedy = "Call programs without a shell, with a fixed list of arguments; look for processes the service "
              "started then.",
    .remedy_zh = "不经 shell 直接调用程序并固定参数；检查该服务当时启动的进程。",
};

/* clang-format off */
static const char *const commands[] = {
  "cat", "whoami", "uname", "wget", "curl", "ncat", "netcat", "nslookup", "bash", "zsh", "ksh", "csh", "tcsh",
  "dash", "ifconfig", "ipconfig", "netstat", "powershell", "pwsh", "cmd.exe", "certutil", "bitsadmin",
  "mshta", "rundll32", "regsvr32", "wmic", "schtasks", "tasklist", "systeminfo", "chmod", "chown", "crontab",
  "telnet", "socat", "base64", "xxd", "nohup", "strace", "passthru", "shell_exec", "popen", "proc_open",
  "/bin/", "/usr/bin/", "perl", "python", "python2", "python3", "ruby", "php", "gcc", "lwp-download", "tftp",
  "nmap", "visudo", "useradd", "adduser", "iptables", "lsof", "printenv", "hostname", "ansible",
  "ansible-config", "ansible-doc", "ansible-galaxy", "ansible-console", "ansible-inventory", "ansible-pull",
  "ansible-vault", "ansible-playbook", "chef-vault", "chef-shell", "chef-run", "chef-client", "cscli", "pip3",
  "pipx", "ssh-copy-id", "uconv", "cpulimit", "flock", "gdb", "c89", "c99", "irb", "rmt", "htop", "lastlog",
  "aptitude", "apt-get", "yum", "mknod", "mkfifo", "docker", "kubectl", "sqlite3", "mysql", "lua", "rsync",
  "scp", "dir+c:", "net1", "phpinfo", "sudo", "dmesg", "sysctl", "xargs", "awk", "sed", "grep", "egrep", "ls",
  "ll", "ps", "pwd", "id", "env", "busybox", "tclsh", "vimdiff", "ssh", "ftp", "rlwrap", "tcpdump", "cscript",
  "wscript", "taskkill", "reg.exe", "net.exe", "ping.exe", "dig", "nc", "sh", "rm", "cp", "mv", "tac", "nl",
  "od", "hexdump", "strings", "rev", "ifdown", "ifup", "arp", "w", "aa-disable", "aa-enforce", "perf", "7z",
  "7za", "gzip", "bzip2", "unzip", "dd", "printf", "bash.exe", "sleep", "ping", "echo", "vim", "vi", "ex",
  "ed", "nano", NULL};
/* clang-format on */
/* clang-format off */
static const char *const words[] = {
  /* of English as well */
  "set", "type", "find", "more", "less", "head", "tail", "top", "time", "date", "who", "last", "cut", "kill",
  "tee", "touch", "route", "mount", "df", "du", "exec", "source", "export",
  "tar", "zip", "node", "host", "dir", "net", "cmd", "reg", "sc", "del", "copy", "system", "file", "sort",
  "split", "wait", "test", "link", "ip", "ss", "su", "eval", "make", "man",
  "history", "service", "shutdown", "reboot", "uptime", "ver", "attrib", "true", "false", "chef", "pip", "rc",
  "traceroute", "tracert", "at", "nice", "watch", "alias", "diff", "yes", "expr", "git", "java", "go", NULL};
/* clang-format on */
enum strength { NO_COMMAND, WEAK_COMMAND, STRONG_COMMAND };

static bool wordch(uint8_t c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/' ||
         c == '+' || c == '?' || c == '*' || c == '~' || c >= 0x80;
}

/* A word at s with quotes, backslashes and empty expansions taken out; *len is how much of s it fills. */
/* Whether the quote that s begins with ends within the word: I'd and it's are no tricks. */
static bool quoted_part(struct span s) {
  size_t i = 1;
  while (i < s.len && (wordch(s.base[i]) || s.base[i] == '\\')) i++;
  return i < s.len && s.base[i] == s.base[0];
}

static struct span command_word(struct span s, uint8_t *buf, size_t cap, size_t *len, unsigned *tricks) {
  size_t i = 0, n = 0;
  if (s.len > 3 && (s.base[0] == '\'' || s.base[0] == '"')) { /* 'w'get, 'll' */
    size_t close = 1 + span_index(span_skip(s, 1), s.base[0]);
    if (close < s.len && close > 1 && close < 12) {
      bool glued = close + 1 < s.len && wordch(s.base[close + 1]);
      if (glued || (close + 1 < s.len && s.base[close + 1] == ' ')) {
        for (size_t k = 1; k < close; k++) buf[n++] = s.base[k];
        i = close + 1;
        *tricks += glued;
      }
    }
  }
  while (i < s.len && n < cap) {
    uint8_t c = s.base[i], d = i + 1 < s.len ? s.base[i + 1] : 0;
    if (wordch(c)) {
      if (c == '?' || c == '*') ++*tricks;
      buf[n++] = c, i++;
    } else if ((c == '\'' || c == '"') && ((d == c) || (n && wordch(d) && quoted_part(span_skip(s, i))))) {
      ++*tricks, i++;
      if (d == c) i++;
    } else if (c == '\\' && wordch(d)) {
      ++*tricks, i++;
    } else if (c == '$' && (d == '@' || d == '*' || d == '!' || d == '?' || d == '-' || d == '_' ||
                            d == '$' || (d >= '0' && d <= '9'))) {
      ++*tricks, i += 2;
    } else if (c == '$' && (d == '{' || d == '(')) {
      size_t close = span_index(span_skip(s, i), d == '{' ? '}' : ')');
      if (i + close >= s.len || close > 24) break;
      ++*tricks, i += close + 1;
    } else if (c == '^' && n) {
      ++*tricks, i++;
    } else {
      break;
    }
  }
  *len = i;
  return span_of(buf, n);
}

static struct span base_name(struct span w) {
  for (size_t i = w.len; i > 0; i--)
    if (w.base[i - 1] == '/') return span_skip(w, i);
  return w;
}

static bool in_path(struct span w) {
  return span_starts(w, SPAN_LIT("/bin/")) || span_starts(w, SPAN_LIT("/usr/")) ||
         span_starts(w, SPAN_LIT("/sbin/")) || span_starts(w, SPAN_LIT("usr/bin/")) ||
         span_starts(w, SPAN_LIT("/etc/")) || span_starts(w, SPAN_LIT("/tmp/")) ||
         span_starts(w, SPAN_LIT("/dev/")) || span_starts(w, SPAN_LIT("/??")) ||
         span_starts(w, SPAN_LIT("/bi")) || span_starts(w, SPAN_LIT("/?")) || span_starts(w, SPAN_LIT("./"));
}

static enum strength strength_of(struct span w) {
  struct span name = base_name(w);
  bool path = in_path(w);
  if (span_in(name, commands)) return STRONG_COMMAND;
  if (span_in(name, words)) return path ? STRONG_COMMAND : WEAK_COMMAND;
  if (path && w.len > 5) return STRONG_COMMAND;
  if (span_ends(name, SPAN_LIT(".exe")) || span_ends(name, SPAN_LIT(".sh")) ||
      span_ends(name, SPAN_LIT(".bat")))
    return STRONG_COMMAND;
  if (span_starts(name, SPAN_LIT("gcc")) || span_starts(name, SPAN_LIT("python")) ||
      span_starts(name, SPAN_LIT("perl5")))
    return STRONG_COMMAND;
  return NO_COMMAND;
}

/* Whether what follows a command is such as commands take. */
static bool takes(struct span rest) {
  static const char *const marks[] = {" -", " /", " +/", "\t-", ";",   "|",   "&",     "`",          ")",
                                      ">",  "<",  "$",   " ..", " c:", "+c:", " 127.", " localhost", " http",
                                      "'",  "\"", "\n",  "\r",  "%0",  " ./", " ~",    " *",         "=/",
                                      "}",  ",/", ",-",  " \"", " '",  "\\"};
  struct span t = span_trim(rest);
  if (!t.len) return true;
  for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
    if (span_starts(rest, span_str(marks[i]))) return true;
  return ANY_OF(span_head(rest, 64), "/etc/", "/bin/", "/dev/", "/var/", "/tmp/", ".exe", " -c ", " -e ",
                ".txt", ".sh", "passwd", ".php", "/proc", " | ", "&&") < (rest.len < 64 ? rest.len : 64);
}

static bool separator(struct span s, size_t i, size_t *len) {
  uint8_t c = s.base[i], d = i + 1 < s.len ? s.base[i + 1] : 0;
  *len = 1;
  if (c == ';' || c == '|' || c == '`' || c == '\n' || c == '\r' || c == '&') {
    if (d == c) *len = 2;
    return true;
  }
  if ((c == '$' || c == '<' || c == '>') && d == '(') return *len = 2, true;
  return false;
}

/* "News & more", "find it; sort it": words of a sentence, which goes on or ends with them. */
static bool joins_words(struct span s, size_t i, size_t len) {
  size_t from = i, to = i + len;
  while (from && s.base[from - 1] == ' ') from--;
  if (!from || to >= s.len || s.base[to] != ' ' || s.base[i] == '`') return false;
  uint8_t before = s.base[from - 1];
  bool word =
      (uint8_t)((before | 32) - 'a') < 26 || before >= 0x80 || (before >= '0' && before <= '9' && len == 1);
  for (; word && to < s.len; to++)
    word = (uint8_t)((s.base[to] | 32) - 'a') < 26 || s.base[to] == ' ' || s.base[to] == ',' ||
           s.base[to] == ';' || s.base[to] == '&' || s.base[to] == '|';
  return word;
}

/* Points of one possible command at s: 0 none. */
static uint8_t judge_command(struct span s, bool sub, unsigned *tricks) {
  uint8_t buf[64];
  size_t len;
  while (s.len && (s.base[0] == ' ' || s.base[0] == '\t' || s.base[0] == '+' || s.base[0] == '"' ||
                   s.base[0] == '\'' || s.base[0] == '(' || s.base[0] == '{' || s.base[0] == ',' ||
                   s.base[0] == '|' || s.base[0] == '&' || s.base[0] == '@' || s.base[0] == '!'))
    s = span_skip(s, 1);
  unsigned own = 0;
  struct span w = command_word(s, buf, sizeof buf, &len, &own), rest = span_skip(s, len);
  size_t plus = span_index(w, '+'); /* '+' where a blank was meant */
  if (plus < w.len) rest = span_skip(s, plus < len ? plus : len), w = span_head(w, plus);
  enum strength k = strength_of(w);
  *tricks += own;
  if (k == NO_COMMAND) {
    if (span_starts(rest, SPAN_LIT("=")) && w.len <= 3) return 0; /* a=c;b=at;$a$b */
    return 0;
  }
  bool tail = takes(rest);
  if (k == STRONG_COMMAND) return tail ? (own ? 95 : 85) : sub ? 75 : 45;
  return tail ? (sub ? 75 : own ? 80 : 60) : sub ? 55 : 20;
}

/* Texts that need no separator. */
static uint8_t whole(struct span s) {
  /* clang-format off */
  static const char *const plain[] = {
    "cat /", "cat+/", "bash -i", "bash -c", "sh -c", "sh -i", "/bin/sh", "/bin/bash", "cmd.exe", "cmd /c",
    "cmd /k", "/dev/tcp/", "/dev/udp/", "nc -e", "ncat -e", "dir c:", "dir+c:", "powershell ",
    "invoke-webrequest", "invoke-expression", "invoke-command", "() {", "(){", "net user", "net localgroup",
    "nslookup ", "ping -", "ping.exe", "wget http", "curl http", "curl -", "lwp-download", "<!--#exec",
    "/proc/self/environ", "find / ", "find /etc", "ls -l", "ls /", "ll /", "rm -rf", "rm -f", "chmod +x",
    "chmod 7", "base64 -d", "whoami", "ifconfig", "ipconfig", "dd if=", "uname -a", "type c:", "system(",
    "passthru(", "shell_exec(", "popen(", "proc_open(", "$ifs", "${ifs", "{cat,", "{ls,", "cat<", "cat${",
    "<<<", "exec 5<>", "0>&1", "2>&1", ">& /dev", "get-process", "get-content", "start-process",
    "frombase64string", "downloadstring", "visudo", "-wrapper sh", "ldd /", "nohup ", "strace ", "del /f",
    "systeminfo", "wmic ", "tasklist", "|sh", "| sh", "ps aux", "ps -ef", "netstat -", "/bin/sleep",
    "/bin/ca?", "/bin/cat", "printenv", "python -c", "rc script", "python3 -c", "perl -e", "php -r",
    "ruby -r", "ruby -e", "ansible-", "ansible all", "chef-vault", "chef-shell", "chef-run", "chef-client",
    "chef report", "crontab -", "ssh -", "sleep 5", "{ :;}", "%comspec%", "%programfiles", "%systemroot%",
    "%username%", "env --", "perf --", "pip install", "pip3 install", "pipx install", "apt-get install",
    "aa-disable ", "cscli ", "ssh-copy-id",
  };
  /* clang-format on */
  size_t at = inspect_any(s, plain, sizeof plain / sizeof *plain);
  return at < s.len ? 75 : 0;
}

static uint8_t at_start(struct span s) {
  unsigned tricks = 0;
  uint8_t buf[64];
  size_t len;
  struct span t = span_trim(s), w = command_word(t, buf, sizeof buf, &len, &tricks), rest = span_skip(t, len);
  enum strength k = strength_of(w);
  if (k == NO_COMMAND) return 0;
  static const char *const wrappers[] = {"time",  "nohup",   "strace", "sudo",  "exec",     "eval", "env",
                                         "xargs", "timeout", "nice",   "flock", "cpulimit", "watch"};
  for (size_t i = 0; i < sizeof wrappers / sizeof *wrappers; i++)
    if (span_eq(w, span_str(wrappers[i]))) {
      uint8_t b2[64];
      size_t l2;
      struct span r = span_trim(rest);
      if (strength_of(command_word(r, b2, sizeof b2, &l2, &tricks)) == STRONG_COMMAND && r.len) return 80;
    }
  if (tricks && k == STRONG_COMMAND) return 80;
  bool path = rest.len > 1 && ANY_OF(span_head(rest, 24), " -", " /", " ../", " ./", " c:\\", " c:/", " --",
                                     "<", ">", "|") == 0;
  if (k == STRONG_COMMAND && path) return 75;
  if (k == STRONG_COMMAND && in_path(w)) return 80;
  return k == WEAK_COMMAND && path &&
                 ANY_OF(rest, "/etc/", "/var/", "/tmp/", "/dev/", " -exec", "|") < rest.len
             ? 75
             : 0;
}

/* A separator at the very start, then a command: the parameter itself ends the one before. */
static uint8_t continued(struct span s) {
  static const char *const more[] = {"netsh", "sysinfo", "which", "ps",  "id",
                                     "net",   "reg",     "set",   "top", "sc"};
  size_t len, n;
  s = span_trim(s);
  if (s.len < 3 || !separator(s, 0, &len) || s.base[0] == '`' || s.base[0] == '<' || s.base[0] == '>')
    return 0;
  if (s.base[0] == '|' && len == 1 && span_index(span_skip(s, 2), '|') + 2 < s.len)
    return 0; /* a row of a table */
  uint8_t buf[64];
  unsigned tricks = 0;
  struct span rest = span_trim(span_skip(s, len)), w = command_word(rest, buf, sizeof buf, &n, &tricks);
  rest = span_skip(rest, n);
  if (!w.len || (rest.len && rest.base[0] > ' ' && rest.base[0] != ';')) return 0;
  bool known = strength_of(w) == STRONG_COMMAND;
  for (size_t i = 0; i < sizeof more / sizeof *more && !known; i++) known = span_eq(w, span_str(more[i]));
  unsigned words_behind = 0;
  for (size_t i = 0; i + 1 < rest.len; i++) words_behind += rest.base[i] == ' ' && rest.base[i + 1] != ' ';
  return known && words_behind < 10 ? 65 : 0;
}

/* which gcc; !1 and !-2, which a shell takes from its history; > /tmp/x */
static uint8_t odd_whole(struct span s) {
  s = span_trim(s);
  if (span_starts(s, SPAN_LIT("which ")) && s.len < 24 && strength_of(span_skip(s, 6)) == STRONG_COMMAND)
    return 65;
  if (s.base[0] == '>' && s.len > 6 && s.base[1] == '/' && in_path(span_skip(s, 1))) return 65;
  size_t i = 0;
  while (i + 1 < s.len && s.base[i] == '!' &&
         (s.base[i + 1] == '-' || (s.base[i + 1] >= '0' && s.base[i + 1] <= '9')))
    for (i += 2; i < s.len && s.base[i] >= '0' && s.base[i] <= '9';) i++;
  return i && i == s.len && s.len < 16 ? 60 : 0;
}

/* /?s?/?i?/c?t: a path in which signs stand for most letters. */
static uint8_t globbed(struct span s) {
  size_t at = span_find(s, SPAN_LIT("/?"));
  if (at >= s.len || s.len > 80) return 0;
  unsigned marks = 0, letters = 0;
  for (size_t i = at;
       i < s.len && s.base[i] > ' ' && s.base[i] != ',' && s.base[i] != '&' && s.base[i] != '='; i++) {
    marks += s.base[i] == '?' || s.base[i] == '*';
    letters += s.base[i] >= 'a' && s.base[i] <= 'z';
  }
  return marks >= 3 && letters <= marks ? 65 : 0;
}

/* Shell texts that only expansions make: ;$a cat, ${x}, c=cat&&$c. */
static uint8_t expansions(struct span s) {
  size_t assigns = 0, uses = 0;
  for (size_t i = 0; i + 1 < s.len; i++) {
    if (s.base[i] == '$' && (wordch(s.base[i + 1]) || s.base[i + 1] == '{') && i &&
        (s.base[i - 1] == ';' || s.base[i - 1] == '&' || s.base[i - 1] == '|'))
      uses++;
    if (s.base[i] == '=' && i && wordch(s.base[i - 1]) &&
        (i < 3 || ANY_OF(span_of(s.base + (i > 3 ? i - 3 : 0), 3), ";", "&", "|") < 3))
      assigns++;
  }
  if (uses && assigns >= 2) return 80;
  return uses && inspect_has(s, "cat") ? 70 : 0;
}

/* "the `rm` command of old": one word in ticks, among words. */
static bool is_quoted_word(struct span s, size_t at) {
  struct span rest = span_skip(s, at + 1);
  size_t close = span_index(rest, '`');
  if (close >= rest.len || close > 24 || (at && s.base[at - 1] != ' ')) return false;
  for (size_t i = 0; i < close; i++)
    if (!wordch(rest.base[i])) return false;
  rest = span_skip(rest, close + 1);
  unsigned blanks = 0;
  for (size_t i = 0; i < rest.len; i++) {
    if (!wordch(rest.base[i]) && rest.base[i] != ' ' && rest.base[i] < 0x80) return false;
    blanks += rest.base[i] == ' ';
  }
  return rest.len > 2 && rest.base[0] == ' ' && blanks >= 2;
}

static uint8_t judge(struct span s, enum place place) {
  uint8_t best = whole(s), score;
  if (place == PLACE_HEADER && ANY_OF(s, "/etc/passwd", "/etc/shadow") < s.len) best = 75;
  if (best < 75 && (score = at_start(s)) > best) best = score;
  unsigned tricks = 0, commands_seen = 0;
  bool table = span_trim(s).len && span_trim(s).base[0] == '|' && inspect_has(s, "|\n|");
  for (size_t i = 0; i < s.len && best < 90; i++) {
    size_t len;
    if (!separator(s, i, &len) || (table && s.base[i] == '|')) continue;
    if (s.base[i] == '`' && is_quoted_word(s, i)) {
      i += 1 + span_index(span_skip(s, i + 1), '`');
      continue;
    }
    bool sub = s.base[i] == '`' || len == 2;
    score = judge_command(span_skip(s, i + len), sub, &tricks);
    if (score < 80 && !sub && joins_words(s, i, len)) score = 0;
    if (score >= 45) commands_seen++;
    if (place == PLACE_HEADER && (s.base[i] == ';' || s.base[i] == '\n') && i && !sub && score < 85)
      score = 0;
    if (score > best) best = score;
    i += len - 1;
  }
  if (commands_seen > 1 && best < 70) best = 70;
  if (best < 70 && (score = expansions(s)) > best) best = score;
  if (best < 60 && (score = continued(s)) > best) best = score;
  if (best < 60 && (score = odd_whole(s)) > best) best = score;
  if (best < 60 && (score = globbed(s)) > best) best = score;
  if (best < 60 && s.base[0] == '{' && s.len < 64 && span_starts(s, SPAN_LIT("{,"))) best = 65;
  return best;
}

/* "/a.txt;gzip", "/report;sort;v=2": parameters of a path's segment (RFC 3986, 3.3), words and nothing else. Names that tell
 * who and where one is are asked for on their own by those who try. */
static bool is_matrix(struct span path) {
  static const char *const asked[] = {"id",       "ls",  "pwd", "dir",     "whoami",   "uname", "ifconfig",
                                      "ipconfig", "env", "ps",  "netstat", "hostname", NULL};
  size_t at = span_index(path, ';');
  if (at >= path.len) return false;
  struct span rest = span_skip(path, at + 1);
  for (size_t i = 0; i < rest.len; i++) {
    bool letter = i + 1 < rest.len && (uint8_t)((rest.base[i + 1] | 32) - 'a') < 26;
    if (!wordch(rest.base[i]) && !(rest.base[i] && memchr(";=,.-/:^%", rest.base[i], 9)) &&
        (rest.base[i] != '|' || letter))
      return false;
  }
  while (rest.len) {
    struct span part = span_cut(&rest, ';');
    if (span_in(part, asked)) return false;
    if (part.len && part.base[0] == '/') return false;
  }
  return true;
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  const struct inspect_form *f = cx->form;
  if (inspect_done(cx, &rule_cmdi) || !inspect_saw(cx, WORD_CMD)) return;
  if (cx->place == PLACE_PATH && is_matrix(f->low)) return;
  if (inspect_has(f->low, "\n\tat ") || inspect_has(f->low, "\n    at ")) return; /* a stack trace */
  uint8_t score = judge(span_head(f->low, 2048), cx->place);
  uint8_t need = cx->place == PLACE_HEADER ? (f->text.len < 40 ? 65 : 75) : f->text.len > 512 ? 80 : 60;
  if (cx->place == PLACE_PATH || (cx->place == PLACE_BODY && !leaf->key.len))
    need = 80; /* the latter: a text, a log */
  if (score >= need) inspect_attack(cx, &rule_cmdi, score, 0);
}

const struct inspection inspect_cmdi = {.rule = &rule_cmdi, .value = value, .wants = BIT(WORD_CMD)};
