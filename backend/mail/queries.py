"""Mail servers, domains, mailboxes and aliases as pages and the command line show them; all from rows, also offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.present.text import _
from backend.mail.files.digests import differing, stamp_of
from backend.mailu.settings import FIXED_PORTS
from backend.mailu.versions import is_outdated
from backend.store.schema.fleet import Server, Workspace
from backend.store.schema.mail import Domain, MailAlias, Mailbox, MailServer
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope

TOPICS = ("mail", "domains", "servers", "workspaces")
#: Neither the administrator's password nor the token of the API is kept for longer.
MAIL_SECRETS_LAST = timedelta(days=180)
#: From this share of its limit on a mailbox or a domain is nearly full.
NEARLY_FULL = 0.9
#: What a row of a mailbox is read from: whole objects, of thousands, would take twice as long.
MAILBOX = (
    Mailbox.address,
    Mailbox.display_name,
    Mailbox.used_bytes,
    Mailbox.quota_bytes,
    Mailbox.is_enabled,
    Mailbox.must_change_password,
    Mailbox.is_admin,
    Mailbox.is_forwarding,
    Mailbox.forwards_to,
    Mailbox.keeps_copy,
    Mailbox.replies,
    Mailbox.reply_subject,
    Mailbox.reply_body,
    Mailbox.comment,
)


@dataclass(frozen=True)
class MailServerRow:
    """One mail server. ``sends`` is direct, smart_host, no or unknown; ``seen_at`` when its contents were last read.

    ``ports`` are those it listens on; of what was adopted unread the ones that Mailu cannot switch off. ``has_api``: it
    was adopted with it, or is ours; ``has_admin``: its administrator's password is kept here. Since when it has either
    secret: None where that is not known. ``changed_by_hand`` are the settings in its files that somebody changed since
    they were accepted, ``files_stamp`` is that of what was seen then.
    """

    server_id: UUID
    server: str
    state: str
    version: str
    host_name: str
    is_adopted: bool
    sends: str
    sends_note: str
    certificate_kind: str
    domains: int
    mailboxes: int
    installed_at: datetime | None
    seen_at: datetime | None
    ports: tuple[int, ...]
    has_webmail: bool
    is_known: bool = True
    has_api: bool = True
    has_admin: bool = False
    api_token_since: datetime | None = None
    admin_since: datetime | None = None
    changed_by_hand: tuple[str, ...] = ()
    files_stamp: str = ""

    @property
    def token_due_at(self) -> datetime | None:
        """From when on the token of its API is to be renewed; None: it has none that Mailyard could renew."""
        return _due(self.api_token_since) if self.state != "installing" and self.has_api else None

    @property
    def admin_due_at(self) -> datetime | None:
        """The same of its administrator's password."""
        return _due(self.admin_since) if self.state != "installing" and self.has_admin else None

    @property
    def is_watched_only(self) -> bool:
        """Whether Mailyard sees how it is, and manages nothing of it."""
        return self.is_adopted and not self.has_api

    @property
    def can_be_upgraded(self) -> bool:
        """A newer patch release is known, and it is one that Mailyard manages and knows the set-up of."""
        return self.state == "running" and self.is_known and not self.is_watched_only and is_outdated(self.version)

    @property
    def state_said(self) -> str:
        """Whether it runs, in words."""
        said = {"installing": _("being set up"), "running": _("running"), "stopped": _("stopped")}
        return (said | {"upgrading": _("being upgraded")}).get(self.state, self.state)

    @property
    def sends_said(self) -> str:
        """How mail leaves it, in words."""
        said = {"direct": _("directly"), "smart_host": _("through a smart host"), "no": _("cannot send")}
        return said.get(self.sends, _("not known"))


def _due(since: datetime | None) -> datetime | None:
    return since + MAIL_SECRETS_LAST if since is not None else None


