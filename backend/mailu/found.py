"""A Mailu that is there already: what ``docker compose config --format json`` tells of it, read into our own settings.

Compose has then expanded every file and its quotes, as the containers see them (compose-spec.io, docs of Mailu 2024.06
for what stands where nothing is said). Whoever set it up may have chosen what Mailyard has no setting for:
:func:`differences` names that, and nothing here changes anything.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, cast

from backend.core.errors import BadResponse, Refused
from backend.core.present.text import _
from backend.core.secrets.redactor import MASK
from backend.core.unreadable import UNREADABLE
from backend.mailu.compose import compose
from backend.mailu.environment import environment
from backend.mailu.services import ROOT
from backend.mailu.settings import MailSettings, RelayTls, SmartHost, Webmail

if TYPE_CHECKING:
    from backend.mailu.environment import MailSecrets

SECRET_KEY = re.compile(r"SECRET|PASS|PWD|TOKEN|CREDENTIAL|PRIVATE|_PW$|_KEY$|API_?KEY|SQLALCHEMY_DATABASE_URI")
#: Names that look like one and say nothing: a choice, not a value.
NO_SECRETS = frozenset({"AUTH_REQUIRE_TOKENS", "CREDENTIAL_ROUNDS"})
#: Values that hold a login, whatever they are called: of a URL before its host, or among the words of a connection.
LOGIN = re.compile(r"://\S+@|\bpass(?:w(?:or)?d)?=", re.IGNORECASE)
RELAY = re.compile(r"\[?(?P<host>[^\[\]:]+)\]?(?::(?P<port>\d{1,5}))?")
#: What Mailu takes where mailu.env says nothing (core/admin/mailu/configuration.py).
DEFAULTS = {
    "PORTS": "25,80,443,465,993,995,4190",
    "POSTMASTER": "postmaster",
    "SUBNET": "192.168.203.0/24",
    "DKIM_SELECTOR": "dkim",
    "MESSAGE_SIZE_LIMIT": "50000000",
    "MESSAGE_RATELIMIT": "200/day",
    "WEBMAIL": "none",
    "ANTIVIRUS": "none",
    "SCAN_MACROS": "true",
}
ALWAYS_OPEN = frozenset({25, 465, 993})
YES = frozenset({"true", "yes", "1", "on"})

Place = Literal["mailu.env", "compose"]


@dataclass(frozen=True)
class FoundService:
    """One container as the files want it. ``ports`` are ``address:outside:inside``, ``volumes`` ``from:to[:ro]``."""

    image: str
    ports: frozenset[str] = frozenset()
    volumes: frozenset[str] = frozenset()

    @property
    def version(self) -> str:
        """The tag of its image, without a digest."""
        return self.image.partition("@")[0].rpartition("/")[2].partition(":")[2]


@dataclass(frozen=True)
class Found:
    """What the files say. ``env`` is the environment of admin, with secrets: at the wire only, never to be stored."""

    services: Mapping[str, FoundService]
    env: Mapping[str, str] = field(repr=False)

    def value(self, key: str) -> str:
        """Of mailu.env, or what Mailu takes instead."""
        return self.env.get(key) or DEFAULTS.get(key, "")

    def is_on(self, key: str) -> bool:
        return self.value(key).lower() in YES


@dataclass(frozen=True)
class Difference:
    """``name`` is a key of mailu.env, or ``service image|port|volume`` of the compose file; None: it is not there.

    Values of secrets are masked: that they differ is all that is told.
    """

    place: Place
    name: str
    found: str | None
    ours: str | None


def is_secret(key: str) -> bool:
    """Whether the value of a key of mailu.env is never shown."""
    return key not in NO_SECRETS and bool(SECRET_KEY.search(key.upper()))


def found_in(said: str) -> Found:
    """What compose printed.

    :raises BadResponse: it is no such document, or has no Mailu in it.
    """
    try:
        nodes = cast(dict[str, Any], json.loads(said)["services"])
        services = {name: _service(node) for name, node in nodes.items()}
        env = nodes["admin"].get("environment") or {}
        return Found(services, {key: _unescaped(value) for key, value in env.items()})
    except UNREADABLE as error:
        raise BadResponse(
            _("Docker's description of the mail server could not be read."),
            remedy=_("Check that the folder holds a Mailu, with its container admin."),
            detail=type(error).__name__,
        ) from error


def settings_in(found: Found, relay_ref: str = "") -> MailSettings:
    """The nearest settings of ours; ``relay_ref`` is where a smart host's password will lie.

    :raises Refused: host name or domain are missing: then it is no Mailu that could run.
    """
    names = [name.strip().lower() for name in found.value("HOSTNAMES").split(",") if name.strip()]
    if not names or not found.value("DOMAIN"):
        raise Refused(
            _("The mail server's files name no host name or no domain."),
            remedy=_("Check HOSTNAMES and DOMAIN in its mailu.env."),
        )
    return MailSettings(
        host_name=names[0],
        domain=found.value("DOMAIN").lower(),
        dkim_selector=found.value("DKIM_SELECTOR"),
        mailu_version=found.services["admin"].version,
        admin=found.value("POSTMASTER"),
        other_names=tuple(names[1:]),
        webmail=_webmail(found),
        has_antivirus=found.value("ANTIVIRUS") == "clamav",
        scans_macros=found.is_on("SCAN_MACROS"),
        ports=listening(found.value("PORTS")),
        subnet=found.value("SUBNET"),
        message_mb=max(1, _number(found, "MESSAGE_SIZE_LIMIT") // 1_000_000),
        messages_per_day=max(1, _number(found, "MESSAGE_RATELIMIT")),
        smart_host=_smart_host(found, relay_ref),
    )


def listening(ports: str) -> tuple[int, ...]:
    """What opens with this value of ``PORTS``. Mailu cuts it at commas and does not trim: a name behind a blank opens
    nothing; three are always open (core/base/libs/socrate/socrate/system.py).
    """
    return tuple(sorted({int(name) for name in ports.split(",") if name.isdecimal()} | ALWAYS_OPEN))


def differences(
    found: Found, settings: MailSettings, secrets: MailSecrets, *, root: str = ROOT
) -> Sequence[Difference]:
    """What is otherwise there than Mailyard would write it for ``settings``: mailu.env first, by key, then compose.

    ``root`` is the folder of what its containers keep: that it is another one than ours is no difference of each.
    """
    ours = dict(environment(settings, secrets))
    in_env = (
        Difference("mailu.env", key, shown(key, found.env.get(key)), shown(key, ours.get(key)))
        for key in sorted({*found.env, *ours})
        if found.env.get(key) != ours.get(key)
    )
    return (*in_env, *_in_compose(found.services, _rendered(settings, root)))


def _in_compose(there: Mapping[str, FoundService], ours: Mapping[str, FoundService]) -> Iterable[Difference]:
    nothing = FoundService("")
    for name in sorted({*there, *ours}):
        one, other = there.get(name, nothing), ours.get(name, nothing)
        if one.image != other.image:
            yield Difference("compose", f"{name} image", one.image or None, other.image or None)
        for what, these, those in (("port", one.ports, other.ports), ("volume", one.volumes, other.volumes)):
            for each in sorted(these ^ those):
                is_there = each in these
                yield Difference("compose", f"{name} {what}", each if is_there else None, None if is_there else each)


def _rendered(settings: MailSettings, root: str) -> Mapping[str, FoundService]:
    nodes = cast(dict[str, Any], compose(settings)["services"])
    return {
        name: FoundService(
            node["image"],
            frozenset(node.get("ports", ())),
            frozenset(f"{root}{each.removeprefix(ROOT)}" for each in node.get("volumes", ())),
        )
        for name, node in nodes.items()
    }


def _service(node: Mapping[str, Any]) -> FoundService:
    return FoundService(
        str(node["image"]),
        frozenset(map(_port, node.get("ports") or ())),
        frozenset(map(_volume, node.get("volumes") or ())),
    )


def _port(node: Mapping[str, Any]) -> str:
    return f"{node.get('host_ip') or '0.0.0.0'}:{node.get('published') or ''}:{node['target']}"  # noqa: S104


def _volume(node: Mapping[str, Any]) -> str:
    return f"{node.get('source') or ''}:{node['target']}{':ro' if node.get('read_only') else ''}"


def _unescaped(value: object) -> str:
    """Compose prints ``$`` twice, so that its answer could be read as a compose file."""
    return "" if value is None else str(value).replace("$$", "$")


def shown(key: str, value: str | None) -> str | None:
    """The value of a key of mailu.env as it may be told; that of a secret is masked, and one that holds a login."""
    return MASK if value and (is_secret(key) or LOGIN.search(value)) else value


def _webmail(found: Found) -> Webmail:
    chosen = found.value("WEBMAIL")
    return cast(Webmail, chosen) if chosen in ("roundcube", "snappymail") else "none"


def _number(found: Found, key: str) -> int:
    told = re.match(r"\d+", found.value(key))
    return int(told[0]) if told else 0


def _smart_host(found: Found, relay_ref: str) -> SmartHost | None:
    told = RELAY.fullmatch(found.value("RELAYHOST"))
    if told is None:
        return None
    port = int(told["port"] or 25)
    tls: RelayTls = "tls" if port == 465 else "starttls"
    user = found.value("RELAYUSER")
    return SmartHost(told["host"], port, user, relay_ref if user else "", tls)
