"""An engine, an account at an emulated provider, and the questions that tests of servers ask of both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.secrets.values import Secret
from backend.core.ssh.keys import new_key_pair
from backend.engine import engine, intents, transitions
from backend.fleet.servers import ServerAccess
from backend.providers.ports import OUR_TAG, Order
from backend.providers.registry import known_providers
from backend.servers import provider_actions
from backend.servers.provision import create, verification
from backend.store.query import Query
from backend.store.schema.fleet import Server, ServerEvent, ServerInterval
from backend.store.schema.operations import Job, JobLog, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from backend.wires import digitalocean as wire
from tests.emulators.process import Emulator
from tests.installation import Driver, ask, open_installation, until

T = TypeVar("T")


class Loopback:
    """Every host is this machine, where nothing listens on this port: no test without a lab reaches outside."""

    def address(self, _host: str, _service: str) -> tuple[str, int]:
        return "127.0.0.1", 1


@dataclass
class World:
    """A running engine with one account."""

    installation: Installation
    emulator: Emulator
    driver: Driver
    account: UUID

    def server(self, name: str) -> Server:
        """The newest row of that name."""
        return [server for server in self.driver.servers() if server.name.startswith(name)][-1]

    def provisioned(self, name: str) -> Server:
        job = self.driver.wait_for(self.driver.order(self.account, name), seconds=120)
        assert job.state == "succeeded", (job.cause, self.driver.described(job.id))
        return self.server(name)

    def ended(self, kind: str, **payload: Any) -> Job:
        return self.driver.wait_for(self.driver.request(kind, payload), seconds=120)

    def rolled_back(self, job: Job, *, seconds: float = 60.0) -> Job:
        self.driver.act(job.id, "job.roll_back")
        return self.driver.wait_for(job.id, "rolled_back", seconds=seconds)

    def asked(self, job_id: UUID) -> Job:
        """The job once it awaits approval that nobody gave yet."""

        def asks() -> Job | None:
            job = self.driver.wait_for(job_id, "waiting_for_you", seconds=60)
            return job if (job.question or {}).get("answer") is None else None

        found = until(asks, "a question")
        assert found is not None
        return found

    def says_yes(self, job: Job) -> None:
        """To what the job asks now; returns when the engine took it."""
        before = job.run
        self.driver.act(job.id, "job.confirm", fingerprint=(job.question or {})["fingerprint"])
        until(lambda: (self.driver.job(job.id) or job).run > before, "the yes to be taken")

    def ask(self, query: Query[T]) -> T:
        """What a page would be told now."""
        return ask(self.installation, query)

    def step(self, job_id: UUID) -> str:
        """The step the job stands at."""
        return next((step.key for step in self.driver.steps(job_id) if step.state not in ("done", "undone")), "")

    def waits_at(self, job_id: UUID, step: str) -> None:
        until(lambda: self.step(job_id) == step, f"the job to be at {step}")

    def refusal(self, kind: str, **payload: Any) -> str:
        """Why a request never became a job."""
        request = self.driver.request(kind, payload)

        def look() -> str | None:
            with self.installation.store.read(ENGINE_SCOPE) as session:
                return session.get_one(RequestRow, (AGENCY, request)).refusal

        return str(until(look, f"the request {kind} to be refused"))

    def said(self, job_id: UUID) -> str:
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return "\n".join(session.scalars(select(JobLog.text).where(JobLog.job_id == job_id).order_by(JobLog.at)))

    def events(self, server_id: UUID) -> list[tuple[str, str]]:
        statement = select(ServerEvent).where(ServerEvent.server_id == server_id).order_by(ServerEvent.at)
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return [(row.kind, row.text) for row in session.scalars(statement)]

    def intervals(self, server_id: UUID) -> list[ServerInterval]:
        statement = select(ServerInterval).where(ServerInterval.server_id == server_id)
        with self.installation.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(statement.order_by(ServerInterval.since)))

    def secrets_of(self, server_id: UUID) -> list[str]:
        """The last words of the references kept for a server."""
        paths = [ref.path for ref in self.installation.secrets.references()]
        return sorted(path.rsplit("/", 1)[1] for path in paths if str(server_id) in path)

    def access(self) -> ServerAccess:
        installation = self.installation
        return ServerAccess(installation.store, installation.secrets, installation.choices.endpoint)

    def is_empty_at_the_provider(self) -> bool:
        counters = self.emulator.counters()
        return not counters["servers"] and not counters["keys"]


@contextmanager
def opened(folder: Path, emulator: Emulator, **changes: Any) -> Iterator[World]:
    """A world of one's own; an engine is a process-wide thing, so one at a time."""

    installation = open_installation(folder, **changes)
    try:
        assert installation.become_engine("test")
        driver = Driver(installation)
        yield World(installation, emulator, driver, driver.add_account(emulator))
    finally:
        installation.close()


@contextmanager
def in_haste() -> Iterator[pytest.MonkeyPatch]:
    """Waits between looks and tries shortened, two tries instead of five; what is waited for stays the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(transitions, "BACK_OFF_S", (0.05, 0.05, 0.05, 0.05))
        patch.setattr(transitions, "TRIES", 2)
        patch.setattr(engine, "IDLE_S", 0.1)
        patch.setattr(intents, "LOOK_AT_LEAST", timedelta(seconds=0.05))
        patch.setattr(intents, "SHOWN_WITHIN", timedelta(seconds=1))
        patch.setattr(provider_actions, "UNKNOWN_YET", timedelta(seconds=0.3))
        patch.setattr(provider_actions, "LOOK_AGAIN", timedelta(seconds=0.1))
        patch.setattr(wire, "PER_MINUTE", 60_000)
        patch.setattr(create, "LOOK_EVERY_S", 0.1)
        patch.setattr(provider_actions, "LOOK_EVERY_S", 0.1)
        patch.setattr(verification, "TRY_EVERY_S", 0.2)
        yield patch


@contextmanager
def without_machines(folder: Path) -> Iterator[World]:
    """An installation in haste, at an emulator of its own whose droplets have no machine behind them.

    Who looks so often passes what one may ask in a minute: the emulator's limit is out of the way.
    """
    emulator = Emulator(folder / "emulator")
    emulator.set("limits", per_minute=60_000, per_hour=600_000)
    with in_haste(), opened(folder / "data", emulator, endpoint=Loopback()) as world:
        yield world
    emulator.close()


def running_server(world: World) -> UUID:
    """A server of ours that runs; made at the provider beside the engine, for no machine stands behind it."""
    public, name = new_key_pair().public, f"mx{uuid4().hex[:6]}.example.net"
    driver = known_providers().open("digitalocean", Secret(world.emulator.token), endpoint_url=world.emulator.url)
    key_id = driver.register_key(name, public)
    made = driver.create(Order(name, "fra1", "s-1vcpu-2gb", "debian-12-x64", key_id, public, Secret("#"), (OUR_TAG,)))
    until(lambda: driver.get(made.id).state == "active", name)
    driver.close()
    assert world.ended("inventory.refresh", account_id=str(world.account)).state == "succeeded"
    row = world.server(name)
    with world.installation.store.write(ENGINE_SCOPE) as session:
        session.get_one(Server, (AGENCY, row.id)).is_ours = True
    assert row.provider_id == made.id
    return row.id


def row_of(world: World, server: UUID) -> Server:
    with world.installation.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Server, (AGENCY, server))
