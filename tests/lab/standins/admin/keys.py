"""The keys that mail is signed with, in files as Mailu has them."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from backend.demo.mailu.names import told
from tests.lab.standins.settings import setting


class KeyFiles:
    """A :class:`backend.demo.mailu.ports.DkimKeys`: of the selector that mail is signed with now."""

    def public_half(self, domain: str) -> str:
        return public_key(told(domain))

    def make(self, domain: str) -> None:
        write_key(told(domain), new_key())


def key_file(domain: str) -> Path:
    """Where the key of a domain lies, there or not."""
    return Path(setting("DKIM_PATH").format(domain=domain, selector=setting("DKIM_SELECTOR")))


def private_key(domain: str) -> str | None:
    file = key_file(domain)
    return file.read_text() if file.exists() else None


def public_key(domain: str) -> str:
    """In base64, on one line; empty where there is none."""
    private = private_key(domain)
    if not private:
        return ""
    public = serialization.load_pem_private_key(private.encode(), None).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return "".join(public.public_bytes(serialization.Encoding.PEM, form).decode().splitlines()[1:-1])


def new_key() -> str:
    key = rsa.generate_private_key(65537, 2048)
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def write_key(domain: str, key: str) -> None:
    key_file(domain).write_text(key)
