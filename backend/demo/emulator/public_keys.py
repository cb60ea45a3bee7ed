"""Login keys as accounts take them."""

from __future__ import annotations

import base64
import binascii

ALGORITHMS = ("ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")


def blob_of(public: str) -> bytes:
    """The key itself in a line ``type key [comment]``.

    :raises ValueError: it is no such line.
    """
    parts = public.split()
    if len(parts) < 2 or parts[0] not in ALGORITHMS:
        raise ValueError("no public key")
    try:
        return base64.b64decode(parts[1], validate=True)
    except binascii.Error as error:
        raise ValueError("no public key") from error
