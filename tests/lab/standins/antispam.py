"""antispam: rspamd as a milter, with admin's domains and keys, and the overrides as Mailu takes them."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from tests.lab.standins.settings import ADMIN, REDIS, listed, setting

LOCAL, OVERRIDES = Path("/etc/rspamd/local.d"), Path("/overrides")
DOMAINS = f"http://{ADMIN}:8080/internal/rspamd/local_domains"
#: Attachments that are never let in, of the many that Mailu lists.
FORBIDDEN = ("bat", "cmd", "com", "exe", "iso", "js", "lnk", "msi", "scr", "vbs")
VAULT = f"""try_fallback = false;
use_esld = false;
allow_username_mismatch = true;
use_vault = true;
vault_url = "http://{ADMIN}:8080/internal/rspamd/vault";
vault_token = "mailu";
"""
FROM_OUTSIDE = "!IS_LOCALLY_GENERATED & !MAILLIST"
UNPROVEN = "R_DKIM_NA & R_SPF_NA & DMARC_NA & ARC_NA"
DISAPPROVED = "DMARC_POLICY_SOFTFAIL | DMARC_POLICY_REJECT | DMARC_POLICY_QUARANTINE | DMARC_NA"
#: Mail that says it is from a domain of ours and comes from outside must prove it, whatever that domain's policy says.
ANTISPOOFING = f"""rules {{
  ANTISPOOF_NOAUTH {{
    action = "reject";
    expression = "{FROM_OUTSIDE} & ((IS_LOCAL_DOMAIN_E & MISSING_FROM) | (IS_LOCAL_DOMAIN_H & {UNPROVEN}))";
    message = "Rejected (anti-spoofing: noauth)";
  }}
  ANTISPOOF_DMARC_ENFORCE_LOCAL {{
    action = "reject";
    expression = "{FROM_OUTSIDE} & (IS_LOCAL_DOMAIN_H | IS_LOCAL_DOMAIN_E) & ({DISAPPROVED})";
    message = "Rejected (anti-spoofing: DMARC compliance is enforced for local domains)";
  }}
  ANTISPOOF_AUTH_FAILED {{
    action = "reject";
    expression = "{FROM_OUTSIDE} & BLACKLIST_ANTISPOOF";
    message = "Rejected (anti-spoofing: auth-failed)";
  }}
}}
"""


def main() -> None:
    configure()
    while not _admin_answers():
        print("Admin is not up just yet, retrying in 1 second", flush=True)
        time.sleep(1)
    Path("/run/rspamd").mkdir(exist_ok=True)
    subprocess.run(["chown", "-R", "_rspamd:_rspamd", "/run/rspamd", "/var/lib/rspamd"])
    os.execv("/usr/bin/rspamd", ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd"])


def configure() -> None:
    """A file of a name of ours is included at the end of ours, others are taken over; a folder there ends the start."""
    LOCAL.mkdir(parents=True, exist_ok=True)
    own = dict(_files())
    for name, text in own.items():
        more = f'.include(try=true,priority=1,duplicate=merge) "/overrides/{name}"\n'
        (LOCAL / name).write_text(text + (more if name.endswith(".conf") and name != "redis.conf" else ""))
    for path in OVERRIDES.glob("*"):
        if path.name not in own or path.name == "forbidden_file_extension.map":
            shutil.copyfile(path, LOCAL / path.name)


def _files() -> Iterator[tuple[str, str]]:
    yield "dkim_signing.conf", VAULT
    yield "arc.conf", VAULT
    yield "force_actions.conf", ANTISPOOFING
    yield (
        "milter_headers.conf",
        'authenticated_headers = ["authentication-results"];\nskip_local = false;\nskip_authenticated = false;\n'
        'use = ["x-spamd-bar", "x-spam-level", "x-virus", "authentication-results"];\n'
        "routines { authentication-results { add_smtp_user = false; } }\n",
    )
    yield "multimap.conf", _maps()
    yield "forbidden_file_extension.map", "".join(f"{ending}\n" for ending in FORBIDDEN)
    yield "local_subnet.map", f"{setting('SUBNET')}\n"
    yield (
        "whitelist.conf",
        "rules { BLACKLIST_ANTISPOOF = { valid_dmarc = true; blacklist = true; score = 0.0; "
        f'domains = "{DOMAINS}"; }} }}\n',
    )
    yield "history_redis.conf", f'servers = "{REDIS}";\n'
    yield "redis.conf", f'servers = "{REDIS}";\n'
    networks = ", ".join(f'"{network}"' for network in (setting("SUBNET"), *listed("RELAYNETS")))
    yield "options.inc", f"local_networks = [{networks}];\n"
    yield "logging.inc", 'type = "console";\n'
    yield "worker-normal.inc", "enabled = false;\n"
    inner = f'password = "mailu";\nsecure_ip = "{setting("SUBNET")}";\n'
    yield "worker-controller.inc", f'bind_socket = "*:11334";\n{inner}'
    upstream = 'upstream "local" { default = yes; self_scan = yes; }\n'
    yield "worker-proxy.inc", f'bind_socket = "*:11332";\nmilter = yes;\n{upstream}'


def _maps() -> str:
    senders = "".join(
        f'IS_LOCAL_DOMAIN_{letter} {{ type = "selector"; selector = "from(\'{kind}\'):domain"; map = "{DOMAINS}"; }}\n'
        for letter, kind in (("H", "mime"), ("E", "smtp"))
    )
    return (
        f'{senders}IS_LOCALLY_GENERATED {{ type = "ip"; map = ["{LOCAL}/local_subnet.map"]; }}\n'
        'FORBIDDEN_FILE_EXTENSION { type = "filename"; filter = "extension"; prefilter = true; action = "reject";\n'
        f'  map = ["{LOCAL}/forbidden_file_extension.map"]; message = "Forbidden attachment extension"; }}\n'
    )


def _admin_answers() -> bool:
    try:
        urllib.request.urlopen(DOMAINS, timeout=2).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
