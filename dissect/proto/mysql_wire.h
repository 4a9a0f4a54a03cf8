/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL on the wire (MySQL internals manual, "Client/Server Protocol"; MariaDB knowledge base): packets, values, codes. */
#ifndef DISSECT_PROTO_MYSQL_WIRE_H
#define DISSECT_PROTO_MYSQL_WIRE_H

#include "base/reader.h"
#include "dissect/dissector.h"

enum {
  MYSQL_HEADER = 4,
  MYSQL_FULL = 0xffffff, /* a packet of this length goes on in the next */
  MYSQL_WAIT = 1 << 16,  /* longer packets are copied as they come */
  MYSQL_TEXT = 64        /* of a value that is written here */
};
/* Capabilities. */
enum {
  MYSQL_CAP_MYSQL = 1,
  MYSQL_CAP_CONNECT_DB = 8,
  MYSQL_CAP_COMPRESS = 0x20,
  MYSQL_CAP_PROTOCOL_41 = 0x200,
  MYSQL_CAP_SSL = 0x800,
  MYSQL_CAP_SECURE = 0x8000,
  MYSQL_CAP_PLUGIN = 0x80000,
  MYSQL_CAP_PLUGIN_LENENC = 0x200000,
  MYSQL_CAP_DEPRECATE_EOF = 0x1000000,
  MYSQL_CAP_OPTIONAL_META = 0x2000000,
  MYSQL_CAP_ZSTD = 0x4000000,
  MYSQL_CAP_QUERY_ATTRIBUTES = 0x8000000,
  MYSQL_EXT_CACHE_META = 0x10, /* of MariaDB's own */
};
/* Commands; those that need no name here are known by their text. */
enum mysql_code {
  MYSQL_QUIT = 1,
  MYSQL_INIT_DB = 2,
  MYSQL_QUERY = 3,
  MYSQL_FIELD_LIST = 4,
  MYSQL_STATISTICS = 9,
  MYSQL_CHANGE_USER = 17,
  MYSQL_BINLOG_DUMP = 18,
  MYSQL_PREPARE = 22,
  MYSQL_EXECUTE = 23,
  MYSQL_LONG_DATA = 24,
  MYSQL_CLOSE = 25,
  MYSQL_RESET = 26,
  MYSQL_FETCH = 28,
  MYSQL_BINLOG_GTID = 30,
  MYSQL_LAST = 32,
  MYSQL_BULK = 0xfa,
  MYSQL_UNKNOWN = 0x100, /* its request was not seen */
  MYSQL_LOGIN
};

/* A message of one or more packets. */
struct mysql_packet {
  struct span body;
  uint8_t seq, last; /* of its first and last packet */
  bool cut;          /* bytes of it were lost or are over the cap */
  size_t wire;
};
/* Packets cut out of a direction's bytes. */
struct mysql_frame {
  struct buf body; /* of a long one, or one that a hole went through */
  uint32_t left;   /* bytes of its current packet still to come */
  uint64_t first_ns;
  size_t wire;
  uint8_t seq, last;
  bool open, full, cut; /* one is under way; its current packet is full; bytes are missing */
};
/** One direction of a connection. */
struct mysql_stream {
  struct mysql_frame outer, inner; /* outer: as it comes; inner: inside compressed packets */
  struct buf plain;                /* uncompressed, not used yet */
  bool packed, lost;
};
/** How values of a column or parameter are written in binary. */
struct mysql_column {
  uint8_t type, is_unsigned;
};

/* mysql_value.c */
/** A length-encoded integer and string. */
uint64_t mysql_value_int(struct reader *r);
struct span mysql_value_string(struct reader *r);
/** A value of the binary protocol as text: borrowed, or in buf. */
struct span mysql_value_binary(struct reader *r, struct mysql_column c, char buf[MYSQL_TEXT]);

/* mysql_frame.c */
/** Cut the next message out of *rest. 1: p; 0: *need bytes are wanted. header: its length, 4, or 7 of compressed ones, of which what is
 *  behind the first four bytes stays with the body. */
int mysql_frame_take(struct mysql_frame *f, struct span *rest, size_t header, size_t cap,
                     const struct chunk *in, struct mysql_packet *p, size_t *need);
/** A hole of n bytes, after `rest` was left unused: true when it lies within one message, which goes on behind it. */
bool mysql_frame_gap(struct mysql_frame *f, struct span rest, uint64_t n, const struct chunk *in);
/** Uncompress the body of a compressed packet onto out; it begins with the length that it had. ERR_SYNTAX. */
int mysql_frame_unpack(bool zstd, uint64_t ratio, struct span body, struct buf *out);

#endif
