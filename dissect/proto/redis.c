/* SPDX-License-Identifier: Apache-2.0 */
/* Redis (RESP2 and RESP3, redis.io protocol specification): commands as arrays of bulk strings or inline, replies in order. */
#include "base/err.h"
#include "base/reader.h"
#include "dissect/inorder.h"

#include <ctype.h>
#include <netinet/in.h>
#include <stdio.h>

enum {
  REDIS_PENDING = 256,
  REDIS_DEPTH = 8,
  REDIS_ARGS = 128,
  REDIS_BULK = 1 << 20,
  REDIS_ITEMS = 1 << 20,
  REDIS_LINE = 4096
};

struct redis_state {
  struct txn *pending[REDIS_PENDING];
  unsigned head, count;
  bool lost[2];
  struct inorder order;
};

/* One value of the protocol; lists are walked by the caller. */
struct value {
  char type;
  struct span text; /* of strings, numbers, errors */
  int64_t items;    /* of lists; maps count two an entry; -1: null */
};

static bool read_line(struct reader *r, struct span *out) {
  struct span rest = reader_rest(r);
  size_t n = span_index(rest, '\r');
  if (n + 1 >= rest.len) return false;
  *out = reader_take(r, n);
  reader_skip(r, 2);
  return true;
}

static bool number(struct span s, int64_t *out) {
  uint64_t v;
  bool minus = s.len && s.base[0] == '-';
  if (span_u64(span_skip(s, minus), &v) < 0 || v > INT32_MAX) return false;
  *out = minus ? -(int64_t)v : (int64_t)v;
  return true;
}

static bool is_in(const char *set, char c) { return c && strchr(set, c); }

/* 1 a value, 0 more bytes wanted, < 0 not RESP. */
static int read_value(struct reader *r, struct value *v) {
  struct span line;
  *v = (struct value){.items = 0};
  if (!reader_left(r)) return 0;
  v->type = (char)*r->pos;
  if (!is_in("+-:$*%~>_#,(!=|", v->type)) return ERR_SYNTAX;
  struct reader at = *r;
  reader_skip(&at, 1);
  if (!read_line(&at, &line)) return reader_left(r) > 65536 ? ERR_SYNTAX : 0;
  v->text = line;
  if (is_in("*%~>|", v->type)) {
    if (!number(line, &v->items) || v->items > REDIS_ITEMS) return ERR_SYNTAX;
    if (v->type == '%' || v->type == '|') v->items *= 2;
  } else if (is_in("$!=", v->type)) {
    int64_t n;
    if (!number(line, &n)) return ERR_SYNTAX;
    v->items = n < 0 ? -1 : 0;
    v->text = n < 0 ? span_of("", 0) : reader_take(&at, (size_t)n);
    if (n >= 0) reader_skip(&at, 2);
    if (at.bad) return 0;
  }
  *r = at;
  return 1;
}

static void add_arg(struct txn *t, enum dir d, struct span value) {
  char name[12];
  struct args *a = &t->side[d].args;
  if (a->count >= REDIS_ARGS) {
    t->side[d].unseen |= UNSEEN_CAPPED;
    return;
  }
  int n = snprintf(name, sizeof name, "%u", a->count);
  if (txn_arg(t, d, span_of(name, (size_t)n), span_head(value, REDIS_BULK)) < 0)
    t->side[d].unseen |= UNSEEN_MEMORY;
}

/* A whole value with all it holds; scalars become arguments of t where there is one. 1, 0 or < 0 as read_value. */
static int read_tree(struct reader *r, struct txn *t, enum dir d, struct value *top) {
  int64_t left[REDIS_DEPTH];
  unsigned depth = 0;
  for (bool first = true;; first = false) {
    struct value v;
    int rc = read_value(r, &v);
    if (rc <= 0) return rc;
    if (first) *top = v;
    if (v.items > 0) {
      if (depth == REDIS_DEPTH) return ERR_SYNTAX;
      left[depth++] = v.items;
      continue;
    }
    if (t && v.type != '_' && v.items == 0 && !is_in("*%~>|", v.type)) add_arg(t, d, v.text);
    while (depth && --left[depth - 1] == 0) depth--;
    if (!depth) return 1;
  }
}

static bool is_word(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (!isalpha(s.base[i])) return false;
  return s.len > 1 && s.len < 24;
}

