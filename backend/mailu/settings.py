"""How a mail server is set up: every choice Mailyard makes for Mailu, as one value.

Facts of Mailu 2024.06 (setup/flavors/compose, docs/configuration.rst).
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.payload import Payload

#: The newest release known to this program; patch releases inside 2024.06 may be gone back from.
VERSION = "2024.06.57"
RELEASE = "2024.06"
#: Mailu cannot switch these off.
FIXED_PORTS = frozenset({25, 80, 443, 465, 993})
#: What Mailu can listen on; its own default leaves 587 off.
KNOWN_PORTS = (25, 80, 110, 143, 443, 465, 587, 993, 995, 4190)
PORTS = (25, 80, 443, 465, 587, 993, 4190)
SUBNET = "192.168.203.0/24"
HOST_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
LOCAL_PART = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
SELECTOR = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
LARGEST_MESSAGE_MB = 1_000

Webmail = Literal["roundcube", "snappymail", "none"]
RelayTls = Literal["starttls", "tls"]


@dataclass(frozen=True)
class SmartHost:
    """Another server that all outgoing mail goes through. ``password_ref`` is where its password lies, empty with
    ``user``: it takes mail from this address without a login. ``spf`` is what the domains' SPF records include for it.
    """

    host: str
    port: int = 587
    user: str = ""
    password_ref: str = ""
    tls: RelayTls = "starttls"
    spf: str = ""


@dataclass(frozen=True)
class MailSettings(Payload):
    """Settings of one Mailu. ``host_name`` is the server's own name: MX, HELO and the name in its certificate;
    ``domain`` the first mail domain, with the administrator's account; ``dkim_selector`` is dated, one for all domains.

    ``subnet`` is that of its containers. ``messages_per_day`` counts recipients of one login.
    """

    host_name: str
    domain: str
    dkim_selector: str
    mailu_version: str = VERSION
    admin: str = "admin"
    other_names: tuple[str, ...] = ()
    webmail: Webmail = "roundcube"
    has_antivirus: bool = False
    scans_macros: bool = True
    ports: tuple[int, ...] = PORTS
    subnet: str = SUBNET
    message_mb: int = 50
    messages_per_day: int = 200
    smart_host: SmartHost | None = None

    @property
    def resolver_address(self) -> str:
        """The last but one address of the containers' network, where Mailu's compose file has its resolver."""
        return str(ipaddress.ip_network(self.subnet)[-2])

    @property
    def gateway_address(self) -> str:
        """What containers see of a connection from the server itself: the first address of their network."""
        return str(ipaddress.ip_network(self.subnet)[1])

    @property
    def admin_address(self) -> str:
        return f"{self.admin}@{self.domain}"


def dated_selector(day: date) -> str:
    """``my20261201``: DKIM keys are told apart by the day they were made: the next one has a name of its own."""
    return f"my{day:%Y%m%d}"


def check_settings(settings: MailSettings) -> None:
    """:raises Refused: with the words for the first thing that is wrong."""
    for name in (settings.host_name, settings.domain, *settings.other_names):
        check_name(name)
    if not LOCAL_PART.fullmatch(settings.admin):
        raise Refused(
            _("{text} cannot be the name of the administrator's mailbox.").format(text=settings.admin),
            remedy=_("Use small letters, digits, dots, hyphens and underscores."),
        )
    if not SELECTOR.fullmatch(settings.dkim_selector):
        raise Refused(_("{text} is not a DKIM selector.").format(text=settings.dkim_selector))
    if not settings.mailu_version.startswith(f"{RELEASE}."):
        raise Refused(
            _("Mailyard does not know Mailu {version}.").format(version=settings.mailu_version),
            remedy=_("It sets up release {release}.").format(release=RELEASE),
        )
    _check_ports(settings.ports)
    _check_subnet(settings.subnet)
    if not 1 <= settings.message_mb <= LARGEST_MESSAGE_MB:
        raise Refused(_("A message may have between 1 and {most} MB.").format(most=LARGEST_MESSAGE_MB))
    if settings.messages_per_day < 1:
        raise Refused(_("A login must be allowed at least one message a day."))
    if settings.smart_host is not None:
        _check_smart_host(settings.smart_host)


def check_name(name: str) -> None:
    """:raises Refused: it is no host name of at least two labels and at most 253 characters, whose last label tells it
    from an address (RFC 1123, 2.1).
    """
    labels = name.split(".")
    are_labels = len(labels) >= 2 and all(HOST_LABEL.fullmatch(label) for label in labels)
    if len(name) > 253 or not are_labels or labels[-1].isdigit():
        raise Refused(
            _("{name} is not a full domain name.").format(name=name or "–"),
            remedy=_("Use a name such as mail.example.com, in small letters."),
        )


def _check_ports(ports: tuple[int, ...]) -> None:
    missing, unknown = sorted(FIXED_PORTS.difference(ports)), sorted(set(ports).difference(KNOWN_PORTS))
    if missing:
        raise Refused(
            _("Mailu always opens the ports {ports}.").format(ports=", ".join(map(str, missing))),
            remedy=_("Add them."),
        )
    if unknown:
        raise Refused(_("Mailu has nothing that listens on port {port}.").format(port=unknown[0]))


def _check_subnet(text: str) -> None:
    try:
        network = ipaddress.IPv4Network(text)
    except ValueError as error:
        raise Refused(_("{text} is not an IPv4 network such as 192.168.203.0/24.").format(text=text)) from error
    if not network.is_private or not 16 <= network.prefixlen <= 27:
        raise Refused(
            _("{text} cannot be the network of the containers.").format(text=text),
            remedy=_("Use a private network between /16 and /27."),
        )


def _check_smart_host(smart_host: SmartHost) -> None:
    check_name(smart_host.host)
    if not 1 <= smart_host.port <= 65_535 or smart_host.port == 25:
        raise Refused(
            _("A smart host cannot be reached on port {port} here.").format(port=smart_host.port),
            remedy=_("Use 587, 465 or 2525."),
        )
    if bool(smart_host.user) != bool(smart_host.password_ref):
        raise Refused(_("A smart host needs both a user and a password, or neither."))
    if smart_host.spf and not re.fullmatch(r"(include:|ip4:|ip6:|a:)[!-~]+", smart_host.spf):
        raise Refused(
            _("{text} cannot stand in an SPF record.").format(text=smart_host.spf),
            remedy=_("Use what the provider of the smart host names, such as include:spf.example.net."),
        )
