"""An installation under test, and the short ways tests speak to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.accounts.requests import AddAccount
from backend.bootstrap import Installation
from backend.choices import Choices
from backend.core.errors import LoginNotProved, StoreError
from backend.core.paths import DataFolder
from backend.core.secrets.values import Secret
from backend.engine.jobs import ENDED
from backend.engine.payload import Request, from_plain
from backend.engine.plan import Question
from backend.engine.requests import put_row
from backend.servers.provision.naming import new_order_id
from backend.store.database import Store, StoreAddress
from backend.store.migrate import migrate
from backend.store.query import Query, Source
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job, JobStep, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope, ScopedSession
from tests.emulators.process import Emulator
from tests.prepared import Prepared
from tests.waiting import found_within

T = TypeVar("T")

PASSPHRASE = Secret("correct horse battery staple")


LOGIN = Secret("the password of the login")


@dataclass(frozen=True)
class KnownLogin:
    """A computer whose owner has one password, or one that can check none."""

    is_there: bool = True

    def check(self, password: Secret) -> None:
        assert self.is_there
        if password != LOGIN:
            raise LoginNotProved("That is not the password of your login.")


def choices(**changes: Any) -> Choices:
    """No keyring, a passphrase and a login that are known, no reference targets outside."""
    return Choices(
        **{
            "ask_passphrase": lambda: PASSPHRASE,
            "use_keyring": lambda: False,
            "references": (),
            "author": "tester",
            "login_password": KnownLogin(),
            **changes,
        }
    )


def _migrated(folder: Path) -> None:
    data = DataFolder(folder)
    store = Store(StoreAddress.in_folder(data))
    migrate(store, data, datetime.now(UTC))
    store.close()


#: The databases as a migration from nothing leaves them: what it does is asked in tests/backend/store/test_migrate.py.
MIGRATED = Prepared(_migrated)


def open_installation(folder: Path, **changes: Any) -> Installation:
    """On the databases of this folder; where it has none, on new ones, migrated and empty."""
    data = DataFolder(folder)
    data.prepare()
    if not data.app_database.exists():
        MIGRATED.write(folder)
    return Installation(data, choices(**changes))


@contextmanager
def held_installation(folder: Path) -> Iterator[Installation]:
    """A prepared installation whose engine lock is held: nothing runs, and nothing changes but by the test."""
    installation = open_installation(folder)
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    yield installation
    installation.close()


def ask(installation: Installation, query: Query[T]) -> T:
    """What a page would be told now."""
    return query.run(Source(installation.store, installation.metrics, installation.clock.now()))


def question_of(job: Job) -> Question:
    """What a waiting job asks, as a page or a command is told it."""
    return from_plain(Question, job.question or {})


def until(condition: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
    """Wait for a condition to be true, and return its value."""
    value = found_within(seconds, condition)
    assert value, f"waited {seconds:.0f} s for {what}"
    return value


def put_plain(session: ScopedSession, kind: str, payload: Mapping[str, Any], author: str, now: datetime) -> UUID:
    """Write a request as plain data, as rows have it; its id."""
    request_id = uuid4()
    row = RequestRow(tenant_id=AGENCY, id=request_id, kind=kind, payload=dict(payload), author=author, at=now)
    put_row(session, row)
    return request_id


class Driver:
    """Requests and what came of them, in the words of a test."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def submit(self, request: Request) -> UUID:
        return self.installation.client.submit_now(AGENCY, request)

    def request(self, kind: str, payload: Mapping[str, Any]) -> UUID:
        """A request as it lies in its row, whoever wrote it: an older program, or one that is wrong.

        Beside an engine with much to write on a busy machine the database may be locked for longer than one waits.
        """

        def put() -> UUID | None:
            try:
                with self.installation.store.write(Scope.of(AGENCY)) as session:
                    return put_plain(session, kind, payload, "tester", self.installation.clock.now())
            except StoreError as error:
                if not error.retryable:
                    raise
                return None

        return until(put, "the database to take a request")

    def act(self, job_id: UUID, action: str, **details: Any) -> UUID:
        return self.request(action, {"job_id": str(job_id), **details})

    def job(self, job_id: UUID) -> Job | None:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return session.get(Job, (AGENCY, job_id))

    def steps(self, job_id: UUID) -> list[JobStep]:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            statement = select(JobStep).where(JobStep.job_id == job_id).order_by(JobStep.number)
            return list(session.scalars(statement))

    def wait_for(self, job_id: UUID, *states: str, seconds: float = 60.0) -> Job:
        wanted = set(states) or ENDED

        def look() -> Job | None:
            job = self.job(job_id)
            return job if job is not None and job.state in wanted else None

        try:
            return until(look, f"job {job_id} to be {sorted(wanted)}", seconds)
        except AssertionError as error:
            job = self.job(job_id)
            raise AssertionError(f"{error}: {job and (job.state, job.cause)} {self.described(job_id)}") from error

    def described(self, job_id: UUID) -> list[tuple[str, str, str]]:
        return [(step.key, step.state, step.note) for step in self.steps(job_id)]

    def add_account(self, emulator: Emulator, name: str = "Main") -> UUID:
        """An account at the emulator, verified."""
        account_id = uuid4()
        ref = self.installation.client.keep_secret_now("api_keys", AGENCY, Secret(emulator.token))
        job = self.wait_for(self.submit(AddAccount(account_id, name, emulator.kind, ref.path, emulator.url)))
        assert job.state == "succeeded", (job.cause, self.described(job.id))
        return account_id

    def order(self, account_id: UUID, name: str = "mx1.example.net", **changes: Any) -> UUID:
        """Request for a server; the job's id."""
        payload = {
            "order_id": new_order_id(),
            "name": name,
            "account_id": str(account_id),
            "region": "fra1",
            "plan": "s-1vcpu-2gb",
            "image": "debian-12-x64",
            **changes,
        }
        return self.request("server.provision", payload)

    def servers(self) -> list[Server]:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(Server).order_by(Server.created_at)))
