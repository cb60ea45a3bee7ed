"""The records that the application would like to see in a domain's zone, as its API tells them (models.py)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from backend.demo.mailu.settings import Environment

#: Name, port, priority: without TLS, and with it.
PLAIN = (("imap", 143, 20), ("pop3", 110, 20), ("submission", 587, 20))
WITH_TLS = (("autodiscover", 443, 10), ("submissions", 465, 10), ("imaps", 993, 10), ("pop3s", 995, 10))
#: Listened on whatever is asked for.
FIXED = (465, 993)
#: Of Let's Encrypt's two roots, as TLSA digests of their keys.
ROOTS = (
    "0b9fa5a59eed715c26c1020c711b4f6ec42d58b0015e14337a39dad301c5afc3",
    "762195c225586ee6c0237456e2107dc54f1efc21f61a792ebd515913cce68332",
)


def zone_lines(name: str, public_key: str, env: Environment) -> dict[str, Any]:
    """Those of a domain; three are None while it has no key, whose public half is ``public_key``."""
    host = env.host_name
    boxes = (("rua", env.rua), ("ruf", env.ruf))
    reports = "".join(f" {tag}=mailto:{box}@{env.domain};" for tag, box in boxes if box)
    dkim = f'{env.selector}._domainkey.{name}. 600 IN TXT "v=DKIM1; k=rsa; p={public_key}"'
    dmarc = f'_dmarc.{name}. 600 IN TXT "v=DMARC1; p=reject;{reports} adkim=s; aspf=s"'
    return {
        "dns_autoconfig": list(_services(name, env)),
        "dns_mx": f"{name}. 600 IN MX 10 {host}.",
        "dns_spf": f'{name}. 600 IN TXT "v=spf1 mx a:{host} ~all"',
        "dns_dkim": dkim if public_key else None,
        "dns_dmarc": dmarc if public_key else None,
        "dns_dmarc_report": f'{name}._report._dmarc.{env.domain}. 600 IN TXT "v=DMARC1;"' if public_key else None,
        "dns_tlsa": [f"_25._tcp.{host}. 86400 IN TLSA 2 1 1 {each}" for each in _roots(env)],
    }


def _services(name: str, env: Environment) -> Iterator[str]:
    with_tls = () if env.tls_flavor == "notls" else WITH_TLS
    for service, port, priority in (*PLAIN, *with_tls):
        is_open = port in (*env.ports, *FIXED)
        target = f"{priority} 1 {port} {env.host_name}." if is_open else "0 0 0 ."
        yield f"_{service}._tcp.{name}. 600 IN SRV {target}"
    for client in ("autoconfig", "autodiscover"):
        yield f"{client}.{name}. 600 IN CNAME {env.host_name}."


def _roots(env: Environment) -> tuple[str, ...]:
    return ROOTS if "letsencrypt" in env.tls_flavor else ()
