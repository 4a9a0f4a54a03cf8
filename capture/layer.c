/* SPDX-License-Identifier: Apache-2.0 */
/* Names of encapsulations. */
#include "capture/packet.h"

const char *layer_name(uint8_t kind) {
  static const char *const names[LAYER_KINDS] = {
      [LAYER_VLAN] = "vlan",       [LAYER_VNTAG] = "vntag",   [LAYER_MPLS] = "mpls",
      [LAYER_PPPOE] = "pppoe",     [LAYER_GRE] = "gre",       [LAYER_NVGRE] = "nvgre",
      [LAYER_ERSPAN] = "erspan",   [LAYER_VXLAN] = "vxlan",   [LAYER_VXLAN_GPE] = "vxlan-gpe",
      [LAYER_GENEVE] = "geneve",   [LAYER_GTPU] = "gtpu",     [LAYER_IPIP] = "ipip",
      [LAYER_SIXINFOUR] = "6in4",  [LAYER_TEREDO] = "teredo", [LAYER_TZSP] = "tzsp",
      [LAYER_ETHERIP] = "etherip", [LAYER_PBB] = "802.1ah",   [LAYER_L2TP] = "l2tp",
      [LAYER_CAPWAP] = "capwap",
  };
  return kind < LAYER_KINDS && names[kind] ? names[kind] : "?";
}
