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
from backend.store.query import Source
from backend.store.schema.fleet import Server
from backend.store.schema.operations import Job
from backend.store.scope import AGENCY, ENGINE_SCOPE, Scope
from tests.backend.providers.cases import CASES, Case
from tests.emulators.process import Emulator
from tests.installation import Driver, until
from tests.lab.machines import MachinesServer

pytestmark = pytest.mark.lab
#: Where a new server says by itself, from its first boot on, who it is.
WALKED = [case for case in CASES if clouds()[case.kind].cells["first_contact"].can == "yes"]
NAME = "mx1.example.net"


@dataclass
class Walk:
    """One server of one cloud, and what is asked of it."""

    case: Case
    emulator: Emulator
    driver: Driver

    def ended(self, kind: str, **wish: Any) -> Job:
        job = self.driver.wait_for(self.driver.wish(kind, wish), seconds=180)
        assert job.state == "succeeded", (kind, job.cause, self.driver.described(job.id))
        return job

    def server(self) -> Server:
        with self.driver.installation.store.read(ENGINE_SCOPE) as session:
            return session.scalars(select(Server).where(Server.name == NAME)).one()

    def detail(self) -> ServerDetail:
        installation = self.driver.installation
        source = Source(installation.store, installation.metrics, installation.clock.now())
        return ServerDetails(Scope.of(AGENCY), self.server().id).run(source)

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


@pytest.fixture(params=WALKED, ids=lambda case: case.kind)
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


@pytest.mark.timeout(600)
def test_a_server_lives_its_whole_life(walk: Walk) -> None:
    account = walk.driver.add_account(walk.emulator)
    job = walk.driver.wait_for(walk.driver.order(account, NAME, **walk.case.order), seconds=180)
    assert job.state == "succeeded", (job.cause, walk.driver.described(job.id))
    about = {"server_id": str(walk.server().id)}
    assert walk.run("hostname -f") == NAME
    assert walk.server().monthly_micro == walk.case.price[0]

    walk.ended("server.resize", **about, plan=walk.case.larger, grow_disk=True)
    assert (walk.server().plan, walk.server().power) == (walk.case.larger, "on")

    walk.run("echo kept > /root/note; sync")
    walk.ended("server.snapshot", **about, name="before")
    walk.run("echo lost > /root/note; sync")
    (snapshot,) = walk.detail().snapshots
    walk.ended("server.restore", **about, snapshot_id=snapshot.id, typed_name=NAME)
    walk.ended("server.power", **about, action="reboot")
    assert walk.run("cat /root/note") == "kept"

    walk.emulator.set("forward", name="mail.acme.example", ip=walk.server().address)
    walk.ended("server.reverse", **about, ip=walk.server().address, name="mail.acme.example")
    assert "mail.acme.example" in [row.ptr for row in walk.detail().addresses]
    walk.ended("snapshot.delete", **about, snapshot_id=snapshot.id, typed_name=snapshot.name)
    walk.ended("server.destroy", **about, typed_name=NAME)
    walk.ended("orphans.look")
    counters = walk.emulator.counters()
    assert (counters["servers"], counters["keys"], counters["snapshots"], counters["doubles"]) == ([], [], [], 0)
