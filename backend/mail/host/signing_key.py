"""The key that signs a package repository: who has another one in its place could hand out any package as root."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator

from backend.core.errors import BadResponse, Refused
from backend.core.present.text import _

#: Of Docker's repository for Debian and Ubuntu: *Docker Release (CE deb)*, made 2017-02-22, as Docker's own pages
#: named it and apt shows it (https://docs.docker.com/engine/install/debian/).
DOCKER_KEY = "9DC858229FC7DD38854AE2D88D81803C0EBFCD88"
PUBLIC_KEY = 6
MOST_BYTES = 64 * 1024


def check_key(armored: str, fingerprint: str) -> None:
    """That the file holds this key and no other: apt believes every key in it.

    :raises BadResponse: it is no file of keys, as of a captive portal.
    :raises Refused: another key, or one more, is in it.
    """
    found = fingerprints(armored)
    if found != [fingerprint]:
        raise Refused(
            _("Docker's package repository shows another signing key than Docker's."),
            remedy=_("Nothing was installed. Check what answers for download.docker.com from the server, then retry."),
            detail=" ".join(found)[:200],
        )


def fingerprints(armored: str) -> list[str]:
    """Of the primary keys in an armored file, in hexadecimal capitals (RFC 9580, section 5.5.4.2).

    :raises BadResponse: it cannot be read.
    """
    try:
        return [_fingerprint(body) for kind, body in _packets(_unarmored(armored[:MOST_BYTES])) if kind == PUBLIC_KEY]
    except (ValueError, IndexError, binascii.Error) as error:
        raise BadResponse(
            _("What answers for Docker's package repository sent no signing key."),
            remedy=_("Check that the server reaches download.docker.com itself, then retry."),
        ) from error


def _fingerprint(body: bytes) -> str:
    if body[0] != 4:
        raise ValueError(f"a key of version {body[0]}")
    return hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body, usedforsecurity=False).hexdigest().upper()


def _unarmored(text: str) -> bytes:
    """What stands between the headers and the checksum of the one block (section 6.2)."""
    lines = [line.strip() for line in text.strip().splitlines()]
    if lines[0] != "-----BEGIN PGP PUBLIC KEY BLOCK-----" or lines[-1] != "-----END PGP PUBLIC KEY BLOCK-----":
        raise ValueError("no block of keys, or more than one")
    body = lines[lines.index("") + 1 : -1]
    return base64.b64decode("".join(line for line in body if not line.startswith("=")), validate=True)


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each packet (section 4.2); lengths that leave the end open do not stand in files of keys."""
    at = 0
    while at < len(data):
        head = data[at]
        if not head & 0x80:
            raise ValueError("no packet")
        kind, start, length = _new_header(data, at) if head & 0x40 else _old_header(data, at)
        if start + length > len(data):
            raise ValueError("a packet is cut off")
        yield kind, data[start : start + length]
        at = start + length


def _new_header(data: bytes, at: int) -> tuple[int, int, int]:
    first = data[at + 1]
    if first < 192:
        return data[at] & 0x3F, at + 2, first
    if first < 224:
        return data[at] & 0x3F, at + 3, (first - 192 << 8) + data[at + 2] + 192
    if first < 255:
        raise ValueError("a partial length")
    return data[at] & 0x3F, at + 6, int.from_bytes(data[at + 2 : at + 6], "big")


def _old_header(data: bytes, at: int) -> tuple[int, int, int]:
    size = data[at] & 0x03
    if size == 3:
        raise ValueError("an open length")
    octets = 1 << size
    return data[at] >> 2 & 0x0F, at + 1 + octets, int.from_bytes(data[at + 1 : at + 1 + octets], "big")
