"""When a certificate is renewed: in the window that its authority names (RFC 9773), else once a third is left."""

from __future__ import annotations

import random
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from backend.acme.certificates import leaf_of
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.core.rest.values import moment

LEFT = 3  # of its life, a third
#: RFC 9773 4.3: who is told less or more than this asks after so long all the same.
SOONEST, LATEST, USUALLY = timedelta(minutes=1), timedelta(days=1), timedelta(hours=6)
MOST_WORDS = 2_000


@dataclass(frozen=True)
class Renewal:
    """Renew at ``at``, at once where that has passed. ``ask_again_at``: when the authority may be asked anew, None
    where it is never asked. ``window`` is the authority's, ``page`` where it says why. ``trouble``: why it could not be
    asked this time, in words; whoever keeps an earlier window keeps it."""

    at: datetime
    ends: datetime
    ask_again_at: datetime | None = None
    window: tuple[datetime, datetime] | None = None
    page: str = ""
    trouble: str = ""

    def is_due(self, now: datetime) -> bool:
        return now >= self.at


def own_reckoning(certificate: str) -> Renewal:
    """Without an authority's word: a certificate of 90 days 30 days before its end, one of 6 days 2 days before."""
    leaf = leaf_of(certificate)
    ends = leaf.not_valid_after_utc
    return Renewal(ends - (ends - leaf.not_valid_before_utc) / LEFT, ends)


def advised(own: Renewal, told: Mapping[str, Any], again_at: datetime | None, now: datetime, seed: str) -> Renewal:
    """With what the authority told; ``own`` where that is no window (RFC 9773 4.2).

    The moment is random in the window, as RFC 9773 4.2 wants it, and yet the same each time the same is told: it is
    drawn by ``seed``, so nobody has to keep it and no look can move it.
    """
    suggested = told.get("suggestedWindow")
    window: Mapping[str, Any] = suggested if isinstance(suggested, Mapping) else {}
    starts, ends = moment(window.get("start")), moment(window.get("end"))
    next_look = _next_look(again_at, now)
    if starts is None or ends is None or ends <= starts:
        return replace(own, ask_again_at=next_look)
    part = random.Random(f"{seed} {starts} {ends}").random()  # noqa: S311 - spreads load, guards nothing
    at = min(starts + part * (ends - starts), own.ends)
    page = str(told.get("explanationURL") or "")[:MOST_WORDS]
    return Renewal(at, own.ends, next_look, (starts, ends), page if page.startswith("https://") else "")


def unasked(own: Renewal, now: datetime, trouble: str) -> Renewal:
    """The authority did not tell: a certificate is renewed in time all the same (RFC 9773 4.3.3)."""
    return replace(own, ask_again_at=now + USUALLY, trouble=trouble)


def renewal_id(certificate: str) -> str:
    """What RFC 9773 4.1 calls a certificate: its authority's key identifier and its serial number.

    :raises Refused: it does not say whose key signed it.
    """
    from cryptography import x509

    leaf = leaf_of(certificate)
    try:
        authority = leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except x509.ExtensionNotFound:
        authority = None
    if authority is None:
        raise Refused(_("The certificate does not say which key of its authority signed it."))
    length = leaf.serial_number.bit_length() // 8 + 1  # as DER writes it, with room for the sign
    return f"{_base64(authority)}.{_base64(leaf.serial_number.to_bytes(length, 'big'))}"


def _next_look(again_at: datetime | None, now: datetime) -> datetime:
    return now + USUALLY if again_at is None else min(max(again_at, now + SOONEST), now + LATEST)


def _base64(octets: bytes) -> str:
    return urlsafe_b64encode(octets).decode().rstrip("=")
