"""Makes the demo's past, ``resources/demo/past.json.gz``: what its servers lived through in ninety days, as rows.

``python packaging/demo_past.py`` writes it anew; a test compares it with what this says, and each row with the schema
of today. Times count from the midnight (UTC) of the day on which the demo begins, so that nights stay nights; names
stand for servers and accounts that get their ids only then. Words are message ids with values: they are said in the
language of whoever reads them. Nothing here is by chance.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5
from zlib import crc32

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from backend.accounts.requests import ReadBilling  # noqa: E402
from backend.bootstrap import Installation  # noqa: E402
from backend.core.paths import DataFolder  # noqa: E402
from backend.demo.fleet.mail import OUTDATED, SIZES, client_of  # noqa: E402
from backend.demo.fleet.past import CALENDAR, FILE, NOW, Cell, Row  # noqa: E402
from backend.demo.fleet.servers import BUSY, CLIENTS, DAYS, ROLES, SILENT, UNKEPT, client_id, demo_servers  # noqa: E402
from backend.engine.jobs import JobKinds  # noqa: E402
from backend.engine.payload import Request, to_plain  # noqa: E402
from backend.engine.transitions import BACK_OFF_S, TRIES  # noqa: E402
from backend.inventory.requests import ScanOrphans  # noqa: E402
from backend.mail.requests import InstallMail  # noqa: E402
from backend.mailu.settings import VERSION  # noqa: E402
from backend.servers.actions.power import WORDS  # noqa: E402
from backend.servers.provider_actions import BACK_LIMIT_S  # noqa: E402
from backend.servers.requests import (  # noqa: E402
    DeleteSnapshot,
    PowerServer,
    ProvisionServer,
    ResizeServer,
    SetReverseDns,
    TakeSnapshot,
)
from backend.servers.snapshots import TAKE_LIMIT_S  # noqa: E402
from backend.upkeep.requests import MaintainStore  # noqa: E402

#: Days on which each client's servers were started anew, for a new kernel, and those with mail kept first.
ROUNDS = ((76, 69, 55), (48, 41, 34), (20, 18, 13), (6, 5, 4))
KEPT_BEFORE = ("mx1", "mail", "archive")
KEPT = 2
LATELY = (
    (2.3, "webmail.bluebird-books.example"),
    (2.6, "relay1.bluebird-books.example"),
    (5.1, "webmail.cedar-legal.example"),
    (9.4, "relay1.acme-dental.example"),
    (14.7, "lists.cedar-legal.example"),
    (20.2, "mx2.bluebird-books.example"),
)
#: Plans with which servers began that outgrew them.
FIRST_PLANS = {BUSY: "s-1vcpu-1gb"}
HOUR, MINUTE = 3600, 60
SCHEDULED_DAYS = 28
NOBODY = UUID(int=0)
RAN_ONCE = {"run": 1, "direction": "forward", "lane": "past"}


def _words(msgid: str, **values: Cell) -> Cell:
    return {"words": [msgid, values]}


@dataclass(frozen=True)
class Failure:
    """A step that failed for good: each try took ``try_s`` seconds, and after all but the last the engine rested."""

    step: str
    cause: Cell
    remedy: Cell
    try_s: float
    tries: int = 1

    def ends(self) -> list[float]:
        """When each try ended, in seconds from when the first began."""
        rests = (0, *BACK_OFF_S[: self.tries - 1])
        return [self.try_s * number + sum(rests[:number]) for number in range(1, self.tries + 1)]

    def row(self, at: Cell) -> Row:
        """Of its step, which began then."""
        last = _plus(at, self.ends()[-1] - self.try_s)
        times = _ran(at, last, self.try_s) | {"spent_s": self.try_s * self.tries}
        return {"state": "failed", "note": self.cause, **times, "tries": self.tries}


class Story:
    """Collects rows; a job's steps are those that its kind has today."""

    def __init__(self, kinds: JobKinds) -> None:
        self._kinds = kinds
        self.rows: list[tuple[str, Row]] = []
        self.machines: dict[str, dict[str, Any]] = {each.name: {"snapshots": []} for each in demo_servers()}

    def add(self, table: str, **cells: Cell) -> None:
        self.rows.append((table, cells))

    def job(self, key: str, asked: Request, at: Cell, author: Cell, **more: Any) -> float:
        """A job that went well, or ended with ``failure``; how many seconds it took. ``notes`` of its steps by key."""
        failure: Failure | None = more.pop("failure", None)
        lines = list(self._steps(key, asked, at, failure, more.pop("notes", {})))
        ended_at = next(line["ended_at"] for line in reversed(lines) if "ended_at" in line)
        times: Row = {"requested_at": at, "started_at": at, "ended_at": ended_at}
        end: Row = {"state": "succeeded", "cause": "", "remedy": "", "is_retryable": False}
        if failure is not None:
            end = {"state": "failed", "cause": failure.cause, "remedy": failure.remedy, "is_retryable": True}
        whole: Row = {"id": _id(key), "kind": asked.kind, "version": self._kinds[asked.kind].version, "author": author}
        title = WORDS[asked.action].word if isinstance(asked, PowerServer) else ""
        self.add("job", title=title, **whole, **end, **times, **RAN_ONCE, **more)
        for line in lines:
            self.add("job_step", **line)
        return _seconds(ended_at) - _seconds(at)

    def _steps(
        self, key: str, asked: Request, at: Cell, failure: Failure | None, notes: Mapping[str, Cell]
    ) -> Iterator[Row]:
        """Those of a failure come to it, and no further."""
        is_over = False
        for number, step in enumerate(self._kinds.steps_of(asked.kind, to_plain(asked))):
            of: Row = {"job_id": _id(key), "number": number, "key": step.key, "result": {}}
            if is_over:
                yield {**of, "state": "pending", "note": "", "tries": 0}
            elif failure is not None and failure.step == step.key:
                is_over = True
                yield {**of, **failure.row(at)}
                for end in failure.ends():
                    self.log(key, _plus(at, end), failure.cause, "warning")
            else:
                spent = round(step.estimate_s * (0.6 + crc32(f"{key}{number}".encode()) % 70 / 100), 1)
                yield {**of, "state": "done", "note": notes.get(step.key, ""), **_ran(at, at, spent), "tries": 1}
                at = _plus(at, spent)

    def log(self, key: str, at: Cell, text: Cell, level: str = "info") -> None:
        """A line that the job wrote."""
        name = _id(f"log {sum(table == 'job_log' for table, _row in self.rows)} {key}")
        self.add("job_log", id=name, job_id=_id(key), at=at, level=level, text=text)

    def event(self, name: str, at: Cell, kind: str, words: Cell, job: str) -> None:
        key = _id(f"event {kind} {job}")
        self.add("server_event", id=key, server_id={"server": name}, at=at, kind=kind, text=words, job_id=_id(job))

    def of_server(self, key: str, request: Request, name: str, at: Cell, **more: Any) -> float:
        """A person's job about a server; the ids in its request are told by name."""
        told = _named(to_plain(request), name)
        return self.job(key, request, at, "demo", request=told, about=name, about_id={"server": name}, **more)


