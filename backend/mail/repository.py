"""The rows that jobs on mail servers write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from uuid import UUID

from backend.core.present.text import _
from backend.engine.payload import to_plain
from backend.fleet.history import note_event
from backend.mail import ownership
from backend.mail.refs import admin_ref, token_ref
from backend.mailu.files import COMPOSE_PATH, ENV_PATH
from backend.mailu.services import PROJECT, ROOT
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from datetime import datetime

    from backend.engine.context import StepContext
    from backend.mailu.settings import MailSettings
    from backend.store.database import Store

#: What Mailyard renews of a mail server, as its columns begin.
MailSecret = Literal["admin", "api_token"]


class MailRepository:
    """Each method is one transaction and may be repeated. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def begun(self, server_id: UUID, settings: MailSettings, certificate: str) -> None:
        """The files are about to be written: from here on the server has a mail server, however far it comes."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(MailServer, (AGENCY, server_id))
            if row is None:
                row = MailServer(tenant_id=AGENCY, server_id=server_id)
                session.add(row)
            row.project, row.files, row.env_file, row.root = PROJECT, [COMPOSE_PATH], ENV_PATH, ROOT
            row.state, row.is_adopted, row.version = "installing", False, settings.mailu_version
            row.host_name, row.settings = settings.host_name, to_plain(settings)
            row.api_token_ref, row.admin_ref = token_ref(server_id).path, admin_ref(server_id).path
            row.api_token_since = row.admin_since = None
            row.certificate, row.certificate_kind = certificate, "self_signed"
            row.files_accepted, row.files_seen, row.files_before, row.files_job = None, None, None, None

    def sends(self, server_id: UUID, how: str, note: str) -> None:
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            row.sends, row.sends_note = how, note

    def has_settings(self, server_id: UUID, settings: MailSettings) -> None:
        """These are in force now."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            row.settings, row.version = to_plain(settings), settings.mailu_version

    def renewed(self, server_id: UUID, what: MailSecret, at: datetime) -> None:
        """It is another one since then."""
        with self._store.write(ENGINE_SCOPE) as session:
            setattr(session.get_one(MailServer, (AGENCY, server_id)), f"{what}_since", at)

    def sends_through(self, server_id: UUID, settings: MailSettings, how: str, note: str) -> None:
        """These settings are in force now."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            row.settings, row.sends, row.sends_note = to_plain(settings), how, note

    def running(self, ctx: StepContext[object], server_id: UUID, domain: str, client: UUID) -> None:
        """It proved itself; its first domain is the client's."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            claimed = ownership.claim(session, server_id, domain, client, ctx.now())
            claimed.gone_at, claimed.seen_at = None, ctx.now()
            if row.state != "running":
                row.state, row.installed_at, row.seen_at = "running", ctx.now(), ctx.now()
                words = _("Mail server Mailu {version} installed").format(version=row.version)
                note_event(session, server_id, ctx.now(), "mail", words, job_id=ctx.job.id)

    def stands(self, server_id: UUID, state: str) -> None:
        """Whether it runs; what is not *running* is not looked at by the checks."""
        with self._store.write(ENGINE_SCOPE) as session:
            session.get_one(MailServer, (AGENCY, server_id)).state = state

    def has_version(self, server_id: UUID, version: str) -> None:
        """What its files name, whoever wrote it there."""
        with self._store.write(ENGINE_SCOPE) as session:
            _set_version(session.get_one(MailServer, (AGENCY, server_id)), version)

    def upgraded(self, ctx: StepContext[object], server_id: UUID, version: str, words: str) -> None:
        """It proved itself; ``words`` are for the server's timeline."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            if row.version != version:
                note_event(session, server_id, ctx.now(), "mail", words, job_id=ctx.job.id)
            row.state = "running"
            _set_version(row, version)

    def removed(self, server_id: UUID) -> None:
        """Rolled back: nothing of it is left on the server."""
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(MailServer, (AGENCY, server_id))
            if row is not None:
                row.state = "removed"


def _set_version(row: MailServer, version: str) -> None:
    row.version = version
    if row.settings is not None:
        row.settings = {**row.settings, "mailu_version": version}
