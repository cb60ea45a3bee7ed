"""What the lab's DNS servers are told: their settings and zones, as (file name, text)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from pathlib import Path

from tests.lab.nodes.plan import BLOCKLIST, BLOCKLIST_ZONE, PLAYED, REVERSE, ROOT, SINKS, TOP_LEVEL, UPDATED, ZONES

Files = Iterator[tuple[str, str]]

KEY = "lab-key"
#: Of the key that may change and transfer the zones at :data:`ZONES`.
SECRET = base64.b64encode(hashlib.sha256(b"the lab's zones").digest()).decode()
#: What each resolver does besides, in unbound's words.
RESOLVER_WAYS = ("", "cache-min-ttl: 20", "serve-expired: yes\n  serve-expired-ttl: 300")
TTL_S = 30
ROOT_SERVER = "a.root."
#: What a resolver must know beforehand.
ROOT_HINTS = f". 3600 NS {ROOT_SERVER}\n{ROOT_SERVER} 3600 A {ROOT.ip}\n"


def root_files(place: Path) -> Files:
    """For knot, which signs what it serves with one key a zone."""
    names = [".", *(f"{name}." for name in TOP_LEVEL)]
    zones = "".join(f"  - domain: {name}\n    file: {_file(name)}\n" for name in names)
    yield (
        "knot.conf",
        f"""server:
  rundir: {place}
  listen: {ROOT.ip}@53
log:
  - target: stderr
    any: info
database:
  storage: {place}/keys
policy:
  - id: plain
    algorithm: ecdsap256sha256
    single-type-signing: on
template:
  - id: default
    storage: {place}
    dnssec-signing: on
    dnssec-policy: plain
    zonefile-sync: -1
    zonefile-load: difference
    journal-content: all
zone:
{zones}""",
    )
    for name in names:
        yield _file(name), _top_level(name)


def bind_files(place: Path) -> Files:
    """For BIND: zones that are signed and take updates, and the addresses' zone, which takes them unsigned."""
    signed = f"dnssec-policy quick; inline-signing yes; update-policy {{ grant {KEY} zonesub ANY; }};"
    zones = "".join(f'zone "{name}" {{ type primary; file "{name}.zone"; {signed} }};\n' for name in UPDATED)
    yield (
        "named.conf",
        f"""key "{KEY}" {{ algorithm hmac-sha256; secret "{SECRET}"; }};
options {{
  directory "{place}";
  pid-file "{place}/named.pid";
  session-keyfile "{place}/session.key";
  listen-on {{ {ZONES.ip}; }};
  listen-on-v6 {{ none; }};
  recursion no;
  dnssec-validation no;
  notify no;
  minimal-responses yes;
  allow-transfer {{ key {KEY}; }};
}};
controls {{ }};
dnssec-policy quick {{
  keys {{ csk lifetime unlimited algorithm ecdsap256sha256; }};
  dnskey-ttl PT{TTL_S}S;
  parent-ds-ttl PT{TTL_S}S;
  publish-safety PT5S;
  retire-safety PT5S;
  zone-propagation-delay PT1S;
  parent-propagation-delay PT1S;
}};
{zones}zone "{REVERSE}" {{ type primary; file "reverse.zone"; allow-update {{ key {KEY}; }}; }};
""",
    )
    for name in UPDATED:
        yield f"{name}.zone", f"$TTL {TTL_S}\n{_start('ns1')}ns1 A {ZONES.ip}\n"
    others = "".join(f"{_reversed(sink.ip)} PTR mx.{domain}.\n" for domain, sink in SINKS.items())
    yield "reverse.zone", f"$TTL {TTL_S}\n{_start(f'ns1.{UPDATED[0]}.')}{others}"


def resolver_files(place: Path, address: str, anchor: str, way: str) -> Files:
    """For unbound: it knows the root's address and the digest of its key, and finds the rest by itself."""
    yield "root.hints", ROOT_HINTS
    yield "anchor", anchor
    yield (
        "unbound.conf",
        f"""server:
  directory: "{place}"
  chroot: ""
  username: ""
  pidfile: "{place}/pid"
  use-syslog: no
  logfile: ""
  interface: {address}
  access-control: 10.77.0.0/16 allow
  do-ip6: no
  num-threads: 1
  root-hints: "{place}/root.hints"
  trust-anchor-file: "{place}/anchor"
  unblock-lan-zones: yes
  local-zone: "test." nodefault
  local-zone: "10.in-addr.arpa." nodefault
  cache-max-negative-ttl: 5
  {way}
remote-control:
  control-enable: yes
  control-interface: {place}/control
""",
    )


def blocklist_files() -> Files:
    """For rbldnsd: the test address of RFC 5782 is listed, and nothing else."""
    yield "listed", f":127.0.0.2:Listed, see https://{BLOCKLIST_ZONE}/$\n127.0.0.2\n"
    server = f"ns1.{BLOCKLIST_ZONE}"
    soa = f"$SOA {TTL_S} {server} hostmaster.{BLOCKLIST_ZONE} 0 60 30 3600 5\n$NS {TTL_S} {server}\n"
    yield "zone", f"{soa}ns1 A {BLOCKLIST.ip}\n"


def _top_level(zone: str) -> str:
    lines = [f"$ORIGIN {zone}\n$TTL {TTL_S}\n{_start(ROOT_SERVER)}"]
    if zone == ".":
        lines += [f"{ROOT_SERVER} A {ROOT.ip}\n", *(f"{name}. NS {ROOT_SERVER}\n" for name in TOP_LEVEL)]
    within = f".{zone.rstrip('.')}"
    lines += [f"{name}. A {address}\n" for name, address in PLAYED.items() if name.endswith(within)]
    for name, sink in SINKS.items():
        if name.endswith(within):
            lines.append(f'{name}. MX 10 mx.{name}.\nmx.{name}. A {sink.ip}\n{name}. TXT "v=spf1 mx -all"\n')
    return "".join(lines) + _delegations(zone)


def _delegations(zone: str) -> str:
    """Of zones that other servers of the lab have."""
    if zone == "arpa.":
        return f"{REVERSE}. NS ns1.{UPDATED[0]}.\n"
    if zone != "test.":
        return ""
    servers = {**dict.fromkeys(UPDATED, ZONES.ip), BLOCKLIST_ZONE: BLOCKLIST.ip}
    lines = (f"{name}. NS ns1.{name}.\nns1.{name}. A {ip}\n" for name, ip in servers.items())
    return "".join(lines)


def _start(server: str) -> str:
    """The records every zone begins with."""
    return f"@ SOA {server} hostmaster.root. 1 60 30 3600 5\n@ NS {server}\n"


def _reversed(address: str) -> str:
    """Its name within :data:`REVERSE`."""
    return ".".join(reversed(address.split(".")[2:]))


def _file(zone: str) -> str:
    return f"{zone.rstrip('.') or 'root'}.zone"
