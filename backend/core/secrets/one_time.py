"""A value on its way from the engine to the one person who asked for it: sealed to a key that they alone go on having.

Whoever asks makes the key and keeps it in the secret store behind a reference, which goes with the request; the engine
seals with it and forgets it. Without the key, which dies with its window, what was sealed says nothing to anybody.
"""

from __future__ import annotations

from backend.core.secrets.values import Secret


def new_key() -> Secret:
    from cryptography.fernet import Fernet

    return Secret(Fernet.generate_key().decode())


def sealed(value: Secret, key: Secret) -> str:
    """As text."""
    from cryptography.fernet import Fernet

    with value.lent() as clear, key.lent() as opens:
        return Fernet(opens).encrypt(clear.encode()).decode()


def opened(text: str, key: Secret) -> Secret | None:
    """What was sealed; None: with another key, or it was changed."""
    from cryptography.fernet import Fernet, InvalidToken

    try:
        with key.lent() as opens:
            return Secret(Fernet(opens).decrypt(text).decode())
    except InvalidToken:
        return None
