"""The domains that DMARC compares: the author's, and those that DKIM and SPF vouch for."""

from __future__ import annotations

import re
from collections.abc import Iterable
from email.utils import getaddresses

from backend.core.domain_names import plain_domain
from backend.core.errors import MailyardError
from backend.core.present.text import _
from backend.core.resolver import NotAName, to_name

#: What IDNA takes for a dot (RFC 3490 3.1).
_DOTS = re.compile("[.\u3002\uff0e\uff61]")
#: More than one bare address: names, quotes, comments, a list.
_HAS_NAMES = re.compile(r"[<,\"(]")
#: In no domain of an address, nor between two of them (RFC 5322 3.2.3).
_NO_PART = re.compile(r"[\x00-\x20\x7f\s()<>\[\]:;@\\,\"]")


class NoAuthorDomain(MailyardError):
    """The From field does not name one domain, so DMARC says nothing (RFC 7489 6.6.1, RFC 9989 5.3.1)."""


def author_domain(header_from: str) -> str:
    """The domain of a From field: an address with or without a name, or the domain alone.

    :raises NoAuthorDomain: it names none, or more than one.
    """
    text = header_from.strip()
    parts = [text]
    if _HAS_NAMES.search(text):
        parts = [address for _name, address in getaddresses([text])]
    found = {_domain(part.rpartition("@")[2]) for part in parts}
    if len(found) > 1 and None not in found:
        raise NoAuthorDomain(_("{text} names more than one domain.").format(text=text))
    (domain,) = found if len(found) == 1 else (None,)
    if domain is None:
        raise NoAuthorDomain(_("{text} names no domain.").format(text=text or "header_from"))
    return domain


def authenticated_domains(texts: Iterable[str]) -> tuple[str, ...]:
    """Of what DKIM or SPF passed for, the domains; what is none (an empty return path) aligns with nothing."""
    found = (_domain(text.strip().rpartition("@")[2]) for text in texts)
    return tuple(dict.fromkeys(domain for domain in found if domain is not None))


def _domain(text: str) -> str | None:
    """In small letters, without the final dot, each label an A-label (RFC 5890 2.3)."""
    labels = [plain_domain(label) for label in _DOTS.split(text)]
    name = ".".join(labels).removesuffix(".")
    if not name or name.endswith(".") or not name.isascii() or _NO_PART.search(text) or _NO_PART.search(name):
        return None
    try:
        to_name(name)
    except NotAName:
        return None
    return name
