/* SPDX-License-Identifier: Apache-2.0 */
/* Cloud instance metadata services: AWS and OpenStack, Alibaba, Tencent, Huawei, Azure, Google. */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

/* Addresses by which the clouds document their services. */
static bool is_metadata_address(const uint8_t a[16]) {
  static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
  static const uint8_t v4[][4] = {
      {169, 254, 169, 254}, {100, 100, 100, 200}, {169, 254, 0, 23}, {169, 254, 170, 2}};
  static const uint8_t v6[16] = {0xfd, 0, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54}; /* fd00:ec2::254 */
  if (memcmp(a, mapped, 12) != 0) return memcmp(a, v6, 16) == 0;
  for (size_t i = 0; i < sizeof v4 / sizeof *v4; i++)
    if (memcmp(a + 12, v4[i], 4) == 0) return true;
  return false;
}

static const struct {
  struct span part; /* in the path */
  const char *action;
} secrets[] = {
    {{(const uint8_t *)"/security-credentials", 21}, "credentials"},
    {{(const uint8_t *)"/oauth2/token", 13}, "token"},
    {{(const uint8_t *)"/service-accounts/", 18}, "token"},
    {{(const uint8_t *)"/cam/", 5}, "credentials"},
    {{(const uint8_t *)"/securitykey", 12}, "credentials"},
    {{(const uint8_t *)"/api/token", 10}, "session"},
    {{(const uint8_t *)"/user-data", 10}, "user-data"},
    {{(const uint8_t *)"/user_data", 10}, "user-data"},
    {{(const uint8_t *)"/attributes/", 12}, "attributes"},
};

static bool apply(struct txn *t) {
  const struct model_path *p = model_path(t);
  bool path = (model_is(p, 0, "latest") &&
               (model_is(p, 1, "meta-data") || model_is(p, 1, "user-data") || model_is(p, 1, "dynamic") ||
                (model_is(p, 1, "api") && model_is(p, 2, "token")))) ||
              (model_is(p, 0, "computeMetadata") && model_is(p, 1, "v1")) ||
              (model_is(p, 0, "metadata") && (model_is(p, 1, "identity") || model_is(p, 1, "instance"))) ||
              (model_is(p, 0, "openstack") && p->count > 1);
  if (!is_metadata_address(t->conn.server) && !path) return false;
  const char *action = "read";
  for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
    if (span_find(t->path, secrets[i].part) < t->path.len) {
      action = secrets[i].action;
      break;
    }
  model_action(t, SPAN_LIT("metadata"), action);
  return true;
}

const struct opmodel opmodel_metadata = {"metadata", apply};
