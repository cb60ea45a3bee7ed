"""Mail servers of others that are asked whether port 25 is open: a setting of the agency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import select

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.engine.settings import Setting
from backend.mail.requests import SetOutside
from backend.mailu.settings import check_name
from backend.store.schema.mail import MailServer
from backend.store.schema.operations import SettingRow
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.store.database import Store
    from backend.store.query import Source
    from backend.store.scope import ScopedSession

#: Of two providers, so that one's trouble says nothing.
OUTSIDE = ("gmail-smtp-in.l.google.com", "outlook-com.olc.protection.outlook.com")
MOST = 5  # each is waited for
KEY = (AGENCY, SetOutside.kind)


class OutsideServers:
    """Their names as they are now; ``default`` while nobody chose others. Thread-safe."""

    def __init__(self, store: Store, default: Sequence[str]) -> None:
        self._store = store
        self._default = default

    def __call__(self) -> Sequence[str]:
        with self._store.read(ENGINE_SCOPE) as session:
            return _chosen(session) or self._default


@dataclass(frozen=True)
class OutsideRow:
    """``is_default``: nobody chose others than those that come with the program."""

    names: tuple[str, ...]
    is_default: bool


@dataclass(frozen=True)
class ChosenOutside:
    """Query: the mail servers of others, as a person may choose them."""

    topics: ClassVar[tuple[str, ...]] = ("settings",)

    def run(self, source: Source) -> OutsideRow:
        with source.store.read(ENGINE_SCOPE) as session:
            chosen = _chosen(session)
        return OutsideRow(tuple(chosen or OUTSIDE), not chosen)


def set_outside(session: ScopedSession, request: SetOutside, _now: datetime) -> None:
    """:raises Refused: too many, no name of a host, or one of our own."""
    if len(request.names) > MOST:
        raise Refused(_("At most {most} outside mail servers are asked.").format(most=MOST))
    for name in request.names:
        check_name(name)
    ours = select(MailServer.host_name).where(MailServer.host_name.in_(request.names), MailServer.state != "removed")
    own = session.scalars(ours).first()
    if own is not None:
        raise Refused(
            _("{name} is a mail server of your own.").format(name=own),
            remedy=_("Name one of somebody else, e.g. the MX of a large provider."),
        )
    row = session.get(SettingRow, KEY)
    if row is not None and not request.names:
        session.delete(row)
    elif row is not None:
        row.value = list(request.names)
    elif request.names:
        session.add(SettingRow(tenant_id=AGENCY, key=SetOutside.kind, value=list(request.names)))


SETTING = Setting(SetOutside, set_outside)


def _chosen(session: ScopedSession) -> Sequence[str]:
    """Empty: nobody chose."""
    row = session.get(SettingRow, KEY)
    return tuple(row.value) if row is not None else ()
