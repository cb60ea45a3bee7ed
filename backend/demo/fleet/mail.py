"""What the demo's mail servers have: fourteen domains, two hundred mailboxes, and what is the matter with some."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from backend.demo.fleet.servers import CLIENTS
from backend.demo.mailu.standing import Standing
from backend.mail.requests import KeepTemplate
from backend.mailu.records import Alias, AppToken, Forward, Mailbox, MailDomain, Relay

MB, GB = 1_000_000, 1_000_000_000


@dataclass(frozen=True)
class Size:
    """How many mailboxes a domain has and may have, and the quota of each."""

    mailboxes: int
    most: int | None
    quota_mb: int


#: By their servers, the first domain with the administrator's mailbox.
SIZES: Mapping[str, Mapping[str, Size]] = {
    "mail.acme-dental.example": {
        "acme-dental.example": Size(40, 50, 4_000),
        "acme-implants.example": Size(14, 20, 2_000),
        "acme-kids.example": Size(12, 12, 2_000),
        "smile-clinic.example": Size(8, None, 5_000),
        "dental-shop.example": Size(6, 10, 1_000),
    },
    "mail.bluebird-books.example": {
        "bluebird-books.example": Size(36, 40, 5_000),
        "bluebird-press.example": Size(12, 25, 3_000),
        "bluebird-audio.example": Size(10, 10, 3_000),
        "readers-club.example": Size(6, None, 1_000),
        "book-fair.example": Size(6, 10, 2_000),
    },
    "mail.cedar-legal.example": {
        "cedar-legal.example": Size(30, 40, 10_000),
        "cedar-notary.example": Size(8, 10, 10_000),
        "cedar-tax.example": Size(6, 10, 5_000),
        "cedar-mediation.example": Size(6, None, 5_000),
    },
}
#: On servers of ours, set up by somebody who told nobody.
UNKNOWN: Mapping[str, Mapping[str, Size]] = {
    "mx2.cedar-legal.example": {
        "cedar-events.example": Size(9, None, 2_000),
        "cedar-alumni.example": Size(4, 6, 1_000),
    },
}
ALL_SIZES = {**SIZES, **UNKNOWN}
#: Nothing more fits into it.
FULL = "orders@bluebird-books.example"
#: Containers that start over and over, by the server.
RESTARTING: Mapping[str, tuple[str, ...]] = {"mail.bluebird-books.example": ("webmail",)}
#: Versions of Mailu that are not the newest, by the server.
OUTDATED: Mapping[str, str] = {"mail.cedar-legal.example": "2024.06.56"}
#: Lines of mailu.env that somebody changed by hand, by the server.
BY_HAND: Mapping[str, Mapping[str, str]] = {"mail.bluebird-books.example": {"MESSAGE_RATELIMIT": "500/day"}}
#: And a file that Postfix reads besides, there and on servers that were set up by others.
OVERRIDE = "# Long lists of recipients go out one by one.\nsmtp_destination_recipient_limit = 1\n"
ALTERNATIVES: Mapping[str, tuple[str, ...]] = {"acme-dental.example": ("acme-dentists.example",)}
#: Domains whose mailboxes are elsewhere, by the server that takes their mail first.
RELAYS: Mapping[str, tuple[Relay, ...]] = {
    "mail.acme-dental.example": (
        Relay("acme-lab.example", "[exchange.acme-lab.example]:2525", "their own server behind ours"),
    ),
    "mail.cedar-legal.example": (Relay("cedar-archive.example", comment="second MX"),),
}
#: App tokens by the server, numbered as it numbers them.
TOKENS: Mapping[str, tuple[AppToken, ...]] = {
    "mail.acme-dental.example": (
        AppToken("1", "info@acme-dental.example", "Phone at the front desk"),
        AppToken("2", "info@acme-dental.example", "Appointment program", ("198.51.100.0/24", "2001:db8:7::/48")),
        AppToken("3", "office@acme-dental.example", "Scanner", ("198.51.100.23",)),
    ),
    "mail.bluebird-books.example": (AppToken("1", "orders@bluebird-books.example", "Shop", ("203.0.113.40",)),),
}

#: What the agency keeps under names: limits that it sets again and again.
TEMPLATES = (
    KeepTemplate("Small", 10, 10, 4 * GB),
    KeepTemplate("Medium", 25, 10, 10 * GB),
    KeepTemplate("Large", 50, None, 20 * GB),
)

ADMIN = "admin"
OFFICES = (
    *("info", "office", "orders", "contact", "support", "billing", "reception", "accounts", "jobs", "press", "events"),
    *("purchasing", "returns", "training", "archive", "scan", "partners", "quality", "shipping", "warehouse", "store"),
    *("legal", "privacy", "news", "feedback", "school", "board", "projects"),
)
AWAY = "We are closed until Monday.\n"


def client_of(server: str) -> str:
    """The client whose mail a server carries."""
    return next(client for client, domain in CLIENTS.items() if server.endswith(f".{domain}"))


def mail_of(server: str) -> Standing:
    sizes = ALL_SIZES[server]
    names = {domain: tuple(_locals(size.mailboxes, first=number == 0)) for number, (domain, size) in _numbered(sizes)}
    return Standing(
        tuple(_domain(domain, size) for domain, size in sizes.items()),
        tuple(_mailbox(f"{local}@{domain}", sizes[domain]) for domain, found in names.items() for local in found),
        tuple(alias for domain in sizes for alias in _aliases(domain)),
        RELAYS.get(server, ()),
        TOKENS.get(server, ()),
    )


def _numbered(sizes: Mapping[str, Size]) -> Iterator[tuple[int, tuple[str, Size]]]:
    yield from enumerate(sizes.items())


def _locals(count: int, *, first: bool) -> Iterator[str]:
    """The names before the @: offices, then desks with a number."""
    known = ((ADMIN,) if first else ()) + OFFICES
    yield from known[:count]
    yield from (f"desk-{number}" for number in range(1, count - len(known) + 1))


def _domain(name: str, size: Size) -> MailDomain:
    return MailDomain(
        name,
        max_mailboxes=size.most,
        max_aliases=None if size.most is None else 10,
        max_quota_bytes=2 * size.quota_mb * MB,
        alternatives=ALTERNATIVES.get(name, ()),
    )


def _mailbox(address: str, size: Size) -> Mailbox:
    """Each is used as much as its name says; some forward, some are away, some are switched off."""
    local, _at, domain = address.partition("@")
    seed, quota, info = crc32(address.encode()), size.quota_mb * MB, f"info@{domain}"
    is_admin, forwards, replies = local == ADMIN, seed % 17 == 5 and address != info, seed % 23 == 7
    return Mailbox(
        address,
        "Administrator" if is_admin else local.replace("-", " ").capitalize(),
        quota_bytes=None if is_admin else quota,
        used_bytes=quota if address == FULL else quota * (seed % 880) // 1_000,
        is_enabled=is_admin or seed % 41 != 3,
        must_change_password=not is_admin and seed % 19 == 4,
        is_admin=is_admin,
        forward=Forward((info,), True) if forwards else Forward(),
        replies=replies,
        reply_subject="Closed" if replies else "",
        reply_body=AWAY if replies else "",
        spam_threshold=80,
    )


def _aliases(domain: str) -> Iterator[Alias]:
    info, office = f"info@{domain}", f"office@{domain}"
    yield Alias(f"postmaster@{domain}", (office,))
    yield Alias(f"abuse@{domain}", (office,))
    yield Alias(f"hello@{domain}", (info, office), comment="on the website")
