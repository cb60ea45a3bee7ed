"""A notice of a newer release counts only when it was signed by the key that the person gave."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.core.errors import Refused
from backend.upkeep.updates import NewestRelease, read_release, signed_part

TOLD = {"version": "0.2.0", "released": "2026-12-01", "notes": "https://releases.example/0.2.0"}


@pytest.fixture(scope="module")
def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def signed(key: Ed25519PrivateKey, told: Any = TOLD, **changes: Any) -> bytes:
    signature = base64.b64encode(key.sign(signed_part(told))).decode()
    return json.dumps({**told, "signature": signature, **changes}).encode()


def test_a_signed_notice_is_read(private_key: Ed25519PrivateKey) -> None:
    release = read_release(signed(private_key), public(private_key))

    assert (release.version, str(release.released), release.notes) == tuple(TOLD.values())
    assert release.is_newer_than("0.1.9")
    assert release.is_newer_than("0.1.10")
    assert not release.is_newer_than("0.2.0")
    assert not release.is_newer_than("0.10.0")


def test_one_changed_letter_is_refused(private_key: Ed25519PrivateKey) -> None:
    with pytest.raises(Refused, match="was not signed by the key"):
        read_release(signed(private_key, version="9.9.9"), public(private_key))


def test_a_notice_of_another_key_is_refused(private_key: Ed25519PrivateKey) -> None:
    with pytest.raises(Refused, match="was not signed by the key"):
        read_release(signed(Ed25519PrivateKey.generate()), public(private_key))


@pytest.mark.parametrize("key", ["", "no base64", base64.b64encode(b"short").decode()])
def test_a_key_that_is_none_proves_nothing(private_key: Ed25519PrivateKey, key: str) -> None:
    with pytest.raises(Refused, match="was not signed by the key"):
        read_release(signed(private_key), key)


@pytest.mark.parametrize(
    "text",
    [
        b"<html>",
        b"[]",
        b"{}",
        b'{"version": "1.2", "released": "2026-12-01", "notes": "https://x", "signature": "AA=="}',
        b'{"version": "1.2.3", "released": "tomorrow", "notes": "https://x", "signature": "AA=="}',
        b'{"version": "1.2.3", "released": "2026-12-01", "notes": "https://x", "signature": 7}',
    ],
)
def test_anything_else_is_no_notice(private_key: Ed25519PrivateKey, text: bytes) -> None:
    with pytest.raises(Refused, match="does not return a release file"):
        read_release(text, public(private_key))


def test_notes_lead_to_https_only(private_key: Ed25519PrivateKey) -> None:
    told = {**TOLD, "notes": "file:///etc/passwd"}
    with pytest.raises(Refused, match="contains no https URL"):
        read_release(signed(private_key, told), public(private_key))


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/release.json", "no address", "ftp://127.0.0.1/release.json"])
def test_an_address_that_does_not_answer_is_named(private_key: Ed25519PrivateKey, address: str) -> None:
    source: Any = None
    with pytest.raises(Refused, match="does not respond"):
        NewestRelease(address, public(private_key)).run(source)