/* A command typed as a line: only words that other line protocols do not begin with. */
static enum probe probe_line(struct span head) {
  static const char *const words[] = {"PING",     "INFO",    "MONITOR", "CONFIG",    "KEYS", "SCAN",
                                      "FLUSHALL", "FLUSHDB", "SLAVEOF", "REPLICAOF", "EVAL", "DBSIZE",
                                      "CLIENT",   "MODULE",  "COMMAND", "RANDOMKEY", NULL};
  size_t end = span_index(head, '\n'), word = 0;
  while (word < head.len && isalpha(head.base[word])) word++;
  if (word == head.len) return word < 10 ? PROBE_MAYBE : PROBE_NO;
  bool known = false;
  for (const char *const *w = words; *w; w++) known |= span_eq_nocase(span_head(head, word), span_str(*w));
  if (!known || !(head.base[word] == ' ' || head.base[word] == '\r' || head.base[word] == '\n'))
    return PROBE_NO;
  for (size_t i = word; i < end; i++)
    if (head.base[i] < 32 && head.base[i] != '\r' && head.base[i] != '\t') return PROBE_NO;
  if (end == head.len) return head.len < REDIS_LINE ? PROBE_MAYBE : PROBE_NO;
  struct span rest = span_trim(span_skip(span_head(head, end), word));
  return rest.len && (rest.base[0] == ':' || rest.base[0] == '{') ? PROBE_NO : PROBE_YES; /* IRC, NATS */
}

static enum probe probe(struct span head, enum dir d) {
  struct reader r = reader_of(head);
  struct value v;
  if (!head.len) return PROBE_MAYBE;
  if (d == DIR_REQUEST && isalpha(head.base[0])) return probe_line(head);
  if (head.base[0] != '*') return PROBE_NO;
  int rc = read_value(&r, &v);
  if (rc < 0 || (rc && (v.items < 1 || v.items > 1024))) return PROBE_NO;
  if (rc) rc = read_value(&r, &v);
  if (rc == 0) return head.len < 64 ? PROBE_MAYBE : PROBE_NO;
  return rc > 0 && v.type == '$' && is_word(v.text) ? PROBE_YES : PROBE_NO;
}

/* A reply may be a list of words as well. */
static bool is_command(struct span word) {
  static const char words[] = " ACL APPEND AUTH BGREWRITEAOF BGSAVE BITCOUNT BITFIELD BITOP BITPOS BLMOVE "
                              "BLPOP BRPOP BRPOPLPUSH BZPOPMAX BZPOPMIN"
                              " CLIENT CLUSTER COMMAND CONFIG COPY DBSIZE DEBUG DECR DECRBY DEL DISCARD DUMP "
                              "ECHO EVAL EVALSHA EXEC EXISTS EXPIRE"
                              " EXPIREAT FCALL FLUSHALL FLUSHDB FUNCTION GEOADD GEODIST GEOPOS GEORADIUS "
                              "GEOSEARCH GET GETBIT GETDEL GETEX GETRANGE"
                              " GETSET HDEL HELLO HEXISTS HGET HGETALL HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET "
                              "HMSET HSCAN HSET HSETNX HSTRLEN HVALS"
                              " INCR INCRBY INCRBYFLOAT INFO KEYS LATENCY LINDEX LINSERT LLEN LMOVE LPOP "
                              "LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM"
                              " MEMORY MGET MIGRATE MODULE MONITOR MOVE MSET MSETNX MULTI OBJECT PERSIST "
                              "PEXPIRE PEXPIREAT PFADD PFCOUNT PFMERGE PING"
                              " PSETEX PSUBSCRIBE PSYNC PTTL PUBLISH PUBSUB PUNSUBSCRIBE QUIT RANDOMKEY "
                              "READONLY READWRITE RENAME RENAMENX REPLCONF"
                              " REPLICAOF RESET RESTORE RPOP RPOPLPUSH RPUSH RPUSHX SADD SAVE SCAN SCARD "
                              "SCRIPT SDIFF SDIFFSTORE SELECT SET SETBIT"
                              " SETEX SETNX SETRANGE SHUTDOWN SINTER SINTERSTORE SISMEMBER SLAVEOF SLOWLOG "
                              "SMEMBERS SMISMEMBER SMOVE SORT SPOP"
                              " SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUNION "
                              "SUNIONSTORE SWAPDB SYNC TIME TOUCH TTL TYPE"
                              " UNLINK UNSUBSCRIBE UNWATCH WAIT WATCH XACK XADD XAUTOCLAIM XCLAIM XDEL "
                              "XGROUP XINFO XLEN XPENDING XRANGE XREAD"
                              " XREADGROUP XREVRANGE XTRIM ZADD ZCARD ZCOUNT ZINCRBY ZINTERSTORE ZPOPMAX "
                              "ZPOPMIN ZRANGE ZRANGEBYLEX ZRANGEBYSCORE"
                              " ZRANK ZREM ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYSCORE "
                              "ZREVRANK ZSCAN ZSCORE ZUNIONSTORE ";
  char key[26] = " ";
  size_t n = 1;
  for (; n <= word.len && n < sizeof key - 1; n++) key[n] = (char)toupper(word.base[n - 1]);
  key[n++] = ' ';
  return span_find(span_of(words, sizeof words - 1), span_of(key, n)) < sizeof words - 1;
}

