"""App tokens of mailboxes, and the sealed secret of one that was just made; from rows, also offline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.engine.payload import from_plain
from backend.mail.queries import TOPICS
from backend.mail.requests import NewToken
from backend.store.schema.mail import AppToken, Domain
from backend.store.schema.operations import JobStep

if TYPE_CHECKING:
    from datetime import date

    from backend.store.query import Source
    from backend.store.scope import Scope

#: The step of its job that a token is made in.
MAKE = "make"


@dataclass(frozen=True)
class AppTokenRow:
    """One app token; ``networks`` empty: it may be used from anywhere. When it was last used Mailu does not keep."""

    server_id: UUID
    address: str
    token_id: str
    comment: str
    networks: tuple[str, ...]
    created_on: date | None


@dataclass(frozen=True)
class AppTokens:
    """Query: the app tokens of the scope, of one domain or of one mailbox."""

    scope: Scope
    domain: str = ""
    address: str = ""
    topics: ClassVar[tuple[str, ...]] = TOPICS

    def run(self, source: Source) -> tuple[AppTokenRow, ...]:
        rows = select(AppToken, Domain.server_id).join(Domain, AppToken.domain_id == Domain.id)
        rows = rows.where(Domain.name == self.domain) if self.domain else rows
        rows = rows.where(AppToken.address == self.address) if self.address else rows
        with source.store.read(self.scope) as session:
            return tuple(
                AppTokenRow(
                    server_id=server_id,
                    address=row.address,
                    token_id=row.token_id,
                    comment=row.comment,
                    networks=tuple(row.networks),
                    created_on=row.created_on,
                )
                for row, server_id in session.execute(rows.order_by(AppToken.address, AppToken.created_on))
            )


@dataclass(frozen=True)
class MadeToken:
    """Query: what a job that makes an app token left, None: nothing yet."""

    scope: Scope
    job_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("jobs",)

    def run(self, source: Source) -> NewToken | None:
        asked = select(JobStep.result).where(JobStep.job_id == self.job_id, JobStep.key == MAKE)
        with source.store.read(self.scope) as session:
            left = session.scalars(asked).first()
        return from_plain(NewToken, left) if left else None
