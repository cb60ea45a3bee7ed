"""The scripts that copy a mail server and put it back, run by a real shell on a folder of the test."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from backend.core.errors import CommandFailed, CommandTimedOut, Refused
from backend.mail.host import turn
from backend.mail.upgrade import copies
from backend.store.schema.mail import MailServer
from tests.backend.mail.scripts import SECONDS, Shell, wait_for_waiting
from tests.installation import until


class Disk:
    """A mail server's folders, whose names have a space in them."""

    def __init__(self, folder: Path) -> None:
        self.ssh = cast(Any, Shell())
        self.root, self.opt = folder / "mail data", folder / "opt dir"
        for name in ("data", "dkim", "certs", "overrides/rspamd", "mail/box", "mailqueue"):
            (self.root / name).mkdir(parents=True)
            (self.root / name / "kept").write_text(f"{name} before")
        self.opt.mkdir()
        files = [str(self.opt / "compose.yml")]
        self.row = MailServer(root=str(self.root), env_file=str(self.opt / "mailu.env"), files=files)
        for path in copies.files_of(self.row):
            Path(path).write_text("before")
            Path(path).chmod(0o600)

    def change(self) -> None:
        """As another version does."""
        (self.root / "data/kept").write_text("after")
        (self.root / "data/new").write_text("after")
        (self.root / "dkim/kept").unlink()
        (self.root / "mail/box/kept").write_text("came since")
        Path(self.row.env_file).write_text("after")

    def told(self) -> dict[str, str]:
        found = (path for path in (*self.root.rglob("*"), *self.opt.rglob("*")) if path.is_file())
        return {str(path): path.read_text() for path in found}


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setattr(copies, "PLACE", str(tmp_path / "copies"))
    return Disk(tmp_path)


def test_what_was_changed_is_put_back_and_the_mail_stays(disk: Disk) -> None:
    before = disk.told()
    copies.make(disk.ssh, disk.row, "one")
    disk.change()

    for _time in range(2):  # a kill may have come in between
        copies.put_back(disk.ssh, "one", [*copies.folders_of(disk.row), *copies.files_of(disk.row)])

    assert disk.told() == before | {str(disk.root / "mail/box/kept"): "came since"}
    assert Path(disk.row.env_file).stat().st_mode & 0o777 == 0o600


def test_a_copy_that_is_whole_is_never_made_anew_and_a_half_one_is(disk: Disk, tmp_path: Path) -> None:
    half = tmp_path / "copies/one.new/half"
    half.parent.mkdir(parents=True)
    half.write_text("of a kill")
    copies.make(disk.ssh, disk.row, "one")
    made = sorted(path.name for path in (tmp_path / "copies").iterdir())
    before = disk.told()
    disk.change()
    copies.make(disk.ssh, disk.row, "one")
    copies.put_back(disk.ssh, "one", copies.files_of(disk.row))

    assert made == ["one"]
    assert not list((tmp_path / "copies").rglob("half"))
    assert Path(disk.row.env_file).read_text() == before[disk.row.env_file]
    assert not list((tmp_path / "copies").rglob("mailqueue"))


def test_nothing_is_taken_away_where_there_is_no_copy(disk: Disk) -> None:
    before = disk.told()
    with pytest.raises(CommandFailed):
        copies.put_back(disk.ssh, "none", copies.folders_of(disk.row))

    assert disk.told() == before


@contextmanager
def held(tmp_path: Path) -> Iterator[Path]:
    """An earlier script runs, as far as others can see; gives the file that says so."""
    import fcntl

    lock = tmp_path / "copies.lock"
    with lock.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield lock