static int side(struct span head) {
  struct reader r = reader_of(head);
  struct value v;
  if (probe(head, DIR_REQUEST) != PROBE_YES) return -1;
  if (head.base[0] != '*') return DIR_REQUEST;
  return read_value(&r, &v) > 0 && read_value(&r, &v) > 0 && is_command(v.text) ? DIR_REQUEST : -1;
}

/* Commands whose second word names what they do. */
static bool has_sub(struct span word) {
  static const char *const words[] = {"CONFIG",   "CLIENT",  "CLUSTER", "ACL",    "SCRIPT", "MODULE",
                                      "DEBUG",    "MEMORY",  "COMMAND", "OBJECT", "XGROUP", "XINFO",
                                      "FUNCTION", "LATENCY", "SLOWLOG", "PUBSUB"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_eq_nocase(word, span_str(words[i]))) return true;
  return false;
}

static void name_call(struct txn *t) {
  struct args *a = &t->side[DIR_REQUEST].args;
  if (!a->count) return;
  struct span word = a->item[0].value;
  bool sub = a->count > 1 && has_sub(word);
  struct span op =
      sub ? arena_printf(&t->arena, "%.*s %.*s", SPAN_FMT(word), SPAN_FMT(span_head(a->item[1].value, 32)))
          : arena_copy(&t->arena, word);
  for (size_t i = 0; i < op.len; i++) ((uint8_t *)(uintptr_t)op.base)[i] = (uint8_t)toupper(op.base[i]);
  t->operation = op;
  t->service = SPAN_LIT("redis");
}

static void see(struct txn *t, enum dir d, struct chunk in, size_t bytes) {
  struct side *s = &t->side[d];
  s->seen = s->complete = true;
  s->first_ns = in.first_ns;
  s->last_ns = in.ns;
  s->wire_bytes = s->body_bytes = s->decoded_bytes = bytes;
}

static void close_first(struct redis_state *st, struct dissect_ctx *cx) {
  struct txn *t = st->pending[st->head];
  st->head = (st->head + 1) % REDIS_PENDING;
  st->count--;
  txn_close(cx, t);
}

static void close_all(struct redis_state *st, struct dissect_ctx *cx, uint32_t unseen) {
  for (; st->count; close_first(st, cx)) st->pending[st->head]->side[DIR_RESPONSE].unseen |= unseen;
}

/* A command as a line of words; blank lines are passed over. 1, 0 or < 0 as read_value. */
static int read_inline(struct reader *r, struct span *line) {
  struct span rest = reader_rest(r);
  size_t n = span_index(rest, '\n');
  if (n == rest.len) return n > REDIS_LINE ? ERR_SYNTAX : 0;
  for (size_t i = 0; i < n; i++)
    if (rest.base[i] < 32 && rest.base[i] != '\r' && rest.base[i] != '\t') return ERR_SYNTAX;
  *line = span_trim(reader_take(r, n));
  reader_skip(r, 1);
  return 1;
}

static void add_words(struct txn *t, struct span line) {
  while (line.len) {
    struct span word = span_cut(&line, ' ');
    if (word.len) add_arg(t, DIR_REQUEST, word);
    line = span_trim(line);
  }
}

static int request(struct redis_state *st, struct dissect_ctx *cx, struct chunk in, struct reader *r) {
  const uint8_t *start = r->pos;
  struct value top;
  struct span line = {0};
  struct reader look = *r; /* a command is opened once it is whole, however it was cut */
  bool words = *r->pos != '*';
  if (words && !isalpha(*r->pos) && !isspace(*r->pos)) return ERR_SYNTAX;
  int rc = words ? read_inline(&look, &line) : read_tree(&look, NULL, DIR_REQUEST, &top);
  if (rc <= 0) return rc;
  if (words ? !line.len : top.items <= 0) {
    *r = look;
    return words || top.items == 0 ? 1 : ERR_SYNTAX;
  }
  struct txn *t = txn_open(cx, "redis");
  if (!t) {
    *r = look;
    return 1;
  }
  if (words) {
    *r = look;
    add_words(t, line);
  } else {
    read_tree(r, t, DIR_REQUEST, &top);
  }
  see(t, DIR_REQUEST, in, (size_t)(r->pos - start));
  name_call(t);
  if (inorder_ask(&st->order, &in, st->count)) close_all(st, cx, UNSEEN_GAP);
  t->side[DIR_RESPONSE].unseen |= inorder_hit(&st->order, &in);
  if (st->count == REDIS_PENDING) {
    ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
    st->pending[st->head]->side[DIR_RESPONSE].unseen |= UNSEEN_UNFINISHED;
    close_first(st, cx);
  }
  st->pending[(st->head + st->count++) % REDIS_PENDING] = t;
  return 1;
}

