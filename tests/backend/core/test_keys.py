"""Where the key comes from: a passphrase through scrypt, or the keyring if there is one we trust."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from backend.core.errors import SecretStoreLocked
from backend.core.secrets import keys
from backend.core.secrets.keys import ChosenHolder, KeyringHolder, PassphraseHolder, keyring_is_usable
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from tests.drawer import Drawer, in_place

pytestmark = pytest.mark.judged_once

PASSPHRASE = Secret("correct horse battery staple")
REF = SecretRef("api_keys/a/1")


class PlainText(Drawer):
    """A back end that writes passwords in the clear, as some that people install do."""

    priority = 9


PlainText.__module__ = "keyrings.alt.file"


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    """The keyring is chosen once a process."""
    with in_place(None):
        yield


def nobody() -> None:
    return None


def chain_of(*backends: KeyringBackend, monkeypatch: pytest.MonkeyPatch) -> KeyringBackend:
    chain = chainer.ChainerBackend()  # type: ignore[no-untyped-call]
    monkeypatch.setattr(chainer.ChainerBackend, "backends", list(backends))
    return chain


def test_one_passphrase_and_salt_give_one_key_and_another_of_either_another(monkeypatch: pytest.MonkeyPatch) -> None:
    holder = PassphraseHolder(lambda: PASSPHRASE)
    key, record = holder.create()
    assert (len(key), record["n"], record["r"], record["p"]) == (32, 2**16, 8, 1)
    assert holder.obtain(record) == key
    monkeypatch.setattr(keys, "SCRYPT_N", 2**4)
    weak, other = holder.create()
    assert other["salt"] != record["salt"]
    assert PassphraseHolder(lambda: Secret("another one")).obtain(other) != weak
    assert PASSPHRASE.reveal() not in str(record)


def test_the_key_is_what_rfc_7914_says() -> None:
    """Section 12, third vector; its first 32 bytes."""
    record = {"salt": b"SodiumChloride".hex(), "n": 16384, "r": 8, "p": 1}
    key = PassphraseHolder(lambda: Secret("pleaseletmein")).obtain(record)
    assert key.hex() == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"


@pytest.mark.parametrize(
    "record", [{"n": 2**30, "r": 8, "p": 1}, {"n": 16, "r": 2**20, "p": 1}, {"n": 16, "r": 8, "p": 99}]
)
def test_a_record_that_asks_for_more_memory_than_ours_do_is_refused(record: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="more memory"):
        PassphraseHolder(lambda: PASSPHRASE).obtain({"salt": "00" * 16, **record})


def test_without_anybody_to_ask_the_store_is_locked_with_a_remedy() -> None:
    with pytest.raises(SecretStoreLocked) as caught:
        PassphraseHolder(nobody).create()
    assert "--passphrase-fd" in caught.value.remedy


def test_the_keyring_holds_the_key_under_a_name_of_its_own_for_each_file(drawer: Drawer) -> None:
    (first, record), (second, other) = KeyringHolder().create(), KeyringHolder().create()
    assert (len(first), first != second, record["name"] != other["name"]) == (32, True, True)
    assert KeyringHolder().obtain(record) == first
    assert sorted(record) == ["name", "place"]
    KeyringHolder().discard(record)
    assert list(drawer.kept) == [(keys.SERVICE, other["name"])]


def test_a_keyring_that_lost_the_key_or_is_locked_gives_a_remedy(drawer: Drawer) -> None:
    _key, record = KeyringHolder().create()
    drawer.is_locked = True
    for deed in (lambda: KeyringHolder().obtain(record), lambda: KeyringHolder().create()):
        with pytest.raises(SecretStoreLocked, match="did not respond") as caught:
            deed()
        assert "Unlock" in caught.value.remedy
    drawer.is_locked = False
    drawer.kept.clear()
    with pytest.raises(SecretStoreLocked, match="is not in the keyring") as caught:
        KeyringHolder().obtain(record)
    assert "Unlock" in caught.value.remedy
    assert "mailyard secrets begin-anew" in caught.value.remedy


def test_a_key_that_cannot_be_discarded_is_told_in_the_log(drawer: Drawer, caplog: pytest.LogCaptureFixture) -> None:
    KeyringHolder().discard({"place": "keyring", "name": "none"})
    assert "stayed in the keyring" in caplog.text


def test_a_plain_text_keyring_is_never_used(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, trusted = PlainText(), Drawer()
    untrusted: list[KeyringBackend] = [
        plain,
        null.Keyring(),  # type: ignore[no-untyped-call]
        fail.Keyring(),  # type: ignore[no-untyped-call]
        chain_of(plain, trusted, monkeypatch=monkeypatch),
    ]
    for backend in untrusted:
        keyring.set_keyring(backend)
        assert not keyring_is_usable()
        with pytest.raises(SecretStoreLocked):
            KeyringHolder().create()
    assert plain.kept == trusted.kept == {}


def test_of_several_keyrings_the_first_is_used_if_it_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    plain, trusted = PlainText(), Drawer()
    keyring.set_keyring(chain_of(trusted, plain, monkeypatch=monkeypatch))
    assert keyring_is_usable()
    KeyringHolder().create()
    assert (len(trusted.kept), plain.kept) == (1, {})


def test_without_a_keyring_a_new_file_gets_a_passphrase_and_says_so(tmp_path: Path) -> None:
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    store = SealedFile(tmp_path / "secrets", ChosenHolder(lambda: PASSPHRASE))
    assert store.key_place == "passphrase"
    store.keep(REF, Secret("a value"))
    assert store.key_place == "passphrase"
    assert SealedFile(tmp_path / "secrets", ChosenHolder(nobody)).is_locked


def test_without_a_keyring_and_anybody_to_ask_nothing_is_kept_and_nothing_lost(tmp_path: Path) -> None:
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    store = SealedFile(tmp_path / "secrets", ChosenHolder(nobody))
    with pytest.raises(SecretStoreLocked) as caught:
        store.keep(REF, Secret("a value"))
    assert "passphrase" in caught.value.remedy
    assert not store.exists


@pytest.mark.parametrize("made_with", ["keyring", "passphrase"])
def test_a_file_is_opened_the_way_it_was_made_whatever_is_there_now(
    tmp_path: Path, drawer: Drawer, made_with: str
) -> None:
    path = tmp_path / "secrets"
    made = SealedFile(path, ChosenHolder(lambda: PASSPHRASE, use_keyring=lambda: made_with == "keyring"))
    assert made.key_place == made_with
    made.keep(REF, Secret("a value"))
    later = SealedFile(path, ChosenHolder(lambda: PASSPHRASE, use_keyring=lambda: made_with != "keyring"))
    assert later.key_place == made_with
    assert later.read(REF) == Secret("a value")
    assert len(drawer.kept) == (made_with == "keyring")


def test_the_keyring_alone_opens_its_file_and_nobody_is_asked(tmp_path: Path, drawer: Drawer) -> None:
    store = SealedFile(tmp_path / "secrets", ChosenHolder(nobody))
    store.keep(REF, Secret("a value"))
    again = SealedFile(tmp_path / "secrets", ChosenHolder(nobody))
    assert (again.key_place, again.is_locked, again.read(REF)) == ("keyring", False, Secret("a value"))
    drawer.is_locked = True
    assert SealedFile(tmp_path / "secrets", ChosenHolder(nobody)).is_locked
