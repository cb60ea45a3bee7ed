"""What a Mailu has, as values, and as its API tells and takes it (core/admin/mailu/api/v1 of 2024.06)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backend.core.domain_names import plain_address, plain_domain

UNLIMITED = -1
#: What a limit is at most; more is none.
MOST = 2**31 - 1
Fields = Mapping[str, Any]


@dataclass(frozen=True)
class MailDomain:
    """A limit that is None is none; ``max_quota_bytes`` is of one mailbox."""

    name: str
    comment: str = ""
    max_mailboxes: int | None = None
    max_aliases: int | None = None
    max_quota_bytes: int | None = None
    alternatives: tuple[str, ...] = ()
    managers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Forward:
    """Where a mailbox's mail goes besides, in whatever order; ``keeps_copy``: it stays in the mailbox as well."""

    destinations: tuple[str, ...] = ()
    is_on: bool = False
    keeps_copy: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "destinations", tuple(sorted(set(self.destinations))))


@dataclass(frozen=True)
class Mailbox:
    """``quota_bytes`` None: none. ``used_bytes`` as Dovecot last told admin."""

    address: str
    display_name: str = ""
    comment: str = ""
    quota_bytes: int | None = None
    used_bytes: int = 0
    is_enabled: bool = True
    must_change_password: bool = False
    is_admin: bool = False
    forward: Forward = Forward()
    replies: bool = False
    reply_subject: str = ""
    reply_body: str = ""
    spam_threshold: int | None = None


@dataclass(frozen=True)
class Alias:
    """``is_wildcard``: the address is a pattern of SQL LIKE, ``%@domain`` takes all that nobody else has. Its
    destinations have no order.
    """

    address: str
    destinations: tuple[str, ...]
    is_wildcard: bool = False
    comment: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "destinations", tuple(sorted(set(self.destinations))))


@dataclass(frozen=True)
class Relay:
    """A domain whose mail the server takes and hands on; ``next_hop`` as :mod:`backend.mailu.next_hop` says, empty for
    the domain's MX.
    """

    name: str
    next_hop: str = ""
    comment: str = ""


@dataclass(frozen=True)
class AppToken:
    """A password for one device. ``networks`` empty: from anywhere. ``created_on`` None: it was not told.

    When it was last used Mailu does not keep.
    """

    id: str
    address: str
    comment: str = ""
    networks: tuple[str, ...] = ()
    created_on: date | None = None


def domain_told(told: Fields) -> MailDomain:
    return MailDomain(
        name=plain_domain(str(told.get("name", ""))),
        comment=str(told.get("comment") or ""),
        max_mailboxes=_limit(told, "max_users"),
        max_aliases=_limit(told, "max_aliases"),
        max_quota_bytes=_number(told, "max_quota_bytes") or None,
        alternatives=tuple(map(plain_domain, _texts(told, "alternatives"))),
        managers=tuple(map(plain_address, _texts(told, "managers"))),
    )


def _limit(told: Fields, name: str) -> int | None:
    found = _number(told, name)
    return found if found is not None and UNLIMITED < found <= MOST else None


def limit_fields(domain: MailDomain) -> dict[str, int]:
    return {
        "max_users": UNLIMITED if domain.max_mailboxes is None else domain.max_mailboxes,
        "max_aliases": UNLIMITED if domain.max_aliases is None else domain.max_aliases,
        "max_quota_bytes": domain.max_quota_bytes or 0,
    }


def mailbox_told(told: Fields) -> Mailbox:
    return Mailbox(
        address=plain_address(str(told.get("email", ""))),
        display_name=str(told.get("displayed_name") or ""),
        comment=str(told.get("comment") or ""),
        quota_bytes=_number(told, "quota_bytes") or None,
        used_bytes=_number(told, "quota_bytes_used") or 0,
        is_enabled=bool(told.get("enabled", True)),
        must_change_password=bool(told.get("change_pw_next_login", False)),
        is_admin=bool(told.get("global_admin", False)),
        forward=Forward(
            _texts(told, "forward_destination"),
            bool(told.get("forward_enabled", False)),
            bool(told.get("forward_keep", True)),
        ),
        replies=bool(told.get("reply_enabled", False)),
        reply_subject=str(told.get("reply_subject") or ""),
        reply_body=str(told.get("reply_body") or ""),
        spam_threshold=_number(told, "spam_threshold"),
    )


def mailbox_fields(mailbox: Mailbox) -> dict[str, Any]:
    """What a POST and a PATCH take alike. An empty list of destinations cannot be written: it is only switched off."""
    forward = mailbox.forward
    fields: dict[str, Any] = {
        "displayed_name": mailbox.display_name,
        "comment": mailbox.comment,
        "quota_bytes": mailbox.quota_bytes or 0,
        "enabled": mailbox.is_enabled,
        "change_pw_next_login": mailbox.must_change_password,
        "global_admin": mailbox.is_admin,
        "forward_enabled": forward.is_on and bool(forward.destinations),
        "forward_keep": forward.keeps_copy,
        "reply_enabled": mailbox.replies,
        "reply_subject": mailbox.reply_subject,
        "reply_body": mailbox.reply_body,
    }
    if forward.destinations:
        fields["forward_destination"] = list(forward.destinations)
    if mailbox.spam_threshold is not None:
        fields["spam_threshold"] = mailbox.spam_threshold
    return fields


def alias_told(told: Fields) -> Alias:
    return Alias(
        address=plain_address(str(told.get("email", ""))),
        destinations=_texts(told, "destination"),
        is_wildcard=bool(told.get("wildcard", False)),
        comment=str(told.get("comment") or ""),
    )


def alias_fields(alias: Alias) -> dict[str, Any]:
    return {"destination": list(alias.destinations), "wildcard": alias.is_wildcard, "comment": alias.comment}


def relay_told(told: Fields) -> Relay:
    return Relay(
        name=plain_domain(str(told.get("name", ""))),
        next_hop=str(told.get("smtp") or ""),
        comment=str(told.get("comment") or ""),
    )


def relay_fields(relay: Relay) -> dict[str, Any]:
    """Always with a text: without one, which Mailu takes, its map of transports breaks for the domain."""
    return {"smtp": relay.next_hop, "comment": relay.comment}


def token_told(told: Fields) -> AppToken:
    return AppToken(
        id=str(told.get("id", "")),
        address=plain_address(str(told.get("email", ""))),
        comment=str(told.get("comment") or ""),
        networks=_texts(told, "AuthorizedIP"),
        created_on=_day(told, "Created"),
    )


def _texts(told: Fields, name: str) -> tuple[str, ...]:
    found = told.get(name)
    return tuple(map(str, found)) if isinstance(found, list) else ()


def _day(told: Fields, name: str) -> date | None:
    try:
        return date.fromisoformat(str(told.get(name, "")))
    except ValueError:
        return None


def _number(told: Fields, name: str) -> int | None:
    found = told.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else None
