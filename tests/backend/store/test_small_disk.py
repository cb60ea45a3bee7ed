"""A full disk and a read-only folder, on real file systems: words with a remedy, nothing lost, and on it goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.requirements import ROOT

MOUNTED = 'mount -t tmpfs -o size=6m small "$0" && exec "$@"'
ENDS_S = 60


def on_small_disk(what: str, place: Path) -> Any:
    """What small_disk.py tells; it lives in a mount namespace of its own, which ends with it."""
    enter = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    module = [sys.executable, "-m", "tests.backend.store.small_disk", what, str(place)]
    command = [*enter, "sh", "-c", MOUNTED, str(place), *module]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=ENDS_S)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return on_small_disk("full", tmp_path_factory.mktemp("full"))


@pytest.fixture(scope="module")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return on_small_disk("read-only", tmp_path_factory.mktemp("read-only"))


@pytest.mark.parametrize("what", ["row", "sample"])
def test_a_full_disk_is_named_with_a_remedy(full: Any, what: str) -> None:
    kind, title, remedy = full["troubles"][what]
    assert (kind, title) == ("DiskFull", "There is no space left for the database.")
    assert remedy.startswith("Free some disk space")


def test_a_secret_on_a_full_disk_is_refused_with_a_remedy(full: Any) -> None:
    _kind, title, remedy = full["troubles"]["secret"]
    assert title == "The secret store cannot be written; the secret was not saved."
    assert remedy.startswith("Free some disk space")


@pytest.mark.parametrize("when", ["during", "after"])
def test_all_that_was_acknowledged_is_there_on_the_full_disk_and_after(full: Any, when: str) -> None:
    for what in ("rows", "samples"):
        found, acknowledged = full[when][what]
        assert found == acknowledged > 0
    assert full[when]["secret"] is True


def test_work_goes_on_after_space_was_freed(full: Any) -> None:
    assert full["after"]["rows"][0] == full["during"]["rows"][0] + 1
    assert full["after"]["samples"][0] == full["during"]["samples"][0] + 1
    assert full["sound"] is True


@pytest.mark.parametrize("what", ["folder", "upgrade", "row", "sample", "secret"])
def test_a_read_only_folder_is_named_with_a_remedy(read_only: Any, what: str) -> None:
    kind, title, remedy = read_only["troubles"][what]
    assert kind == "StoreReadOnly"
    assert "cannot be written" in title
    assert "write access" in remedy


def test_a_read_only_folder_costs_the_log_and_no_data(read_only: Any) -> None:
    assert read_only["log"] == "StreamHandler"
    assert read_only["secret"] is True
    found, acknowledged = read_only["after"]["rows"]
    assert found == acknowledged == 1
