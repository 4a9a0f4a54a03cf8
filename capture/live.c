/* SPDX-License-Identifier: Apache-2.0 */
/* Live interfaces through libpcap on AF_PACKET, several threads in one PACKET_FANOUT group (packet(7)). */
#include "base/err.h"
#include "capture/capture.h"
#include <errno.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <pcap/pcap.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

enum { WAIT_MS = 50 };

struct live {
  const struct capture_conf *conf;
  pcap_t *pcap;
  int group;
  uint16_t source, link;
  bool nano;
  uint64_t since; /* frames before this were given to the other members of the group too */
  struct pcap_stat seen;
  uint32_t taken;          /* frames read of this ring */
  uint64_t interface_seen; /* drops of the interface when last read */
  bool interface_known, interface_silent;
  char ifname[IF_NAMESIZE];
};

static int fail(struct live *l, struct conf_error *err, const char *what, const char *why, int code) {
  snprintf(err->text, sizeof err->text, "%s: %s: %s", l->ifname, what, why);
  return code;
}

static int set_filter(struct live *l, struct conf_error *err) {
  const char *text = l->conf->filter;
  struct bpf_program prog;
  if (!text || !*text) return 0;
  if (pcap_compile(l->pcap, &prog, text, 1, PCAP_NETMASK_UNKNOWN) != 0)
    return fail(l, err, "capture.filter", pcap_geterr(l->pcap), ERR_RANGE);
  int rc = pcap_setfilter(l->pcap, &prog);
  pcap_freecode(&prog);
  return rc == 0 ? 0 : fail(l, err, "capture.filter", pcap_geterr(l->pcap), ERR_RANGE);
}

static int join_group(struct live *l, struct conf_error *err) {
  struct timespec now;
  l->since = 0;
  if (l->group < 0) return 0;
  uint32_t arg = (uint32_t)(l->group & 0xffff) | (uint32_t)(PACKET_FANOUT_HASH | PACKET_FANOUT_FLAG_DEFRAG)
                                                     << 16;
  if (setsockopt(pcap_fileno(l->pcap), SOL_PACKET, PACKET_FANOUT, &arg, sizeof arg) == 0) {
    clock_gettime(CLOCK_REALTIME, &now);
    l->since = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    return 0;
  }
  return fail(l, err, "cannot join the fanout group", strerror(errno), ERR_IO);
}

static void configure(struct live *l) {
  const struct capture_conf *c = l->conf;
  pcap_set_snaplen(l->pcap, (int)c->snaplen);
  pcap_set_promisc(l->pcap, c->promiscuous);
  pcap_set_timeout(l->pcap, WAIT_MS);
  int64_t ring = c->ring_mb << 20;
  pcap_set_buffer_size(l->pcap, ring > INT32_MAX ? INT32_MAX : (int)ring);
  pcap_set_immediate_mode(l->pcap, c->immediate);
  l->nano = pcap_set_tstamp_precision(l->pcap, PCAP_TSTAMP_PRECISION_NANO) == 0;
}

static const char *remedy(int rc) {
  switch (rc) {
  case PCAP_ERROR_NO_SUCH_DEVICE: return "ip link lists the interfaces";
  case PCAP_ERROR_IFACE_NOT_UP: return "ip link set dev IFACE up";
  case PCAP_ERROR_PERM_DENIED:
  case PCAP_ERROR_PROMISC_PERM_DENIED: return "run it as root or with CAP_NET_RAW";
  default: return "cannot capture there";
  }
}

static int start(struct live *l, struct conf_error *err) {
  char text[PCAP_ERRBUF_SIZE];
  l->pcap = pcap_create(l->ifname, text);
  if (!l->pcap) return fail(l, err, "cannot open", text, ERR_IO);
  configure(l);
  int rc = pcap_activate(l->pcap);
  if (rc < 0)
    rc = fail(l, err, rc == PCAP_ERROR ? pcap_geterr(l->pcap) : pcap_statustostr(rc), remedy(rc),
              rc == PCAP_ERROR_NO_SUCH_DEVICE || rc == PCAP_ERROR_IFACE_NOT_UP ? ERR_AGAIN : ERR_IO);
  else if ((rc = set_filter(l, err)) >= 0 && (rc = join_group(l, err)) >= 0) {
    l->link = (uint16_t)pcap_datalink(l->pcap);
    l->seen = (struct pcap_stat){0};
    l->taken = 0;
    if (pcap_setnonblock(l->pcap, 1, text) != 0) rc = fail(l, err, "cannot open", text, ERR_IO);
  }
  if (rc < 0) {
    pcap_close(l->pcap);
    l->pcap = NULL;
  }
  return rc < 0 ? rc : 0;
}

