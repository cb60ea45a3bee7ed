"""Passwords as hashes in the application's form, and the time that one takes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

from backend.demo.emulator.process import Start

#: bcrypt's alphabet (passlib's ``bcrypt64``).
ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
USUAL = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
SALT, DIGEST = 22, 31
WORK = 1_000


class Passwords:
    """A :class:`backend.demo.mailu.ports.Hashing`. How long a password takes may be ordered: bcrypt of 12 rounds takes
    a quarter of a second.
    """

    def __init__(self, start: Start) -> None:
        self._state = start.state
        self._speed = start.speed

    def hashed(self, password: str) -> str:
        seconds = float((self._state.get("setting", "hashing") or {}).get("seconds", 0.0))
        time.sleep(seconds / self._speed)
        salt = "".join(secrets.choice(ALPHABET) for _each in range(SALT))
        return f"$bcrypt-sha256$v=2,t=2b,r=12${salt}${_digest(salt, password)}"

    def token_hash(self, secret: str) -> str:
        return f"$pbkdf2-sha256$1${hashlib.sha256(secret.encode()).hexdigest()}"


def is_password(password: str, hashed: str) -> bool:
    """Whether a mailbox with this hash lets the password in; an empty one never does."""
    salt, _dollar, digest = hashed.rpartition("$")
    return bool(password) and hmac.compare_digest(_digest(salt.rpartition("$")[2], password), digest)


def _digest(salt: str, password: str) -> str:
    """Not bcrypt: its look only."""
    raw = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), WORK)
    return base64.b64encode(raw).decode().translate(str.maketrans(USUAL, ALPHABET))[:DIGEST]
