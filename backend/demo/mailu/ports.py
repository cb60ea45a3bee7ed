"""What the application needs besides its records: the demo and the lab each have their own."""

from __future__ import annotations

from typing import Protocol


class Hashing(Protocol):
    """Makes what is kept of a secret."""

    def hashed(self, password: str) -> str:
        """Of a mailbox; takes its time."""
        ...

    def token_hash(self, secret: str) -> str:
        """Of an app token, which nobody guesses: that is quick."""
        ...


class DkimKeys(Protocol):
    """The keys that mail is signed with, by their domains in ASCII. They stay when their domain goes."""

    def public_half(self, domain: str) -> str:
        """In base64 on one line; empty where there is no key."""
        ...

    def make(self, domain: str) -> None:
        """Another in place of the one that signs now, from this moment on."""
        ...
