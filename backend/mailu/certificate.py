"""The first pair of certificate and key: self-signed, since front's Dovecot does not start without one.

A certificate of an authority takes its place later; until then mail programs warn, and Mailyard says so.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend.core.secrets.values import Secret

if TYPE_CHECKING:
    from cryptography import x509

VALID_FOR = timedelta(days=397)  # what programs take at most of any certificate (CA/Browser Forum, before 2026-03)


@dataclass(frozen=True)
class Pair:
    """PEM of both; ``fingerprint`` is SHA-256 of the certificate, in hex."""

    certificate: str
    key: Secret
    fingerprint: str


def self_signed(names: tuple[str, ...], now: datetime) -> Pair:
    """For the names of a server, the first as its subject. An EC key on P-256, as clients of every age know it."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
    others = x509.SubjectAlternativeName([_general(name) for name in names])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + VALID_FOR)
        .add_extension(others, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(
        made.public_bytes(serialization.Encoding.PEM).decode(),
        Secret(private.decode()),
        made.fingerprint(hashes.SHA256()).hex(),
    )


def fingerprint_of(certificate: str) -> str:
    """SHA-256 of the first certificate of a PEM text, in hex.

    :raises ValueError: it holds none.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes

    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(hashes.SHA256()).hex()


def is_self_signed(der: bytes) -> bool:
    """Whether no authority signed it, as far as its names say."""
    from cryptography import x509

    certificate = x509.load_der_x509_certificate(der)
    return certificate.issuer == certificate.subject


def _general(name: str) -> x509.GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
