"""Keys of accounts and of certificates, made here and handed out as secrets; what is asked for with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.secrets.values import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from josepy.jwa import JWASignature
    from josepy.jwk import JWK

#: P-256 is what mail clients of every age know; RSA is for what is older still.
KeyKind = Literal["ec", "rsa"]
RSA_BITS = 2048


def new_account_key() -> Secret:
    """A fresh EC P-256 key in PEM (PKCS 8): keep it before the account is made, it is the account."""
    return new_certificate_key("ec")


def new_certificate_key(kind: KeyKind = "ec") -> Secret:
    """A fresh key in PEM (PKCS 8): keep it before the order is finished, without it the certificate is worthless."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    key = ec.generate_private_key(ec.SECP256R1()) if kind == "ec" else rsa.generate_private_key(65537, RSA_BITS)
    plain = serialization.NoEncryption()
    return Secret(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain).decode())


def loaded(key: Secret) -> EllipticCurvePrivateKey | RSAPrivateKey:
    """:raises Refused: it is no private key in PEM, or of a kind that authorities do not take."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        read = load_pem_private_key(key.reveal().encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        read = None  # not "from error": its words may quote the key
    if isinstance(read, (EllipticCurvePrivateKey, RSAPrivateKey)):
        return read
    raise Refused(_("This is no private key (EC or RSA) in PEM without a password."))


def signer(key: Secret) -> tuple[JWK, JWASignature]:
    """The key as JWS takes it, with its algorithm (RFC 7518 3.1)."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from josepy.jwa import ES256, RS256
    from josepy.jwk import JWKEC, JWKRSA

    read = loaded(key)
    if isinstance(read, RSAPrivateKey):
        return JWKRSA(key=read), RS256
    if read.curve.name != "secp256r1":
        raise Refused(_("An account's key is RSA or EC on the curve P-256."))
    return JWKEC(key=read), ES256


def signing_request(key: Secret, names: Sequence[str]) -> bytes:
    """DER of the request (RFC 2986): the names stand in subjectAltName alone, as profiles of today want it."""
    from acme.crypto_util import make_csr
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    loaded(key)
    made = make_csr(key.reveal().encode(), domains=list(names))
    return x509.load_pem_x509_csr(made).public_bytes(Encoding.DER)
