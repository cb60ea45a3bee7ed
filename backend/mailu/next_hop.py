"""Where Mailu hands on the mail of a relayed domain (core/admin/mailu/internal/views/postfix.py of 2024.06).

``host`` and ``[host]`` are that host itself, ``mx:domain`` is whoever its MX names, ``lmtp:host`` speaks LMTP; each may
end in ``:port``. Nothing at all is the MX of the relayed domain. What the map cannot read Mailu takes without a word,
and mail for the domain then waits: so it is refused here.
"""

from __future__ import annotations

import ipaddress
import re

from backend.core.domain_names import plain_domain
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.mailu.settings import HOST_LABEL

LONGEST = 80  # characters that the column holds (models.py)
FORM = re.compile(
    r"(?P<kind>mx:|lmtp:|)(?:\[(?P<bracketed>[^\[\]]+)\]|(?P<host>[^:\[\]]+))(?::(?P<port>[0-9]{1,5}))?", re.IGNORECASE
)


def plain_hop(text: str) -> str:
    """As it is compared: small letters, the host in ASCII. What is no next hop stays as it was."""
    found = FORM.fullmatch(text.strip())
    if found is None:
        return text.strip()
    host = plain_domain(found["bracketed"] or found["host"])
    port = f":{found['port']}" if found["port"] else ""
    return f"{found['kind'].lower()}{f'[{host}]' if found['bracketed'] else host}{port}"


def host_of(hop: str) -> str:
    """The host that it names itself; empty where an MX does."""
    found = FORM.fullmatch(hop)
    return "" if found is None or found["kind"].lower() == "mx:" else str(found["bracketed"] or found["host"])


def check_hop(hop: str) -> None:
    """:raises Refused: Mailu could not hand mail on there."""
    if not hop:
        return
    found = FORM.fullmatch(hop)
    if found is None or len(hop) > LONGEST or not _is_host(found):
        raise Refused(
            _("Mail cannot be handed on to {text}.").format(text=hop[:LONGEST]),
            remedy=_("Use host, host:port, [host]:port, mx:domain or lmtp:host:port; or nothing for the domain's MX."),
        )
    if found["port"] and not 1 <= int(found["port"]) <= 65_535:
        raise Refused(_("{port} is no port.").format(port=found["port"]), remedy=_("Use a number from 1 to 65535."))


def _is_host(found: re.Match[str]) -> bool:
    """A name, or an address where no MX is asked for; one of IPv6 in brackets."""
    is_mx, host = found["kind"].lower() == "mx:", found["bracketed"] or found["host"]
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        labels = host.split(".")
        are_labels = len(host) <= 253 and all(HOST_LABEL.fullmatch(label) for label in labels)
        return are_labels and not labels[-1].isdigit() and not (is_mx and (found["bracketed"] or len(labels) < 2))
    return not is_mx and (version == 4 or bool(found["bracketed"]))
