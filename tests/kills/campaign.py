"""A campaign: one data folder with accounts at providers, over which engine after engine is killed."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from backend.engine.intents import UNSETTLED
from backend.engine.jobs import ENDED
from backend.providers.capabilities import clouds
from backend.store.schema.fleet import Server, Snapshot
from backend.store.schema.operations import IntentRow, Job, RequestRow
from backend.store.schema.resources import Firewall, ReservedAddress
from backend.store.scope import ENGINE_SCOPE, ScopedSession
from tests.backend.providers.cases import DIGITALOCEAN, Case
from tests.emulators.process import Emulator
from tests.installation import open_installation, until
from tests.kills.engines import EngineForks
from tests.kills.witness import Hosts, WatchedDriver, Witness, witnessed

SETTLE_S = 120.0
#: How long a provider holds a call that nobody lets go on.
HELD_S = 60.0
T = TypeVar("T")
Held = TypeVar("Held", Server, Snapshot, ReservedAddress, Firewall)
#: Jobs that make something which costs money or stands in the way.
UNDOABLE = ("server.provision", "server.snapshot", "server.address.reserve", "server.firewall")


@dataclass(frozen=True)
class Books:
    """What the provider has that we do not know of, or know twice."""

    orphans: tuple[str, ...]
    doubles: int
    keys: tuple[str, ...]
    open_intents: int


@dataclass(frozen=True)
class Site:
    """One account, and the emulated provider behind it: the judge, which is never killed."""

    case: Case
    emulator: Emulator
    account: UUID


class Campaign:
    """Owner of the forks and of a client of the data folder."""

    def __init__(
        self,
        folder: Path,
        clouds: Sequence[tuple[Case, Emulator]],
        *,
        has_machines: bool,
        is_forgetful: bool = False,
        where: Path | None = None,
        hosts: Hosts | None = None,
    ) -> None:
        """``where`` leads to emulated hosts, as :class:`backend.demo.fleet.endpoint.DemoEndpoint` reads it; ``hosts``
        are those of the lab."""
        self.folder = folder
        self.client = open_installation(folder)
        self._witness = Witness(self, hosts)
        self.driver = WatchedDriver(self, self._witness)
        self._options = [*(["--forgetful"] if is_forgetful else []), *([] if has_machines else ["--no-machines"])]
        self._options += ["--where", str(where)] if where is not None else []
        self.forks = EngineForks(folder)
        self.pid: int | None = None
        self.kills = 0
        self.sites: list[Site] = []
        self.start()
        self.sites += [Site(case, emulator, self._connected(case, emulator)) for case, emulator in clouds]

    @property
    def emulator(self) -> Emulator:
        """That of the first provider."""
        return self.sites[0].emulator

    def order(self, name: str = "mx1.example.net", site: Site | None = None) -> UUID:
        """A server at the first provider, or at another; the job's id."""
        at = site or self.sites[0]
        return self.driver.order(at.account, name, **at.case.order)

    def close(self) -> None:
        if self.pid is not None:
            self.kill()
        self.forks.close()
        self.client.close()

    def start(self) -> None:
        self.pid = self.forks.start(*self._options)
        self.forks.wait_for_engine()

    def stop(self) -> None:
        """Close the engine in good order."""
        assert self.pid is not None
        self.forks.stop(self.pid)
        self.forks.wait_for_end(self.pid)
        self.pid = None

    def kill(self) -> None:
        """kill -9 now, and see that the databases are sound."""
        assert self.pid is not None
        if self.pid not in self.forks.ends:
            with suppress(ProcessLookupError):  # how it had ended by itself is told next
                os.kill(self.pid, signal.SIGKILL)
        self._count(self.forks.wait_for_end(self.pid))

    def die_at(self, moment: str, *, after: float = 0.0, seconds: float = 180.0) -> None:
        """End the engine of now in good order, start one that dies at ``moment``, and wait for its death."""
        if self.pid is not None:
            self.stop()
        pid = self.pid = self.forks.start(*self._options, "--die-at", moment, "--after", str(after))
        what = f"the engine to die at {moment}"
        self._count(witnessed(lambda: self.forks.wait_for_end(pid, what, seconds), self._witness))

    def hold(self, method: str, path: str) -> None:
        """Let the first provider take the next such call and answer nothing; see :meth:`kill_under_way`."""
        self.emulator.fault("slow", method, path, seconds=HELD_S)

    def kill_under_way(self, method: str, path: str) -> None:
        """kill -9 as soon as that call has come to the provider, which carries it out all the same."""
        if self.pid is None:
            self.start()
        self.wait(lambda: self._is_held(method, path), f"{method} {path} to come to the provider", SETTLE_S)
        self.kill()
        self.emulator.heal()

    def jobs(self) -> list[Job]:
        with self.client.store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(select(Job).order_by(Job.requested_at)))

    def live_servers(self) -> list[Server]:
        return [server for server in self.driver.servers() if server.gone_at is None]

    def site_of(self, server: Server) -> Site:
        return next(site for site in self.sites if site.account == server.account_id)

    def books(self) -> Books:
        """What the providers have against our rows. Two of one name are one too many: a name is given once."""
        known = self._known()
        orphans, keys, doubles = list[str](), list[str](), 0
        for site in self.sites:
            counters = site.emulator.counters()
            keys += counters["keys"]
            doubles += int(counters["doubles"])
            for kind, mine in known.items():
                names = Counter(each["name"] for each in counters[kind] if each["name"])
                doubles += sum(count - 1 for count in names.values())
                there = {(site.account, str(each["id"])): str(each["name"] or each["id"]) for each in counters[kind]}
                orphans += [f"{kind}: {name}" for key, name in there.items() if key not in mine]
        with self.client.store.read(ENGINE_SCOPE) as session:
            intents = session.scalars(select(IntentRow).where(IntentRow.state.in_(UNSETTLED))).all()
        return Books(orphans=tuple(orphans), doubles=doubles, keys=tuple(keys), open_intents=len(intents))

    def _known(self) -> dict[str, set[tuple[UUID, str | None]]]:
        """Account and number of all that we know to be there, by the emulators' words for its kind."""
        with self.client.store.read(ENGINE_SCOPE) as session:
            return {
                "servers": _present(session, Server),
                "snapshots": _present(session, Snapshot),
                "reserved": _present(session, ReservedAddress),
                "firewalls": _present(session, Firewall),
            }

    def wait(self, condition: Callable[[], T | None], what: str, seconds: float) -> T:
        """Until something is there; what is needed to judge comes with the failure."""
        return witnessed(lambda: until(condition, what, seconds), self._witness)

    def engines_said(self) -> list[str]:
        """The log of the engines."""
        return self._witness.log()

    def settle(self, seconds: float = SETTLE_S) -> None:
        """Leave an engine alone until all jobs have ended; what waits for its next try does not wait."""
        if self.pid is None:
            self.start()

        def ended() -> bool:
            if self._has_open_requests():
                return False
            self.go_on()
            return all(job.state in ENDED for job in self.jobs())

        self.wait(ended, "all jobs to end", seconds)

    def go_on(self) -> None:
        """What a person does about jobs that wait: pay what is to be paid, then have them tried at once."""
        waiting = [job for job in self.jobs() if job.state == "waiting_until"]
        numbers = {server.id: (self.site_of(server), server.provider_id) for server in self.live_servers()}
        for job in waiting:
            if job.kind == "server.resize" and job.about_id in numbers:
                site, number = numbers[job.about_id]
                if clouds()[site.case.kind].can("resize_in_stages"):
                    site.emulator.set("pay", serviceid=number)
            self.driver.act(job.id, "job.retry")

    def roll_back_failures(self) -> None:
        """What a person does in the end; returns when it is done."""
        self.undo_failures()
        self.settle()

    def undo_failures(self) -> None:
        """What a person does with what was to be made and failed, or was cancelled."""
        for job in self.jobs():
            if job.kind in UNDOABLE and job.state in ("failed", "cancelled"):
                self.driver.act(job.id, "job.roll_back")

    def destroy(self, server: Server) -> UUID:
        return self.driver.request("server.destroy", {"server_id": str(server.id), "typed_name": server.name})

    def _connected(self, case: Case, emulator: Emulator) -> UUID:
        """An account. DigitalOcean's own limit of calls a minute would be reached: kills are quicker than life."""
        if case is DIGITALOCEAN:
            emulator.set("limits", per_minute=100_000, per_hour=1_000_000)
        return self.driver.add_account(emulator, case.name)

    def _has_open_requests(self) -> bool:
        with self.client.store.read(ENGINE_SCOPE) as session:
            return session.scalars(select(RequestRow).where(RequestRow.handled_at.is_(None))).first() is not None

    def _is_held(self, method: str, path: str) -> bool:
        calls = [each for each in self.emulator.log() if each["method"] == method and each["path"].startswith(path)]
        return bool(calls) and (calls[-1]["status"], calls[-1].get("fault")) == (0, "slow")

    def _count(self, code: int) -> None:
        self.kills += 1
        self.pid = None
        assert code == -signal.SIGKILL, f"the engine had ended by itself, with {code}"
        for name in ("app", "metrics"):
            check_database(self.folder, name)


def check_database(folder: Path, name: str) -> None:
    """SQLite's own integrity check on one of the files."""
    (path,) = [path for path in folder.rglob("*.db") if path.stem == name]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)], name


def _present(session: ScopedSession, kind: type[Held]) -> set[tuple[UUID, str | None]]:
    rows = session.scalars(select(kind).where(kind.gone_at.is_(None)))
    return {(row.account_id, row.provider_id) for row in rows}
