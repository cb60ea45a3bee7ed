"""Keys of domains as the emulator has them: their public halves only, since it signs no mail."""

from __future__ import annotations

import base64

from backend.demo.emulator.records import Records
from backend.demo.mailu.settings import environment


class RecordedKeys:
    """A :class:`backend.demo.mailu.ports.DkimKeys`: records of kind ``dkim_key``, as files are there: by domain and
    selector.
    """

    def __init__(self, records: Records) -> None:
        self._records = records

    def public_half(self, domain: str) -> str:
        return str((self._records.get("dkim_key", self._name(domain)) or {}).get("public", ""))

    def make(self, domain: str) -> None:
        self._records.put("dkim_key", self._name(domain), {"public": _new_public_half()})

    def _name(self, domain: str) -> str:
        return f"{domain}.{environment(self._records).selector}"


def _new_public_half() -> str:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65_537, key_size=2_048).public_key()
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(spki).decode()