def test_a_copy_is_begun_when_an_earlier_script_ended(disk: Disk, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with held(tmp_path) as lock:
            made = pool.submit(copies.make, disk.ssh, disk.row, "one")
            wait_for_waiting(lock)
            assert not list(tmp_path.glob("copies/*"))
        made.result(SECONDS)

    before = disk.told()
    disk.change()
    copies.put_back(disk.ssh, "one", copies.folders_of(disk.row))
    assert disk.told()[f"{disk.root}/data/kept"] == before[f"{disk.root}/data/kept"]


def test_what_an_earlier_script_made_meanwhile_is_whole(disk: Disk, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as pool:
        with held(tmp_path) as lock:
            made = pool.submit(copies.make, disk.ssh, disk.row, "one")
            wait_for_waiting(lock)
            (tmp_path / "copies/one").mkdir(parents=True)
        made.result(SECONDS)

    assert not list((tmp_path / "copies/one").iterdir())


def test_a_script_that_nobody_asks_for_any_more_ends_when_its_turn_comes(disk: Disk, tmp_path: Path) -> None:
    sent = list[str]()
    disk.ssh.check = lambda command, **_more: sent.append(command)
    copies.make(disk.ssh, disk.row, "one")
    pid = tmp_path / "pid"
    with held(tmp_path) as lock:
        line = f"sh -c {shlex.quote(sent[0])} & echo $! > {shlex.quote(str(pid))}; wait"
        asks = subprocess.Popen(["sh", "-c", line])
        wait_for_waiting(lock)
        until(lambda: pid.exists() and pid.read_text(), "its number", SECONDS)
        asks.kill()
        asks.wait(SECONDS)
    until(lambda: not _runs(int(pid.read_text())), "the script to end", SECONDS)

    assert not list(tmp_path.glob("copies/*"))


def _runs(pid: int) -> bool:
    """A process that ended may have nobody who asks how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_whose_turn_does_not_come_is_tried_again(
    disk: Disk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "TURN_S", 0)
    with held(tmp_path), pytest.raises(CommandTimedOut, match="An earlier change on the server is not finished yet"):
        copies.make(disk.ssh, disk.row, "one")


@pytest.fixture
def mounts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file whose lines are what ``mountpoint`` says yes to."""
    listed, told = tmp_path / "mounts", tmp_path / "bin/mountpoint"
    listed.touch()
    told.parent.mkdir()
    told.write_text(f'#!/bin/sh\nexec grep -qxF -- "$2" "{listed}"\n')
    told.chmod(0o755)
    monkeypatch.setenv("PATH", f"{told.parent}:{os.environ['PATH']}")
    return listed


@pytest.mark.parametrize("name", ["data", "dkim"])
@pytest.mark.parametrize("is_link", [True, False])
def test_what_a_copy_would_not_have_is_refused(disk: Disk, name: str, *, is_link: bool) -> None:
    folder = disk.root / name
    folder.rename(disk.root / "elsewhere")
    if is_link:
        folder.symlink_to(disk.root / "elsewhere")

    with pytest.raises(Refused, match=f"{folder} is no plain folder, so an upgrade could not put it back"):
        copies.check_room(copies.room(disk.ssh, disk.row))


@pytest.mark.parametrize("name", copies.FOLDERS)
def test_what_could_not_be_put_back_over_a_mount_is_refused(disk: Disk, mounts: Path, name: str) -> None:
    mounts.write_text(f"{disk.root / name}\n")

    with pytest.raises(Refused, match=f"{disk.root / name} is no plain folder"):
        copies.check_room(copies.room(disk.ssh, disk.row))


def test_a_server_without_folders_of_its_own_making_is_taken_and_its_way_back_needs_room(
    disk: Disk, mounts: Path
) -> None:
    for name in ("certs", "overrides"):
        (disk.root / name).rename(disk.root / f"no {name}")
    found = copies.room(disk.ssh, disk.row)
    (disk.root / "data/large").write_bytes(os.urandom(1_000_000))
    more = copies.room(disk.ssh, disk.row)

    assert (found.odd, mounts.read_text()) == ((), "")
    copies.check_room(copies.Room(found.needed, found.needed + copies.SPARE, found.odd))
    assert more.needed - found.needed >= 2_000_000


def test_room_is_told_in_bytes_and_old_copies_go(disk: Disk, tmp_path: Path) -> None:
    found = copies.room(disk.ssh, disk.row)
    assert 0 < found.needed < 10_000_000 < found.free

    for hours, name in enumerate(("three", "two", "one")):
        copies.make(disk.ssh, disk.row, name)
        at = time.time() - 3_600 * hours
        os.utime(tmp_path / "copies" / name, (at, at))
    assert copies.drop_older(disk.ssh) == 1

    assert sorted(path.name for path in (tmp_path / "copies").iterdir()) == ["three", "two"]