NOT_BACK = Failure(
    "back",
    _words("The server does not come back online."),
    _words("Check its console at the provider, then retry."),
    BACK_LIMIT_S,
    TRIES,
)
NOT_TAKEN = Failure(
    "wait",
    _words("The provider did not finish the snapshot in time."),
    _words("Retry. If it never finishes, roll back and take another one."),
    TAKE_LIMIT_S,
)


def tell(story: Story) -> None:
    """All of it; the order of the rows is the order in which they can be written."""
    for number, server in enumerate(demo_servers()):
        _begin(story, server.name, number)
    _set_mail_up(story)
    for number, days in enumerate(ROUNDS):
        for domain, day in zip(CLIENTS.values(), days, strict=True):
            for at, role in enumerate(ROLES):
                _round(story, f"{role}.{domain}", number, _on(day, 13 * HOUR + at * 4 * MINUTE))
    _grow(story)
    _lately(story)
    _fail(story)
    _scheduled(story)


def _begin(story: Story, name: str, number: int) -> None:
    """Ordered, made, proven; the name is set where the cloud does not do it by itself."""
    at, key = {"since": 20.0 * number}, f"provision {name}"
    server = demo_servers()[number]
    place, plan = server.place, FIRST_PLANS.get(name, server.place.plan)
    order = ProvisionServer(f"demo-{number}", name, NOBODY, place.region, plan, place.image)
    spent = story.of_server(key, order, name, at)
    story.log(key, at, _words("Sending the order: {plan} in {region}.", plan=plan, region=place.region))
    story.event(name, at, "ordered", _words("Ordered by {author}", author="demo"), key)
    story.event(name, _plus(at, spent), "ready", _words("Verified and ready"), key)
    if place.cloud == "linode":
        story.machines[name]["reverse"] = name
        at, key = {"since": HOUR + 90.0 * number}, f"reverse {name}"
        spent = story.of_server(key, SetReverseDns(NOBODY, "", name), name, at)
        words = _words("Reverse DNS of {ip}: {name}", ip={"address": name}, name=name)
        story.event(name, _plus(at, spent), "reverse", words, key)


