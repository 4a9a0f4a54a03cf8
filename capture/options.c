/* SPDX-License-Identifier: Apache-2.0 */
/* Options of section "capture". */
#include "capture/capture.h"

#define AT(f) offsetof(struct capture_conf, f)

const struct conf_option capture_options[] = {
    {"snaplen", CONF_INT, AT(snaplen), "262144", 64, 1048576, NULL, "bytes kept of each live frame"},
    {"ring_mb", CONF_INT, AT(ring_mb), "64", 1, 16384, NULL, "MiB of kernel ring for each capture thread"},
    {"fanout_threads", CONF_INT, AT(fanout_threads), "1", 1, 64, NULL, "capture threads for each interface"},
    {"fanout_group", CONF_INT, AT(fanout_group), "0", 0, 65535, NULL,
     "first PACKET_FANOUT group id; 0 takes one from the process id"},
    {"promiscuous", CONF_BOOL, AT(promiscuous), "true", 0, 0, NULL, "take frames for every address"},
    {"immediate", CONF_BOOL, AT(immediate), "false", 0, 0, NULL,
     "hand each frame on at once instead of by ring block; costs throughput"},
    {"filter", CONF_STRING, AT(filter), "", 0, 0, NULL,
     "BPF filter for live interfaces, in pcap-filter's words"},
    {"max_depth", CONF_INT, AT(max_depth), "8", 1, PACKET_LAYERS, NULL,
     "encapsulations followed in one frame"},
    {"vxlan_ports", CONF_LIST, AT(vxlan_ports), "4789,8472,4790,48879", 0, 0, NULL,
     "UDP destination ports of VXLAN and VXLAN-GPE (VPC mirror sessions too)"},
    {"geneve_ports", CONF_LIST, AT(geneve_ports), "6081", 0, 0, NULL, "UDP destination ports of Geneve"},
    {"gtpu_ports", CONF_LIST, AT(gtpu_ports), "2152", 0, 0, NULL, "UDP ports of GTP-U"},
    {"tzsp_ports", CONF_LIST, AT(tzsp_ports), "37008", 0, 0, NULL, "UDP destination ports of TZSP"},
    {"zone_vlan", CONF_BOOL, AT(zone_vlan), "false", 0, 0, NULL,
     "the VLAN is part of the flow key (tenants with overlapping addresses)"},
    {"zone_vni", CONF_BOOL, AT(zone_vni), "false", 0, 0, NULL, "the VNI is part of the flow key"},
    {"verify_checksums", CONF_BOOL, AT(verify_checksums), "false", 0, 0, NULL,
     "leave out packets with a wrong checksum; offloading makes them wrong on many mirrors"},
    {"dedup", CONF_BOOL, AT(dedup), "true", 0, 0, NULL, "leave out copies of a frame that the mirror made"},
    {"dedup_window", CONF_INT, AT(dedup_window), "16384", 16, 4194304, NULL, "frames remembered"},
    {"dedup_time", CONF_DURATION, AT(dedup_ns), "20ms", 0, 10, NULL, "a copy comes within this time"},
    {"fragment_policy", CONF_ENUM, AT(frag_policy), "first", 0, 0, "first|last|linux|windows|bsd",
     "which of two overlapping fragments counts"},
    {"fragment_max", CONF_INT, AT(frag_max), "4096", 1, 1048576, NULL, "datagrams waiting for fragments"},
    {"fragment_max_bytes", CONF_INT, AT(frag_max_bytes), "16M", 65536, 4294967296.0, NULL,
     "bytes of waiting fragments"},
    {"fragment_timeout", CONF_DURATION, AT(frag_timeout_ns), "60s", 0.001, 600, NULL,
     "a datagram is given up this long after its first fragment"},
    {"cpus", CONF_LIST, AT(cpus), "", 0, 0, NULL,
     "processors of capture threads, in turn: 3, 2-5, node1 (a NUMA node), near (the node of the interface)"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
