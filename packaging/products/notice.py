"""The signed notice of a release, for *Settings > Updates* of older versions (``backend/upkeep/updates.py``)."""

from __future__ import annotations

import base64
import json
import os
from datetime import UTC, datetime
from pathlib import Path

from products.place import DIST, Refused, moment, version

#: A file with an Ed25519 key in PEM (PKCS #8), as ``openssl genpkey -algorithm ed25519`` writes it.
KEY = "MAILYARD_NOTICE_KEY"
#: Where a person reads what is new; https.
NOTES = "MAILYARD_RELEASE_NOTES"


def build() -> None:
    """dist/newest.json and, to be given to those who look for updates, its public key on standard output.

    :raises Refused: the key or the address cannot be used.
    """
    file, notes = os.environ.get(KEY), os.environ.get(NOTES)
    if not file:
        print(f"No notice of a release: {KEY} names no key.")
        return
    if not notes:
        raise Refused(f"{NOTES} is empty: name the https address of what is new in {version()}.")
    text, public = signed(Path(file), notes)
    (DIST / "newest.json").write_bytes(text)
    print(f"newest.json is proved by {public}")


def signed(file: Path, notes: str) -> tuple[bytes, str]:
    """The notice, read as the program will read it, and the base64 of the public key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    from backend.core.errors import Refused as NoNotice
    from backend.upkeep.updates import read_release, signed_part

    try:
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise Refused(f"the file that {KEY} names is no readable key without a passphrase: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(f"the key that {KEY} names is not of Ed25519: openssl genpkey -algorithm ed25519")
    told = {"version": version(), "released": datetime.fromtimestamp(moment(), UTC).date().isoformat(), "notes": notes}
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    text = json.dumps({**told, "signature": base64.b64encode(key.sign(signed_part(told))).decode()}).encode()
    try:
        read_release(text, public)
    except NoNotice as error:
        raise Refused(error.sentence()) from error
    return text, public
