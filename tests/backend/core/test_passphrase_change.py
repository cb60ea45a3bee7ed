"""Another passphrase: the old one is proved, a kill loses nothing, who holds the old key goes on or is told."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backend.core.errors import Refused, SecretStoreLocked
from backend.core.secrets import box
from backend.core.secrets.keys import KEY_BYTES, PassphraseHolder, StoreKey
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from tests.backend.core.sealing import CANARY, PASSPHRASE, REF, kept, opened
from tests.requirements import ROOT

pytestmark = [pytest.mark.usefixtures("quick_keys"), pytest.mark.judged_once]

OLD, NEW = Secret(PASSPHRASE), Secret("a horse of another colour")
OTHER = SecretRef("api_keys/a/2")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.sealed"


def test_from_then_on_the_new_one_opens_and_the_old_one_does_not(path: Path) -> None:
    store = kept(path)
    store.keep(OTHER, Secret("another value"))

    store.change_passphrase(OLD, NEW)

    assert opened(path).is_locked
    assert store.read(REF) == opened(path, NEW.reveal()).read(REF) == Secret(CANARY)
    assert opened(path, NEW.reveal()).references() == [REF, OTHER]
    for secret in (CANARY, PASSPHRASE, NEW.reveal()):
        assert secret.encode() not in path.read_bytes()


@pytest.mark.parametrize(
    ("old", "new", "kind", "words"),
    [
        ("not the passphrase", NEW.reveal(), SecretStoreLocked, "That is not the passphrase"),
        (PASSPHRASE, "eleven char", Refused, "too short"),
        (PASSPHRASE, "", Refused, "too short"),
        (PASSPHRASE, PASSPHRASE, Refused, "is the current passphrase"),
    ],
)
def test_what_is_refused_changes_nothing(path: Path, old: str, new: str, kind: type[Exception], words: str) -> None:
    store = kept(path)
    before = path.read_bytes()

    with pytest.raises(kind, match=words):
        store.change_passphrase(Secret(old), Secret(new))

    assert path.read_bytes() == before
    assert store.read(REF) == Secret(CANARY)


def test_without_a_store_there_is_nothing_to_change(path: Path) -> None:
    with pytest.raises(Refused, match="no secret store yet"):
        opened(path).change_passphrase(OLD, NEW)
    assert not path.exists()


class Keyring:
    """A holder whose key lies somewhere else."""

    place = "keyring"

    def __init__(self) -> None:
        self.key = os.urandom(KEY_BYTES)

    def create(self) -> tuple[bytes, dict[str, object]]:
        return self.key, {"place": self.place, "name": "1"}

    def obtain(self, _record: dict[str, object]) -> bytes:
        return self.key

    def discard(self, _record: dict[str, object]) -> None: ...


def test_a_key_in_a_keyring_has_no_passphrase(path: Path) -> None:
    store = SealedFile(path, Keyring())
    store.keep(REF, Secret(CANARY))

    with pytest.raises(Refused, match="in the keyring"):
        store.change_passphrase(OLD, NEW)

    assert store.read(REF) == Secret(CANARY)


def test_others_that_hold_the_old_key_read_and_write_on(path: Path) -> None:
    engine, window = kept(path), opened(path)
    window.references()

    opened(path).change_passphrase(OLD, NEW)
    engine.keep(OTHER, Secret("kept beside"))

    assert window.read(REF) == Secret(CANARY)
    assert window.read(OTHER) == opened(path, NEW.reveal()).read(OTHER) == Secret("kept beside")


def test_after_a_day_the_old_key_leads_nowhere(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asleep = kept(path)
    opened(path).change_passphrase(OLD, NEW)
    assert box.HEIR in json.loads(path.read_bytes())["header"]["key"]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + box.HEIR_S + 2)

    opened(path, NEW.reveal()).keep(OTHER, Secret("x"))

    assert box.HEIR not in json.loads(path.read_bytes())["header"]["key"]
    for _again in range(2):
        with pytest.raises(SecretStoreLocked) as caught:
            asleep.read(REF)
        assert caught.value.title == "The passphrase of the secret store was changed."
        assert "Enter the new one" in caught.value.remedy


def test_a_day_on_an_heir_is_refused_though_nobody_wrote_since(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the first who reads with the key of now leaves it out: the file of before led to the new key for ever."""
    asleep = kept(path)
    store = opened(path)
    store.change_passphrase(OLD, NEW)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + box.HEIR_S + 2)

    with pytest.raises(SecretStoreLocked, match="was changed"):
        asleep.keep(OTHER, Secret("x"))
    assert box.HEIR in json.loads(path.read_bytes())["header"]["key"]

    assert store.read(REF) == Secret(CANARY)

    assert box.HEIR not in json.loads(path.read_bytes())["header"]["key"]
    assert opened(path, NEW.reveal()).read(REF) == Secret(CANARY)


