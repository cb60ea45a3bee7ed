"""One command's way to the installation: reads at once; for a change it asks the engine, or becomes it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import typer

from app.cli.output import Exit, give_up, give_up_on
from backend.core.errors import MailyardError, StoreError
from backend.core.paths import DataFolder, default_data_folder
from backend.core.secrets.values import Secret

if TYPE_CHECKING:
    from backend.bootstrap import Installation
    from backend.engine.queries import JobDetail
    from backend.store.query import Query

T = TypeVar("T")

LOOK_EVERY_S = 0.2


@dataclass(frozen=True)
class Options:
    """What every command shares."""

    data_dir: Path | None = None
    passphrase_fd: int | None = None
    database_url: str | None = None

    @property
    def folder(self) -> DataFolder:
        return DataFolder(self.data_dir or default_data_folder())


class CommandSession:
    """An open installation for one command."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def ask(self, query: Query[T]) -> T:
        """A query's answer, now."""
        from backend.store.query import Source

        source = Source(self.installation.store, self.installation.metrics, self.installation.clock.now())
        return query.run(source)

    def wish(self, kind: str, payload: dict[str, Any]) -> UUID:
        """Write a wish for the agency; the job's id."""
        from backend.engine.wishes import Wish
        from backend.store.scope import AGENCY

        client = self.installation.client
        return client.submit_now(Wish(AGENCY, kind, payload, client.author))

    def follow(self, job_id: UUID) -> JobDetail:
        """Print each step as it ends, until the job ends or waits for a person; ends the command on a refusal."""
        from backend.engine.queries import Fate, is_ended

        told = 0
        while True:
            refusal = self.ask(Fate(_agency(), job_id)).refusal
            if refusal:
                give_up(Exit.REFUSED, refusal)
            detail = self.detail(job_id)
            if detail is not None:
                done = [step for step in detail.steps if step.state in ("done", "undone", "failed")]
                for step in done[told:]:
                    typer.echo(f"{step.state:7} {step.title}{f' ({step.note})' if step.note else ''}", err=True)
                told = len(done)
                if is_ended(detail.job.state) or detail.job.state == "waiting_for_you":
                    return detail
            time.sleep(LOOK_EVERY_S)

    def taken(self, wish_id: UUID) -> None:
        """Wait until the engine acted on a wish; ends the command when it was refused."""
        from backend.engine.queries import Fate

        while (fate := self.ask(Fate(_agency(), wish_id))).is_open:
            time.sleep(LOOK_EVERY_S)
        if fate.refusal:
            give_up(Exit.REFUSED, fate.refusal)

    def detail(self, job_id: UUID) -> JobDetail | None:
        from backend.engine.queries import JobDetails

        return self.ask(JobDetails(_agency(), job_id, self.installation.kinds))


@contextmanager
def reading(options: Options) -> Iterator[CommandSession]:
    """For commands that only read. An empty folder reads as an empty installation."""
    with opened(options) as session:
        _prepare_if_new(session.installation)
        yield session


@contextmanager
def changing(options: Options) -> Iterator[CommandSession]:
    """For commands that change something: becomes the engine when nobody is, else stays a client."""
    with opened(options) as session:
        session.installation.become_engine("command")
        yield session


def end_of(detail: JobDetail) -> None:
    """The exit code of a followed job."""
    if detail.job.state in ("succeeded", "rolled_back"):
        return
    if detail.job.state == "waiting_for_you":
        give_up(Exit.WAITS_FOR_YOU, f"Waits for you: mailyard jobs confirm {detail.job.id}")
    give_up(Exit.FAILED, f"{detail.job.cause} {detail.job.remedy}".strip() or detail.job.state)


@contextmanager
def opened(options: Options) -> Iterator[CommandSession]:
    """An installation for one command, with its log; errors end the command in words."""
    from backend.bootstrap import Choices, Installation
    from backend.core.log import start_logging, stop_logging

    folder = options.folder
    handler = None
    try:
        folder.prepare()
        handler = start_logging(folder.logs, name="command")
        choices = Choices(database_url=options.database_url, ask_passphrase=passphrase_reader(options))
        installation = Installation(folder, choices)
        try:
            yield CommandSession(installation)
        finally:
            installation.close()
    except StoreError as error:
        give_up_on(error, Exit.NO_STORE)
    except MailyardError as error:
        give_up_on(error)
    finally:
        if handler is not None:
            stop_logging(handler)


def _prepare_if_new(installation: Installation) -> None:
    """The first command on a fresh folder makes the database, if no engine is about to."""
    from backend.store.migrate import current_revision

    if current_revision(installation.store) is None and installation.lock.take("command", installation.clock.now()):
        installation.prepare_store()
        installation.lock.release()


def passphrase_reader(options: Options) -> Any:
    """How to get the passphrase: from the given descriptor once, else asked on a terminal, else nobody is asked."""
    found: list[Secret] = []

    def ask() -> Secret | None:
        if not found and options.passphrase_fd is not None:
            with os.fdopen(options.passphrase_fd) as lines:
                found.append(Secret(lines.readline().rstrip("\r\n")))
        if not found and os.isatty(0):
            found.append(Secret(str(typer.prompt("Passphrase of the secret store", hide_input=True, err=True))))
        return found[0] if found else None

    return ask


def _agency() -> Any:
    from backend.store.scope import AGENCY, Scope

    return Scope.of(AGENCY)
