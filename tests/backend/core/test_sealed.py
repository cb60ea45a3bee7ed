"""The sealed file: values survive everything but a wrong key, and nothing in it can be read or changed unseen."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backend.core.errors import SecretMissing, SecretStoreLocked, StoreDamaged, StoreTooNew
from backend.core.secrets import sealed
from backend.core.secrets.box import Box
from backend.core.secrets.keys import PassphraseHolder
from backend.core.secrets.sealed import SealedFile
from backend.core.secrets.values import Secret, SecretRef
from tests.backend.core.sealing import CANARY, PASSPHRASE, REF, kept, opened

pytestmark = [pytest.mark.judged_once, pytest.mark.usefixtures("quick_keys")]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "secrets.sealed"


@pytest.mark.parametrize("value", ["x", CANARY, "ümläut ✓\n\0", "-----BEGIN KEY-----\n" + "A" * 20_000, ""])
def test_a_value_comes_back_as_it_was_in_another_process(path: Path, value: str) -> None:
    kept(path, value)
    assert opened(path).read(REF) == Secret(value)


def test_values_are_replaced_forgotten_and_listed(path: Path) -> None:
    store = kept(path)
    other = SecretRef("api_keys/a/2")
    store.keep(other, Secret("second value"))
    store.keep(REF, Secret("a new value"))
    assert opened(path).references() == [REF, other]
    assert opened(path).read(REF) == Secret("a new value")
    store.forget(REF)
    store.forget(REF)
    assert opened(path).references() == [other]
    with pytest.raises(SecretMissing) as caught:
        opened(path).read(REF)
    assert "Settings > Accounts" in caught.value.remedy
    assert "mailyard doctor" in caught.value.remedy


def test_many_values_are_kept_and_forgotten_in_one_change_each(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, others = kept(path), [SecretRef(f"smtp/a/{number}") for number in range(20)]
    written: list[int] = []

    def write(file: Path, box: Box) -> None:
        written.append(1)
        file.write_bytes(box.content())

    monkeypatch.setattr(sealed, "write_box", write)

    store.keep_all({ref: Secret(ref.path) for ref in others})
    assert opened(path).read(others[7]) == Secret(others[7].path)
    assert written == [1]

    store.forget_all([*others, SecretRef("smtp/a/never kept")])
    assert opened(path).references() == [REF]
    assert written == [1, 1]


def test_many_values_are_sealed_in_one_change(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = kept(path)
    values = {SecretRef(f"smtp/a/{number}"): Secret(f"password {number}") for number in range(3)}
    written: list[bytes] = []

    def write(path: Path, box: Box) -> None:
        written.append(box.content())
        path.write_bytes(box.content())

    monkeypatch.setattr(sealed, "write_box", write)

    store.keep_all(values)

    assert {ref: opened(path).read(ref) for ref in values} == values
    assert len(written) == 1


def test_the_file_tells_nothing_but_how_to_get_its_key(path: Path) -> None:
    kept(path)
    content = path.read_bytes()
    document = json.loads(content)
    assert sorted(document) == ["header", "nonce", "sealed"]
    assert document["header"]["version"] == 1
    assert sorted(document["header"]["key"]) == ["n", "p", "place", "r", "salt"]
    for form in (CANARY, REF.path, PASSPHRASE, base64.b64encode(CANARY.encode()).decode()[:-3]):
        assert form.encode() not in content


def test_the_same_values_are_never_sealed_the_same_way(path: Path) -> None:
    store = kept(path)
    first = json.loads(path.read_bytes())
    store.keep(REF, Secret(CANARY))
    again = json.loads(path.read_bytes())
    assert first["nonce"] != again["nonce"]
    assert first["sealed"] != again["sealed"]


def test_the_file_is_its_owner_s_alone(path: Path) -> None:
    store = kept(path)
    path.chmod(0o644)
    store.keep(REF, Secret("a new value"))
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("passphrase", ["wrong", "", None])
def test_a_wrong_or_absent_passphrase_opens_and_changes_nothing(path: Path, passphrase: str | None) -> None:
    kept(path)
    before = path.read_bytes()
    store = opened(path, passphrase)
    assert store.is_locked
    for deed in (lambda: store.read(REF), lambda: store.keep(REF, Secret("x")), lambda: store.forget(REF)):
        with pytest.raises(SecretStoreLocked) as caught:
            deed()
        assert caught.value.remedy != ""
    assert path.read_bytes() == before


def test_the_right_passphrase_after_a_wrong_one_opens(path: Path) -> None:
    kept(path)
    answers = [Secret("wrong"), Secret(PASSPHRASE)]
    store = SealedFile(path, PassphraseHolder(lambda: answers.pop(0)))
    assert [store.is_locked, store.is_locked] == [True, False]
    assert store.read(REF) == Secret(CANARY)


def test_the_passphrase_is_asked_for_once(path: Path) -> None:
    kept(path)
    asked: list[int] = []

    def ask() -> Secret:
        asked.append(1)
        return Secret(PASSPHRASE)

    store = SealedFile(path, PassphraseHolder(ask))
    store.read(REF)
    store.keep(REF, Secret("another value"))
    store.references()
    assert len(asked) == 1


def changed(content: bytes, change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(content)
    change(document)
    return json.dumps(document).encode()


def flip(text: str) -> str:
    raw = bytearray(base64.b64decode(text))
    raw[len(raw) // 2] ^= 1
    return base64.b64encode(raw).decode()


def flip_hex(text: str) -> str:
    return ("0" if text[0] != "0" else "1") + text[1:]


TAMPERED: dict[str, Callable[[dict[str, Any]], object]] = {
    "body": lambda document: document.update(sealed=flip(document["sealed"])),
    "nonce": lambda document: document.update(nonce=flip(document["nonce"])),
    "version": lambda document: document["header"].update(version=0),
    "salt": lambda document: document["header"]["key"].update(salt=flip_hex(document["header"]["key"]["salt"])),
    "work": lambda document: document["header"]["key"].update(n=2**5),
    "something more in the header": lambda document: document["header"].update(more=1),
    "body cut": lambda document: document.update(sealed=document["sealed"][: len(document["sealed"]) // 8 * 4]),
}


@pytest.mark.parametrize("part", TAMPERED)
def test_a_changed_part_shows_and_nothing_is_written_over_it(path: Path, part: str) -> None:
    kept(path)
    path.write_bytes(changed(path.read_bytes(), TAMPERED[part]))
    before = path.read_bytes()
    with pytest.raises(SecretStoreLocked, match="does not unlock"):
        opened(path).read(REF)
    with pytest.raises(SecretStoreLocked):
        opened(path).keep(REF, Secret("x"))
    assert path.read_bytes() == before


DAMAGED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda _content: b"",
    "no JSON": lambda content: content[:-10],
    "not text": lambda _content: bytes(range(256)),
    "a list": lambda _content: b"[]",
    "a number": lambda _content: b"7",
    "no header": lambda content: changed(content, lambda document: document.pop("header")),
    "no key": lambda content: changed(content, lambda document: document["header"].pop("key")),
    "no salt": lambda content: changed(content, lambda document: document["header"]["key"].pop("salt")),
    "a salt that is none": lambda content: changed(
        content, lambda document: document["header"]["key"].update(salt="x")
    ),
    "no such place": lambda content: changed(content, lambda document: document["header"]["key"].update(place="x")),
    "work beyond any memory": lambda content: changed(
        content, lambda document: document["header"]["key"].update(n=2**40)
    ),
    "work that is no power of two": lambda content: changed(
        content, lambda document: document["header"]["key"].update(n=1000)
    ),
    "a short nonce": lambda content: changed(content, lambda document: document.update(nonce="AAAA")),
    "a body that is no base64": lambda content: changed(content, lambda document: document.update(sealed="!?" * 40)),
    "a body without its tag": lambda content: changed(content, lambda document: document.update(sealed="AAAA")),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_file_is_named_with_a_remedy_and_left_alone(path: Path, damage: str) -> None:
    kept(path)
    path.write_bytes(DAMAGED[damage](path.read_bytes()))
    before = path.read_bytes()
    for deed in (lambda: opened(path).read(REF), lambda: opened(path).keep(REF, Secret("x"))):
        with pytest.raises(StoreDamaged) as caught:
            deed()
        assert (caught.value.title, "secrets.sealed" in caught.value.remedy) == ("The secret store is damaged.", True)
    assert path.read_bytes() == before


def test_a_file_of_a_later_version_is_refused(path: Path) -> None:
    kept(path)
    path.write_bytes(changed(path.read_bytes(), lambda document: document["header"].update(version=2)))
    with pytest.raises(StoreTooNew) as caught:
        opened(path).read(REF)
    assert caught.value.remedy != ""
