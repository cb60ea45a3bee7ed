"""An installation under test, and the short ways tests speak to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select

from backend.bootstrap import Choices, Installation, new_order_id
from backend.core.paths import DataFolder
from backend.core.secrets.values import Secret
from backend.engine.jobs import ENDED
from backend.engine.wishes import Wish, act_on
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job, JobStep
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.emulators.process import Emulator

T = TypeVar("T")

PASSPHRASE = Secret("correct horse battery staple")


def choices(**changes: Any) -> Choices:
    """No keyring, a passphrase that is known, no reference targets outside."""
    return Choices(
        **{
            "ask_passphrase": lambda: PASSPHRASE,
            "use_keyring": lambda: False,
            "references": (),
            "author": "tester",
            **changes,
        }
    )


def open_installation(folder: Path, **changes: Any) -> Installation:
    data = DataFolder(folder)
    data.prepare()
    return Installation(data, choices(**changes))


@contextmanager
def held_installation(folder: Path) -> Iterator[Installation]:
    """A prepared installation whose engine lock is held: nothing runs, and nothing changes but by the test."""
    installation = open_installation(folder)
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    yield installation
    installation.close()


def until(condition: Callable[[], T | None], what: str, seconds: float = 30.0) -> T:
    """Wait for a condition to be true, and return its value."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < end, f"waited {seconds:.0f} s for {what}"
        time.sleep(0.02)


class Driver:
    """Wishes and what came of them, in the words of a test."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation

    def wish(self, kind: str, payload: dict[str, Any]) -> UUID:
        return self.installation.client.submit_now(Wish(AGENCY, kind, payload, "tester"))

    def act(self, job_id: UUID, action: Any, **details: Any) -> UUID:
        return self.installation.client.submit_now(act_on(job_id, action, workspace=AGENCY, author="tester", **details))

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
        payload = {
            "account_id": str(account_id),
            "name": name,
            "provider": emulator.kind,
            "secret_ref": ref.path,
            "endpoint_url": emulator.url,
        }
        job = self.wait_for(self.wish("account.add", payload))
        assert job.state == "succeeded", (job.cause, self.described(job.id))
        return account_id

    def order(self, account_id: UUID, name: str = "mx1.example.net", **changes: Any) -> UUID:
        """Wish for a server; the job's id."""
        payload = {
            "order_id": new_order_id(),
            "name": name,
            "account_id": str(account_id),
            "region": "fra1",
            "plan": "s-1vcpu-2gb",
            "image": "debian-12-x64",
            **changes,
        }
        return self.wish("server.provision", payload)

    def servers(self) -> list[Server]:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(Server).order_by(Server.created_at)))
