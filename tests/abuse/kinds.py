# SPDX-License-Identifier: Apache-2.0
"""All kinds of attacks and look-alikes, in the order in which a day draws them: its seed makes the same day as long as that stays."""
import honest
import inside
import more
import outside
import third

ATTACKS = {"stuffing": outside.stuffing, "stuffing_crowd": outside.stuffing_crowd, "guessing": outside.guessing,
           "guessing_crowd": outside.guessing_crowd, "spray": outside.spray, "bola_order": lambda e: outside.bola(e, True),
           "bola_random": lambda e: outside.bola(e, False), "bola_query": outside.bola_query, "drag": outside.drag, "scan": outside.scan,
           "ports": inside.ports, "beacon": inside.beacon, "webshell": outside.webshell, "shared": outside.shared, "bombing": outside.bombing,
           "codes": outside.codes, "registering": outside.registering, "asking": outside.asking, "edge": inside.edge, "kubelet": inside.kubelet,
           "redis": inside.redis, "kubernetes": inside.kubernetes, "metadata": inside.metadata, "tunnel": inside.tunnel, "made_up": inside.made_up,
           "image": inside.image, "docker": inside.docker, "shell": inside.shell, "bola_slow": outside.bola_slow, "bola_uuid": outside.bola_uuid,
           "ports_udp": inside.ports_udp, "ports_slow": inside.ports_slow, "basic_guess": outside.basic_guess, "otp_login": outside.otp_login,
           "spray_all": outside.spray_all, "stuffing_lucky": outside.stuffing_lucky, "beacon_long": inside.beacon_long, "mining": inside.mining,
           "spread": inside.spread, "dialect": more.dialect, "dialect_one": more.dialect_one, "grpc_guess": more.grpc_guess,
           "nat_guess": more.nat_guess, "bombing_crowd": more.bombing_crowd, "codes_reset": more.codes_reset, "asking_login": more.asking_login,
           "hijack": more.hijack, "logged_out": more.logged_out, "functions": more.functions, "skipping": more.skipping, "replaying": more.replaying,
           "program_key": more.program_key, "coupons": more.coupons, "mule": more.mule, "scraping": more.scraping, "etcd": inside.etcd,
           "dashboard": inside.dashboard, "spread_smb": inside.spread_smb, "icmp_tunnel": inside.icmp_tunnel, "pushed": inside.pushed,
           "spoofing": more.spoofing, "scan_soft": more.scan_soft, "bola_nested": more.bola_nested, "bola_coded": more.bola_coded,
           "bola_graph": more.bola_graph, "bola_call": more.bola_call, "drag_cursor": more.drag_cursor, "drag_file": more.drag_file,
           "registering_slow": more.registering_slow, "assigning": third.assigning, "tiller": third.tiller, "token_outside": third.token_outside,
           "scan_json": third.scan_json, "bola_soft": third.bola_soft, "drag_soft": third.drag_soft, "functions_soft": third.functions_soft}
HONEST = {"office": honest.office, "batch": honest.batch, "forgot": honest.forgot, "health": honest.health, "roaming": honest.roaming,
          "teller": honest.teller, "shopper": honest.shopper, "clock": honest.clock, "ansible": honest.ansible, "saas": honest.saas,
          "poller": honest.poller, "searcher": honest.searcher, "partner": honest.partner, "expired_app": honest.expired_app,
          "stuck_client": honest.stuck_client, "crawler": honest.crawler, "icons": honest.icons, "balancer": honest.balancer,
          "monitor": honest.monitor, "mail": honest.mail, "cloud_tools": honest.cloud_tools, "payroll": honest.payroll,
          "payment_line": honest.payment_line, "signed_out": honest.signed_out, "registrar": honest.registrar, "nat_codes": honest.nat_codes,
          "callcenter": honest.callcenter, "flash_sale": honest.flash_sale, "single_page": honest.single_page, "whole_record": third.whole_record,
          "backoffice": third.backoffice, "searching": third.searching, "editor": third.editor, "uploads": third.uploads, "graph": third.graph,
          "hooks": third.hooks, "cluster": third.cluster, "app_start": third.app_start, "mobile_nat": third.mobile_nat}
