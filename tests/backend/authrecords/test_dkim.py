"""DKIM keys: RFC 6376 3.6.1, RFC 8301, RFC 8463."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.backend.authrecords.found import says, sentences


def rsa(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    """A key of so many bits; nobody signs with it, so that it need not be the product of primes."""
    key: RSAPublicKey = RSAPublicNumbers(65537, (1 << (bits - 1)) + 1).public_key()
    return base64.b64encode(key.public_bytes(Encoding.DER, form)).decode()


GOOD = rsa(2048)
EC = ec.generate_private_key(ec.SECP256R1()).public_key()
ED = ed25519.Ed25519PrivateKey.generate().public_key()
BARE_ED = base64.b64encode(ED.public_bytes_raw()).decode()
WRAPPED_ED = base64.b64encode(ED.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
OF_EC = base64.b64encode(EC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

RECORDS = {
    "a usual key": (f"v=DKIM1; k=rsa; p={GOOD}", "valid"),
    "a semicolon at the end": (f"v=DKIM1; p={GOOD};", "valid"),
    "no version": (f"p={GOOD}", "valid n"),
    "another version": (f"v=DKIM2; p={GOOD}", "invalid e"),
    "a version in small letters": (f"v=dkim1; p={GOOD}", "invalid e"),
    "a version that is not first": (f"k=rsa; v=DKIM1; p={GOOD}", "invalid e"),
    "a tag twice": (f"v=DKIM1; k=rsa; k=rsa; p={GOOD}", "invalid e"),
    "an unknown tag twice": (f"v=DKIM1; z=1; z=1; p={GOOD}", "invalid en"),
    "an unknown tag": (f"v=DKIM1; zz=a=b; p={GOOD}", "valid n"),
    "a tag in capital letters": (f"v=DKIM1; K=rsa; p={GOOD}", "valid w"),
    "no tag": (f"v=DKIM1; p={GOOD}; rest", "invalid e"),
    "a name that begins with a digit": (f"v=DKIM1; 1a=b; p={GOOD}", "invalid e"),
    "nothing between semicolons": (f"v=DKIM1;; p={GOOD}", "valid w"),
    "two semicolons at the end": (f"v=DKIM1; p={GOOD};;", "invalid e"),
    "whitespace between semicolons": (f"v=DKIM1; ; p={GOOD}", "invalid e"),
    "whitespace around all": (f" v\t=\tDKIM1 ; p = {GOOD[:9]} \t{GOOD[9:]} ", "valid"),
    "folded lines": (f"v=DKIM1;\r\n\tp={GOOD[:80]}\r\n {GOOD[80:]}", "valid"),
    "a line break": (f"v=DKIM1;\n p={GOOD}", "invalid een"),
    "a character beyond ASCII": (f"v=DKIM1; n=schlüssel; p={GOOD}", "invalid een"),
    "strings of a zone file": (f'"v=DKIM1\\; k=rsa; " "p={GOOD[:99]}"\n\t"{GOOD[99:]}"', "valid"),
    "no key": ("v=DKIM1; k=rsa", "invalid e"),
    "a revoked key": ("v=DKIM1; p=", "valid w"),
    "a revoked Ed25519 key": ("v=DKIM1; k=ed25519; p=", "valid w"),
    "no base64": ("v=DKIM1; p=MIIB*", "invalid e"),
    "base64 cut short": (f"v=DKIM1; p={GOOD[:-1]}", "invalid e"),
    "DER cut short": (f"v=DKIM1; p={GOOD[:-4]}", "invalid e"),
    "a PEM file": (f"v=DKIM1; p=-----BEGIN PUBLIC KEY-----{GOOD}", "invalid e"),
    "a key of 512 bits": (f"v=DKIM1; p={rsa(512)}", "invalid e"),
    "a key of 1023 bits": (f"v=DKIM1; p={rsa(1023)}", "invalid e"),
    "a key of 1024 bits": (f"v=DKIM1; p={rsa(1024)}", "valid w"),
    "a key of 4096 bits": (f"v=DKIM1; p={rsa(4096)}", "valid"),
    "a key of 8192 bits": (f"v=DKIM1; p={rsa(8192)}", "valid w"),
    "a bare RSAPublicKey": (f"v=DKIM1; p={rsa(2048, PublicFormat.PKCS1)}", "valid w"),
    "a key of elliptic curves": (f"v=DKIM1; p={OF_EC}", "invalid e"),
    "an Ed25519 key": (f"v=DKIM1; k=ed25519; p={BARE_ED}", "valid"),
    "an Ed25519 key within ASN.1": (f"v=DKIM1; k=ed25519; p={WRAPPED_ED}", "invalid e"),
    "an Ed25519 key that is said to be RSA": (f"v=DKIM1; p={BARE_ED}", "invalid e"),
    "an RSA key that is said to be Ed25519": (f"v=DKIM1; k=ed25519; p={GOOD}", "invalid e"),
    "a type in capital letters": (f"v=DKIM1; k=RSA; p={GOOD}", "valid"),
    "an unknown type": (f"v=DKIM1; k=dsa; p={GOOD}", "invalid e"),
    "no type": (f"v=DKIM1; k=; p={GOOD}", "invalid e"),
    "both hashes": (f"v=DKIM1; h=sha1:sha256; p={GOOD}", "valid w"),
    "an old hash": (f"v=DKIM1; h=sha1; p={GOOD}", "valid ww"),
    "an unknown hash": (f"v=DKIM1; h=sha256:sha999; p={GOOD}", "valid n"),
    "no hash": (f"v=DKIM1; h=; p={GOOD}", "valid w"),
    "a service": (f"v=DKIM1; s=email; p={GOOD}", "valid"),
    "all services": (f"v=DKIM1; s=*; p={GOOD}", "valid"),
    "another service": (f"v=DKIM1; s=tlsrpt; p={GOOD}", "valid w"),
    "an unknown service": (f"v=DKIM1; s=email : other; p={GOOD}", "valid n"),
    "testing": (f"v=DKIM1; t=y; p={GOOD}", "valid w"),
    "no subdomains": (f"v=DKIM1; t=s; p={GOOD}", "valid"),
    "an unknown flag": (f"v=DKIM1; t=s:x; p={GOOD}", "valid n"),
    "notes": (f"v=DKIM1; n=rotated in spring; p={GOOD}", "valid"),
    "a tag of the old DKIM": (f"v=DKIM1; g=*; p={GOOD}", "valid n"),
    "another record": ("v=spf1 -all", "invalid ee"),
    "nothing": ("", "invalid een"),
}


@pytest.mark.parametrize(("text", "expected"), RECORDS.values(), ids=RECORDS)
def test_a_key_record(text: str, expected: str) -> None:
    assert says("DKIM", text) == expected, sentences("DKIM", text)


def test_the_sentence_names_the_size_and_the_rule() -> None:
    short = sentences("DKIM", f"v=DKIM1; p={rsa(512)}")

    assert short == "The key has 512 bits; receivers ignore keys of less than 1024. (RFC 8301 3.2)"


def test_a_key_whose_type_is_missing_is_told_by_its_length() -> None:
    assert "k=ed25519 is missing" in sentences("DKIM", f"v=DKIM1; p={BARE_ED}")
