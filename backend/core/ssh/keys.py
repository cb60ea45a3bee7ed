"""Ed25519 key pairs for logins and hosts."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from backend.core.secrets.values import Secret


@dataclass(frozen=True)
class KeyPair:
    """``public`` in OpenSSH form without comment; ``private`` in OpenSSH PEM form."""

    public: str
    private: Secret


def new_key_pair() -> KeyPair:
    """A fresh Ed25519 pair (RFC 8709) from the system's random source."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return KeyPair(public.decode(), Secret(private.decode()))


def public_half(private: Secret) -> str:
    """The public key of a private one in OpenSSH PEM form."""
    from cryptography.hazmat.primitives import serialization

    key = serialization.load_ssh_private_key(private.reveal().encode(), password=None)
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    return public.decode()


def fingerprint(public: str) -> str:
    """``SHA256:...`` as ssh-keygen -l prints it."""
    import base64

    blob = base64.b64decode(public.split()[1])
    return "SHA256:" + base64.b64encode(sha256(blob).digest()).decode().rstrip("=")


def md5_fingerprint(public: str) -> str:
    """``aa:bb:..`` as cloud providers name keys (RFC 4716 section 4)."""
    import base64
    from hashlib import md5

    digest = md5(base64.b64decode(public.split()[1]), usedforsecurity=False).hexdigest()
    return ":".join(digest[at : at + 2] for at in range(0, 32, 2))
