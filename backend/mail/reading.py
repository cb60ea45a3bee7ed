"""ReadAllMailJob: every hour, what the mail servers have, so that pages are right about what was changed elsewhere,
and whether somebody changed their files.

The walk of its data: schedule -> job -> Mailu's API -> rows ``domain``, ``mailbox``, ``mail_alias``,
``app_token``, ``mail_relay`` -> topic *domains*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from sqlalchemy import select

from backend.core.errors import Cancelled, MailyardError, Refused
from backend.core.present.text import N_, _, ngettext
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome
from backend.engine.scheduler import Interval, repeating
from backend.mail.files.watch import look_again, watched
from backend.mail.requests import ReadAllMail
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailAccess
    from backend.mail.contents import MailContents
    from backend.store.schema.operations import Schedule
    from backend.store.scope import ScopedSession

    Act = Callable[[StepContext[ReadAllMail], UUID], None]

HOUR_S = 3_600
EVERY = Interval(HOUR_S, grace_s=24 * HOUR_S)


class ReadAllMailJob:
    """A :class:`backend.engine.jobs.JobKind`. One server after the other; of one that does not answer what was known
    stays, with its age. Stateless, thread-safe.
    """

    request: ClassVar[type[ReadAllMail]] = ReadAllMail
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Read all mail servers")
    priority: ClassVar[int] = 60
    owner: ClassVar[Owner] = "agency"

    def __init__(self, servers: ServerAccess, access: MailAccess, contents: MailContents) -> None:
        self._servers = servers
        self._access = access
        self._contents = contents

    def accept(self, session: ScopedSession, _request: ReadAllMail) -> Accepted:
        if not _running(session) and not watched(session):
            raise Refused(_("No mail server runs."))
        return Accepted(lane="mail:all", about="")

    def steps(self, _request: ReadAllMail) -> Sequence[Step[ReadAllMail]]:
        return (
            Step("read", N_("Read what each mail server has"), self._read, 10, "server"),
            Step("files", N_("See whether somebody changed its files"), self._look, 5, "server"),
        )

    def _read(self, ctx: StepContext[ReadAllMail]) -> StepOutcome:
        with ctx.store.read(ENGINE_SCOPE) as session:
            servers = _running(session)
        silent = self._each(ctx, servers, self._read_one)
        words = ngettext("{count} mail server read", "{count} mail servers read", len(servers) - silent)
        return Done(_told(words.format(count=len(servers) - silent), silent))

    def _look(self, ctx: StepContext[ReadAllMail]) -> StepOutcome:
        with ctx.store.read(ENGINE_SCOPE) as session:
            servers = watched(session)
        silent = self._each(ctx, servers, self._look_at_one)
        words = ngettext(
            "files of {count} mail server read", "files of {count} mail servers read", len(servers) - silent
        )
        return Done(_told(words.format(count=len(servers) - silent), silent))

    def _each(self, ctx: StepContext[ReadAllMail], servers: Sequence[tuple[UUID, str]], do: Act) -> int:
        """How many did not answer."""
        silent = 0
        for number, (server_id, name) in enumerate(servers):
            ctx.stop_if_cancelled()
            ctx.count(number, len(servers), name)
            try:
                do(ctx, server_id)
            except Cancelled:
                raise
            except MailyardError as error:
                silent += 1
                ctx.say(f"{name}: {error.sentence()}", level="warning")
        return silent

    def _look_at_one(self, ctx: StepContext[ReadAllMail], server_id: UUID) -> None:
        with self._servers.session(server_id, stop=ctx.is_cancelled) as ssh:
            look_again(ctx.store, ssh, server_id)

    def _read_one(self, ctx: StepContext[ReadAllMail], server_id: UUID) -> None:
        begun = ctx.now()
        with self._access.open(server_id, stop=ctx.is_cancelled) as mailu:
            told = self._contents.read(mailu.api)
        self._contents.keep(server_id, told, ctx.now(), begun=begun)


def _told(read: str, silent: int) -> str:
    unread = ngettext("{n} does not answer", "{n} do not answer", silent).format(n=silent)
    return _("{one}, {other}").format(one=read, other=unread) if silent else read


def hourly(now: datetime) -> Schedule:
    """When mail servers are read by themselves; an hour missed is caught up once."""
    return repeating(ReadAllMail(), EVERY, now + timedelta(seconds=HOUR_S))


def _running(session: ScopedSession) -> Sequence[tuple[UUID, str]]:
    """The mail servers that can be asked, with their names, in order."""
    rows = (
        select(MailServer.server_id, Server.name)
        .join(Server, MailServer.server_id == Server.id)
        .where(MailServer.state == "running", MailServer.api_token_ref.is_not(None), Server.gone_at.is_(None))
        .order_by(Server.name)
    )
    return session.execute(rows).tuples().all()
