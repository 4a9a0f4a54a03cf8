/* SPDX-License-Identifier: Apache-2.0 */
/* A file holds a mark, the digest of what it was made of, the digest of what follows, and the database as Hyperscan writes it. */
#include "analytics/patterns.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/buf.h"
#include "base/mem.h"

#include <fcntl.h>
#include <hs/hs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DIGEST = 32, FILE_MOST = 64 << 20 };
static const uint8_t mark[8] = "tapscop1";
#define HEAD (sizeof mark + 2 * DIGEST)

static int key_of(const struct pattern_set *set, uint8_t key[DIGEST]) {
  struct buf b;
  hs_platform_info_t host = {0};
  buf_init(&b, NULL, 0);
  hs_populate_platform(&host);
  buf_printf(&b, "%s %s %u %llu %u;", hs_version(), set->name, host.tune, host.cpu_features, set->count);
  int rc = 0;
  for (unsigned i = 0; i < set->count && rc == 0; i++) {
    size_t n = set->len ? set->len[i] : strlen(set->text[i]);
    rc = buf_printf(&b, "%zu %u %u:", n, set->flags[i], set->ids[i]);
    if (rc == 0) rc = buf_put(&b, span_of(set->text[i], n));
  }
  hash_sha256(buf_span(&b), key);
  buf_done(&b);
  return rc;
}

static bool read_all(int fd, uint8_t *to, size_t n) {
  while (n) {
    ssize_t got = read(fd, to, n);
    if (got <= 0) return false;
    to += got;
    n -= (size_t)got;
  }
  return true;
}

static hs_database_t *load(const char *path, const uint8_t key[DIGEST]) {
  struct stat st;
  hs_database_t *db = NULL;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return NULL;
  bool fits =
      fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > (off_t)HEAD && st.st_size < FILE_MOST;
  size_t n = fits ? (size_t)st.st_size : 0;
  uint8_t *p = fits ? mem_alloc(n) : NULL, digest[DIGEST];
  if (p && read_all(fd, p, n) && memcmp(p, mark, sizeof mark) == 0 &&
      memcmp(p + sizeof mark, key, DIGEST) == 0) {
    hash_sha256(span_of(p + HEAD, n - HEAD), digest);
    if (memcmp(p + sizeof mark + DIGEST, digest, DIGEST) == 0 &&
        hs_deserialize_database((const char *)p + HEAD, n - HEAD, &db) != HS_SUCCESS)
      db = NULL;
  }
  mem_free(p);
  close(fd);
  return db;
}

static bool put(int fd, const void *p, size_t n) { return write(fd, p, n) == (ssize_t)n; }

/* Where that fails, the next start takes longer and nothing else. */
static void save(const char *path, const uint8_t key[DIGEST], const hs_database_t *db) {
  char *text = NULL, part[4200];
  size_t n = 0;
  uint8_t digest[DIGEST];
  if (hs_serialize_database(db, &text, &n) != HS_SUCCESS) return;
  hash_sha256(span_of(text, n), digest);
  snprintf(part, sizeof part, "%s.part", path);
  int fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  bool good = fd >= 0 && put(fd, mark, sizeof mark) && put(fd, key, DIGEST) && put(fd, digest, DIGEST) &&
              put(fd, text, n);
  if (fd >= 0) good &= close(fd) == 0;
  if (good) good = rename(part, path) == 0;
  if (!good && fd >= 0) unlink(part);
  free(text);
}

static int compile(const struct pattern_set *set, hs_database_t **db, int *bad, char why[128]) {
  hs_compile_error_t *err = NULL;
  hs_error_t rc =
      set->len ? hs_compile_lit_multi(set->text, set->flags, set->ids, set->len, set->count, HS_MODE_BLOCK,
                                      NULL, db, &err)
               : hs_compile_multi(set->text, set->flags, set->ids, set->count, HS_MODE_BLOCK, NULL, db, &err);
  if (rc == HS_SUCCESS) return 0;
  *bad = err ? err->expression : -1;
  snprintf(why, 128, "%s", err && err->message ? err->message : "out of memory");
  hs_free_compile_error(err);
  return rc == HS_NOMEM ? ERR_NOMEM : ERR_SYNTAX;
}

int patterns_compile(const struct pattern_set *set, const char *cache, struct hs_database **db, int *bad,
                     char why[128]) {
  uint8_t key[DIGEST];
  char path[4096];
  *bad = -1;
  why[0] = 0;
  bool keep = cache && key_of(set, key) == 0 &&
              (size_t)snprintf(path, sizeof path, "%s/patterns.%s", cache, set->name) < sizeof path;
  if (keep && (*db = load(path, key))) return 0;
  int rc = compile(set, db, bad, why);
  if (rc == 0 && keep) save(path, key, *db);
  return rc;
}
