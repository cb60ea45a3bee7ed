"""The lab's certificate authority, kept in the cache: roots of hosts trust it, and names of the real world get
certificates of it."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from filelock import FileLock

from tests.lab.base import cache_folder

LIFE = datetime.timedelta(days=3650)
WAIT_S = 90


@dataclass(frozen=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: str
    key: str

    def write(self, folder: Path, certificate: str = "cert.pem", key: str = "key.pem") -> None:
        """Into a folder that exists; the key for its owner only."""
        (folder / certificate).write_text(self.certificate)
        (folder / key).touch(mode=0o600)
        (folder / key).write_text(self.key)


@dataclass(frozen=True)
class Authority:
    """What signs; ``path`` is the file of its certificate."""

    pair: Pair
    path: Path

    def issue(self, *names: str, ends: datetime.datetime | None = None) -> Pair:
        """For servers of these names and addresses, good for as long as the lab: what is kept in the cache has some.
        ``ends``: good until then, and since the day before.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = x509.load_pem_x509_certificate(self.pair.certificate.encode())
        alternative = x509.SubjectAlternativeName([_general(name) for name in names])
        builder = _builder(names[0], issuer.subject, key.public_key(), ends).add_extension(alternative, False)
        known_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())  # type: ignore[arg-type]
        signer = serialization.load_pem_private_key(self.pair.key.encode(), None)
        signed = builder.add_extension(known_by, False).sign(signer, hashes.SHA256())  # type: ignore[arg-type]
        return Pair(_pem(signed), _private(key))


def lab_authority() -> Authority:
    """The one in the cache; made when it is missing."""
    folder = cache_folder() / "authority"
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "cert.pem", folder / "key.pem"
    with FileLock(folder / "lock", timeout=WAIT_S):
        if not certificate.exists() or not key.exists():
            _made().write(folder)
    return Authority(Pair(certificate.read_text(), key.read_text()), certificate)


def _made() -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Mailyard lab")
    usage = dict.fromkeys(("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False)
    usage |= dict.fromkeys(("encipher_only", "decipher_only"), False)
    signed = (
        _builder("Mailyard lab", name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        .add_extension(x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, **usage), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .sign(key, hashes.SHA256())
    )
    return Pair(_pem(signed), _private(key))


def _builder(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePublicKey, ends: datetime.datetime | None = None
) -> x509.CertificateBuilder:
    """Good from a day ago on: hosts of the lab may have clocks of their own."""
    now = datetime.datetime.now(datetime.UTC)
    begins = min(now, ends or now) - datetime.timedelta(days=1)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends or now + LIFE)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
