"""Whether a newer version was released: a small signed file at an address the person chose. Nothing updates itself.

The file is JSON: ``version`` (PEP 440 release, three numbers), ``released`` (ISO date), ``notes`` (https address), and
``signature``: base64 of the Ed25519 signature (RFC 8032) over the other three, as compact JSON with sorted keys.
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    from backend.store.query import Source

MOST_BYTES, LIMIT_S = 10_000, 10.0
KEY_BYTES = 32


@dataclass(frozen=True)
class Release:
    """A released version, as its signed file tells it."""

    version: str
    released: date
    notes: str

    def is_newer_than(self, version: str) -> bool:
        return _numbers(self.version) > _numbers(version)


@dataclass(frozen=True)
class NewestRelease:
    """Query: the release that ``address`` tells of, proved by ``key`` (base64 of the public key, 32 bytes)."""

    address: str
    key: str
    topics: ClassVar[tuple[str, ...]] = ()

    def run(self, source: Source) -> Release:  # noqa: ARG002  # a query has a source
        """:raises Refused: nothing answers there, it is no such file, or it was not signed by that key."""
        return read_release(_fetch(self.address), self.key)


def read_release(text: bytes, key: str) -> Release:
    """:raises Refused: it is no such file, or it was not signed by that key."""
    try:
        told: Any = json.loads(text)
        signature = base64.b64decode(told.pop("signature"), validate=True)
        release = Release(str(told["version"]), date.fromisoformat(told["released"]), str(told["notes"]))
        _numbers(release.version)
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        words = _("The update URL does not return a release file.")
        raise Refused(words, remedy=_("Check the address in Settings > Updates."), detail=str(error)) from error
    _prove(signed_part(told), signature, key)
    if not release.notes.startswith("https://"):
        words = _("The release file contains no https URL.")
        raise Refused(words, remedy=_("Contact the publisher."))
    return release


def signed_part(told: dict[str, Any]) -> bytes:
    """What the signature is over."""
    return json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _prove(message: bytes, signature: bytes, key: str) -> None:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        raw = base64.b64decode(key, validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
    except (InvalidSignature, ValueError) as error:
        words = _("The release file was not signed by the key you entered.")
        raise Refused(words, remedy=_("Do not install the named release. Contact the publisher.")) from error


def _fetch(address: str) -> bytes:
    import httpx

    remedy = _("Check the address in Settings > Updates; nothing else depends on it.")
    try:
        with httpx.Client(timeout=LIMIT_S, follow_redirects=False) as client, client.stream("GET", address) as answer:
            answer.raise_for_status()
            text = b""
            for part in answer.iter_bytes():
                text += part
                if len(text) > MOST_BYTES:
                    break
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Refused(_("The update URL does not respond."), remedy=remedy, detail=str(error)) from error
    return text[: MOST_BYTES + 1]


def _numbers(version: str) -> tuple[int, ...]:
    """:raises ValueError: it is not three numbers."""
    numbers = tuple(int(part) for part in version.split("."))
    if len(numbers) != 3:
        raise ValueError(version)
    return numbers