@dataclass(frozen=True)
class DomainRow:
    """One domain with what it has against what it may have; a limit that is None is none."""

    id: UUID
    server_id: UUID
    server: str
    name: str
    workspace: str
    mailboxes: int
    max_mailboxes: int | None
    aliases: int
    max_aliases: int | None
    used_bytes: int
    max_quota_bytes: int | None
    alternatives: tuple[str, ...]
    managers: tuple[str, ...]
    seen_at: datetime | None


@dataclass(frozen=True)
class MailboxRow:
    """One mailbox. ``quota_bytes`` None: none; ``forwards_to`` empty: nowhere, or switched off."""

    server_id: UUID
    domain: str
    address: str
    display_name: str
    used_bytes: int
    quota_bytes: int | None
    is_enabled: bool
    must_change_password: bool
    is_admin: bool
    forwards_to: tuple[str, ...]
    keeps_copy: bool
    replies: bool
    reply_subject: str
    reply_body: str
    comment: str
    seen_at: datetime | None

    @property
    def used_share(self) -> float | None:
        """How full it is, from 0 on; None where it has no quota."""
        return self.used_bytes / self.quota_bytes if self.quota_bytes else None


@dataclass(frozen=True)
class AliasRow:
    """One alias; ``is_wildcard``: ``%`` stands for any letters."""

    server_id: UUID
    domain: str
    address: str
    destinations: tuple[str, ...]
    is_wildcard: bool
    comment: str
    seen_at: datetime | None


@dataclass(frozen=True)
class MailServers:
    """Query: the mail servers that the scope sees."""

    scope: Scope
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> tuple[MailServerRow, ...]:
        there = (MailServer.server_id == Server.id, MailServer.state != "removed", Server.gone_at.is_(None))
        rows = select(MailServer, Server.name).join(Server, there[0]).where(*there[1:]).order_by(Server.name)
        domains = select(Domain.server_id, func.count()).where(Domain.gone_at.is_(None)).group_by(Domain.server_id)
        boxes = (
            select(Domain.server_id, func.count(Mailbox.address))
            .join(Mailbox, Mailbox.domain_id == Domain.id)
            .group_by(Domain.server_id)
        )
        with source.store.read(self.scope) as session:
            has_domains, has_boxes = (
                {key: int(count) for key, count in session.execute(counted)} for counted in (domains, boxes)
            )
            return tuple(
                MailServerRow(
                    server_id=row.server_id,
                    server=name,
                    state=row.state,
                    version=row.version,
                    host_name=row.host_name,
                    is_adopted=row.is_adopted,
                    sends=row.sends,
                    sends_note=row.sends_note,
                    certificate_kind=row.certificate_kind,
                    domains=has_domains.get(row.server_id, 0),
                    mailboxes=has_boxes.get(row.server_id, 0),
                    installed_at=row.installed_at,
                    seen_at=row.seen_at,
                    ports=tuple((row.settings or {}).get("ports", sorted(FIXED_PORTS))),
                    is_known=row.settings is not None,
                    has_webmail=(row.settings or {}).get("webmail", "none") != "none",
                    has_api=row.api_token_ref is not None,
                    has_admin=row.admin_ref is not None,
                    api_token_since=row.api_token_since or row.installed_at,
                    admin_since=row.admin_since or row.installed_at,
                    changed_by_hand=tuple(differing(row.files_accepted or {}, row.files_seen or {})),
                    files_stamp=stamp_of(row.files_seen or {}),
                )
                for row, name in session.execute(rows)
            )


