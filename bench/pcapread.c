/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of the benchmark: libpcap reads the file and does nothing with it. pcapread FILE [LOOPS] */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
  char err[PCAP_ERRBUF_SIZE];
  unsigned long packets = 0, bytes = 0, loops = argc > 2 ? strtoul(argv[2], NULL, 10) : 1;
  for (unsigned long i = 0; i < loops; i++) {
    pcap_t *p = argc > 1 ? pcap_open_offline(argv[1], err) : NULL;
    if (!p) return fprintf(stderr, "pcapread: %s\n", argc > 1 ? err : "usage: pcapread FILE [LOOPS]"), 1;
    struct pcap_pkthdr *h;
    const unsigned char *data;
    while (pcap_next_ex(p, &h, &data) == 1) packets++, bytes += h->len;
    pcap_close(p);
  }
  printf("%lu packets %lu bytes\n", packets, bytes);
  return 0;
}
