"""The demo as its user has it: a fleet with a past, troubles that come about, and gone without a trace."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from backend.bootstrap import Installation
from backend.core.errors import MailyardError, Refused
from backend.core.paths import DataFolder
from backend.demo.fleet import history, seed
from backend.demo.fleet.fleet import MARK
from backend.demo.fleet.seed import account_id_of
from backend.demo.fleet.servers import DAYS, FILLING, OUTGROWN, SILENT, UNKEPT, demo_servers
from backend.demo_installation import Demo
from backend.features import FEATURES
from backend.fleet.metrics import server_series
from backend.inventory.queries import Orphans
from backend.store.backfill import backfill
from backend.store.rollups import DAY
from backend.store.schema.fleet import Account, Workspace
from backend.store.schema.operations import RequestRow
from backend.store.scope import ENGINE_SCOPE
from backend.store.series_key import SeriesKey
from tests.backend.demo.fleet.opened import Opened, opened_demo
from tests.emulators.process import ROOT
from tests.installation import ask, open_installation, question_of, until

ORDERS = {
    "digitalocean": {"region": "fra1", "plan": "s-1vcpu-2gb", "image": "debian-12-x64"},
    "linode": {"region": "eu-central", "plan": "g6-standard-1", "image": "linode/debian12"},
}
OWNER = """
import sys
from pathlib import Path
from backend.demo_installation import Demo
from backend.core.paths import DataFolder
demo = Demo(DataFolder(Path(sys.argv[1])))
demo.folder.prepare()
demo.open()
print(demo._fleet._process.pid, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    with opened_demo(tmp_path) as made:
        yield made


def digest(root: Path) -> dict[str, str]:
    """What stands in every file under a folder."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def is_running(pid: int) -> bool:
    """Also not as a zombie that nobody has asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_fleet_stands_as_if_it_had_been_run_for_ninety_days(opened: Opened) -> None:
    servers, installation = opened.servers(), opened.installation

    assert set(servers) == {demo_server.name for demo_server in demo_servers()}
    assert all(row.is_ours and row.can_enter and row.life == "active" and row.address for row in servers.values())
    assert all(row.monthly_micro for row in servers.values())
    with installation.store.read(ENGINE_SCOPE) as session:
        assert len(list(session.scalars(select(Workspace).where(Workspace.kind == "client")))) == 3
        accounts = {row.provider: row for row in session.scalars(select(Account))}
    assert {row.state for row in accounts.values()} == {"verified"}
    ends = accounts["linode"].token_ends_at
    assert ends is not None
    assert timedelta(days=5) < ends - installation.clock.now() < timedelta(days=7)
    assert (servers[SILENT].health, servers[FILLING].health) == ("critical", "warning")
    assert servers[FILLING].health_note == "disk over 80 %"


def test_ninety_days_of_every_server_were_observed_but_for_one_gap_and_a_silent_night(opened: Opened) -> None:
    now = int(opened.installation.clock.now().timestamp())
    opened.demo.fill_in(opened.installation)
    for name, row in opened.servers().items():
        key = server_series(row.id)
        series = opened.installation.metrics.raw(ENGINE_SCOPE, key, now - (DAYS + 1) * DAY, now)
        assert now - series.times[0] >= DAYS * DAY
        gaps = [int(each) for each in series.times[1:] - series.times[:-1] if each > 300]
        assert gaps == [7 * 3600 + 300, *([15 * 60 + 300] if name == SILENT else [])], name
        last = now - int(series.times[-1])
        assert (last > 2_000) if name == SILENT else (last < 900)


def test_a_past_that_was_cut_off_is_gone_on_with_and_not_written_twice(
    opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[SeriesKey] = []

    def some(store: Any, scope: Any, key: SeriesKey, *values: Any, **options: Any) -> None:
        if len(written) == 5:
            raise OSError("the power went")
        written.append(key)
        backfill(store, scope, key, *values, **options)

    monkeypatch.setattr(history, "backfill", some)
    with pytest.raises(OSError, match="power"):
        opened.demo.fill_in(opened.installation)
    monkeypatch.setattr(history, "backfill", lambda _store, _scope, key, *_v, **_o: written.append(key))
    opened.demo.fill_in(opened.installation)

    assert sorted(key.id for key in written) == sorted(row.id for row in opened.servers().values())


@pytest.mark.proof("a demo life")
def test_its_troubles_come_about_by_themselves_and_can_be_mended(opened: Opened) -> None:
    assert opened.installation.become_engine("test")
    asked = until(lambda: opened.job(OUTGROWN, "server.resize"), "the resize")
    assert asked is not None
    waiting = opened.driver.wait_for(asked.id, "waiting_for_you")
    assert "costs more now" in question_of(waiting).title
    kept = until(lambda: opened.job(UNKEPT, "server.snapshot"), "the snapshot")
    assert kept is not None
    assert opened.driver.wait_for(kept.id).state == "failed"
    opened.driver.act(kept.id, "job.retry")
    opened.driver.act(waiting.id, "job.confirm", fingerprint=question_of(waiting).fingerprint)

    until(lambda: (opened.driver.job(kept.id) or kept).state == "succeeded", "the snapshot", 60)
    assert opened.driver.wait_for(waiting.id, seconds=90).state == "succeeded"
    assert opened.driver.wait_for(opened.driver.request("orphans.scan", {})).state == "succeeded"
    assert ask(opened.installation, Orphans(FEATURES)).orphans == ()


@pytest.mark.proof("a demo life")
@pytest.mark.parametrize("kind", ORDERS)
def test_a_server_is_ordered_proves_itself_is_guarded_and_destroyed(opened: Opened, kind: str) -> None:
    assert opened.installation.become_engine("test")
    driver, name = opened.driver, "new.acme-dental.example"
    job = driver.wait_for(driver.order(account_id_of(kind), name, **ORDERS[kind]), seconds=90)
    assert job.state == "succeeded", (job.cause, driver.described(job.id))
    server = {"server_id": str(opened.servers()[name].id)}

    for request, more in (
        ("server.power", {"action": "reboot"}),
        ("server.firewall", {}),
        ("server.address.reserve", {}),
        ("server.destroy", {"typed_name": name}),
    ):
        job = driver.wait_for(driver.request(request, server | more), seconds=90)
        assert job.state == "succeeded", (request, job.cause, driver.described(job.id))
    assert name not in opened.servers()


def test_opened_again_it_is_the_same_fleet_at_other_ports(opened: Opened) -> None:
    before = {name: (row.id, row.address) for name, row in opened.servers().items()}
    opened.close()
    opened.open()

    assert {name: (row.id, row.address) for name, row in opened.servers().items()} == before
    assert opened.installation.become_engine("test")
    for kind in ORDERS:
        request = opened.driver.request("inventory.refresh", {"account_id": str(account_id_of(kind))})
        assert opened.driver.wait_for(request).state == "succeeded"
    assert len(opened.servers()) == len(before)
    job = opened.driver.request(
        "server.power", {"server_id": str(before["mx2.acme-dental.example"][0]), "action": "reboot"}
    )
    assert opened.driver.wait_for(job, seconds=90).state == "succeeded"


def test_the_clouds_end_with_their_owner_however_it_ends(tmp_path: Path) -> None:
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path / "demo")], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert owner.stdout is not None
    assert owner.stdin is not None
    clouds = int(owner.stdout.readline())
    assert is_running(clouds)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait(timeout=60)

    until(lambda: not is_running(clouds), "the clouds to end")
    owner.stdin.close()
    owner.stdout.close()


