"""Passwords as Mailu keeps them: bcrypt over SHA-256 for people, one round of PBKDF2 for tokens, which none guesses."""

from __future__ import annotations

import logging

import passlib.context
import passlib.hash

from tests.lab.standins.settings import setting

logging.getLogger("passlib").setLevel(logging.ERROR)  # it asks bcrypt for a version that is not there

#: What older servers, and imports of others, left in front of a hash.
PREFIXES = ("{PBKDF2}", "{BLF-CRYPT}", "{SHA512-CRYPT}", "{SHA256-CRYPT}", "{MD5-CRYPT}", "{CRYPT}")
CONTEXT = passlib.context.CryptContext(
    ["bcrypt_sha256", "bcrypt", "sha512_crypt", "sha256_crypt", "pbkdf2_sha256", "md5_crypt"],
    default="bcrypt_sha256",
    bcrypt_sha256__rounds=int(setting("CREDENTIAL_ROUNDS")),
)
TOKEN_LENGTH = 32


class Hashes:
    """A :class:`backend.demo.mailu.ports.Hashing`."""

    def hashed(self, password: str) -> str:
        return hashed(password)

    def token_hash(self, secret: str) -> str:
        return str(passlib.hash.pbkdf2_sha256.using(rounds=1).hash(secret))


def hashed(password: str) -> str:
    return str(CONTEXT.hash(password))


def fits(password: str, kept: str) -> bool:
    """Whether it is the one behind a kept hash; an empty one is none."""
    for prefix in PREFIXES:
        kept = kept.removeprefix(prefix)
    return bool(password) and bool(CONTEXT.verify(password, kept))


def is_token(password: str) -> bool:
    """Whether it looks like one; those are never limited."""
    return len(password) == TOKEN_LENGTH and all(letter in "0123456789abcdef" for letter in password)
