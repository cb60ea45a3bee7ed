"""The key moves between the keyring and a passphrase: the new one first, the old one removed, a kill loses nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backend.core.errors import Refused, SecretStoreLocked, StoreReadOnly
from backend.core.secrets import box
from backend.core.secrets.keys import ChosenHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from tests.backend.core.sealing import CANARY, PASSPHRASE, REF
from tests.drawer import Drawer, in_place
from tests.requirements import ROOT

pytestmark = [pytest.mark.judged_once, pytest.mark.usefixtures("quick_keys", "drawer")]

NOW, NEW = Secret(PASSPHRASE), Secret("a horse of another colour")
OTHER = SecretRef("api_keys/a/2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.sealed"


def store_of(path: Path, passphrase: Secret | None = None, *, keyring: bool = True) -> SealedFile:
    """As a fresh process finds it; a new one goes to the keyring where nobody knows a passphrase."""
    holder = ChosenHolder(lambda: passphrase, use_keyring=lambda: passphrase is None)
    return SealedFile(path, holder, can_use_keyring=lambda: keyring)


def kept(path: Path, passphrase: Secret | None = None) -> SealedFile:
    store = store_of(path, passphrase)
    store.keep(REF, Secret(CANARY))
    return store


def record(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.read_bytes())["header"]["key"]
    return found


def test_into_the_keyring_and_nobody_is_asked_any_more(path: Path, drawer: Drawer) -> None:
    store = kept(path, NOW)

    store.move_to_keyring(NOW)

    assert (store.key_place, len(drawer.kept)) == ("keyring", 1)
    assert store.read(REF) == store_of(path).read(REF) == Secret(CANARY)
    with pytest.raises(Refused, match="in the keyring"):
        store.prove(NOW)


def test_behind_a_passphrase_and_the_keyring_is_empty_again(path: Path, drawer: Drawer) -> None:
    store = kept(path)
    assert len(drawer.kept) == 1

    store.move_to_passphrase(NEW)

    assert (store.key_place, drawer.kept, store_of(path).is_locked) == ("passphrase", {}, True)
    assert store.read(REF) == store_of(path, NEW).read(REF) == Secret(CANARY)
    assert box.LEFT not in record(path)


def test_there_and_back_and_others_that_hold_a_key_of_before_work_on(path: Path, drawer: Drawer) -> None:
    engine = kept(path, NOW)

    store_of(path, NOW).move_to_keyring(NOW)
    engine.keep(OTHER, Secret("kept beside"))
    store_of(path).move_to_passphrase(NEW)

    assert engine.read(REF) == Secret(CANARY)
    assert store_of(path, NEW).read(OTHER) == Secret("kept beside")
    assert drawer.kept == {}


def refused_keyring(path: Path) -> None:
    store_of(path, NOW, keyring=False).move_to_keyring(NOW)


REFUSED = {
    "a wrong passphrase": (NOW, lambda path: store_of(path, NOW).move_to_keyring(NEW), SecretStoreLocked, "not the"),
    "no keyring": (NOW, refused_keyring, Refused, "No trusted keyring"),
    "behind one already": (NOW, lambda path: store_of(path, NOW).move_to_passphrase(NEW), Refused, "already"),
    "there already": (None, lambda path: store_of(path).move_to_keyring(NOW), Refused, "already"),
    "a short one": (None, lambda path: store_of(path).move_to_passphrase(Secret("eleven char")), Refused, "too short"),
}


@pytest.mark.parametrize(("lies", "act", "kind", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_refused_changes_nothing(
    path: Path, drawer: Drawer, lies: Secret | None, act: object, kind: type[Exception], words: str
) -> None:
    assert callable(act)
    store = kept(path, lies)
    before, keys = path.read_bytes(), dict(drawer.kept)

    with pytest.raises(kind, match=words):
        act(path)

    assert (path.read_bytes(), drawer.kept) == (before, keys)
    assert store.read(REF) == Secret(CANARY)


def test_a_store_that_is_not_there_is_not_moved(path: Path) -> None:
    with pytest.raises(Refused, match="no secret store yet"):
        store_of(path).move_to_keyring(NOW)
    with pytest.raises(Refused, match="no secret store yet"):
        store_of(path).move_to_passphrase(NEW)


def test_a_keyring_that_forgets_at_once_gets_nothing(path: Path, drawer: Drawer) -> None:
    kept(path, NOW)
    drawer.set_password = lambda *_given: None  # type: ignore[method-assign]

    with pytest.raises(SecretStoreLocked, match="keyring"):
        store_of(path, NOW).move_to_keyring(NOW)

    assert store_of(path, NOW).read(REF) == Secret(CANARY)


@pytest.mark.parametrize("is_renamed", [False, True])
def test_a_write_that_fails_keeps_the_key_that_the_file_needs(
    path: Path, drawer: Drawer, monkeypatch: pytest.MonkeyPatch, is_renamed: bool
) -> None:
    """A folder that cannot be synced fails after the rename: the new key was thrown away, and with it everything."""
    store = kept(path, NOW)

    def refuse(*_given: object, **_options: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(box, "_sync_folder" if is_renamed else "replace_file", refuse)
    with pytest.raises(StoreReadOnly):
        store.move_to_keyring(NOW)

    assert len(drawer.kept) == is_renamed
    assert store_of(path, NOW).read(REF) == Secret(CANARY)


def test_a_first_value_whose_folder_cannot_be_synced_keeps_its_key(
    path: Path, drawer: Drawer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_folder: Path) -> None:
        raise OSError("no space")

    monkeypatch.setattr(box, "_sync_folder", refuse)
    with pytest.raises(StoreReadOnly):
        kept(path)

    assert store_of(path).read(REF) == Secret(CANARY)


MOVER = """
import os, signal, sys
from pathlib import Path
import keyring
from backend.core.secrets import keys
from backend.core.secrets.values import Secret
from tests.backend.core.test_key_moves import store_of
from tests.drawer import Drawer
keys.SCRYPT_N = 2**4
path, place, words, at = Path(sys.argv[1]), sys.argv[2], Secret(sys.argv[3]), sys.argv[4]
def killing(act, when):
    def acted(*given):
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        act(*given)
        os.kill(os.getpid(), signal.SIGKILL)
    return acted