def test_a_file_that_cannot_be_written_is_read_with_its_old_heir(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(path)
    store = opened(path)
    store.change_passphrase(OLD, NEW)
    before, now = path.read_bytes(), time.time()
    monkeypatch.setattr(time, "time", lambda: now + box.HEIR_S + 2)

    def refuse(*_given: object, **_options: object) -> None:
        raise OSError("read-only")

    monkeypatch.setattr("backend.core.secrets.box.replace_file", refuse)

    assert store.read(REF) == Secret(CANARY)
    assert path.read_bytes() == before


def test_who_missed_two_changes_is_told_and_opens_it_with_the_newest(path: Path) -> None:
    answer = [PASSPHRASE]
    kept(path)
    asleep = SealedFile(path, opened(path)._holder)
    asleep._holder._ask = lambda: Secret(answer[0])  # type: ignore[attr-defined]
    asleep.references()
    newest = Secret("the third passphrase of this store")
    opened(path).change_passphrase(OLD, NEW)
    opened(path).change_passphrase(NEW, newest)

    with pytest.raises(SecretStoreLocked, match="was changed"):
        asleep.keep(OTHER, Secret("x"))
    answer[0] = newest.reveal()

    assert asleep.read(REF) == Secret(CANARY)


def test_an_heir_of_somebody_else_s_making_opens_nothing(path: Path) -> None:
    engine = kept(path)
    opened(path).change_passphrase(OLD, NEW)
    document = json.loads(path.read_bytes())
    for wrong in ({"nonce": "AAAA", "sealed": "AAAA", "until": 0}, {}, 7, None):
        document["header"]["key"][box.HEIR] = wrong
        path.write_text(json.dumps(document))
        with pytest.raises(SecretStoreLocked):
            engine.read(REF)


CHANGER = """
import os, signal, sys
from itertools import cycle
from pathlib import Path
from backend.core.secrets import keys
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret
keys.SCRYPT_N = 2**4
old, new, at = Secret(sys.argv[2]), Secret(sys.argv[3]), sys.argv[4]
replace = Path.replace
def killed(self, target):
    if at == "after":
        replace(self, target)
    os.kill(os.getpid(), signal.SIGKILL)
if at != "any":
    Path.replace = killed
store = SealedFile(Path(sys.argv[1]), PassphraseHolder(lambda: old))
print("ready", flush=True)
for before, after in cycle([(old, new), (new, old)]):
    store.change_passphrase(before, after)
"""


def changer(path: Path, old: Secret, new: Secret, at: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHANGER, str(path), old.reveal(), new.reveal(), at]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(("at", "opens"), [("before", PASSPHRASE), ("after", NEW.reveal())])
def test_a_kill_on_either_side_of_the_rename_leaves_a_whole_file(path: Path, at: str, opens: str) -> None:
    kept(path)

    with changer(path, OLD, NEW, at) as process:
        assert process.wait(60) == -signal.SIGKILL

    assert opened(path, opens).read(REF) == Secret(CANARY)
    assert sum(not opened(path, each).is_locked for each in (PASSPHRASE, NEW.reveal())) == 1


@pytest.mark.tier("all", reason="it kills at random moments")
def test_kills_at_any_moment_leave_the_old_or_the_new_one(path: Path) -> None:
    kept(path)
    dice = random.Random(7)
    for _turn in range(6):
        (now,) = (each for each in (OLD, NEW) if not opened(path, each.reveal()).is_locked)
        process = changer(path, now, NEW if now == OLD else OLD, "any")
        time.sleep(dice.uniform(0.0, 0.2))  # no moment is waited for: any will do
        process.kill()
        process.communicate(timeout=60)
        (found,) = (each for each in (OLD, NEW) if not opened(path, each.reveal()).is_locked)
        assert opened(path, found.reveal()).read(REF) == Secret(CANARY)
    opened(path, found.reveal()).keep(OTHER, Secret("the lock is free again"))


def test_once_the_store_is_open_its_key_is_told_and_nobody_is_asked_again(path: Path) -> None:
    """What was typed can be dropped then; each key is told once, that of a new passphrase too."""
    kept(path)
    typed: list[Secret] = [OLD]
    told: list[StoreKey] = []
    store = SealedFile(path, PassphraseHolder(typed.pop), told=told.append)

    for _again in range(2):
        assert store.read(REF) == Secret(CANARY)
    store.change_passphrase(OLD, NEW)
    store.keep(OTHER, Secret("another value"))

    assert typed == []
    salts = [key.salt for key in told]
    assert len(set(salts)) == len(salts) == 2
    assert salts[-1] == json.loads(path.read_bytes())["header"]["key"]["salt"]
    assert str(told[0].key) not in repr(told)


def test_a_key_that_was_handed_over_opens_the_store_without_a_passphrase(path: Path) -> None:
    told: list[StoreKey] = []
    SealedFile(path, PassphraseHolder(lambda: OLD), told=told.append).keep(REF, Secret(CANARY))
    handed = StoreKey.read(told[0].text())
    engine = SealedFile(path, PassphraseHolder(lambda: None, handed=lambda: handed))
    assert engine.read(REF) == Secret(CANARY)

    opened(path).change_passphrase(OLD, NEW)
    opened(path, NEW.reveal()).change_passphrase(NEW, Secret("the third passphrase of this store"))

    for _again in range(2):
        with pytest.raises(SecretStoreLocked, match="was changed"):
            engine.read(REF)


@pytest.mark.parametrize("text", ["", ":", "salt:", ":a2V5", "salt:not base64", "no colon"])
def test_what_is_no_key_is_read_as_none(text: str) -> None:
    assert StoreKey.read(text) is None
