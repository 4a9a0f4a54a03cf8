#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small captures for rules that need files beside them or a story of several hosts: what is told, and what is not.

usage: single.py PROGRAM"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from story import BROWSER  # noqa: E402
from story_callers import administrator, dormant, hurry, journey, left, resets, specification  # noqa: E402
from story_hosts import BOUND, CONTROLLER, DASHBOARD, LOGS, SECRETS, WINDOWS, answerer, bad_layer, chain, circle, cluster, endless, offer, open_registry, pod_token, registry, segments, shell, signatures, volume  # noqa: E402

ALLOW = "allow,10.1.0.0/24,10.1.0.0/24\n"
DRIFT = {"shadow_endpoint", "zombie_endpoint", "undocumented_parameter", "type_mismatch", "undocumented_status", "spec_auth_missing"}
CASES = [  # story, rules that must be told (once each, of whom, about whom: where it is known), rules that must not
    (specification(True), DRIFT, set()),
    (specification(False), set(), DRIFT),
    (registry("reg.evil.example"), {"registry_unknown": ({"10.1.0.9"}, {"10.1.0.6"})}, set()),
    (registry("reg.bank.example"), set(), {"registry_unknown"}),
    (chain(True), {"lateral_chain", "cmdi", "port_scan"}, set()),
    (chain(False), {"port_scan"}, {"lateral_chain"}),
    (dormant(60, "58.7.7.7"), {"dormant_account": ({"58.7.7.7"}, {"10.1.0.5"})}, set()),
    (dormant(60, "36.1.9.9"), set(), {"dormant_account"}),  # from where its owner always came
    (dormant(9, "58.7.7.7"), set(), {"dormant_account"}),
    (administrator(2, False), {"offhours_admin": ({"10.9.9.9"}, {"10.1.0.5"})}, set()),
    (administrator(15, False), set(), {"offhours_admin"}),
    (administrator(2, True), set(), {"offhours_admin"}),  # who often works at night
    (administrator(2, False, "GET"), set(), {"offhours_admin"}),
    (journey("58.7.7.7", 30), {"impossible_travel": ({"36.1.2.3", "58.7.7.7"}, {"10.1.0.5"})}, set()),
    (journey("58.7.7.7", 720), set(), {"impossible_travel"}),  # by plane
    (journey("39.7.7.7", 5), set(), {"impossible_travel"}),  # the next town
    (volume(3 << 20, 4000, 1), {"exfiltration": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (volume(3 << 20, 3 << 20, 1), set(), {"exfiltration"}),  # as much comes back
    (volume(4000, 3 << 20, 1), set(), {"exfiltration"}),
    (volume(3 << 20, 4000, 8), set(), {"exfiltration"}),  # where many send
    (endless(7), {"long_flow": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (endless(2), set(), {"long_flow"}),
    (pod_token("system:serviceaccount:pay:api"), {"sa_token_clear": (set(), {"10.1.0.30"})}, {"sa_token_outside"}),
    (pod_token("user17"), set(), {"sa_token_clear", "sa_token_outside"}),
    (bad_layer(666), {"image_denied": ({"10.1.0.9", "10.1.0.10"}, {"10.1.0.6"})}, set()),
    (bad_layer(667), set(), {"image_denied"}),
    (signatures(False), {"image_unsigned": (set(), {"10.1.0.6"})}, set()),
    (signatures(True), set(), {"image_unsigned"}),
    (segments("10.2.0.7"), {"segment_violation": ({"10.1.0.5"}, {"10.2.0.7"})}, set()),
    (segments("10.1.0.7"), set(), {"segment_violation"}),
    (hurry(20, 10), {"rate_anomaly": ({"39.1.2.3"}, {"10.1.0.5"})}, set()),
    (hurry(1, 10), set(), {"rate_anomaly", "scraping"}),
    (left(200), {"logout_ignored": (set(), {"10.1.0.5"})}, {"token_after_logout"}),
    (left(401), set(), {"logout_ignored", "token_after_logout"}),
    (resets(300, True), {"h2_rapid_reset": ({"36.1.2.3"}, {"10.1.0.5"})}, set()),
    (resets(80, False), set(), {"h2_rapid_reset"}),
    (open_registry(False), {"registry_open": (set(), {"10.1.0.6"})}, set()),
    (open_registry(True), set(), {"registry_open"}),
    (shell("45.9.8.7", 443, WINDOWS), {"reverse_shell": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (shell("45.9.8.7", 443, WINDOWS, 1), {"reverse_shell": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (shell("10.1.0.9", 31000, BOUND), {"reverse_shell": ({"10.1.0.7"}, {"10.1.0.9"})}, set()),
    (shell("10.1.0.9", 5514, LOGS), set(), {"reverse_shell"}),
    (cluster("/api/v1/namespaces/shop/secrets", "curl/8.1", answer=SECRETS), {"k8s_api": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/api/v1/namespaces/shop/secrets", CONTROLLER, answer=SECRETS), set(), {"k8s_api"}),
    (cluster("/api/v1/namespaces/shop/configmaps", "curl/8.1"), set(), {"k8s_api"}),
    (cluster("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "kubectl/v1.27", "POST"),
     {"k8s_api": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", CONTROLLER, "POST"), set(), {"k8s_api"}),
    (cluster("/logs/auth.log", "x/1", port=10255, token=False), {"pod_to_kubelet": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/metrics/cadvisor", "Prometheus/2", port=10255, token=False), set(), {"pod_to_kubelet"}),
    (cluster("/api/v1/secret/shop", "Mozilla/5.0", answer=DASHBOARD, host="dash", token=False),
     {"cluster_dashboard": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/api/v1/secret/shop", "Mozilla/5.0", host="vault", token=False), set(), {"cluster_dashboard"}),
    (circle("10.1.0.20"), {"new_sensitive_caller": ({"10.1.0.20"}, {"10.1.0.5"}, "made all 180 calls")}, {"new_edge"}),
    (circle("10.1.0.20", 403), {"new_sensitive_caller": ({"10.1.0.20"}, {"10.1.0.5"})}, {"new_edge"}),
    (circle("10.1.0.20", callers=9), set(), {"new_sensitive_caller"}),  # an endpoint of many
    (circle("10.1.0.20", agent=BROWSER[1]), set(), {"new_sensitive_caller"}),  # a person
    (circle("10.1.0.20", head=[("X-Forwarded-For", "36.1.2.3")]), set(), {"new_sensitive_caller"}),  # a gateway
    (circle("10.1.0.20", head=[("X-Api-Key", "key-of-11-0123456789")]), set(), {"new_sensitive_caller"}),  # the same program elsewhere
    (circle("10.1.0.20", names=["pay.svc"]), set(), {"new_sensitive_caller"}),  # a second pod of a service that reads them
    (circle("10.1.0.20", others=3), set(), {"new_sensitive_caller"}),  # too little is known of it
    (circle("10.1.0.20", allow=ALLOW), set(), {"new_sensitive_caller"}),
    (offer("door"), {"new_service_port": ({"10.1.0.77"}, {"10.1.0.5"}, "answers on port 4444")}, set()),
    (offer("shell"), {"new_service_port": ({"10.1.0.77"}, {"10.1.0.5"}, "port 8080 speaks")}, set()),
    (offer("door", gap=20), set(), {"new_service_port"}),  # not known for as long as the baseline
    (offer("door", allow=ALLOW), set(), {"new_service_port"}),
    (offer("jump"), set(), {"new_service_port"}),
    (offer("green"), set(), {"new_service_port"}),
    (offer("monitor"), set(), {"new_service_port"}),
    (offer("probe"), set(), {"new_service_port"}),
    (offer("ftp"), set(), {"new_service_port"}),
    (answerer("back"), {"new_edge": ({"10.1.0.7"}, {"10.1.0.5"}, "one of its own callers")}, set()),
    (answerer("out"), {"new_edge": ({"10.1.0.7"}, {"10.1.0.99"}, "never called any other inside")}, set()),
    (answerer("ftp"), set(), {"new_edge"}),
    (answerer("old"), set(), {"new_edge"}),
]


def judge(found, wanted, unwanted):
    wrong = ["missed " + r for r in sorted(set(wanted) - set(found))] + ["raised " + r for r in sorted(unwanted & set(found))]
    for rule in wanted if isinstance(wanted, dict) else ():
        actors, targets, *words = wanted[rule]
        told = list(found.get(rule, {}).values())
        if len(told) > 1:
            wrong.append("%s told %d times" % (rule, len(told)))
        for r in told:
            related = set(r["related"]["ip"])
            wrong += ["%s says %s" % (rule, r["message"]) for w in words if w not in r["message"]]
            if not (actors | targets) <= related:
                wrong.append("%s of %s" % (rule, sorted(related)))
            if actors and related - actors - targets:
                wrong.append("%s also of %s" % (rule, sorted(related - actors - targets)))
    return wrong


def main():
    bad = 0
    for n, ((story, files, options), wanted, unwanted) in enumerate(CASES):
        found = story.run(sys.argv[1], files, options)
        wrong = judge(found, wanted, unwanted)
        bad += len(wrong)
        if wrong:
            print("case %d: %s; told: %s" % (n, ", ".join(wrong), sorted(found)))
    print("%d cases, %d wrong" % (len(CASES), bad))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
