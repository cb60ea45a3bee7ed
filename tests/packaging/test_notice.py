"""What is published of a release is what an older program reads, or nothing is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from backend.upkeep.updates import read_release

PEM = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
NOTES = "https://releases.example/0.2.0"


@pytest.fixture
def notice(product: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Writes into a folder of the test."""
    module = product("notice")
    monkeypatch.setattr(module, "DIST", tmp_path)
    return module


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "key.pem"
    file.write_bytes(Ed25519PrivateKey.generate().private_bytes(*PEM))
    monkeypatch.setenv("MAILYARD_NOTICE_KEY", str(file))
    monkeypatch.setenv("MAILYARD_RELEASE_NOTES", NOTES)
    return file


def test_the_program_reads_what_was_published(
    notice: Any, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notice.build()

    text = (tmp_path / "newest.json").read_bytes()
    public = capsys.readouterr().out.split()[-1]
    release = read_release(text, public)
    assert (release.version, str(release.released), release.notes) == (notice.version(), "2023-11-14", NOTES)
    assert key.read_text().split("\n")[1] not in text.decode()


def test_without_a_key_nothing_is_published(
    notice: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("MAILYARD_NOTICE_KEY", raising=False)

    notice.build()

    assert "names no key" in capsys.readouterr().out
    assert not (tmp_path / "newest.json").exists()


def test_a_plain_address_and_other_keys_are_refused(
    notice: Any, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILYARD_RELEASE_NOTES", "http://releases.example")
    with pytest.raises(notice.Refused, match="no https URL"):
        notice.build()
    monkeypatch.setenv("MAILYARD_RELEASE_NOTES", "")
    with pytest.raises(notice.Refused, match="MAILYARD_RELEASE_NOTES is empty"):
        notice.build()
    monkeypatch.setenv("MAILYARD_RELEASE_NOTES", NOTES)
    key.write_bytes(generate_private_key(SECP256R1()).private_bytes(*PEM))
    with pytest.raises(notice.Refused, match="not of Ed25519"):
        notice.build()
    key.write_text("words")
    with pytest.raises(notice.Refused, match="no readable key"):
        notice.build()
    assert not (tmp_path / "newest.json").exists()
