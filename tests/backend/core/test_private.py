"""Files only their owner can read: under any umask, whatever lay there before, and never through somebody's link."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backend.core import private
from backend.core.errors import StoreNotPrivate
from backend.core.log import start_logging, stop_logging
from backend.core.paths import DataFolder
from tests.backend.core.sealing import kept

pytestmark = [pytest.mark.judged_once, pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")]

NOBODY = 65534
needs_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs to give files away")


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    yield
    os.umask(before)


def modes(root: Path) -> set[tuple[str, int]]:
    """Of the folder and everything in it that is not as it should be."""
    found = {
        (str(path.relative_to(root)), stat.S_IMODE(path.lstat().st_mode), path.is_dir()) for path in root.rglob("*")
    }
    return {(name, mode) for name, mode, is_folder in found if mode != (0o700 if is_folder else 0o600)}


UMASKS = [0o000, 0o022, 0o077, 0o377]


@pytest.mark.parametrize("mask", UMASKS, ids=oct)
def test_whatever_makes_a_file_makes_it_for_its_owner(tmp_path: Path, mask: int) -> None:
    root = tmp_path / "deep" / "data"
    with umask(mask):
        private.make_folder(root / "logs")
        private.make_file(root / "made")
        private.replace_file(root / "replaced", b"1")
        with open(root / "opened", "w", opener=private.private) as file:
            file.write("1")
        kept(root / "secrets.sealed")
        handler = start_logging(root / "logs")
        stop_logging(handler)
    assert modes(tmp_path) == set()
    assert {path.name for path in root.iterdir()} >= {"made", "replaced", "opened", "secrets.sealed", "logs"}


def test_an_open_folder_of_ours_is_closed_with_all_that_is_in_it_and_said_once(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (folder.copies / "one").mkdir(parents=True)
    for name in ("app.db", "app.db-wal", "copies/one/app.db"):
        (folder.root / name).touch()
        (folder.root / name).chmod(0o666)
    folder.root.chmod(0o777)
    (folder.copies / "one").chmod(0o755)

    assert folder.prepare()

    assert modes(tmp_path) == set()
    assert not folder.prepare()


def test_a_single_open_file_in_a_closed_folder_is_closed_too(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    folder.settings.touch()
    folder.settings.chmod(0o640)

    assert folder.prepare()
    assert modes(folder.root) == set()


@needs_root
@pytest.mark.parametrize("what", ["the folder", "a file", "a link", "a link to the folder"])
def test_what_belongs_to_another_user_is_refused_and_left_alone(tmp_path: Path, what: str) -> None:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    victim = tmp_path / "victim"
    victim.write_text("whole")
    if what == "the folder":
        os.chown(folder.root, NOBODY, NOBODY)
    elif what == "a file":
        folder.settings.touch()
        os.chown(folder.settings, NOBODY, NOBODY)
    elif what == "a link":
        (folder.root / "engine.json").symlink_to(victim)
        os.lchown(folder.root / "engine.json", NOBODY, NOBODY)
    else:
        (tmp_path / "link").symlink_to(folder.root)
        os.lchown(tmp_path / "link", NOBODY, NOBODY)
        folder = DataFolder(tmp_path / "link")

    with pytest.raises(StoreNotPrivate, match="belongs to another user") as refused:
        folder.prepare()

    assert "--data-dir" in refused.value.remedy
    assert victim.read_text() == "whole"


def test_the_owner_may_link_the_folder_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir(mode=0o755)
    (tmp_path / "data").symlink_to(tmp_path / "disk")

    assert DataFolder(tmp_path / "data").prepare()
    assert stat.S_IMODE((tmp_path / "disk").stat().st_mode) == 0o700


def test_a_file_is_never_written_through_a_link(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("whole")
    for name in ("replaced.new", "opened", "made"):
        (tmp_path / name).symlink_to(victim)

    private.replace_file(tmp_path / "replaced", b"1")
    private.make_file(tmp_path / "made")
    with pytest.raises(OSError, match="symbolic"):
        open(tmp_path / "opened", "a", opener=private.private)  # noqa: SIM115 - it must not open

    assert victim.read_text() == "whole"
    assert (tmp_path / "replaced").read_bytes() == b"1"


@needs_root
def test_the_log_is_not_appended_to_what_another_user_linked(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.touch()
    (tmp_path / "mailyard.log").symlink_to(victim)
    os.lchown(tmp_path / "mailyard.log", NOBODY, NOBODY)

    stop_logging(start_logging(tmp_path))

    assert victim.read_bytes() == b""
    assert not (tmp_path / "mailyard.log.1").exists()


def test_an_obstacle_leaves_the_old_content(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "file.new").mkdir()

    with pytest.raises(OSError, match=r"file\.new"):
        private.replace_file(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_text() == "old"
