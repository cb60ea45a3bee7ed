"""One command's way to the installation: reads at once; for a change it asks the engine, or becomes it."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from app.cli.options import Options
from app.cli.output import Exit, give_up, give_up_on, tell
from backend.core.errors import MailyardError, NoHomeFolder, Refused, SecretStoreLocked, StoreError, StoreTooNew
from backend.core.present.text import ngettext

if TYPE_CHECKING:
    from types import FrameType

    from backend.bootstrap import Installation
    from backend.core.paths import DataFolder
    from backend.core.secrets.values import Secret
    from backend.demo_installation import Demo
    from backend.engine.lock import Holder
    from backend.engine.payload import Request
    from backend.engine.presence import Presence
    from backend.engine.queries import JobDetail, RequestOutcome
    from backend.store.query import Query
    from backend.store.scope import Scope

T = TypeVar("T")

READY_S, LOOK_EVERY_S = 15.0, 0.2
DEMO_S = 60.0  # as long as a window may take to write a demo's past
ROLE = "command"

log = logging.getLogger(__name__)


class CommandSession:
    """An open installation for one command, in the command's main thread."""

    def __init__(self, installation: Installation, options: Options) -> None:
        self.installation = installation
        self.options = options

    @property
    def is_engine(self) -> bool:
        return self.installation.engine is not None

    def ask(self, query: Query[T]) -> T:
        """A query's answer, now."""
        from backend.store.query import Source

        source = Source(self.installation.store, self.installation.metrics, self.installation.clock.now())
        return query.run(source)

    def request(self, request: Request) -> UUID:
        """Write a request for the agency; the job's id."""
        from backend.store.scope import AGENCY

        return self.installation.client.submit_now(AGENCY, request)

    def detail(self, job_id: UUID) -> JobDetail | None:
        from backend.engine.queries import JobDetails

        return self.ask(JobDetails(agency(), job_id, self.installation.kinds))

    def outcome(self, request_id: UUID) -> RequestOutcome:
        """What became of a request."""
        from backend.engine.queries import RequestOutcomes

        return self.ask(RequestOutcomes(agency(), request_id))

    def presence(self) -> Presence:
        """Who the engine is now."""
        from backend.engine.presence import EnginePresence

        return self.ask(EnginePresence(self.installation.lock))

    def be_able(self) -> None:
        """Before anything is written: where nobody is the engine, this process must be able to be it.

        :raises SecretStoreLocked: it could not read a single token.
        """
        if not self.presence().is_alive:
            self.open_secrets()

    def engage(self) -> bool:
        """Become the engine when nobody is; whether this process is it now.

        :raises SecretStoreLocked: it could not read a single token.
        """
        if self.is_engine or self.presence().is_alive:
            return self.is_engine
        self.open_secrets()  # before the lock is taken: a person may have to be asked first
        return self.installation.become_engine(ROLE)

    def open_secrets(self) -> None:
        """Prove that the secret store opens, where there is one.

        :raises SecretStoreLocked: it does not.
        """
        if self.installation.secrets.exists:
            self.installation.secrets.references()


@contextmanager
def reading(options: Options) -> Iterator[CommandSession]:
    """For commands that only read. An empty folder reads as an empty installation."""
    with opened(options) as session:
        _check(session.installation)
        _bring_up_to_date(session.installation)
        yield session


@contextmanager
def changing(options: Options) -> Iterator[CommandSession]:
    """For commands that write a request; they :meth:`CommandSession.engage` or follow afterwards."""
    with reading(options) as session:
        yield session
        _tell_what_is_left(session)


@contextmanager
def opened(options: Options, *, demo: Demo | None = None, log_name: str = "command") -> Iterator[CommandSession]:
    """An installation for one command, with its log; errors end the command in words. Of a demo, its clouds beside."""
    from backend.core.log import start_logging

    folder = _named_folder(options)
    try:
        stood_open = folder.prepare()
        start_logging(folder.logs, name=log_name)  # to the end of the process: what ends it is logged too
        if stood_open:
            _warn_of_open_folder(folder)
        installation = _installation(options) if demo is None else demo.open(wait_s=DEMO_S)
        try:
            yield CommandSession(installation, options)
        finally:
            with _undisturbed():
                installation.close()
                if demo is not None:
                    demo.close()
    except StoreError as error:
        give_up_on(_located(error, folder), Exit.NO_STORE)
    except SecretStoreLocked as error:
        give_up_on(error, Exit.LOCKED)
    except Refused as error:
        give_up_on(error, Exit.REFUSED)
    except MailyardError as error:
        give_up_on(error)


