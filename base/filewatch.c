/* SPDX-License-Identifier: Apache-2.0 */
/* Files that name addresses, looked at now and then. */
#include "base/filewatch.h"
#include "base/hash.h"

#include <sys/stat.h>

#define EVERY 5.0

static uint64_t stamp_of(const char *file, uint64_t before) {
  struct stat st;
  if (stat(file, &st) != 0) return hash_mix(before, 1);
  uint64_t when = (uint64_t)st.st_mtim.tv_sec * 1000000000U + (uint64_t)st.st_mtim.tv_nsec;
  return hash_mix(hash_mix(before, when), hash_mix((uint64_t)st.st_size, (uint64_t)st.st_ino));
}

static uint64_t stamp(const struct filewatch *l) {
  uint64_t s = l->file && *l->file ? stamp_of(l->file, 7) : 7;
  for (size_t i = 0; i < l->more->count; i++) s = stamp_of(l->more->item[i], s);
  return s;
}

void filewatch_start(struct filewatch *l, const char *file, const struct conf_list *more, double now) {
  *l = (struct filewatch){.file = file, .more = more, .looked = now};
  l->taken = l->seen = stamp(l);
}

bool filewatch_changed(struct filewatch *l, double now) {
  if (now - l->looked < EVERY) return false;
  l->looked = now;
  uint64_t s = stamp(l);
  bool changed = s != l->taken && s == l->seen;
  l->seen = s;
  if (changed) l->taken = s;
  return changed;
}
