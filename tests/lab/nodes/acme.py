"""The lab's certificate authority for others: Pebble, which looks at the lab's DNS and hosts."""

from __future__ import annotations

import json
import ssl
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.authority import lab_authority
from tests.lab.nodes.plan import ACME, RESOLVER
from tests.lab.nodes.servers import Servers

PORT, MANAGEMENT_PORT = 14000, 15000
#: No pauses before it looks, a look for every order, and a nonce refused now and then, as the real one does.
WAYS = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_AUTHZREUSE": "0", "PEBBLE_WFE_NONCEREJECT": "5"}


@dataclass(frozen=True)
class Acme:
    """A running ACME server. ``trusted`` is the file of the certificate that its own TLS is proven by."""

    directory: str
    trusted: Path

    def root(self) -> str:
        """The certificate, PEM, under which it issues; another one at each start."""
        return self._get(f"https://{ACME.ip}:{MANAGEMENT_PORT}/roots/0")

    def endpoints(self) -> dict[str, Any]:
        """The directory's contents (RFC 8555, section 7.1.1)."""
        found: dict[str, Any] = json.loads(self._get(self.directory))
        return found

    def _get(self, url: str) -> str:
        trust = ssl.create_default_context(cafile=self.trusted)
        with urllib.request.urlopen(url, timeout=5, context=trust) as answer:
            text: str = answer.read().decode()
        return text


def start_acme(servers: Servers, *, validity_s: int = 90 * 86400) -> Acme:
    """Certificates it issues are good for ``validity_s`` seconds."""
    authority, place = lab_authority(), servers.place(ACME)
    authority.issue(ACME.ip).write(place)
    settings = {
        "listenAddress": f"{ACME.ip}:{PORT}",
        "managementListenAddress": f"{ACME.ip}:{MANAGEMENT_PORT}",
        "certificate": str(place / "cert.pem"),
        "privateKey": str(place / "key.pem"),
        "httpPort": 80,
        "tlsPort": 443,
        "ocspResponderURL": "",
        "certificateValidityPeriod": validity_s,
    }
    (place / "pebble.json").write_text(json.dumps({"pebble": settings}))
    acme = Acme(f"https://{ACME.ip}:{PORT}/dir", authority.path)
    command = ["pebble", "-config", str(place / "pebble.json"), "-dnsserver", f"{RESOLVER}:53"]
    servers.start(ACME, command, acme.endpoints, **WAYS)
    return acme
