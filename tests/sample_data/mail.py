"""Mail servers of the fleet with domains, mailboxes, aliases, app tokens and relays, as they were last read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from backend.bootstrap import Installation
from backend.engine.payload import to_plain
from backend.mail.files.digests import digests_of
from backend.mail.refs import admin_ref
from backend.mail.requests import KeepTemplate
from backend.mail.templates import keep
from backend.mailu.settings import MailSettings
from backend.store.schema.mail import AppToken, Domain, MailAlias, Mailbox, MailRelay, MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE, ScopedSession
from tests.sample_data.servers import CLIENTS, client_id, server_id, server_name

GB = 1_000_000_000
#: Two servers carry mail: one of the first client, one of the second.
CARRIERS = (6, 7)
NEARLY_FULL, FULL, SUSPENDED, DUE, AWAY, FORWARDS = "lab", "scans", "former", "starter", "kim", "billing"
ORDINARY = ("info", "reception", "office", "recalls", "orders", "hygiene", "marketing", "archive", "jobs")
#: Name, mailboxes at most, whose, on which carrier.
DOMAINS = (
    ("acme-dental.example", 25, CLIENTS[0], 0),
    ("acme-implants.example", 10, CLIENTS[0], 0),
    ("acme-shop.example", 3, CLIENTS[0], 0),
    ("acme-old.example", 5, CLIENTS[0], 0),
    ("bluebird.example", None, CLIENTS[1], 1),
)
TEMPLATES = (
    KeepTemplate("Small", 10, 20, 5 * GB),
    KeepTemplate("Large practice", 50, 100, 20 * GB),
    KeepTemplate("Aliases alone", 0, None, None),
)
MAIN, FULL_DOMAIN, EMPTY_DOMAIN, UNLIMITED = (DOMAINS[at][0] for at in (0, 2, 3, 4))


def domain_id(name: str) -> UUID:
    return uuid5(NAMESPACE_DNS, f"mail of {name}")


def add_mail(installation: Installation, *, read_ago: timedelta = timedelta(seconds=40)) -> None:
    """Two mail servers, five domains: one with everything, one full, one without mailboxes."""
    now = installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        for carrier in CARRIERS:
            session.add(mail_server(carrier, now, now - read_ago))
        session.flush()
        for name, most, client, carrier in DOMAINS:
            add_domain(session, name, client, CARRIERS[carrier], now - read_ago, most=most)
        for name in (MAIN, DOMAINS[1][0], FULL_DOMAIN, UNLIMITED):
            owner, count = _owner(name), 3 if name == FULL_DOMAIN else len(ORDINARY)
            session.add_all(_ordinary(name, owner, count, now - read_ago))
        session.add_all(_special(now - read_ago))
        session.add_all(_aliases(now - read_ago))
        session.add_all(_tokens(now - read_ago))
        session.add_all(_relays(now - read_ago))


def add_templates(installation: Installation) -> None:
    """Three templates of limits, one with a limit that is none."""
    with installation.store.write(ENGINE_SCOPE) as session:
        for template in TEMPLATES:
            keep(session, template, installation.clock.now())


def add_by_hand(installation: Installation) -> None:
    """Somebody changed the files of the first carrier."""
    env = "SECRET_KEY=abc\nMESSAGE_RATELIMIT={}\nRELAYPASSWORD={}\nSITENAME={}\nTZ={}"
    before, after = (digests_of(env.format(*[each] * 4), [], {"postfix/postfix.cf": each}) for each in ("1", "2"))
    with installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, server_id(CARRIERS[0])))
        row.files_accepted, row.files_seen = before, after


def add_many(installation: Installation, count: int) -> str:
    """A domain with so many mailboxes, on the first carrier; its name."""
    name, now = "many.example", installation.clock.now()
    with installation.store.write(ENGINE_SCOPE) as session:
        if session.get(MailServer, (AGENCY, server_id(CARRIERS[0]))) is None:
            session.add(mail_server(CARRIERS[0], now, now))
            session.flush()
        add_domain(session, name, CLIENTS[0], CARRIERS[0], now)
        for number in range(count):
            used = number * 7_919 % 5_000 * 1_000_000
            session.add(_mailbox(name, client_id(CLIENTS[0]), f"person{number}", now, used_bytes=used))
    return name


def mail_server(number: int, installed_at: datetime, seen_at: datetime) -> MailServer:
    """The row of one that runs, set up by us."""
    settings = MailSettings(server_name(number), DOMAINS[0][0], "my20261201")
    return MailServer(
        tenant_id=AGENCY,
        server_id=server_id(number),
        state="running",
        version=settings.mailu_version,
        host_name=server_name(number),
        settings=to_plain(settings),
        project="mailu",
        admin_ref=admin_ref(server_id(number)).path,
        sends="direct" if number == CARRIERS[0] else "no",
        sends_note="" if number == CARRIERS[0] else "Port 25 is closed to the outside.",
        installed_at=installed_at,
        seen_at=seen_at,
    )


def add_domain(
    session: ScopedSession, name: str, client: str, number: int, at: datetime, *, most: int | None = None
) -> None:
    row = Domain(tenant_id=client_id(client), id=domain_id(name), name=name, created_at=at, seen_at=at)
    row.server_tenant_id, row.server_id, row.max_mailboxes = AGENCY, server_id(number), most
    if name == MAIN:
        row.max_aliases, row.max_quota_bytes = 3, 20 * GB
        row.alternatives, row.managers = ["acme-dental.test"], [f"office@{name}"]
    session.add(row)
    session.flush()


def _owner(name: str) -> UUID:
    return next(client_id(client) for domain, _most, client, _carrier in DOMAINS if domain == name)


def _mailbox(domain: str, owner: UUID, local: str, at: datetime, **changes: Any) -> Mailbox:
    known: dict[str, Any] = {"quota_bytes": 5 * GB, "used_bytes": GB, "forwards_to": [], **changes}
    return Mailbox(tenant_id=owner, domain_id=domain_id(domain), address=f"{local}@{domain}", seen_at=at, **known)


def _ordinary(domain: str, owner: UUID, count: int, at: datetime) -> Iterator[Mailbox]:
    for number, local in enumerate(ORDINARY[:count]):
        used = (number * 37 % 40 + 2) * 100_000_000
        yield _mailbox(domain, owner, local, at, used_bytes=used, display_name=local.title())


def _special(at: datetime) -> Iterator[Mailbox]:
    """One of each state, all of the first domain."""
    for local, changes in (
        (NEARLY_FULL, {"used_bytes": 47 * GB // 10}),
        (FULL, {"used_bytes": 5 * GB}),
        (SUSPENDED, {"is_enabled": False}),
        (DUE, {"must_change_password": True, "used_bytes": 0}),
        (AWAY, {"replies": True, "reply_subject": "Away", "reply_body": "Back on Monday."}),
        (FORWARDS, {"forwards_to": [f"office@{MAIN}"], "is_forwarding": True}),
        ("admin", {"is_admin": True, "quota_bytes": None}),
    ):
        yield _mailbox(MAIN, _owner(MAIN), local, at, **changes)


def _aliases(at: datetime) -> Iterator[MailAlias]:
    for local, to, is_wildcard in (
        ("results", [f"{NEARLY_FULL}@{MAIN}"], False),
        ("team", [f"info@{MAIN}", "partner@elsewhere.example"], False),
        ("%", [f"info@{MAIN}"], True),
    ):
        row = MailAlias(tenant_id=_owner(MAIN), domain_id=domain_id(MAIN), address=f"{local}@{MAIN}", seen_at=at)
        row.destinations, row.is_wildcard = to, is_wildcard
        yield row


def _tokens(at: datetime) -> Iterator[AppToken]:
    """Of two mailboxes; one may be used from anywhere."""
    for token_id, local, comment, networks in (
        ("1", FORWARDS, "Phone of the office", []),
        ("2", FORWARDS, "Billing program", ["198.51.100.0/24", "2001:db8:7::/48"]),
        ("3", "archive", "Scanner", ["198.51.100.23"]),
    ):
        row = AppToken(tenant_id=_owner(MAIN), domain_id=domain_id(MAIN), address=f"{local}@{MAIN}", seen_at=at)
        row.token_id, row.comment, row.networks, row.created_on = token_id, comment, networks, date(2026, 3, 9)
        yield row


def _relays(at: datetime) -> Iterator[MailRelay]:
    """Of the first carrier, one of each client."""
    for name, client, hop, comment in (
        ("acme-lab.example", CLIENTS[0], "[exchange.acme-lab.example]:2525", "their own server behind ours"),
        ("bluebird-audio.example", CLIENTS[1], "", ""),
    ):
        row = MailRelay(tenant_id=client_id(client), server_id=server_id(CARRIERS[0]), name=name, seen_at=at)
        row.server_tenant_id, row.next_hop, row.comment = AGENCY, hop, comment
        yield row
