"""How mail servers are set up, as pages and the command line show it; from rows, also offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.engine.payload import from_plain
from backend.mailu.settings import MailSettings
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer

if TYPE_CHECKING:
    from backend.store.query import Source
    from backend.store.scope import Scope


@dataclass(frozen=True)
class MailSettingsRow:
    """How one mail server is set up. ``settings`` None: it was adopted, and what it was set up with was never read.

    ``certificate_kind`` is self_signed or authority; no secret is in here, only where one lies.
    """

    server_id: UUID
    server: str
    state: str
    version: str
    is_adopted: bool
    sends: str
    sends_note: str
    certificate_kind: str
    installed_at: datetime | None
    settings: MailSettings | None


@dataclass(frozen=True)
class MailServerSettings:
    """Query: the settings of one server's mail server; None where it has none."""

    scope: Scope
    server_id: UUID
    topics: ClassVar[tuple[str, ...]] = ("mail", "servers")

    def run(self, source: Source) -> MailSettingsRow | None:
        """:raises Refused: a newer program set it up."""
        asked = (
            select(MailServer, Server.name)
            .join(Server, MailServer.server_id == Server.id)
            .where(MailServer.server_id == self.server_id, MailServer.state != "removed", Server.gone_at.is_(None))
        )
        with source.store.read(self.scope) as session:
            found = session.execute(asked).first()
        if found is None:
            return None
        row, name = found
        return MailSettingsRow(
            server_id=row.server_id,
            server=name,
            state=row.state,
            version=row.version,
            is_adopted=row.is_adopted,
            sends=row.sends,
            sends_note=row.sends_note,
            certificate_kind=row.certificate_kind,
            installed_at=row.installed_at,
            settings=from_plain(MailSettings, row.settings) if row.settings is not None else None,
        )
