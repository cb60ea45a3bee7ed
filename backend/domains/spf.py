"""Terms of ours in an SPF record of others (RFC 7208): added where they count, never in the place of anything."""

from __future__ import annotations

from collections.abc import Sequence

from backend.authrecords.spf.record import check_spf
from backend.core.present.text import _

VERSION = "v=spf1"
QUALIFIERS = "+-~?"
#: What an own record says of everybody else.
NOBODY_ELSE = "-all"
#: A record beyond the limits of look-ups is read up to there only: ours could be what is not read.
LIMITS = "RFC 7208 4.6.4"


class SpfConflict(Exception):
    """The record says the opposite of what is wanted; the text is for a person."""


def merged_spf(records: Sequence[str], wanted: Sequence[str]) -> str:
    """One record with all terms of those that are there, and the wanted ones (``mx``, ``include:relay.example``).

    What is there already is not written again: one record that has all comes back as it is. Ours go before the first
    term that could refuse a message. Of several that end differently the mildest end stays.

    :raises SpfConflict: a term refuses what a wanted one allows, or receivers refuse the record as it is or would be.
    """
    if not records:
        return " ".join((VERSION, *wanted, NOBODY_ELSE))
    for each in records:
        _check(each, _("The SPF record is not valid: {why}"))
    terms = list(dict.fromkeys(term for each in records for term in each.split()[1:]))
    refusing = {term[1:].lower(): term for term in terms if term[0] in "-~?"}
    for each in wanted:
        if each.lower() in refusing:
            raise SpfConflict(
                _("The SPF record says {term}: it refuses this server.").format(term=refusing[each.lower()])
            )
    have = {term.lower().removeprefix("+") for term in terms}
    missing = [each for each in wanted if each.lower() not in have]
    if len(records) == 1 and not missing:
        return records[0]
    ends = [term for term in terms if _is_end(term)]
    body = [term for term in terms if not _is_end(term)]
    place = next(
        (number for number, term in enumerate(body) if term[0] in "-~?" or "=" in term.partition(":")[0]), len(body)
    )
    merged = " ".join((VERSION, *body[:place], *missing, *body[place:], *_one_end(ends)))
    _check(merged, _("The SPF record would no longer be valid: {why}"))
    return merged


def _check(content: str, words: str) -> None:
    """:raises SpfConflict: receivers refuse the record; ``words`` has a place for why."""
    problems = (each for each in check_spf(content).problems if each.severity == "error" or each.rule == LIMITS)
    if (first := next(problems, None)) is not None:
        raise SpfConflict(words.format(why=first.text))


def _is_end(term: str) -> bool:
    return term.lower().lstrip(QUALIFIERS) == "all"


def _one_end(ends: Sequence[str]) -> Sequence[str]:
    """The mildest of several; none where there was none (the record may lead on by redirect)."""
    order = {"-": 0, "~": 1, "?": 2}
    return sorted(ends, key=lambda term: order.get(term[0], 3))[-1:]
