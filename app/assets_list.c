/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of endpoints as table, JSON and CSV. */
#include "app/assets_list.h"
#include "analytics/inventory_tag.h"
#include "analytics/schema_read.h"
#include "app/listing.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

static bool matches(const char *pattern, struct span s) {
  char text[ROW_NAME + 1];
  span_text(text, sizeof text, s);
  return fnmatch(pattern, text, FNM_CASEFOLD) == 0;
}

static bool passes(const struct options *o, const struct row *r) {
  struct span tag = span_str(o->tag);
  const char *owner = r->owner[0] ? r->owner : r->rule_owner;
  if (o->service && !matches(o->service, row_service(r))) return false;
  if (o->tag && !inventory_tag_has(span_of(r->tags, r->tags_len), tag) &&
      !inventory_tag_has(span_str(r->user_tags), tag))
    return false;
  if (o->owner && strcmp(o->command, "assets") == 0 && strcasecmp(o->owner, owner) != 0) return false;
  if (o->in_state && strcmp(o->in_state, inventory_row_state(r)) != 0) return false;
  return r->risk >= o->min_risk;
}

static int take(void *user, struct row *r) {
  struct assets_list *l = user;
  if (!passes(l->filter, r)) {
    inventory_row_free(r);
    return 0;
  }
  if (l->count == l->size) {
    size_t size = l->size ? l->size * 2 : 256;
    struct row **row = mem_realloc(l->row, size * sizeof *row);
    if (!row) {
      inventory_row_free(r);
      return ERR_NOMEM;
    }
    l->row = row;
    l->size = size;
  }
  l->row[l->count++] = r;
  return 0;
}

static int by_name(const void *pa, const void *pb) {
  const struct row *a = *(struct row *const *)pa, *b = *(struct row *const *)pb;
  int c = span_cmp(row_service(a), row_service(b));
  struct span x = row_name(a), y = row_name(b);
  if (!c) c = span_cmp(span_skip(x, span_index(x, ' ')), span_skip(y, span_index(y, ' ')));
  return c ? c : span_cmp(x, y);
}

int assets_list_load(struct assets_list *l, struct inventory_store *store, const struct options *o) {
  *l = (struct assets_list){.filter = o};
  int rc = inventory_store_load(store, take, l);
  if (l->count) qsort(l->row, l->count, sizeof *l->row, by_name);
  return rc;
}

void assets_list_free(struct assets_list *l) {
  for (size_t i = 0; i < l->count; i++) inventory_row_free(l->row[i]);
  mem_free(l->row);
  *l = (struct assets_list){.count = 0};
}

/* ---- cells ---- */

static void joined_tags(const struct row *r, char *out, size_t size) {
  snprintf(out, size, "%.*s%s%s", r->tags_len, r->tags, r->tags_len && r->user_tags[0] ? "," : "",
           r->user_tags);
}

static void joined_auth(const struct row *r, char *out, size_t size) {
  size_t n = 0;
  out[0] = 0;
  for (unsigned i = 0; i < AUTH_KINDS && n < size; i++)
    if (r->auth >> i & 1) {
      int k = snprintf(out + n, size - n, "%s%s", n ? "," : "", auth_kind_name((enum auth_kind)i));
      n += k > 0 ? (size_t)k : 0;
    }
}

static void joined_data(const struct row *r, int d, char *out, size_t size) {
  size_t n = 0;
  out[0] = 0;
  for (unsigned i = 0; i < r->ndata[d] && n < size; i++) {
    int k = snprintf(out + n, size - n, "%s%s", n ? "," : "", r->data[d][i].class_id);
    n += k > 0 ? (size_t)k : 0;
  }
}

static double visibility(const struct row *r) {
  return r->bytes + r->lost ? (double)r->bytes / (double)(r->bytes + r->lost) : 1;
}

static const char *owner_of(const struct row *r) { return r->owner[0] ? r->owner : r->rule_owner; }

static int print_table(const struct assets_list *l, struct buf *out) {
  char auth[128], data[256], tags[2 * ROW_TAGS];
  size_t service = 7, name = 8;
  for (size_t i = 0; i < l->count; i++) {
    if (l->row[i]->service_len > service) service = l->row[i]->service_len;
    if (l->row[i]->name_len > name) name = l->row[i]->name_len;
  }
  if (service > 32) service = 32;
  if (name > 60) name = 60;
  int rc =
      buf_printf(out, "%4s  %-*s  %-*s  %-8s  %-10s  %8s  %-16s  %-24s  %s\n", "RISK", (int)service,
                 "SERVICE", (int)name, "ENDPOINT", "STATE", "EXPOSURE", "CALLS", "AUTH", "GIVES", "TAGS");
  for (size_t i = 0; i < l->count && rc >= 0; i++) {
    const struct row *r = l->row[i];
    joined_auth(r, auth, sizeof auth);
    joined_data(r, 1, data, sizeof data);
    joined_tags(r, tags, sizeof tags);
    rc = buf_printf(out, "%4d  %-*.*s  %-*.*s  %-8s  %-10s  %8llu  %-16s  %-24s  %s\n", r->risk, (int)service,
                    SPAN_FMT(row_service(r)), (int)name, SPAN_FMT(row_name(r)), inventory_row_state(r),
                    zones_name(r->exposure), (unsigned long long)r->calls, auth, data, tags);
  }
  return rc < 0 ? rc : 0;
}

