"""What somebody changed by hand is kept as it is: a setting, since nothing on the server changes."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.settings import Setting
from backend.mail.files.digests import differing, stamp_of
from backend.mail.requests import KeepFiles
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY

if TYPE_CHECKING:
    from backend.store.scope import ScopedSession


def keep(session: ScopedSession, request: KeepFiles, _now: datetime) -> str:
    """:raises Refused: nothing was changed, or something else than was shown."""
    row = session.get(MailServer, (AGENCY, request.server_id))
    server = session.get(Server, (AGENCY, request.server_id))
    if row is None or server is None or not differing(row.files_accepted or {}, row.files_seen or {}):
        raise Refused(_("Nobody changed the files of this mail server by hand."))
    if stamp_of(row.files_seen or {}) != request.stamp:
        raise Refused(
            _("Somebody changed the files of the mail server meanwhile."),
            remedy=_("Look at what differs now, then decide anew."),
        )
    row.files_accepted = row.files_seen
    return server.name


SETTING = Setting(KeepFiles, keep)
