/* SPDX-License-Identifier: Apache-2.0 */
/* Names and order of ATT&CK tactics. */
#include "analytics/tactic.h"

static const struct {
  const char *id, *name, *zh;
} tactics[INCIDENT_STAGES] = {
    {"TA0043", "reconnaissance", "侦察"},      {"TA0042", "resource-development", "资源开发"},
    {"TA0001", "initial-access", "初始访问"},  {"TA0002", "execution", "执行"},
    {"TA0003", "persistence", "持久化"},       {"TA0004", "privilege-escalation", "权限提升"},
    {"TA0005", "defense-evasion", "防御规避"}, {"TA0006", "credential-access", "凭据访问"},
    {"TA0007", "discovery", "发现"},           {"TA0008", "lateral-movement", "横向移动"},
    {"TA0009", "collection", "收集"},          {"TA0011", "command-and-control", "命令与控制"},
    {"TA0010", "exfiltration", "数据外泄"},    {"TA0040", "impact", "影响"},
};

unsigned tactic_order(const char *id) {
  unsigned i = 0;
  while (i < INCIDENT_STAGES && (!id || strcmp(tactics[i].id, id) != 0)) i++;
  return i;
}

const char *tactic_name(const char *id, bool zh) {
  unsigned i = tactic_order(id);
  return i == INCIDENT_STAGES ? id : zh ? tactics[i].zh : tactics[i].name;
}
