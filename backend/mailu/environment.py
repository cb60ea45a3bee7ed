"""The lines of mailu.env: what Mailu's containers read their settings from (docs/configuration.rst of 2024.06).

Compose expands such a file: ``$`` names a variable and `` #`` begins a comment, except between single quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret

if TYPE_CHECKING:
    from backend.mailu.settings import MailSettings, SmartHost

PLAIN = re.compile(r"[A-Za-z0-9_.,:/@+=%\[\]-]*")
HEAD = "# Written by Mailyard. What was changed by hand here is seen, and kept until somebody decides otherwise."
Pair = tuple[str, str]


#: What says how mail leaves.
SENDING = frozenset({"RELAYHOST", "RELAYUSER", "RELAYPASSWORD", "OUTBOUND_TLS_LEVEL"})


@dataclass(frozen=True)
class MailSecrets:
    """The values that mailu.env must hold; read at the wire only. ``relay_password`` is of the smart host."""

    secret_key: Secret
    api_token: Secret
    relay_password: Secret


def environment(settings: MailSettings, secrets: MailSecrets) -> Sequence[Pair]:
    """Every key that Mailyard sets, in the order of the file."""
    return (
        ("SECRET_KEY", secrets.secret_key.reveal()),
        ("SUBNET", settings.subnet),
        ("DOMAIN", settings.domain),
        ("HOSTNAMES", ",".join((settings.host_name, *settings.other_names))),
        ("POSTMASTER", settings.admin),
        ("TLS_FLAVOR", "cert"),
        ("PORTS", ",".join(map(str, sorted(settings.ports)))),
        ("DISABLE_STATISTICS", "True"),
        *_features(settings),
        *_mail(settings),
        *sending(settings.smart_host, secrets.relay_password),
        *_web(settings),
        ("API", "true"),
        ("WEB_API", "/api"),
        ("API_TOKEN", secrets.api_token.reveal()),
        # Our own calls come through the server's loopback; a stale token must not lock everybody else out.
        ("AUTH_RATELIMIT_EXEMPTION", f"{settings.gateway_address}/32"),
        ("TZ", "Etc/UTC"),
        ("LOG_LEVEL", "INFO"),
    )


def _features(settings: MailSettings) -> Iterable[Pair]:
    yield "ADMIN", "true"
    yield "WEBMAIL", settings.webmail
    yield "WEBDAV", "none"
    yield "ANTIVIRUS", "clamav" if settings.has_antivirus else "none"
    yield "SCAN_MACROS", "true" if settings.scans_macros else "false"
    yield "FETCHMAIL_ENABLED", "False"
    yield "FULL_TEXT_SEARCH_ATTACHMENTS", "false"


def _mail(settings: MailSettings) -> Iterable[Pair]:
    yield "MESSAGE_SIZE_LIMIT", str(settings.message_mb * 1_000_000)
    yield "MESSAGE_RATELIMIT", f"{settings.messages_per_day}/day"
    yield "RECIPIENT_DELIMITER", "+"
    yield "DKIM_SELECTOR", settings.dkim_selector
    yield "DMARC_RUA", settings.admin
    yield "DMARC_RUF", settings.admin


def sending(smart_host: SmartHost | None, password: Secret) -> Iterable[Pair]:
    """The values of :data:`SENDING`. With a smart host nothing leaves unencrypted: its ``password`` would go the same
    way.
    """
    if smart_host is None:
        yield "RELAYHOST", ""
        return
    yield "RELAYHOST", f"[{smart_host.host}]:{smart_host.port}"
    if smart_host.user:
        yield "RELAYUSER", smart_host.user
        yield "RELAYPASSWORD", password.reveal()
    yield "OUTBOUND_TLS_LEVEL", "encrypt"


def _web(settings: MailSettings) -> Iterable[Pair]:
    yield "WEBROOT_REDIRECT", "/webmail" if settings.webmail != "none" else "/admin"
    yield "WEB_ADMIN", "/admin"
    yield "WEB_WEBMAIL", "/webmail"
    yield "SITENAME", settings.domain
    yield "WEBSITE", f"https://{settings.host_name}"


def env_text(pairs: Iterable[Pair]) -> str:
    """The whole file."""
    return "\n".join((HEAD, *(env_line(key, value) for key, value in pairs), ""))


def with_values(text: str, keys: Collection[str], pairs: Iterable[Pair]) -> str:
    """A mailu.env in which ``keys`` have the values of ``pairs`` and no others; all other lines stay as they are."""
    values, lines = dict(pairs), list[str]()
    for line in text.splitlines():
        key = line.partition("=")[0].strip()
        if key not in keys:
            lines.append(line)
        elif key in values:
            lines.append(env_line(key, values.pop(key)))
    return "\n".join((*lines, *(env_line(key, value) for key, value in values.items()), ""))


def env_line(key: str, value: str) -> str:
    """``KEY=value``, between single quotes where compose would read something else.

    :raises Refused: no quoting of compose can hold it: a single quote, or a line break.
    """
    if PLAIN.fullmatch(value):
        return f"{key}={value}"
    if "'" in value or "\n" in value or "\r" in value or "\0" in value:
        raise Refused(
            _("The value of {key} has a quote or a line break, which mailu.env cannot hold.").format(key=key),
            remedy=_("Choose another one."),
        )
    return f"{key}='{value}'"
