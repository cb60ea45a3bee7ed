"""A server of ours whose login key is renewed, step by step, as the engine does it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from backend.bootstrap import Installation
from backend.core.errors import LoginRefused
from backend.core.secrets.values import Secret, SecretRef
from backend.core.ssh.keys import new_key_pair, public_half
from backend.demo.fleet.host import AUTHORIZED, HOST_KEY, Host, new_record
from backend.demo.fleet.load_profile import LoadProfile
from backend.demo.fleet.ssh_listeners import SshListeners
from backend.engine.jobs import Done, WaitUntil
from backend.engine.payload import Result, to_plain
from backend.servers.actions.login_key import KeyInUse, RotateLoginKeyJob
from backend.servers.provision.naming import login_ref
from backend.servers.queries import LOGIN_KEY_LASTS
from backend.servers.repository import ServerRepository
from backend.servers.requests import RotateLoginKey
from backend.store.schema.fleet import Account, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.backend.servers.steps import step_context
from tests.backend.store.rows import row_of
from tests.installation import open_installation

OTHERS = ["# a line of a person", 'from="192.0.2.1" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA admin@example.net']


class Killed(BaseException):
    """The engine ends here."""


class One:
    """The address of the only host there is."""

    def __init__(self, port: int) -> None:
        self.address = lambda _host, _service: ("127.0.0.1", port)


@dataclass
class Rotation:
    """A server and the job on it, run step by step as the engine does, from the step that was cut off."""

    installation: Installation
    host: Host
    server: UUID
    request: RotateLoginKey
    results: dict[str, Result] = field(default_factory=dict)
    wait: WaitUntil | None = None

    def __post_init__(self) -> None:
        of = self.installation
        self.job = RotateLoginKeyJob(of.servers, of.secrets, ServerRepository(of.store))
        self.ctx = step_context(of, self.request)

    def run(self, begin: str = "make", *, end: str = "") -> str:
        """The step it was cut off at, or that waits; empty: it ended."""
        steps = list(self.job.steps(self.request))
        keys = [step.key for step in steps]
        for step in steps[keys.index(begin) :]:
            if step.key == end:
                return step.key
            self.ctx.begin(5, {key: to_plain(each) for key, each in self.results.items()}, None)
            try:
                done = step.run(self.ctx)
            except Killed:
                return step.key
            if isinstance(done, WaitUntil):
                self.wait = done
                return step.key
            assert isinstance(done, Done)
            if done.result is not None:
                self.results[step.key] = done.result
        return ""

    def used_for(self, age: timedelta) -> None:
        """As if the new key had come into use that long ago."""
        self.results["use"] = KeyInUse(self.ctx.now() - age)

    def take_back(self) -> None:
        """What was not in use yet, as a roll-back does it."""
        undo = {step.key: step.undo for step in self.job.steps(self.request) if step.undo}
        for key in ("allow", "make"):
            undo[key](self.ctx)

    def login(self) -> Secret:
        """The private key that Mailyard would log in with now."""
        with self.installation.store.read(ENGINE_SCOPE) as session:
            ref = session.get_one(Server, (AGENCY, self.server)).ssh_key_ref
        return self.installation.secrets.read(SecretRef(ref or ""))

    def gets_in(self) -> bool:
        with suppress(LoginRefused), self.installation.servers.session(self.server) as ssh:
            return ssh.check("cat /proc/sys/kernel/random/boot_id") != ""
        return False

    @property
    def lines(self) -> list[str]:
        return self.host.files[AUTHORIZED].splitlines()


NewRotation = Callable[..., Rotation]


@contextmanager
def rotations(folder: Path) -> Iterator[NewRotation]:
    """A server whose own key is allowed, beside a person's."""
    listeners = SshListeners()
    port = listeners.reserve()
    installation = open_installation(folder / "data", endpoint=One(port))
    assert installation.lock.take("test", installation.clock.now())
    installation.prepare_store()
    server, pair = uuid4(), new_key_pair()
    record = new_record({"name": "mx1", "vcpus": 1, "memory_mb": 1, "disk_gb": 1}, "127.0.0.1", port)
    record["files"][AUTHORIZED] = "\n".join([OTHERS[0], f"{pair.public} mailyard", OTHERS[1], ""])
    host = Host(record, LoadProfile(1))
    listeners.open("mx1", host)
    installation.secrets.keep_all({login_ref(server): pair.private})
    with installation.store.write(ENGINE_SCOPE) as session:
        account = row_of(Account, AGENCY)
        session.add(account)
        session.flush()
        common = {"life": "active", "power": "on", "is_ours": True, "ssh_user": "root", "address": "192.0.2.9"}
        row = row_of(Server, AGENCY, id=server, account_id=account.id, name="mx1.example.net", **common)
        row.ssh_key_ref, row.host_key = login_ref(server).path, public_half(Secret(record["files"][HOST_KEY]))
        row.created_at = installation.clock.now() - LOGIN_KEY_LASTS - timedelta(days=1)
        session.add(row)

    def make(overlap_hours: int = 0) -> Rotation:
        return Rotation(installation, host, server, RotateLoginKey(server, overlap_hours))

    yield make
    installation.close()
    listeners.close()