def _named_folder(options: Options) -> DataFolder:
    """The folder; ends the command where there is neither one that was named nor a home for the default one."""
    try:
        return options.folder
    except NoHomeFolder as error:
        give_up_on(error, Exit.NO_STORE)


def _warn_of_open_folder(folder: DataFolder) -> None:
    from backend.core.paths import was_open

    log.warning("The data folder stood open to other users")
    tell(was_open(folder).sentence())


def agency() -> Scope:
    """The scope commands act and read in."""
    from backend.store.scope import AGENCY, Scope

    return Scope.of(AGENCY)


def scope_of(session: CommandSession, workspace: str) -> Scope:
    """The scope of the client with this name or id, the agency's where none is named; ends the command without it."""
    from backend.store.scope import Scope
    from backend.workspaces.queries import Workspaces

    if not workspace:
        return agency()
    rows = session.ask(Workspaces())
    found = [row.id for row in rows if workspace.casefold() in (row.name.casefold(), str(row.id))]
    if not found:
        give_up(Exit.NOT_FOUND, f"There is no workspace named {workspace}: {', '.join(row.name for row in rows)}.")
    return Scope.of(*found)


def client_id(session: CommandSession, name: str) -> UUID:
    """The id of the workspace with this name or id; ends the command without it."""
    found = scope_of(session, name).workspaces
    if len(found) > 1:
        give_up(Exit.USAGE, f"More than one workspace is named {name}: give its id.")
    return next(iter(found))


def everybody(session: CommandSession) -> Scope:
    """The agency and all its clients."""
    from backend.store.scope import AGENCY, Scope
    from backend.workspaces.queries import Workspaces

    return Scope.of(AGENCY, *(row.id for row in session.ask(Workspaces())))


def described(holder: Holder) -> str:
    """The process that is the engine, and the machine where it is another one."""
    return f"the {holder.role or 'other one'}, {process(holder)}"


def process(holder: Holder) -> str:
    """Its process, where it said which it is, and the machine where it is another one."""
    return f"process {holder.pid}{place(holder)}" if holder.is_known else "a process that left no note"


def place(holder: Holder) -> str:
    """The machine of the engine, where it is another one."""
    return f" on {holder.host}" if holder.is_elsewhere else ""


def known_revisions() -> list[str]:
    """The revisions of the database this program knows; it makes the first."""
    from alembic.script import ScriptDirectory

    from backend.store.migrate import MIGRATIONS

    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def _installation(options: Options) -> Installation:
    from backend.bootstrap import Installation
    from backend.choices import Choices

    folder: DataFolder = options.folder

    def passphrase() -> Secret | None:
        return options.passphrase.get(is_new=not folder.sealed_secrets.exists())

    source = options.passphrase
    return Installation(
        folder,
        Choices(
            database_url=options.database_url,
            ask_passphrase=passphrase,
            handed_key=lambda: source.handed,
            key_found=lambda _key: source.drop(),
        ),
    )


def _check(installation: Installation) -> None:
    """A damaged file gives wrong rows, or errors nobody foresaw: it is found before anything is read."""
    from backend.store.integrity import check_quickly

    check_quickly(installation.store.address.files)


def _located(error: StoreError, folder: DataFolder) -> StoreError:
    from backend.store.database import StoreAddress
    from backend.store.integrity import located

    return located(error, StoreAddress.in_folder(folder).files)


def _bring_up_to_date(installation: Installation) -> None:
    """A new database is made and an older one brought up to date before it is read, by whoever holds the lock."""
    from backend.store.migrate import current_revision

    end, newest = time.monotonic() + READY_S, known_revisions()[0]
    while current_revision(installation.store) != newest:
        if installation.lock.take(ROLE, installation.clock.now()):
            try:
                return installation.prepare_store()
            finally:
                installation.lock.release()
        if time.monotonic() > end:
            raise StoreTooNew(
                "The database belongs to another version of Mailyard than this command.",
                remedy="Use the program that runs as the engine, or stop that engine first.",
            )
        time.sleep(LOOK_EVERY_S)


def _tell_what_is_left(session: CommandSession) -> None:
    """An engine that lets go says what it leaves to the next one."""
    from backend.engine.queries import ActivityCounts

    if session.is_engine and (running := session.ask(ActivityCounts(agency())).running):
        words = ngettext(
            "{n} job is under way: the next engine continues it (the console, or mailyard engine run).",
            "{n} jobs are under way: the next engine continues them (the console, or mailyard engine run).",
            running,
        )
        tell(words.format(n=running))


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl+C must not cut the closing short, which is bounded anyway."""

    def ignore(_number: int, _frame: FrameType | None) -> None:
        return None

    before = {number: signal.signal(number, ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
