"""A secret value in every form it could leak in, whole or by one of its halves."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from urllib.parse import quote

SHORTEST = 8
HALVED_FROM = 20


def needles(name: str, value: bytes) -> dict[bytes, str]:
    """Byte strings to look for, each with the words for what it is."""
    found = {form: f"{name}, {kind}" for kind, form in _forms(value) if len(form) >= SHORTEST}
    if len(value) >= HALVED_FROM:  # a value that is cut, or lies across two pages of a database, leaves a half whole
        middle = len(value) // 2
        for word, half in (("first half", value[:middle]), ("second half", value[middle:])):
            found |= {form: f"{name}, {word}, {kind}" for kind, form in _forms(half) if len(form) >= SHORTEST}
    return found


def of_private_key(name: str, pem: str) -> dict[bytes, str]:
    """An OpenSSH key: the 32 bytes that are the secret, and what each line of its text tells of them.

    The rest of the text is no secret: the public half stands in it twice, at times as in the public key's file.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = serialization.load_ssh_private_key(pem.encode(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    seed = key.private_bytes_raw()
    found = needles(f"{name}, the key itself", seed)
    lines = [line for line in pem.splitlines() if line and not line.startswith("-----")]
    begin = base64.b64decode("".join(lines)).index(seed)
    first, last = -(-begin * 4 // 3), (begin + len(seed)) * 4 // 3  # the letters that say nothing but the seed
    passed = 0
    for number, line in enumerate(lines, 1):
        secret = line[max(first - passed, 0) : max(last - passed, 0)]
        found |= needles(f"{name}, line {number}", secret.encode())
        passed += len(line)
    return found


def _forms(value: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", value
    yield "hex", value.hex().encode()
    yield "HEX", value.hex().upper().encode()
    yield "reversed", value[::-1]
    for kind, quoted in (("URL-quoted", quote(value, safe="")), ("every byte URL-quoted", _all_quoted(value))):
        yield kind, quoted.encode()
    for shift in range(3):
        yield f"base64 shifted by {shift}", _base64(value, shift)
        yield f"URL base64 shifted by {shift}", _base64(value, shift).replace(b"+", b"-").replace(b"/", b"_")
    text = value.decode("latin-1")
    yield "UTF-16 LE", text.encode("utf-16-le")
    yield "UTF-16 BE", text.encode("utf-16-be")


def _all_quoted(value: bytes) -> str:
    return "".join(f"%{byte:02X}" for byte in value)


def _base64(value: bytes, shift: int) -> bytes:
    """What of the encoded text is the value's own, when ``shift`` bytes of something else attach to it."""
    encoded = base64.b64encode(b"\0" * shift + value).rstrip(b"=")
    start = {0: 0, 1: 2, 2: 3}[shift]
    end = len(encoded) if (len(value) + shift) % 3 == 0 else len(encoded) - 1
    return encoded[start:end]
