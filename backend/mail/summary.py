"""What mail brings to the Overview: its servers with what is the matter, and the mailboxes that are nearly full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from backend.core.checks import SERVER
from backend.core.present.status import Status, status_of
from backend.fleet.verdicts import note_of, worst
from backend.mail.health.checks import MAIL_CHECKS
from backend.mail.queries import NEARLY_FULL, TOPICS, MailServerRow, MailServers
from backend.store.schema.mail import Mailbox
from backend.store.schema.observations import Check

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope, ScopedSession

COUNTED = frozenset(kind.key for kind in MAIL_CHECKS if kind.counts_for_health)


@dataclass(frozen=True)
class MailStanding:
    """One mail server; ``status`` is that of the worst of its mail checks, unknown where none was made."""

    row: MailServerRow
    status: Status
    note: str


@dataclass(frozen=True)
class NearlyFull:
    """A mailbox from :data:`backend.mail.queries.NEARLY_FULL` on; ``share`` is of its quota."""

    domain_id: UUID
    address: str
    share: float


@dataclass(frozen=True)
class MailSummaryRows:
    """``nearly_full`` holds the fullest, ``nearly_full_count`` how many there are in all."""

    servers: tuple[MailStanding, ...]
    nearly_full: tuple[NearlyFull, ...]
    nearly_full_count: int

    @property
    def domains(self) -> int:
        return sum(each.row.domains for each in self.servers)

    @property
    def mailboxes(self) -> int:
        return sum(each.row.mailboxes for each in self.servers)


@dataclass(frozen=True)
class MailSummary:
    """Query: six statements, whatever there is. Of the nearly full mailboxes the ``most`` fullest."""

    scope: Scope
    most: int = 12
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> MailSummaryRows:
        servers = MailServers(self.scope).run(source)
        share = Mailbox.used_bytes * 1.0 / Mailbox.quota_bytes
        is_full = (Mailbox.quota_bytes > 0, share >= NEARLY_FULL)
        rows = select(Mailbox.domain_id, Mailbox.address, share).where(*is_full)
        rows = rows.order_by(share.desc(), Mailbox.address).limit(self.most)
        with source.store.read(self.scope) as session:
            checks = _checks(session, [row.server_id for row in servers])
            fullest = tuple(NearlyFull(domain, address, float(of)) for domain, address, of in session.execute(rows))
            count = session.scalar(select(func.count(Mailbox.address)).where(*is_full)) or 0
        return MailSummaryRows(tuple(_standing(row, checks.get(row.server_id, ())) for row in servers), fullest, count)


def _checks(session: ScopedSession, servers: Sequence[UUID]) -> Mapping[UUID, Sequence[Check]]:
    found: dict[UUID, list[Check]] = {}
    asked = select(Check).where(Check.subject_kind == SERVER, Check.check_key.in_(COUNTED))
    for row in session.scalars(asked.where(Check.subject_id.in_(servers))):
        found.setdefault(row.subject_id, []).append(row)
    return found


def _standing(row: MailServerRow, checks: Sequence[Check]) -> MailStanding:
    """Of one that does not run its checks say nothing of now."""
    said = worst(checks) if row.state == "running" else None
    if said is None:
        status = Status.WAITING if row.state in ("installing", "upgrading") else Status.UNKNOWN
        return MailStanding(row, status, "" if row.state == "running" else row.state_said)
    return MailStanding(row, status_of(said.verdict), note_of(said, said.named_as).text())