int live_open(struct live **out, const struct capture_conf *conf, const char *ifname, int group,
              uint16_t source, struct conf_error *err) {
  if (strlen(ifname) >= IF_NAMESIZE) {
    snprintf(err->text, sizeof err->text, "%s: no interface has such a long name", ifname);
    return ERR_RANGE;
  }
  struct live *l = mem_zalloc(sizeof *l);
  if (!l) {
    snprintf(err->text, sizeof err->text, "%s: not enough memory", ifname);
    return ERR_NOMEM;
  }
  l->conf = conf;
  l->group = group;
  l->source = source;
  memcpy(l->ifname, ifname, strlen(ifname));
  int rc = start(l, err);
  if (rc < 0) {
    live_close(l);
    return rc == ERR_AGAIN ? ERR_IO : rc;
  }
  *out = l;
  return 0;
}

void live_close(struct live *l) {
  if (!l) return;
  if (l->pcap) pcap_close(l->pcap);
  mem_free(l);
}

static int read_one(struct live *l, struct frame *out) {
  struct pcap_pkthdr *h;
  const uint8_t *data;
  int rc = pcap_next_ex(l->pcap, &h, &data);
  if (rc <= 0) return rc < 0 ? ERR_AGAIN : 0;
  l->taken++;
  uint64_t part = (uint64_t)h->ts.tv_usec * (l->nano ? 1 : 1000);
  uint64_t ns = (uint64_t)h->ts.tv_sec * 1000000000u + part;
  if (ns < l->since) return 0;
  *out = (struct frame){data, h->caplen, h->len > h->caplen ? h->len : h->caplen, ns, l->source, l->link};
  return 1;
}

int live_next(struct live *l, struct frame *out) {
  if (!l->pcap) return ERR_AGAIN;
  int rc = read_one(l, out);
  if (rc != 0) return rc;
  struct pollfd fd = {.fd = pcap_get_selectable_fd(l->pcap), .events = POLLIN};
  poll(&fd, 1, WAIT_MS);
  return read_one(l, out);
}

int live_reopen(struct live *l, struct conf_error *err) {
  if (l->pcap) pcap_close(l->pcap);
  l->pcap = NULL;
  return start(l, err);
}

static uint64_t statistic(const struct live *l, const char *name) {
  char path[128];
  unsigned long long v = 0;
  snprintf(path, sizeof path, "/sys/class/net/%s/statistics/%s", l->ifname, name);
  FILE *f = fopen(path, "re");
  if (!f) return 0;
  if (fscanf(f, "%llu", &v) != 1) v = 0;
  fclose(f);
  return v;
}

/* Drivers count an overrun of their own ring in one of two places, some in both. */
static uint64_t interface_drops(const struct live *l) {
  uint64_t missed = statistic(l, "rx_missed_errors"), fifo = statistic(l, "rx_fifo_errors");
  return statistic(l, "rx_dropped") + (missed > fifo ? missed : fifo);
}

void live_own_interface(struct live *l, bool yes) { l->interface_silent = !yes; }

void live_unread(const struct live *l, struct counters *ctr) {
  uint32_t left = l->seen.ps_recv - l->seen.ps_drop - l->taken;
  if (l->pcap && left < UINT32_MAX / 2) ctr_add(ctr, CTR_CAPTURE_DROP_KERNEL, left);
}

void live_drops(struct live *l, struct counters *ctr) {
  struct pcap_stat s;
  if (l->pcap && pcap_stats(l->pcap, &s) == 0) {
    ctr_add(ctr, CTR_CAPTURE_DROP_KERNEL, (uint32_t)(s.ps_drop - l->seen.ps_drop));
    l->seen = s;
  }
  if (l->interface_silent) return;
  uint64_t dropped = interface_drops(l);
  if (l->interface_known && dropped > l->interface_seen)
    ctr_add(ctr, CTR_CAPTURE_DROP_INTERFACE, dropped - l->interface_seen);
  l->interface_known = true;
  l->interface_seen = dropped;
}