static int reply(struct redis_state *st, struct dissect_ctx *cx, struct chunk in, struct reader *r) {
  const uint8_t *start = r->pos;
  struct value top;
  struct reader look = *r;
  int rc = read_tree(&look, NULL, DIR_RESPONSE, &top);
  if (rc <= 0) return rc;
  bool push = top.type == '>', mine = !push && inorder_answer(&st->order, &in);
  if (!push && !mine) close_all(st, cx, UNSEEN_GAP);
  struct txn *t = mine && st->count ? st->pending[st->head] : NULL;
  if (t) {
    read_tree(r, t, DIR_RESPONSE, &top);
    see(t, DIR_RESPONSE, in, (size_t)(r->pos - start));
    t->outcome = top.type == '-' || top.type == '!' ? TXN_ERROR : TXN_OK;
    if (t->outcome == TXN_ERROR) t->status_text = arena_copy(&t->arena, span_head(top.text, 256));
    close_first(st, cx);
  }
  *r = look;
  return 1;
}

/* What waits for an answer gets it after a hole in the requests, but whose answers were lost is not known. */
static void lose(struct redis_state *st, struct dissect_ctx *cx, struct chunk in) {
  ctr_inc(cx->ctr, CTR_DISSECT_LOST_SYNC);
  if (in.dir == DIR_RESPONSE) close_all(st, cx, in.snapped ? UNSEEN_SNAPLEN : UNSEEN_GAP);
  inorder_gap(&st->order, &in, st->count);
  st->lost[in.dir] = true;
}

/* After a hole: the next segment that begins with a command, or with a reply to one asked since; one that is not whole
 * yet must stand where the client that asked was. */
static bool found(struct redis_state *st, struct dissect_ctx *cx, struct chunk in) {
  struct reader r = reader_of(in.data);
  struct value v;
  if (in.dir == DIR_REQUEST) {
    if (probe(in.data, DIR_REQUEST) != PROBE_YES) return false;
  } else {
    int rc = st->count ? read_tree(&r, NULL, in.dir, &v) : ERR_SYNTAX;
    if (rc < 0 || (rc == 0 && in.off != st->order.recv)) return false;
  }
  st->lost[in.dir] = false;
  ctr_inc(cx->ctr, CTR_DISSECT_RESYNC);
  return true;
}

static struct parse parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct redis_state *st = state;
  struct reader r = reader_of(in.data);
  if (in.gap) {
    lose(st, cx, in);
    return (struct parse){.status = PARSE_OK};
  }
  if (st->lost[in.dir] && !found(st, cx, in)) {
    if (in.dir == DIR_REQUEST && probe(in.data, DIR_REQUEST) == PROBE_MAYBE)
      return (struct parse){.status = PARSE_OK, .need = in.data.len + 1};
    inorder_gap(&st->order, &in, in.dir == DIR_REQUEST ? st->count : 0);
    return (struct parse){.status = PARSE_OK, .used = in.data.len};
  }
  int rc = 1;
  while (reader_left(&r) && rc > 0) {
    struct reader before = r;
    rc = in.dir == DIR_REQUEST ? request(st, cx, in, &r) : reply(st, cx, in, &r);
    if (rc <= 0) r = before;
  }
  if (rc < 0) {
    lose(st, cx, in);
    return (struct parse){.status = PARSE_OK, .used = in.data.len};
  }
  size_t rest = reader_left(&r);
  return (struct parse){.status = PARSE_OK, .used = in.data.len - rest, .need = rest + 1};
}

static void finish(void *state, struct dissect_ctx *cx, enum end why) {
  struct redis_state *st = state;
  (void)why;
  while (st->count) {
    st->pending[st->head]->side[DIR_RESPONSE].unseen |= UNSEEN_UNFINISHED;
    close_first(st, cx);
  }
}

const struct dissector dissector_redis = {
    .name = "redis",
    .transport = IPPROTO_TCP,
    .ports = {6379, 6380, 26379},
    .state_size = sizeof(struct redis_state),
    .probe = probe,
    .parse = parse,
    .finish = finish,
    .side = side,
};
