"""What an authority sent back: checked against what was asked for, before anything of it is given out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from backend.acme.keys import loaded
from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import _

if TYPE_CHECKING:
    from cryptography import x509

    from backend.core.secrets.values import Secret

#: How far an authority's clock may be before ours; they date certificates back by an hour anyway.
CLOCKS_APART = timedelta(minutes=10)


@dataclass(frozen=True)
class Issued:
    """A certificate that matches its key. ``chain`` is PEM, the certificate first, without a root; ``fingerprint`` is
    SHA-256 of the certificate in hex."""

    chain: str
    names: tuple[str, ...]
    begins: datetime
    ends: datetime
    serial: str
    fingerprint: str
    issuer: str


class WrongCertificate(ProviderRefused):
    """What came back is not what was asked for."""


def leaf_of(chain: str) -> x509.Certificate:
    """The first certificate of a PEM text.

    :raises Refused: it holds none.
    """
    return _read(chain)[0]


def checked(chain: str, key: Secret, names: Sequence[str], now: datetime, service: str) -> Issued:
    """The certificate, once its key, its names, its times and the signatures of its chain are as they must be.

    :raises WrongCertificate: one of them is not.
    """
    from cryptography.hazmat.primitives import hashes

    try:
        certificates = _read(chain)
    except Refused as error:
        raise _wrong(service, "no certificate in PEM") from error
    leaf, told = certificates[0], names_of(certificates[0])
    if leaf.public_key() != loaded(key).public_key():
        raise _wrong(service, "another key")
    if set(told) != set(names):
        raise _wrong(service, f"other names: {', '.join(told)}")
    if leaf.not_valid_before_utc > now + CLOCKS_APART or leaf.not_valid_after_utc <= now:
        raise _wrong(service, f"valid from {leaf.not_valid_before_utc} to {leaf.not_valid_after_utc}")
    _check_signatures(certificates, service)
    return Issued(
        chain=chain,
        names=told,
        begins=leaf.not_valid_before_utc,
        ends=leaf.not_valid_after_utc,
        serial=f"{leaf.serial_number:x}",
        fingerprint=leaf.fingerprint(hashes.SHA256()).hex(),
        issuer=leaf.issuer.rfc4514_string(),
    )


def preferred(chains: Iterator[str], root: str) -> str:
    """The first chain that ends below the root of this common name; the authority's own choice where none does."""
    first = next(chains)
    if not root or _top(first) == root:
        return first
    return next((each for each in chains if _top(each) == root), first)


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Names of hosts in subjectAltName, sorted; none where it has none."""
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(sorted(each.lower() for each in found.value.get_values_for_type(x509.DNSName)))


def _read(chain: str) -> list[x509.Certificate]:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(chain.encode())
    except ValueError as error:
        raise Refused(_("This is no certificate in PEM.")) from error


def _check_signatures(certificates: Sequence[x509.Certificate], service: str) -> None:
    from cryptography.exceptions import InvalidSignature

    for below, above in pairwise(certificates):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as error:
            raise _wrong(service, f"a chain that breaks off above {below.subject.rfc4514_string()}") from error


def _top(chain: str) -> str:
    """The common name of who signed the last of a chain."""
    from cryptography.x509.oid import NameOID

    try:
        named = _read(chain)[-1].issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    except Refused:
        return ""
    return str(named[0].value) if named else ""


def _wrong(service: str, detail: str) -> WrongCertificate:
    return WrongCertificate(
        _("{service} sent another certificate than the one that was ordered.").format(service=service),
        remedy=_("It is not used. Order again; if it happens again, ask the authority."),
        detail=detail,
    )
