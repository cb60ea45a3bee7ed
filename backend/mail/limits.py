"""What can be a limit of a domain."""

from __future__ import annotations

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.mailu.records import MOST

#: More bytes than any disk has; what JSON and each database still hold exactly.
MOST_BYTES = 2**53


def check_limits(mailboxes: int | None, aliases: int | None, quota_bytes: int | None) -> None:
    """:raises Refused: one of them cannot be a limit of any domain."""
    for limit, most in ((mailboxes, MOST), (aliases, MOST), (quota_bytes, MOST_BYTES)):
        if limit is not None and not 0 <= limit <= most:
            raise Refused(_("{limit} cannot be a limit.").format(limit=limit))
    if quota_bytes == 0:
        raise Refused(_("A quota must be at least one byte."), remedy=_("For a mailbox without one, leave it out."))
