"""Addresses as Mailu takes them: what may stand before the @, and whole ones (RFC 5321, RFC 5322 dot-atom)."""

from __future__ import annotations

import re

from backend.core.errors import Refused
from backend.core.present.text import _
from backend.mailu.settings import check_name

#: Of a mailbox or an alias of ours: no slash, which no path of Mailu's API can hold.
LOCAL = re.compile(r"(?!\.)(?!.*\.\.)[a-z0-9!#$&'*+=?^_`{|}~.-]{1,64}(?<!\.)")
#: Of a mailbox elsewhere, which mail can be sent to.
FOREIGN = re.compile(r"(?!\.)(?!.*\.\.)[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}(?<!\.)")
WILDCARD = re.compile(r"(?!\.)(?!.*\.\.)[a-z0-9!#$%&'*+=?^_`{}~.-]{1,64}(?<!\.)")


def check_local_part(text: str, *, is_wildcard: bool = False) -> None:
    """:raises Refused: it cannot stand before the @ of a mailbox or an alias, or of a pattern of them."""
    if not (WILDCARD if is_wildcard else LOCAL).fullmatch(text):
        raise _no_local_part(text)


def split_address(address: str) -> tuple[str, str]:
    """Local part and domain.

    :raises Refused: it is no address.
    """
    local, at, domain = address.rpartition("@")
    if not at:
        raise Refused(_("{text} is not an e-mail address.").format(text=address or "–"))
    check_name(domain)
    return local, domain


def check_address(address: str) -> None:
    """:raises Refused: it is no address that mail can be sent to."""
    local, _domain = split_address(address)
    if not FOREIGN.fullmatch(local):
        raise _no_local_part(local)


def _no_local_part(text: str) -> Refused:
    return Refused(
        _("{text} cannot stand before the @.").format(text=text or "–"),
        remedy=_("Use letters, digits, dots, hyphens and underscores."),
    )
