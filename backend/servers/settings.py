"""What people write of a server: tags, a note, maintenance. Settings, not jobs: nothing outside changes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Literal

from backend.core.errors import Refused
from backend.core.present.text import N_, _
from backend.engine.settings import AnySetting, Setting
from backend.fleet.history import note_event
from backend.fleet.requests import HasServer
from backend.servers.requests import MaintainServer, NoteServer, TagServer
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ScopedSession

MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 20, 40, 4000
LONGEST_MAINTENANCE = timedelta(days=30)

MaintenanceChange = Literal["begin", "prolong", "shorten", "end"]
EVENTS: Mapping[MaintenanceChange, str] = {
    "begin": N_("Maintenance began"),
    "prolong": N_("Maintenance extended"),
    "shorten": N_("Maintenance shortened"),
    "end": N_("Maintenance ended"),
}


def tag(session: ScopedSession, request: TagServer, _now: datetime) -> str:
    """:raises Refused: too many, or too long ones."""
    server = _server(session, request)
    tags = sorted((set(server.tags) | set(request.add)) - set(request.remove))
    if len(tags) > MOST_TAGS or any(len(each) > LONGEST_TAG for each in tags):
        words = _("A server can have at most {most} tags of at most {letters} characters each.")
        raise Refused(words.format(most=MOST_TAGS, letters=LONGEST_TAG))
    if tags != server.tags:
        server.tags = tags
    return server.name


def note(session: ScopedSession, request: NoteServer, _now: datetime) -> str:
    """:raises Refused: it is too long."""
    server = _server(session, request)
    if len(request.note) > LONGEST_NOTE:
        raise Refused(_("A note has at most {n} characters.").format(n=LONGEST_NOTE))
    server.note = request.note
    return server.name


def maintain(session: ScopedSession, request: MaintainServer, now: datetime) -> str:
    """:raises Refused: its end has passed, or is too far away to be meant."""
    server, until = _server(session, request), request.until
    if until is not None and until <= now:
        raise Refused(_("That time has passed."), remedy=_("Choose an end in the future."))
    if until is not None and until - now > LONGEST_MAINTENANCE:
        raise Refused(_("Maintenance lasts at most {n} days.").format(n=LONGEST_MAINTENANCE.days))
    before = server.maintenance_until
    if until != before:
        server.maintenance_until = until
        note_event(session, server.id, now, "maintenance", _(EVENTS[maintenance_change(before, until)]))
    return server.name


def maintenance_change(before: datetime | None, until: datetime | None) -> MaintenanceChange:
    """What another end makes of a maintenance; None: there is none."""
    if until is None:
        return "end"
    if before is None:
        return "begin"
    return "prolong" if until > before else "shorten"


SETTINGS: tuple[AnySetting, ...] = (
    Setting(TagServer, tag),
    Setting(NoteServer, note),
    Setting(MaintainServer, maintain),
)


def _server(session: ScopedSession, request: HasServer) -> Server:
    server = session.get(Server, (AGENCY, request.server_id))
    if server is None or server.gone_at is not None:
        raise Refused(_("This server no longer exists."))
    return server