def test_the_live_data_are_untouched_byte_for_byte(
    tmp_path: Path, new_installation: Callable[..., Installation]
) -> None:
    """Made, run, killed over and removed beside it."""
    live = tmp_path / "mailyard"
    running = new_installation(live)
    assert running.lock.take("test", running.clock.now())
    running.prepare_store()
    running.close()
    before = digest(live)

    made = Opened(tmp_path / "mailyard-demo")
    assert made.installation.become_engine("test")
    made.driver.wait_for(made.driver.request("orphans.scan", {}))
    made.close()
    made.demo.remove()

    assert digest(live) == before
    assert not made.folder.root.exists()


def test_a_removal_that_was_cut_off_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = DataFolder(tmp_path / "mailyard-demo")
    folder.prepare()
    (folder.root / MARK).write_text("begun")

    def refuse(path: Path, *, ignore_errors: bool = False) -> None:
        if not ignore_errors:
            raise PermissionError("a file of it is in use")

    demo = Demo(folder)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", refuse)
        with pytest.raises(MailyardError, match="could not be removed"):
            demo.remove()

    demo.remove()

    assert list(tmp_path.iterdir()) == []
    with pytest.raises(MailyardError, match="no demo"):
        demo.remove()


def test_a_folder_that_is_no_demos_is_neither_opened_nor_removed(tmp_path: Path) -> None:
    live = tmp_path / "mailyard"
    running = open_installation(live)
    assert running.lock.take("test", running.clock.now())
    running.prepare_store()
    running.close()
    before = digest(live)
    demo = Demo(DataFolder(live))

    with pytest.raises(Refused, match="something other than a demo"):
        demo.open()
    with pytest.raises(MailyardError, match="no demo"):
        demo.remove()
    assert digest(live) == before


def test_a_first_start_that_was_cut_off_begins_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_given: Any) -> None:
        raise OSError("the power went")

    folder = DataFolder(tmp_path / "mailyard-demo")
    folder.prepare()
    with monkeypatch.context() as patch:
        patch.setattr(seed, "observe_today", breaks)
        demo = Demo(folder)
        with pytest.raises(MailyardError, match="could not be opened"):
            demo.open()
        demo.close()

    made = Opened(folder.root)
    assert len(made.servers()) == 24
    made.close()


def test_a_demo_that_runs_is_not_opened_twice_nor_removed(opened: Opened) -> None:
    assert opened.installation.become_engine("test")
    second = Demo(opened.folder)

    with pytest.raises(Refused, match="already open"):
        second.open()
    with pytest.raises(MailyardError, match="still in use"):
        second.remove()
    assert len(opened.servers()) == 24


def test_no_real_account_is_taken(opened: Opened) -> None:
    assert opened.installation.become_engine("test")
    request = {"account_id": str(uuid4()), "name": "Real", "provider": "vultr", "secret_ref": "api_keys/x"}
    opened.driver.request("account.add", request)

    def refused() -> str | None:
        with opened.installation.store.read(ENGINE_SCOPE) as session:
            return session.scalars(select(RequestRow.refusal).where(RequestRow.refusal.is_not(None))).first()

    assert "does not accept real accounts" in str(until(refused, "the refusal"))
    with opened.installation.store.read(ENGINE_SCOPE) as session:
        assert len(list(session.scalars(select(Account)))) == 2
