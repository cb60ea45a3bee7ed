"""Writing to the sealed file: by several at once, through a crash, onto a disk that refuses; nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from backend.core.errors import SecretMissing, StoreReadOnly
from backend.core.secrets import box
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from tests.backend.core.sealing import CANARY, REF, kept, opened
from tests.requirements import ROOT

pytestmark = [pytest.mark.judged_once, pytest.mark.usefixtures("quick_keys")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.sealed"


WRITER = """
import sys
from pathlib import Path
from backend.core.secrets import keys
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
keys.SCRYPT_N = 2**4
store = SealedFile(Path(sys.argv[1]), PassphraseHolder(lambda: Secret("correct horse battery staple")))
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    store.keep(SecretRef(f"{sys.argv[2]}/{number}"), Secret(f"value {sys.argv[2]} {number}"))
    print(number, flush=True)
"""


def writer(path: Path, name: str, count: int) -> subprocess.Popen[str]:
    """A process that waits for a line and then keeps one value after another, telling of each."""
    command = [sys.executable, "-c", WRITER, str(path), name, str(count)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def test_processes_and_threads_that_write_at_once_lose_nothing(path: Path) -> None:
    """The first write too: they all find no file, and one key must be agreed on."""
    processes = [writer(path, name, 20) for name in ("a", "b")]
    store = opened(path)
    threads = [threading.Thread(target=keep_many, args=(store, name)) for name in ("c", "d")]
    for process in processes:
        release(process)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for process in processes:
        process.communicate(timeout=60)
    expected = {SecretRef(f"{name}/{number}") for name in "abcd" for number in range(20)}
    assert set(opened(path).references()) == expected
    assert opened(path).read(SecretRef("b/19")) == Secret("value b 19")


def keep_many(store: SealedFile, name: str) -> None:
    for number in range(20):
        store.keep(SecretRef(f"{name}/{number}"), Secret(f"value {name} {number}"))


def test_a_process_killed_while_it_writes_loses_nothing_it_had_told_of(path: Path) -> None:
    kept(path)
    for turn in range(4):
        process = writer(path, f"turn{turn}", 10_000)
        release(process)
        assert process.stdout is not None
        for _ in range(3 + turn * 4):
            told = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        rest, _nothing = process.communicate(timeout=60)
        told = max([told, *(int(line) for line in rest.splitlines() if line)])
        found = {ref.path for ref in opened(path).references()}
        assert {f"turn{turn}/{number}" for number in range(told + 1)} <= found
    opened(path).keep(SecretRef("after"), Secret("the lock is free again"))
    assert opened(path).read(REF) == Secret(CANARY)


def test_a_crash_between_write_and_rename_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept(path)
    before = path.read_bytes()

    def crash(_self: Path, _target: Path) -> Path:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            store.keep(REF, Secret("never kept"))
    assert path.read_bytes() == before
    assert opened(path).read(REF) == Secret(CANARY)
    opened(path).keep(REF, Secret("kept again"))
    assert [each.name for each in path.parent.iterdir() if each.name.endswith(".new")] == []


def test_a_write_that_fails_keeps_the_old_file_and_says_so(path: Path) -> None:
    """A folder stands where the new file would be written: an error of the file system, even for root."""
    store = kept(path)
    before = path.read_bytes()
    obstacle = path.with_name(path.name + ".new")
    obstacle.mkdir()
    with pytest.raises(StoreReadOnly) as caught:
        store.keep(REF, Secret("never kept"))
    assert caught.value.title == "The secret store cannot be written; the secret was not saved."
    assert path.read_bytes() == before
    obstacle.rmdir()
    store.keep(REF, Secret("kept again"))
    assert opened(path).read(REF) == Secret("kept again")


def test_a_file_that_cannot_be_read_is_named_with_a_remedy(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreReadOnly) as caught:
        opened(path).read(REF)
    assert "secrets.sealed" in caught.value.remedy


def test_a_lock_that_is_held_for_ever_ends_in_words(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(box, "LOCK_S", 0.05)
    store = opened(path)
    with FileLock(str(path) + ".lock"), pytest.raises(StoreReadOnly) as caught:
        store.keep(REF, Secret("x" * 9))
    assert caught.value.remedy != ""


class Drawer:
    """A key holder that, like a keyring, keeps what it creates until it is discarded."""

    place = "keyring"

    def __init__(self) -> None:
        self.keys: dict[str, bytes] = {}

    def create(self) -> tuple[bytes, dict[str, Any]]:
        name = str(len(self.keys) + 1)
        self.keys[name] = os.urandom(32)
        return self.keys[name], {"place": self.place, "name": name}

    def obtain(self, record: dict[str, Any]) -> bytes:
        return self.keys[record["name"]]

    def discard(self, record: dict[str, Any]) -> None:
        del self.keys[record["name"]]


def test_asking_about_a_file_that_does_not_exist_makes_no_key(path: Path) -> None:
    drawer = Drawer()
    store = SealedFile(path, drawer)
    assert (store.is_locked, store.exists, store.key_place, store.references()) == (False, False, "keyring", [])
    with pytest.raises(SecretMissing):
        store.read(REF)
    assert drawer.keys == {}
    assert not path.exists()


def test_a_first_write_that_fails_leaves_no_key_behind_and_the_next_one_works(path: Path) -> None:
    drawer, obstacle = Drawer(), path.with_name(path.name + ".new")
    store = SealedFile(path, drawer)
    obstacle.mkdir()
    for _ in range(3):
        with pytest.raises(StoreReadOnly):
            store.keep(REF, Secret(CANARY))
    assert drawer.keys == {}
    obstacle.rmdir()
    store.keep(REF, Secret(CANARY))
    assert len(drawer.keys) == 1
    assert SealedFile(path, drawer).read(REF) == Secret(CANARY)