def _set_mail_up(story: Story) -> None:
    for number, (name, domains) in enumerate(SIZES.items()):
        at, key = {"since": HOUR + 600.0 * number}, f"mail {name}"
        order = InstallMail(NOBODY, next(iter(domains)), client=client_id(client_of(name)))
        spent = story.of_server(key, order, name, at)
        words = _words("Mail server Mailu {version} installed", version=OUTDATED.get(name, VERSION))
        story.event(name, _plus(at, spent), "mail", words, key)


def _round(story: Story, name: str, number: int, at: Cell) -> None:
    """A snapshot where there is mail, the oldest one let go; then the server is started anew."""
    if name.split(".")[0] in KEPT_BEFORE and not (name == UNKEPT and number == len(ROUNDS) - 1):
        _keep(story, name, number, at)
        at = _plus(at, 3 * MINUTE)
    key = f"reboot {number} {name}"
    if name == SILENT and number == 1:
        story.of_server(f"{key} first", PowerServer(NOBODY, "reboot"), name, at, failure=NOT_BACK)
        at = _plus(at, 25 * MINUTE)
    _reboot(story, key, name, at)


def _reboot(story: Story, key: str, name: str, at: Cell) -> None:
    words = _words("Rebooted")
    spent = story.of_server(key, PowerServer(NOBODY, "reboot"), name, at, notes={"back": words})
    story.event(name, _plus(at, spent), "power", words, key)


def _keep(story: Story, name: str, number: int, at: Cell) -> None:
    key, cloud = f"snapshot {number} {name}", _cloud(name)
    told = f"before the kernel {number + 1} mailyard-{_id(key)[:8]}"
    take, notes = TakeSnapshot(NOBODY, f"before the kernel {number + 1}"), {"take": told, "wait": told}
    spent = story.of_server(key, take, name, at, notes=notes)
    taken, gone = _plus(at, spent), None
    story.event(name, taken, "snapshot", _words("Snapshot taken: {name}", name=told), key)
    last = len(ROUNDS) - (2 if name == UNKEPT else 1)
    if number + KEPT <= last:
        domain = list(CLIENTS.values()).index(name.partition(".")[2])
        day = ROUNDS[number + KEPT][domain]
        gone = _plus(_on(day, 12 * HOUR), 60.0 * ROLES.index(name.split(".")[0]))
        letting_go = f"let go {number} {name}"
        story.of_server(letting_go, DeleteSnapshot(NOBODY, "", told), name, gone)
        story.event(name, gone, "snapshot", _words("Snapshot deleted: {name}", name=told), letting_go)
    provider_id = str(6_300_000 + crc32(key.encode()) % 60_000)
    provider_id = f"private/{provider_id}" if cloud == "linode" else provider_id
    size = round(2 + crc32(key.encode()) % 900 / 100, 1)
    cells: Row = {"provider_id": provider_id, "server_id": {"server": name}, "name": told, "size_gb": size}
    story.add("snapshot", account_id={"account": cloud}, **cells, created_at=taken, gone_at=gone)
    if gone is None:
        story.machines[name]["snapshots"].append({"id": provider_id, "name": told, "at": taken, "size_gb": size})


