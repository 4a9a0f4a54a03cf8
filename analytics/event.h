/* SPDX-License-Identifier: Apache-2.0 */
/* A transaction in API terms. Made in a worker, finished by the analyst, printed by output/. */
#ifndef ANALYTICS_EVENT_H
#define ANALYTICS_EVENT_H

#include "analytics/finding.h"
#include "base/hash.h"
#include "dissect/txn.h"

enum auth_kind {
  AUTH_NONE,
  AUTH_BASIC,
  AUTH_DIGEST,
  AUTH_BEARER /* opaque */,
  AUTH_JWT,
  AUTH_SESSION,
  AUTH_API_KEY,
  AUTH_SIGNATURE,
  AUTH_MTLS,
  AUTH_NEGOTIATE,
  AUTH_LOGIN /* protocol's own, as in MySQL */,
  AUTH_KINDS
};
const char *auth_kind_name(enum auth_kind k); /* "none", "basic", … */

/** How a class is graded, by each standard; from rules/grading.yaml. 0: not graded. */
struct grade {
  uint8_t jrt0171;  /* 1..3 for C1..C3 */
  uint8_t jrt0197;  /* 1..5 */
  uint8_t gbt35273; /* 1 personal, 2 sensitive personal */
  uint8_t iso29100; /* 1 PII, 2 sensitive PII */
  uint8_t pci;      /* 1 cardholder data, 2 sensitive authentication data */
};
/** As a number, and back. */
static inline uint64_t grade_pack(const struct grade *g) {
  return (uint64_t)(g->jrt0171 | g->jrt0197 << 4 | g->gbt35273 << 8 | g->iso29100 << 12 | g->pci << 16);
}
static inline struct grade grade_unpack(uint64_t v) {
  return (struct grade){v & 15, v >> 4 & 15, v >> 8 & 15, v >> 12 & 15, v >> 16 & 15};
}

/** One data class found in one place (folded path) of one side. */
struct data_hit {
  const char *class_id; /* stays through reloads of rules */
  uint32_t count;       /* occurrences */
  uint32_t subjects;    /* distinct values */
  struct span path;     /* "body.data[].idNo", "query.mobile", "header.authorization" */
  struct span sample;   /* masked */
  struct grade grade;
  uint32_t ntokens;
  uint64_t *tokens; /* keyed tokens of distinct values, up to a cap */
};
struct data_hits {
  struct data_hit *item;
  uint32_t count, size;
};

/** How a value hides what it stands for. */
enum data_hidden { HIDDEN_NOT, HIDDEN_MASKED, HIDDEN_HASHED, HIDDEN_ENCRYPTED };
const char *event_hidden_name(enum data_hidden h); /* "masked", … */
/** A class whose values stand in one place of one side without being shown. */
struct data_cover {
  const char *class_id;
  enum data_hidden how;
  uint32_t count;
  struct span path;
};
struct data_covers {
  struct data_cover *item;
  uint32_t count;
};

/** Values of a field that may be told: words of a closed set by the field's name and theirs, no data class in them. */
enum { FIELD_WORDS = 8, FIELD_WORD = 24 };
struct field_words {
  uint32_t count;
  bool more; /* there were others, or some that may not be told */
  struct span word[FIELD_WORDS];
};

/** One field of a body's or query's shape: what the schema learner needs. */
struct field {
  struct span path; /* "data[].idNo"; query and header parameters: "?name", "#name" */
  uint64_t path_hash;
  uint32_t seen;       /* occurrences in this message */
  uint16_t types;      /* bits: 1 << enum leaf_type as in dissect/body */
  uint16_t format;     /* analytics/schema.h: enum field_format bits */
  double min, max;     /* numbers; lengths for strings */
  uint64_t value_hash; /* of the only value, for enumerations; 0 when several */
  uint64_t tail;       /* number at the end of the first value, of at most 18 digits; 0 where there is none */
  const struct field_words *words; /* NULL: none may be told */
};
struct fields {
  struct field *item;
  uint32_t count, size;
  uint64_t fingerprint; /* of all (path, types) */
};

/** Who calls. Tokens are TOKEN_HEX characters, empty where unknown. */
struct identity {
  enum auth_kind auth;
  struct span user;    /* token of the user name where known, else of the credential */
  struct span session; /* token of the credential itself (bearer, cookie, key) */
  struct span device;  /* token of the User-Agent with its hints */
  struct span jwt_alg; /* "HS256" */
  uint8_t origin[16];  /* outer client by Forwarded/X-Forwarded-For/X-Real-IP; else the connection's client */
  bool forwarded;      /* origin is from a header */
  struct span trace;   /* W3C traceparent's trace-id or the request id, as sent; empty where none */
  bool inner_hop;      /* carries such headers: a call passed on by a gateway */
  bool workload;       /* the credential is a Kubernetes service account's */
  bool by_time;        /* origin is only told by what its client was at work on */
};

/** What a call tried in terms of accounts; from path, fields and answer. */
enum login_step {
  LOGIN_NONE,
  LOGIN_ATTEMPT,
  LOGIN_LOGOUT,
  LOGIN_REGISTER,
  LOGIN_OTP_SEND,
  LOGIN_OTP_CHECK,
  LOGIN_RESET,
  LOGIN_LOOKUP
};
struct login {
  enum login_step step;
  enum txn_outcome result;
  struct span account; /* token of the account name, phone or mail in the request */
  struct span secret;  /* token of the password tried */
};

/** Spans inside the transaction's own strings (target, path, query, header values) that hold data or secrets: printed as
 *  stars, byte for byte. Items live in the txn's arena. */
struct redactions {
  struct span *item;
  uint32_t count, size;
  bool all; /* one could not be kept for want of memory: none of the strings may be printed */
};

struct api_event {
  struct txn *txn;       /* owned; bodies already released */
  char id[32];           /* event.id, hex, set by the analyst */
  struct span service;   /* worker: from Host or protocol; the analyst may better it */
  struct span endpoint;  /* set by the analyst */
  struct span operation; /* dispatch inside an endpoint: JSON-RPC method, SOAP action, GraphQL operation */
  struct identity who;
  struct login login;
  struct data_hits data[2];    /* by enum dir */
  struct data_covers cover[2]; /* masked, hashed, encrypted */
  struct fields fields[2];
  struct redactions redact;
  uint32_t items[2]; /* records in the largest list of the body, 0 where there is none */
  struct signal *signals;
  const char *body_format[2]; /* "json", … or NULL */
  bool encrypted;             /* carried by TLS that the sensor could read; false: plaintext */
};

/** Whether any signal is of an attack. */
bool event_is_attack(const struct api_event *e);
/** Whether the caller is known to have shown no credentials: none were seen, and none can have been lost. */
static inline bool event_anonymous(const struct api_event *e) {
  const struct side *s = &e->txn->side[DIR_REQUEST];
  uint32_t blind = UNSEEN_GAP | UNSEEN_SNAPLEN | UNSEEN_HPACK_LATE_JOIN | UNSEEN_MEMORY;
  return e->who.auth == AUTH_NONE && s->seen && !(s->unseen & blind);
}

#endif
