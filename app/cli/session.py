"""One command's way to the installation: reads at once; for a change it asks the engine, or becomes it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from app.cli.options import Options
from app.cli.output import Exit, give_up_on, tell
from backend.core.errors import MailyardError, Refused, SecretStoreLocked, StoreError, StoreTooNew

if TYPE_CHECKING:
    from types import FrameType

    from backend.bootstrap import Installation
    from backend.core.paths import DataFolder
    from backend.core.secrets.values import Secret
    from backend.engine.presence import Presence
    from backend.engine.queries import JobDetail, WishFate
    from backend.store.query import Query
    from backend.store.scope import Scope

T = TypeVar("T")

READY_S, LOOK_EVERY_S = 15.0, 0.2
ROLE = "command"


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

    def wish(self, kind: str, payload: Mapping[str, Any]) -> UUID:
        """Write a wish for the agency; the job's id."""
        from backend.engine.wishes import Wish
        from backend.store.scope import AGENCY

        client = self.installation.client
        return client.submit_now(Wish(AGENCY, kind, dict(payload), client.author))

    def detail(self, job_id: UUID) -> JobDetail | None:
        from backend.engine.queries import JobDetails

        return self.ask(JobDetails(agency(), job_id, self.installation.kinds))

    def fate(self, wish_id: UUID) -> WishFate:
        """What became of a wish."""
        from backend.engine.queries import Fate

        return self.ask(Fate(agency(), wish_id))

    def presence(self) -> Presence:
        """Who the engine is now."""
        from backend.engine.presence import EnginePresence

        return self.ask(EnginePresence(self.installation.lock, self.installation.folder.engine_lock))

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
        _bring_up_to_date(session.installation)
        yield session


@contextmanager
def changing(options: Options) -> Iterator[CommandSession]:
    """For commands that write a wish; they :meth:`CommandSession.engage` or follow afterwards."""
    with reading(options) as session:
        yield session
        _tell_what_is_left(session)


@contextmanager
def opened(options: Options) -> Iterator[CommandSession]:
    """An installation for one command, with its log; errors end the command in words."""
    from backend.core.log import start_logging

    try:
        options.folder.prepare()
        start_logging(options.folder.logs, name="command")  # to the end of the process: what ends it is logged too
        installation = _installation(options)
        try:
            yield CommandSession(installation, options)
        finally:
            with _undisturbed():
                installation.close()
    except StoreError as error:
        give_up_on(error, Exit.NO_STORE)
    except SecretStoreLocked as error:
        give_up_on(error, Exit.LOCKED)
    except Refused as error:
        give_up_on(error, Exit.REFUSED)
    except MailyardError as error:
        give_up_on(error)


def agency() -> Scope:
    """The scope commands act and read in."""
    from backend.store.scope import AGENCY, Scope

    return Scope.of(AGENCY)


def known_revisions() -> list[str]:
    """The revisions of the database this program knows; it makes the first."""
    from alembic.script import ScriptDirectory

    from backend.store.migrate import MIGRATIONS

    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def _installation(options: Options) -> Installation:
    from backend.bootstrap import Choices, Installation

    folder: DataFolder = options.folder

    def passphrase() -> Secret | None:
        return options.passphrase.get(is_new=not folder.sealed_secrets.exists())

    return Installation(folder, Choices(database_url=options.database_url, ask_passphrase=passphrase))


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
                "The database is of another version of Mailyard than this command.",
                remedy="Use the program that runs as the engine, or end that one first.",
            )
        time.sleep(LOOK_EVERY_S)


def _tell_what_is_left(session: CommandSession) -> None:
    """An engine that lets go says what it leaves to the next one."""
    from backend.engine.queries import ActivityCounts

    if session.is_engine and (running := session.ask(ActivityCounts(agency())).running):
        tell(f"{running} jobs are under way: the next engine goes on with them (the console, or mailyard engine run).")


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
