"""Access keys of tests: what other emulators take as a token, in Amazon's form."""

from __future__ import annotations

import hashlib


def access_key(token: str) -> str:
    """``ACCESS_KEY_ID:SECRET_ACCESS_KEY`` with the token in the secret part, another for each; of one, itself."""
    if ":" in token:
        return token
    number = hashlib.sha256(token.encode()).hexdigest()[:16].upper()
    return f"AKIA{number}:{token}/{'0' * 16}"
