"""The row of a mail server that was adopted."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.present.text import _
from backend.engine.payload import to_plain
from backend.fleet.history import note_event
from backend.mail.refs import token_ref
from backend.mail.sending.ways import way_out
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.mail.adopt.finding import MailFound


def note_adopted(ctx: StepContext[object], server_id: UUID, found: MailFound, *, has_api: bool) -> None:
    """What was found is what is known of it from now on; domains come with the next reading. May be repeated."""
    with ctx.store.write(ENGINE_SCOPE) as session:
        row = session.get(MailServer, (AGENCY, server_id))
        if row is None:
            row = MailServer(tenant_id=AGENCY, server_id=server_id)
            session.add(row)
        is_known = row.state in ("running", "stopped")
        row.state, row.is_adopted = "running" if found.is_running else "stopped", True
        row.version, row.host_name = found.mailu_version, found.settings.host_name
        row.settings = to_plain(found.settings)
        row.project, row.files = found.project, list(found.files)
        row.env_file, row.root = found.env_file, found.root
        row.api_token_ref = token_ref(server_id).path if has_api else None
        row.api_token_since = row.api_token_since or ctx.now()
        row.admin_ref, row.certificate, row.certificate_kind = None, "", found.certificate_kind
        row.sends, row.sends_note = way_out({}, found.settings)
        said = _("Mail server: its settings were noted anew") if is_known else _("Mail server Mailu {version} adopted")
        note_event(session, server_id, ctx.now(), "mail", said.format(version=row.version), job_id=ctx.job.id)