drawer = Drawer(path.with_name("keyring"))
name, when = at.split()
if name == "rename":
    Path.replace = killing(Path.replace, when)
else:
    setattr(drawer, name, killing(getattr(drawer, name), when))
keyring.set_keyring(drawer)
store = store_of(path, words if place == "keyring" else None)
(store.move_to_keyring if place == "keyring" else store.move_to_passphrase)(words)
"""

KILLS = {
    "keyring": ("set_password before", "set_password after", "rename before", "rename after"),
    "passphrase": ("rename before", "rename after", "delete_password before", "delete_password after"),
}


@pytest.mark.parametrize(("place", "at"), [(place, at) for place, all_of in KILLS.items() for at in all_of])
def test_a_kill_at_any_moment_leaves_a_store_that_opens_and_the_next_try_ends_the_same(
    path: Path, place: str, at: str
) -> None:
    shared = path.with_name("keyring")
    with in_place(Drawer(shared)):
        kept(path, NEW if place == "keyring" else None)

    command = [sys.executable, "-c", MOVER, str(path), place, NEW.reveal(), at]
    assert subprocess.run(command, cwd=ROOT, timeout=120).returncode == -signal.SIGKILL

    drawer = Drawer(shared)
    with in_place(drawer):
        store = store_of(path, NEW)
        assert store.read(REF) == Secret(CANARY)
        if store.key_place != place:
            store.move_to_keyring(NEW) if place == "keyring" else store.move_to_passphrase(NEW)
        fresh = store_of(path, None if place == "keyring" else NEW)
        assert (fresh.key_place, fresh.read(REF)) == (place, Secret(CANARY))
        assert bool(drawer.kept) == (place == "keyring")
        assert box.LEFT not in record(path)


def test_a_move_into_the_keyring_still_removes_what_a_kill_left_there(path: Path, drawer: Drawer) -> None:
    store = kept(path)
    drawer.delete_password = lambda *_given: exit_now()  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        store.move_to_passphrase(NEW)
    del drawer.delete_password

    store_of(path, NEW).move_to_keyring(NEW)

    assert store_of(path).read(REF) == Secret(CANARY)
    assert len(drawer.kept) == 1


def exit_now() -> None:
    raise KeyboardInterrupt