@dataclass(frozen=True)
class Domains:
    """Query: the domains of the scope, on mail servers."""

    scope: Scope
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> tuple[DomainRow, ...]:
        """A few statements, however many domains there are."""
        has = select(Mailbox.domain_id, func.count(), func.sum(Mailbox.used_bytes)).group_by(Mailbox.domain_id)
        leads = select(MailAlias.domain_id, func.count()).group_by(MailAlias.domain_id)
        rows = select(Domain).where(Domain.gone_at.is_(None), Domain.server_id.is_not(None)).order_by(Domain.name)
        with source.store.read(self.scope) as session:
            boxes = {key: (int(count), int(used or 0)) for key, count, used in session.execute(has)}
            aliases = {key: int(count) for key, count in session.execute(leads)}
            found = list(session.scalars(rows))
        servers, workspaces = names_of(source)
        seen = seen_of(source)
        return tuple(
            DomainRow(
                id=row.id,
                server_id=row.server_id,
                server=servers.get(row.server_id, ""),
                name=row.name,
                workspace=workspaces.get(row.tenant_id, ""),
                mailboxes=boxes.get(row.id, (0, 0))[0],
                max_mailboxes=row.max_mailboxes,
                aliases=aliases.get(row.id, 0),
                max_aliases=row.max_aliases,
                used_bytes=boxes.get(row.id, (0, 0))[1],
                max_quota_bytes=row.max_quota_bytes,
                alternatives=tuple(row.alternatives),
                managers=tuple(row.managers),
                seen_at=seen.get(row.server_id),
            )
            for row in found
            if row.server_id is not None
        )


@dataclass(frozen=True)
class Mailboxes:
    """Query: the mailboxes of the scope, or of one domain."""

    scope: Scope
    domain: str = ""
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> tuple[MailboxRow, ...]:
        rows = select(*MAILBOX, Domain.name.label("domain"), Domain.server_id)
        rows = rows.join(Domain, Mailbox.domain_id == Domain.id)
        rows = rows.where(Domain.name == self.domain) if self.domain else rows
        seen = seen_of(source)
        with source.store.read(self.scope) as session:
            return tuple(
                MailboxRow(
                    server_id=row.server_id,
                    domain=row.domain,
                    address=row.address,
                    display_name=row.display_name,
                    used_bytes=row.used_bytes,
                    quota_bytes=row.quota_bytes,
                    is_enabled=row.is_enabled,
                    must_change_password=row.must_change_password,
                    is_admin=row.is_admin,
                    forwards_to=tuple(row.forwards_to) if row.is_forwarding else (),
                    keeps_copy=row.keeps_copy,
                    replies=row.replies,
                    reply_subject=row.reply_subject,
                    reply_body=row.reply_body,
                    comment=row.comment,
                    seen_at=seen.get(row.server_id),
                )
                for row in session.execute(rows.order_by(Mailbox.address))
            )


@dataclass(frozen=True)
class Aliases:
    """Query: the aliases of the scope, or of one domain."""

    scope: Scope
    domain: str = ""
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> tuple[AliasRow, ...]:
        rows = select(MailAlias, Domain.name, Domain.server_id).join(Domain, MailAlias.domain_id == Domain.id)
        rows = rows.where(Domain.name == self.domain) if self.domain else rows
        seen = seen_of(source)
        with source.store.read(self.scope) as session:
            return tuple(
                AliasRow(
                    server_id=server_id,
                    domain=domain,
                    address=row.address,
                    destinations=tuple(row.destinations),
                    is_wildcard=row.is_wildcard,
                    comment=row.comment,
                    seen_at=seen.get(server_id),
                )
                for row, domain, server_id in session.execute(rows.order_by(MailAlias.address))
            )


def names_of(source: Source) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """Of servers and workspaces, by their ids: names alone, which whoever sees a domain may see."""
    with source.store.read(ENGINE_SCOPE) as session:
        servers = dict(session.execute(select(Server.id, Server.name)).tuples().all())
        workspaces = dict(session.execute(select(Workspace.tenant_id, Workspace.name)).tuples().all())
    return servers, workspaces


def seen_of(source: Source) -> dict[UUID, datetime | None]:
    """When each mail server was last read, which whoever sees a domain there may know."""
    with source.store.read(ENGINE_SCOPE) as session:
        return dict(session.execute(select(MailServer.server_id, MailServer.seen_at)).tuples().all())
