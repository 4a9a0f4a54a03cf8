/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that a server decides about, told by their names. */
#include "analytics/correlate/owned_fields.h"
#include "analytics/login_words.h"

enum { NAME = 48 };

struct names {
  enum owned kind;
  const char *const *whole, *const *tail; /* tail: what a name may end with; NULL: none */
};

WORDS(role, "role", "roles", "roleid", "roleids", "rolename", "rolecode", "roletype", "rolelist", "角色",
      "用户角色");
WORDS(role_tail, "userrole", "userroles", "accountrole", "memberrole", "grouprole", "staffrole");
WORDS(admin, "admin", "isadmin", "administrator", "isadministrator", "superuser", "issuperuser", "superadmin",
      "issuperadmin", "sysadmin", "isroot", "isstaff", "ismanager", "isoperator", "adminflag", "isinternal",
      "管理员", "是否管理员");
WORDS(rights, "permission", "permissions", "privilege", "privileges", "authority", "authorities", "perms",
      "permissionlist", "accesslevel", "authlevel", "userpermissions", "权限");
WORDS(balance, "余额", "账户余额", "可用余额", "availableamount", "availablefunds");
WORDS(balance_tail, "balance", "balances");
WORDS(limit, "quota", "creditline", "额度", "信用额度", "授信额度", "交易限额");
WORDS(limit_tail, "creditlimit", "dailylimit", "transferlimit", "singlelimit", "monthlylimit",
      "overdraftlimit", "withdrawlimit", "withdrawallimit", "paylimit", "paymentlimit", "tradelimit",
      "daylimit");
WORDS(verified, "kyc", "kycstatus", "kyclevel", "kycpassed", "kycresult", "auditstatus", "approvalstatus",
      "reviewstatus", "verifystatus", "verificationstatus", "certstatus", "authstatus", "认证状态",
      "审核状态");
WORDS(verified_tail, "verified", "approved");
WORDS(level, "viplevel", "memberlevel", "customerlevel", "custlevel", "userlevel", "accountlevel",
      "risklevel", "riskrating", "riskscore", "creditscore", "creditrating", "isvip", "vip", "vipflag",
      "tier", "membership", "membertype", "会员等级", "客户等级", "等级");
WORDS(rate, "interestrate", "discount", "discountrate", "feerate", "loanrate", "ratediscount", "利率",
      "折扣");
WORDS(points, "points", "bonuspoints", "memberpoints", "rewardpoints", "credits", "creditpoints", "积分");
WORDS(paid, "ispaid", "paid", "paymentstatus", "paystatus", "支付状态");
WORDS(tenant, "tenantid", "tenant", "租户");
WORDS(status, "enabled", "disabled", "isactive", "active", "isenabled", "locked", "islocked", "frozen",
      "isfrozen", "isdeleted", "状态", "账户状态");
WORDS(status_tail, "status", "state");
WORDS(owner, "owner", "ownerid", "userid", "uid", "customerid", "custid", "memberid", "createdby",
      "creatorid", "accountowner", "客户号");
WORDS(price, "price", "unitprice", "totalprice", "价格");

static const struct names table[] = {
    {OWNED_ROLE, role, role_tail},    {OWNED_ADMIN, admin, NULL},
    {OWNED_RIGHTS, rights, NULL},     {OWNED_BALANCE, balance, balance_tail},
    {OWNED_LIMIT, limit, limit_tail}, {OWNED_VERIFIED, verified, verified_tail},
    {OWNED_LEVEL, level, NULL},       {OWNED_RATE, rate, NULL},
    {OWNED_POINTS, points, NULL},     {OWNED_PAID, paid, NULL},
    {OWNED_TENANT, tenant, NULL},     {OWNED_STATUS, status, status_tail},
    {OWNED_OWNER, owner, NULL},       {OWNED_PRICE, price, NULL},
};

static struct span last_name(struct span path) {
  while (path.len && path.base[path.len - 1] == ']') {
    while (path.len && path.base[path.len - 1] != '[') path.len--;
    if (path.len) path.len--;
  }
  size_t at = path.len;
  while (at && !strchr(".?@:]", path.base[at - 1])) at--;
  return span_skip(path, at);
}

static bool ends_with_one(struct span s, const char *const *list) {
  for (; list && *list; list++) {
    struct span w = span_str(*list);
    if (s.len >= w.len && memcmp(s.base + s.len - w.len, w.base, w.len) == 0) return true;
  }
  return false;
}

int owned_fields_kind(struct span path) {
  uint8_t buf[NAME];
  if (!path.len || path.base[0] == '#') return -1;
  struct span name = login_squeeze(last_name(path), buf, sizeof buf);
  if (!name.len || name.len == sizeof buf) return -1;
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (span_in(name, table[i].whole) || ends_with_one(name, table[i].tail)) return (int)table[i].kind;
  return -1;
}
