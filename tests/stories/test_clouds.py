"""The same jobs at every cloud we drive, each with a lab host behind it: made, grown, kept, put back, named, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from backend.core.errors import HostUnreachable
from backend.fleet.servers import ServerAccess
from backend.providers.capabilities import clouds
from backend.servers.queries import ServerDetail, ServerDetails
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.providers.cases import CASES, Case
from tests.emulators.process import Emulator
from tests.installation import Driver, ask, until
from tests.lab.machines import MachinesServer

pytestmark = [pytest.mark.lab, pytest.mark.judged_once]
NAME = "mx1.example.net"


@dataclass
class Walk:
    """One server of one cloud, and what is asked of it."""

    case: Case
    emulator: Emulator
    driver: Driver

    @property
    def about(self) -> dict[str, str]:
        return {"server_id": str(self.server().id)}

    def can(self, row: str) -> bool:
        """What the matrix says of this cloud; ``login_by_password``: its first contact is bound to marks."""
        cells = clouds()[self.case.kind]
        return cells.cells["first_contact"].can == "partly" if row == "login_by_password" else cells.can(row)

    def step_notes(self, job: Job) -> str:
        return "; ".join(step.note for step in self.driver.steps(job.id))

    def ended(self, kind: str, **request: Any) -> Job:
        job = self.driver.wait_for(self.driver.request(kind, request), seconds=180)
        assert job.state == "succeeded", (kind, job.cause, self.driver.described(job.id))
        return job

    def server(self) -> Server:
        with self.driver.installation.store.read(ENGINE_SCOPE) as session:
            return session.scalars(select(Server).where(Server.name == NAME)).one()

    def detail(self) -> ServerDetail:
        return ask(self.driver.installation, ServerDetails(Scope.of(AGENCY), self.server().id))

    def run(self, command: str) -> str:
        """What the server answers once its system is up, which is later than its cloud calls it on."""
        installation = self.driver.installation
        access = ServerAccess(installation.store, installation.secrets, installation.choices.endpoint)

        def answer() -> tuple[str] | None:
            try:
                with access.session(self.server().id) as ssh:
                    return (ssh.check(command).strip(),)
            except HostUnreachable:
                return None

        return until(answer, "the server to answer")[0]


@pytest.fixture(params=CASES, ids=lambda case: case.kind)
def walk(
    request: pytest.FixtureRequest,
    new_emulator: Callable[..., Emulator],
    machines: MachinesServer,
    driver: Driver,
) -> Iterator[Walk]:
    emulator = new_emulator(kind=request.param.kind, machines=machines.path)
    yield Walk(request.param, emulator, driver)
    emulator.close()
    machines.delete_all()


@pytest.mark.proof("a whole life at a cloud")
@pytest.mark.timeout(600)
def test_a_server_lives_its_whole_life(walk: Walk) -> None:
    account = walk.driver.add_account(walk.emulator)
    job = walk.driver.wait_for(walk.driver.order(account, NAME, **walk.case.order), seconds=180)
    assert job.state == "succeeded", (job.cause, walk.driver.described(job.id))
    assert walk.run("hostname -f") == NAME
    assert walk.server().monthly_micro == walk.case.price[0]
    assert walk.server().first_contact == ("bound" if walk.can("login_by_password") else "handed_over")

    grow(walk)
    if walk.can("snapshot"):
        keep_and_restore(walk)
    walk.ended("server.power", **walk.about, action="reboot")
    assert walk.run("cat /root/note") == "kept"
    give_a_reverse_name(walk)

    walk.ended("server.destroy", **walk.about, typed_name=NAME)
    walk.ended("orphans.scan")
    counters = walk.emulator.counters()
    assert (counters["servers"], counters["keys"], counters["snapshots"], counters["doubles"]) == ([], [], [], 0)


def grow(walk: Walk) -> None:
    """A larger plan; where it is paid first, the job waits until it was, and holds no thread."""
    walk.run("echo kept > /root/note; sync")
    job_id = walk.driver.request("server.resize", {**walk.about, "plan": walk.case.larger, "grow_disk": True})
    if walk.can("resize_in_stages"):
        waiting = walk.driver.wait_for(job_id, "waiting_until", seconds=60)
        assert "Pay invoice" in walk.step_notes(waiting)
        walk.emulator.set("pay", serviceid=walk.server().provider_id)
        walk.driver.act(job_id, "job.retry")
    job = walk.driver.wait_for(job_id, "succeeded", "failed", seconds=180)
    assert job.state == "succeeded", (job.cause, walk.driver.described(job_id))
    assert (walk.server().plan, walk.server().power) == (walk.case.larger, "on")


def keep_and_restore(walk: Walk) -> None:
    walk.ended("server.snapshot", **walk.about, name="before")
    walk.run("echo lost > /root/note; sync")
    (snapshot,) = walk.detail().snapshots
    walk.ended("server.restore", **walk.about, snapshot_id=snapshot.id, typed_name=NAME)
    walk.ended("snapshot.delete", **walk.about, snapshot_id=snapshot.id, typed_name=snapshot.name)


def give_a_reverse_name(walk: Walk) -> None:
    """Where the provider does not tell it, what was set is what we know."""
    name, address = "mail.acme.example", walk.server().address
    walk.emulator.set("forward", name=name, ip=address)
    if walk.case.elastic:
        walk.emulator.set("elastic", id=walk.server().provider_id)
    walk.ended("server.reverse_dns", **walk.about, ip=address, name=name)
    assert name in [row.ptr for row in walk.detail().addresses]
