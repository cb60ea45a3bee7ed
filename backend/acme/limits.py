"""Whether an order fits into an authority's limits, by what the caller did before: told before it is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from backend.acme.authorities import Bucket, Limits
from backend.acme.orders import WILDCARD, too_many_names
from backend.core.domain_names import registered_domain
from backend.core.present.text import _, ngettext

What = Literal["ordered", "issued", "failed", "proved"]


@dataclass(frozen=True)
class Event:
    """One row of what one account did: an order or a certificate with its ``names``, or a proof of one name that failed
    or came through. ``renews``: it had the names of an earlier certificate; ``replaces``: it said which one (ARI)."""

    at: datetime
    what: What
    names: tuple[str, ...]
    renews: bool = False
    replaces: bool = False


@dataclass(frozen=True)
class Room:
    """``again_at``: when the order fits, None where waiting is of no use. ``reasons`` in words, empty where it fits."""

    fits: bool
    again_at: datetime | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """An order before it is sent."""

    names: tuple[str, ...]
    renews: bool = False
    replaces: bool = False


def room(limits: Limits, history: Iterable[Event], wanted: Wanted, now: datetime) -> Room:
    """Whether ``wanted`` fits. Only what is known here is counted: others may have issued for the same domain."""
    events = sorted(history, key=lambda each: each.at)
    blocks = [
        _names_of_one(limits, wanted),
        *([] if wanted.replaces and limits.renewals_are_free else _counted(limits, events, wanted, now)),
        *_failing(limits, events, wanted, now),
    ]
    found = [each for each in blocks if each is not None]
    if not found:
        return Room(True)
    moments = [at for at, _words in found]
    again_at = None if None in moments else max(at for at in moments if at is not None)
    return Room(False, again_at, tuple(words for _at, words in found))


Block = tuple[datetime | None, str]


def _names_of_one(limits: Limits, wanted: Wanted) -> Block | None:
    if len(wanted.names) <= limits.names:
        return None
    return None, too_many_names(len(wanted.names), limits.names)


def _counted(limits: Limits, events: Sequence[Event], wanted: Wanted, now: datetime) -> list[Block | None]:
    """Orders of the account, certificates of each registered domain, and those with exactly these names."""
    is_free = wanted.renews and limits.renewals_are_free

    def counts(event: Event) -> bool:
        return not (limits.renewals_are_free and (event.renews or event.replaces))

    same = set(wanted.names)
    again = [each.at for each in events if each.what == "issued" and set(each.names) == same and not each.replaces]
    blocks = [_block(limits.per_set_of_names, again, now, _("exactly these names"))]
    if is_free:
        return blocks
    ordered = [each.at for each in events if each.what == "ordered" and counts(each)]
    blocks.append(_block(limits.orders, ordered, now, _("this account"), _orders_words))
    for domain in sorted(_domains(wanted.names)):
        issued = [
            each.at for each in events if each.what == "issued" and counts(each) and domain in _domains(each.names)
        ]
        blocks.append(_block(limits.per_registered_domain, issued, now, domain))
    return blocks


def _failing(limits: Limits, events: Sequence[Event], wanted: Wanted, now: datetime) -> list[Block | None]:
    """Proofs of a name that failed: the authority lets nobody order it for a while, and at last not at all."""
    blocks = []
    for name in sorted({each.removeprefix(WILDCARD) for each in wanted.names}):
        about = [
            e for e in events if e.what in ("failed", "proved") and name in {n.removeprefix(WILDCARD) for n in e.names}
        ]
        failed = [each.at for each in about if each.what == "failed"]
        since = max((each.at for each in about if each.what == "proved"), default=None)
        in_a_row = [at for at in failed if since is None or at > since]
        blocks.append(_block(limits.failures, failed, now, name, _failures_words))
        if (
            limits.failures_in_a_row
            and _level(limits.failures_in_a_row, in_a_row, now) >= limits.failures_in_a_row.most
        ):
            blocks.append((None, _paused_words(name)))
    return blocks


Words = Callable[[str, int], str]


def _certificates_words(about: str, most: int) -> str:
    text = ngettext("{n} certificate was issued for {about}.", "{n} certificates were issued for {about}.", most)
    return text.format(n=most, about=about)


def _orders_words(about: str, most: int) -> str:
    return ngettext("{n} order was sent by {about}.", "{n} orders were sent by {about}.", most).format(
        n=most, about=about
    )


def _failures_words(about: str, most: int) -> str:
    text = ngettext("{n} proof of {about} failed.", "{n} proofs of {about} failed.", most)
    return text.format(n=most, about=about)


def _paused_words(name: str) -> str:
    return _("Proofs of {name} failed so often that the authority pauses it until a person resumes it there.").format(
        name=name
    )


def _block(
    bucket: Bucket | None, moments: Sequence[datetime], now: datetime, about: str, words: Words = _certificates_words
) -> Block | None:
    """When one more fits, and why it does not now; None where it fits."""
    if bucket is None:
        return None
    over = _level(bucket, moments, now) + 1 - bucket.most
    if over <= 0:
        return None
    return now + timedelta(seconds=over * bucket.refill_s), words(about, bucket.most)


def _level(bucket: Bucket, moments: Sequence[datetime], now: datetime) -> float:
    """How full the bucket is: each event fills it by one, and it empties by one each ``refill_s`` seconds."""
    level, since = 0.0, now
    for moment in moments:
        at = min(moment, now)  # the clock may have been set back since
        level = max(0.0, level - (at - since).total_seconds() / bucket.refill_s) + 1 if level else 1.0
        since = at
    return max(0.0, level - (now - since).total_seconds() / bucket.refill_s)


def _domains(names: Sequence[str]) -> set[str]:
    return {registered_domain(each.removeprefix(WILDCARD)) for each in names}