static int print_csv(const struct assets_list *l, struct buf *out) {
  char text[2 * ROW_TAGS], addr[48];
  buf_printf(
      out,
      "id,service,endpoint,state,exposure,protocol,address,port,auth,takes,gives,tags,owner,calls,callers,"
      "visibility,accepted,risk\n");
  for (size_t i = 0; i < l->count; i++) {
    const struct row *r = l->row[i];
    listing_cell(out, span_of(r->id, ROW_ID));
    listing_cell(out, row_service(r));
    listing_cell(out, row_name(r));
    listing_cell(out, span_str(inventory_row_state(r)));
    listing_cell(out, span_str(zones_name(r->exposure)));
    listing_cell(out, span_str(r->protocol));
    listing_cell(out, span_of(addr, zones_text(r->addr, addr)));
    buf_printf(out, "%u,", r->port);
    joined_auth(r, text, sizeof text);
    listing_cell(out, span_str(text));
    for (int d = 0; d < 2; d++) {
      joined_data(r, d, text, sizeof text);
      listing_cell(out, span_str(text));
    }
    joined_tags(r, text, sizeof text);
    listing_cell(out, span_str(text));
    listing_cell(out, span_str(owner_of(r)));
    int rc = buf_printf(out, "%llu,%u,%.4f,%d,%d\n", (unsigned long long)r->calls, r->callers, visibility(r),
                        r->accepted != 0, r->risk);
    if (rc < 0) return rc;
  }
  return 0;
}

static void json_fields(struct json *j, const struct schema_book *b) {
  size_t at = JSON_OPEN_LIST(j, "schema");
  for (uint32_t i = 0; b && i < b->nfields; i++) {
    const struct schema_field *f = &b->field[i];
    struct schema_reading r = schema_read_field(b, f);
    JSON_LIT(j, "{");
    JSON_TEXT(j, "in", schema_book_place(f->place));
    JSON_STR(j, "name", f->path);
    JSON_TEXT(j, "type", r.type);
    JSON_TEXT(j, "format", r.format);
    JSON_BOOL(j, "required", r.required);
    JSON_STR(j, "class", f->class_id);
    JSON_STR(j, "sample", f->sample);
    json_close(j, j->out->len, '}', true);
  }
  json_close(j, at, ']', false);
}

static void json_row(struct json *j, const struct row *r) {
  char text[2 * ROW_TAGS];
  JSON_LIT(j, "{");
  JSON_STR(j, "id", span_of(r->id, ROW_ID));
  JSON_STR(j, "service", row_service(r));
  JSON_STR(j, "endpoint", row_name(r));
  JSON_TEXT(j, "state", inventory_row_state(r));
  JSON_TEXT(j, "exposure", zones_name(r->exposure));
  JSON_TEXT(j, "protocol", r->protocol);
  JSON_IP(j, "address", r->addr);
  JSON_U64(j, "port", r->port);
  joined_auth(r, text, sizeof text);
  listing_json(j, "auth", text);
  joined_data(r, 0, text, sizeof text);
  listing_json(j, "takes", text);
  joined_data(r, 1, text, sizeof text);
  listing_json(j, "gives", text);
  joined_tags(r, text, sizeof text);
  listing_json(j, "tags", text);
  JSON_STR(j, "owner", span_str(owner_of(r)));
  JSON_U64(j, "calls", r->calls);
  JSON_U64(j, "callers", r->callers);
  JSON_KEY(j, "visibility");
  json_double(j, visibility(r));
  JSON_BOOL(j, "accepted", r->accepted != 0);
  JSON_TIME(j, "first_seen", r->first_ns);
  JSON_TIME(j, "last_seen", r->last_ns);
  JSON_U64(j, "risk", (uint64_t)(r->risk > 0 ? r->risk : 0));
  JSON_STR(j, "risk_why", span_str(r->why));
  json_fields(j, r->schema);
  json_close(j, j->out->len, '}', true);
}

static int print_json(const struct assets_list *l, struct buf *out) {
  struct json j = {out, false};
  JSON_LIT(&j, "[");
  for (size_t i = 0; i < l->count; i++) {
    JSON_LIT(&j, "\n");
    json_row(&j, l->row[i]);
  }
  json_close(&j, 0, ']', true);
  if (j.bad) return ERR_NOMEM;
  out->base[out->len - 1] = '\n';
  return 0;
}

int assets_list_print(const struct assets_list *l, const char *format, struct buf *out) {
  if (strcmp(format, "table") == 0) return print_table(l, out);
  if (strcmp(format, "csv") == 0) return print_csv(l, out);
  return strcmp(format, "json") == 0 ? print_json(l, out) : ERR_NOTFOUND;
}