def _grow(story: Story) -> None:
    """The lists of Bluebird Books were moved to a larger plan; until then it was the smaller one's price."""
    at, before = _on(62, 18 * HOUR), FIRST_PLANS[BUSY]
    after = next(server.place.plan for server in demo_servers() if server.name == BUSY)
    words = _words("Resized: {before} to {after}", before=before, after=after)
    notes = {"check": after, "wait": after, "on": _words("on"), "note": words}
    spent = story.of_server("resize", ResizeServer(NOBODY, after, grow_disk=True), BUSY, at, notes=notes)
    story.event(BUSY, _plus(at, spent), "resized", words, "resize")
    region = next(server.place.region for server in demo_servers() if server.name == BUSY)
    cells = {"plan": before, "region": region, "state": "on", "source": "inventory"}
    interval: Row = {"id": _id("interval"), "server_id": {"server": BUSY}, **cells}
    story.add("server_interval", **interval, since={"since": 0.0}, until=_plus(at, spent))
    story.machines[BUSY]["plans"] = [{"plan": before, "until": _plus(at, spent)}]


def _lately(story: Story) -> None:
    """What somebody did in the last day, counted back from the beginning of the demo."""
    for hours_ago, name in LATELY:
        _reboot(story, f"lately {name}", name, {NOW: -3600.0 * hours_ago})


def _fail(story: Story) -> None:
    """One that a person stopped by trying again."""
    name, take = "mail.bluebird-books.example", TakeSnapshot(NOBODY, "before the migration")
    story.of_server("snapshot failed", take, name, _on(27, 15 * HOUR), failure=NOT_TAKEN)


def _scheduled(story: Story) -> None:
    """What the scheduler asked for by itself in the last weeks."""
    for request, hours in ((ScanOrphans(), (3, 9, 15, 21)), (ReadBilling(), (8,)), (MaintainStore(), (2,))):
        for day in range(SCHEDULED_DAYS, 0, -1):
            for hour in hours:
                at, key = _on(day, hour * HOUR + 4), f"{request.kind} {day} {hour}"
                schedule = {"schedule": request.kind}
                story.job(key, request, at, {"scheduled": request.kind}, request=to_plain(request), about="")
                story.add("schedule_run", id=_id(f"run {key}"), schedule_id=schedule, due_at=at, outcome="started")


def _named(plain: Mapping[str, Any], name: str) -> dict[str, Any]:
    told: dict[str, Any] = {"server_id": {"server": name}, "account_id": {"account": _cloud(name)}}
    return {key: told.get(key, {"address": name} if key == "ip" else value) for key, value in plain.items()}


def _cloud(name: str) -> str:
    return next(server.place.cloud for server in demo_servers() if server.name == name)


def _on(days_ago: int, second: float) -> Cell:
    return {CALENDAR: second - 86_400.0 * days_ago}


def _plus(at: Cell, seconds: float) -> Cell:
    assert isinstance(at, dict)
    ((base, value),) = at.items()
    return {base: round(value + seconds, 1)}


def _seconds(at: Cell) -> float:
    assert isinstance(at, dict)
    return float(next(iter(at.values())))


def _ran(at: Cell, last: Cell, spent_s: float) -> Row:
    """A step that began at first ``at``, the ``last`` time later, and took so long then."""
    return {"started_at": at, "began_at": last, "ended_at": _plus(last, spent_s), "spent_s": spent_s}


def _id(key: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"mailyard:demo:past:{key}"))


def past() -> dict[str, Any]:
    """The whole file."""
    with TemporaryDirectory() as folder:
        installation = Installation(DataFolder(Path(folder)))
        story = Story(installation.kinds)
        tell(story)
        installation.close()
    return {"days": DAYS, "machines": story.machines, "rows": story.rows}


def packed() -> bytes:
    """The same bytes whenever and wherever."""
    text = json.dumps(past(), sort_keys=True, separators=(",", ":"))
    whole = io.BytesIO()
    with gzip.GzipFile(fileobj=whole, mode="wb", mtime=0, filename="") as file:
        file.write(text.encode())
    return whole.getvalue()


if __name__ == "__main__":
    (ROOT / FILE).parent.mkdir(exist_ok=True)
    (ROOT / FILE).write_bytes(packed())
