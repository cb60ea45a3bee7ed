"""What a mail server has, as its API tells it, and the rows that say so to pages and commands, also offline."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.mail import ownership
from backend.store.schema.mail import AppToken, Domain, MailAlias, Mailbox, MailRelay, MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.mailu import records as mailu
    from backend.mailu.api import MailuApi
    from backend.store.database import Store
    from backend.store.schema.base import Base
    from backend.store.scope import ScopedSession


@dataclass(frozen=True)
class Contents:
    """Everything one server told, at one moment."""

    domains: Sequence[mailu.MailDomain]
    mailboxes: Sequence[mailu.Mailbox]
    aliases: Sequence[mailu.Alias]
    relays: Sequence[mailu.Relay]
    tokens: Sequence[mailu.AppToken]


class MailContents:
    """Stateless, thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, api: MailuApi) -> Contents:
        """Five lists, whatever they hold: Mailu has no pages."""
        return Contents(api.domains(), api.mailboxes(), api.aliases(), api.relays(), api.all_tokens())

    def keep(self, server_id: UUID, told: Contents, now: datetime, *, begun: datetime | None = None) -> None:
        """Make the rows say what was told; one that says so already is not written. What was asked for at ``begun`` is
        not kept where something else was told since: it may be older than that.
        """
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            if begun is not None and row.seen_at is not None and row.seen_at > begun:
                return
            row.seen_at = now
            domains = _keep_domains(session, server_id, told.domains, now)
            _keep(session, Mailbox, domains, [_mailbox_values(each) for each in told.mailboxes], now)
            _keep(session, MailAlias, domains, [_alias_values(each) for each in told.aliases], now)
            _keep(session, AppToken, domains, [_token_values(each) for each in told.tokens], now)
            _keep_relays(session, server_id, told.relays, now)

    def claim(self, server_id: UUID, name: str, owner: UUID, now: datetime) -> None:
        """Before a domain is made: whose it is must be known when its server first tells of it."""
        with self._store.write(ENGINE_SCOPE) as session:
            ownership.claim(session, server_id, name, owner, now)

    def claim_relay(self, server_id: UUID, name: str, owner: UUID) -> None:
        """The same before a relay is made."""
        with self._store.write(ENGINE_SCOPE) as session:
            ownership.claim_relay(session, server_id, name, owner)

    def claim_new(self, server_id: UUID, told: Contents, owner: UUID, now: datetime) -> None:
        """Before what was told is kept: domains that no server carried until now are the owner's, as are relays that
        nobody has.
        """
        with self._store.write(ENGINE_SCOPE) as session:
            has_owner = set(session.scalars(select(MailRelay.name).where(MailRelay.server_id == server_id)))
            for relay in told.relays:
                if relay.name not in has_owner:
                    ownership.claim_relay(session, server_id, relay.name, owner)
            carried = set(session.scalars(select(Domain.name).where(Domain.gone_at.is_(None))))
            for each in told.domains:
                if each.name not in carried:
                    ownership.claim(session, server_id, each.name, owner, now)


def _keep_domains(
    session: ScopedSession, server_id: UUID, told: Iterable[mailu.MailDomain], now: datetime
) -> dict[str, Domain]:
    """Those that were told, by their names, with their rows; of the others no server tells any more."""
    there = {row.id: row for row in session.scalars(select(Domain).where(Domain.server_id == server_id))}
    found = dict[str, Domain]()
    for each in told:
        row = ownership.told(session, server_id, each.name, now)
        if row is None:
            continue
        there.pop(row.id, None)
        found[each.name] = row
        _say(row, _domain_values(each), now)
    for row in there.values():
        ownership.let_go(session, row, now)
    session.flush()
    return found


def _keep(
    session: ScopedSession,
    kind: type[Mailbox] | type[MailAlias] | type[AppToken],
    domains: dict[str, Domain],
    told: Iterable[dict[str, object]],
    now: datetime,
) -> None:
    """Insert, change, delete: one row for each that was told, under its domain."""
    ids = [domain.id for domain in domains.values()]
    rows = session.scalars(select(kind).where(kind.domain_id.in_(ids)))
    there = {tuple(getattr(row, name) for name in kind.told_by): row for row in rows}
    for values in told:
        address = str(values["address"])
        domain = domains.get(address.rpartition("@")[2])
        if domain is None:
            continue
        row = there.pop(tuple(values[name] for name in kind.told_by), None)
        if row is None:
            session.add(kind(tenant_id=domain.tenant_id, domain_id=domain.id, seen_at=now, **values))
            continue
        _say(row, values, now)
    for row in there.values():
        session.delete(row)


def _keep_relays(session: ScopedSession, server_id: UUID, told: Iterable[mailu.Relay], now: datetime) -> None:
    """Those that were told; one that is yet to be made keeps its owner."""
    kept = set[str]()
    for each in told:
        kept.add(each.name)
        row = ownership.relay_told(session, server_id, each.name)
        values: dict[str, object] = {"next_hop": each.next_hop, "comment": each.comment}
        _say(row, values if row.seen_at is not None else values | {"seen_at": now}, now)
    there = select(MailRelay).where(MailRelay.server_id == server_id, MailRelay.seen_at.is_not(None))
    for row in session.scalars(there):
        if row.name not in kept:
            session.delete(row)


def _say(row: Base, values: Mapping[str, object], now: datetime) -> None:
    """Nothing, where it says so already: its age is its server's."""
    if any(getattr(row, name) != value for name, value in values.items()):
        for name, value in {**values, "seen_at": now}.items():
            setattr(row, name, value)


def _domain_values(told: mailu.MailDomain) -> dict[str, object]:
    return {
        "comment": told.comment,
        "gone_at": None,
        "max_mailboxes": told.max_mailboxes,
        "max_aliases": told.max_aliases,
        "max_quota_bytes": told.max_quota_bytes,
        "alternatives": list(told.alternatives),
        "managers": list(told.managers),
    }


def _mailbox_values(told: mailu.Mailbox) -> dict[str, object]:
    return {
        "address": told.address,
        "comment": told.comment,
        "display_name": told.display_name,
        "quota_bytes": told.quota_bytes,
        "used_bytes": told.used_bytes,
        "is_enabled": told.is_enabled,
        "must_change_password": told.must_change_password,
        "is_admin": told.is_admin,
        "forwards_to": list(told.forward.destinations),
        "is_forwarding": told.forward.is_on,
        "keeps_copy": told.forward.keeps_copy,
        "replies": told.replies,
        "reply_subject": told.reply_subject,
        "reply_body": told.reply_body,
        "spam_threshold": told.spam_threshold,
    }


def _alias_values(told: mailu.Alias) -> dict[str, object]:
    return {
        "address": told.address,
        "comment": told.comment,
        "destinations": list(told.destinations),
        "is_wildcard": told.is_wildcard,
    }


def _token_values(told: mailu.AppToken) -> dict[str, object]:
    return {
        "address": told.address,
        "token_id": told.id,
        "comment": told.comment,
        "networks": list(told.networks),
        "created_on": told.created_on,
    }
