"""A server's label out of its host name: Linode takes fewer names than there are host names."""

from __future__ import annotations

import re
from uuid import UUID

LONGEST = 64
#: So much of the intent tells two host names apart of which the same is left.
TAIL = 12
FOREIGN = re.compile(r"[^A-Za-z0-9._-]")
REPEATED = re.compile(r"([._-])\1+")


def label_of(name: str, intent: UUID) -> str:
    """``name`` where Linode takes it as it is, else what is left of it and the end of the intent.

    A label has 3 to 64 ASCII letters, digits, dashes, dots and underscores, begins with a letter, does not end with a
    mark, and has no mark twice in a row (Linode API reference, post-linode-instance).
    """
    label = REPEATED.sub(r"\1", FOREIGN.sub("-", name)).strip("._-")
    if not label[:1].isalpha():
        label = f"server-{label}".rstrip("-")
    if label == name and 3 <= len(label) <= LONGEST:
        return label
    return f"{label[: LONGEST - TAIL - 1].rstrip('._-')}-{intent.hex[-TAIL:]}"
