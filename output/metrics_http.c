/* SPDX-License-Identifier: Apache-2.0 */
/* GET /metrics by libmicrohttpd, one thread of its own. */
#include "base/err.h"
#include "output/metrics.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLIENTS = 8, TIMEOUT_S = 10, TEXT_MAX = 4 << 20 };

struct metrics_server {
  struct MHD_Daemon *daemon;
  metrics_fn text;
  void *user;
};

static enum MHD_Result reply(struct MHD_Connection *c, unsigned status, const void *text, size_t n) {
  struct MHD_Response *r = MHD_create_response_from_buffer(n, (void *)(uintptr_t)text, MHD_RESPMEM_MUST_COPY);
  if (!r) return MHD_NO;
  MHD_add_response_header(r, "Content-Type", "text/plain; version=0.0.4; charset=utf-8");
  enum MHD_Result rc = MHD_queue_response(c, status, r);
  MHD_destroy_response(r);
  return rc;
}

static enum MHD_Result answer(void *cls, struct MHD_Connection *c, const char *url, const char *method,
                              const char *version, const char *data, size_t *size, void **request) {
  static const char lost[] = "see /metrics\n", never[] = "GET only\n";
  struct metrics_server *s = cls;
  struct buf out;
  (void)version, (void)data, (void)request;
  if (strcmp(method, "GET") != 0) {
    *size = 0;
    return reply(c, MHD_HTTP_METHOD_NOT_ALLOWED, never, sizeof never - 1);
  }
  if (strcmp(url, "/metrics") != 0) return reply(c, MHD_HTTP_NOT_FOUND, lost, sizeof lost - 1);
  buf_init(&out, NULL, TEXT_MAX);
  int rc = s->text(s->user, &out);
  enum MHD_Result sent =
      rc < 0 ? MHD_NO : reply(c, MHD_HTTP_OK, out.base ? (const void *)out.base : "", out.len);
  buf_done(&out);
  return sent;
}

/* "127.0.0.1:9090", "[::1]:9090" */
static int address(const char *text, struct sockaddr_storage *to, bool *six) {
  char host[64];
  const char *colon = strrchr(text, ':');
  size_t n = colon ? (size_t)(colon - text) : 0;
  char *end;
  unsigned long port = colon ? strtoul(colon + 1, &end, 10) : 0;
  if (!n || n >= sizeof host || !port || port > 65535 || *end) return ERR_SYNTAX;
  *six = text[0] == '[' && text[n - 1] == ']';
  if (*six) text++, n -= 2;
  memcpy(host, text, n);
  host[n] = 0;
  memset(to, 0, sizeof *to);
  struct sockaddr_in *in = (struct sockaddr_in *)to;
  struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;
  if (*six) {
    in6->sin6_family = AF_INET6;
    in6->sin6_port = htons((uint16_t)port);
    return inet_pton(AF_INET6, host, &in6->sin6_addr) == 1 ? 0 : ERR_SYNTAX;
  }
  in->sin_family = AF_INET;
  in->sin_port = htons((uint16_t)port);
  return inet_pton(AF_INET, host, &in->sin_addr) == 1 ? 0 : ERR_SYNTAX;
}

int metrics_serve(struct metrics_server **out, const char *listen, metrics_fn text, void *user,
                  struct conf_error *err) {
  struct sockaddr_storage at;
  sigset_t all, old;
  bool six = false;
  if (address(listen, &at, &six) < 0) {
    snprintf(err->text, sizeof err->text,
             "sensor.metrics_listen: \"%.80s\": expected ADDRESS:PORT, as in 127.0.0.1:9464", listen);
    return ERR_SYNTAX;
  }
  struct metrics_server *s = mem_zalloc(sizeof *s);
  if (!s) return ERR_NOMEM;
  s->text = text;
  s->user = user;
  sigfillset(&all); /* signals are the main thread's affair */
  pthread_sigmask(SIG_SETMASK, &all, &old);
  errno = 0;
  s->daemon =
      MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD | (six ? MHD_USE_IPv6 : 0), 0, NULL, NULL, answer, s,
                       MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&at, MHD_OPTION_CONNECTION_LIMIT, CLIENTS,
                       MHD_OPTION_CONNECTION_TIMEOUT, TIMEOUT_S, MHD_OPTION_END);
  int why = errno;
  pthread_sigmask(SIG_SETMASK, &old, NULL);
  if (!s->daemon) {
    snprintf(err->text, sizeof err->text,
             "sensor.metrics_listen: %.80s: %s; is the port free and the address ours?", listen,
             why ? strerror(why) : "cannot listen");
    mem_free(s);
    return ERR_IO;
  }
  *out = s;
  return 0;
}

void metrics_stop(struct metrics_server *s) {
  if (!s) return;
  MHD_stop_daemon(s->daemon);
  mem_free(s);
}
