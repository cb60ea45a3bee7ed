"""Where mail for an address goes, and who may send as one."""

from __future__ import annotations

import fnmatch
import re

from tests.lab.standins.admin.database import Database, Row
from tests.lab.standins.settings import listed, setting


def resolved(database: Database, address: str) -> tuple[str, str]:
    """The local part, and the domain that an alternative one stands for; the local part is empty in a bare domain."""
    local, at, domain = address.rpartition("@")
    alternative = database.row("alternative", domain)
    return (local if at else ""), (alternative["domain_name"] if alternative else domain)


def destinations(database: Database, local: str, domain: str, *, is_sender: bool = False) -> list[str]:
    """Addresses that mail for ``local@domain`` goes to; none when nobody is there. Without its tag it is another try.

    A user who forwards everything away still may send: ``is_sender`` counts them in.
    """
    bare = without_tag(local)
    user = database.row("user", f"{local}@{domain}") or database.row("user", f"{bare}@{domain}")
    if user:
        own = f"{local}@{domain}"
        if not user["forward_enabled"]:
            return [own]
        return [*user["forward_destination"], *([own] if user["forward_keep"] or is_sender else [])]
    exact = alias(database, local, domain)
    if exact and not exact["wildcard"]:
        return list(exact["destination"])
    found = (alias(database, bare, domain) if bare != local else None) or exact
    return list(found["destination"]) if found else []


def alias(database: Database, local: str, domain: str) -> Row | None:
    """The one that takes a local part: an exact one before a pattern, the longest pattern before others."""
    here = database.rows("alias", domain_name=domain)
    for row in here:
        if not row["wildcard"] and row["localpart"].lower() == local.lower():
            return row
    patterns = [row for row in here if row["wildcard"] and like(local, row["localpart"])]
    return max(patterns, key=lambda row: len(row["localpart"]), default=None)


def like(text: str, pattern: str) -> bool:
    """SQL's LIKE: a percent sign for any letters, an underscore for one."""
    escaped = re.sub(r"([*?\[])", r"[\1]", pattern)
    return fnmatch.fnmatchcase(text.lower(), escaped.replace("%", "*").replace("_", "?").lower())


def without_tag(local: str) -> str:
    """What stands before the first delimiter."""
    marks = setting("RECIPIENT_DELIMITER")
    end = next((index for index, letter in enumerate(local) if letter in marks), len(local))
    return local[:end]


def senders(database: Database, address: str) -> list[str]:
    """Logins that may send as an address."""
    everywhere = [name.lower() for name in listed("WILDCARD_SENDERS")]
    local, domain = resolved(database, address)
    if not local:
        return everywhere
    spoofers = [user["email"] for user in database.rows("user", allow_spoofing=True)]
    own = destinations(database, without_tag(local), domain, is_sender=True)
    return sorted({*own, *everywhere, *spoofers})


def transport(relay: Row) -> str | None:
    """Where mail of a relayed domain goes, in Postfix's words (transport(5)); None when its setting makes no sense.

    ``host``, ``host:port``, ``[host]:port``, ``mx:domain``, ``lmtp:host:port``, or nothing: the domain's own MX.
    """
    target = (relay["smtp"] or "").lower()
    kind = next((word for word in ("mx", "lmtp") if target.startswith(f"{word}:")), "smtp")
    match = re.fullmatch(r"(?:\[([^\]]+)\]|([^:\[\]]*))(?::(\d+))?", target.removeprefix(f"{kind}:"))
    if match is None or (kind == "mx" and match[1]):
        return None
    host, port = match[1] or match[2] or "", f":{match[3]}" if match[3] else ""
    if kind == "lmtp":
        return f"lmtp:{host}{port}" if host else None
    is_direct = kind == "smtp" and host
    return f"smtp:[{host}]{port}" if is_direct else f"smtp:{host or relay['name']}{port}"
