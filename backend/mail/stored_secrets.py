"""Which secrets of mail servers may be read again, and are needed: the administrator's, the API's, the smart host's."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from backend.core.present.text import N_
from backend.engine.payload import from_plain
from backend.feature import NeededSecret, StoredSecret
from backend.mailu.settings import MailSettings
from backend.store.schema.mail import MailServer
from backend.store.scope import ScopedSession

ON_SERVER = N_("It is on the mail server {name} too, where Mailyard reaches it by the SSH login key alone.")


def stored_secrets(session: ScopedSession) -> Iterator[StoredSecret]:
    """Those of each mail server that is there; what Mailu signs its sessions with is of no use to anybody."""
    for server in session.scalars(select(MailServer).where(MailServer.state != "removed")):
        relay = from_plain(MailSettings, server.settings).smart_host if server.settings else None
        for ref, title in (
            (server.admin_ref, N_("Administrator's password")),
            (server.api_token_ref, N_("Token of the mail server's API")),
            (relay.password_ref if relay is not None else "", N_("Password of the smart host")),
        ):
            if ref:
                yield StoredSecret(ref, title, server.host_name)


def needed_secrets(session: ScopedSession) -> Iterator[NeededSecret]:
    """The same ones."""
    for each in stored_secrets(session):
        yield NeededSecret(each.ref, each.title, each.about, ON_SERVER)
