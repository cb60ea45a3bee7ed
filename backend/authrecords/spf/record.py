"""One SPF record judged by its text alone: what receivers refuse in it, and what does not do what it seems to."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_interface

from backend.authrecords.spf.limits import MOST_LOOKUPS
from backend.authrecords.spf.parser import is_spf, parsed_record
from backend.authrecords.spf.terms import ASKING, Mechanism, Record
from backend.authrecords.txt import joined_strings
from backend.authrecords.verdict import Problem, RecordVerdict, judged
from backend.core.present.text import _

KIND = "SPF"
#: Above this an answer with other TXT records of the name may not fit in a packet (RFC 7208 3.4).
LONGEST_OCTETS = 450
#: Fewer leading bits of a network than these hold the addresses of many owners.
FEWEST_BITS = {4: 8, 6: 16}


def check_spf(text: str) -> RecordVerdict:
    """Judge ``text``, a TXT record as it is or as its quoted strings in a zone file (``"v=spf1 a" " -all"``).

    What only the DNS can tell, as how many look-ups included records need, is not judged.
    """
    text = joined_strings(text)
    if not is_spf(text):
        problem = Problem("error", _("An SPF record begins with “v=spf1” and a space."), "RFC 7208 4.5")
        return judged(KIND, [problem])
    record, errors = parsed_record(text)
    end = () if errors else _end(record)  # a term that could not be read may be the one at the end
    return judged(KIND, [*errors, *end, *_unused(record), *_costs(record), *_networks(record), *_remarks(record)])


def _all(record: Record) -> Mechanism | None:
    return next((each for each in record.mechanisms if each.kind == "all"), None)


def _end(record: Record) -> Iterator[Problem]:
    """What becomes of senders that no mechanism names."""
    last = _all(record)
    if last is None:
        if record.redirect is None:
            text = _("Nothing is said of other senders: put “-all” or “~all” at the end.")
            yield Problem("warning", text, "RFC 7208 4.7")
    elif last.result == "pass":
        text = _("“{term}” lets every computer send in the name of this domain.").format(term=last.text)
        yield Problem("warning", text, "RFC 7208 5.1")
    elif last.result == "neutral":
        text = _("“{term}” says nothing of other senders: receivers treat them as if there were no record.")
        yield Problem("warning", text.format(term=last.text), "RFC 7208 8.2")


def _unused(record: Record) -> Iterator[Problem]:
    """Terms that no receiver comes to."""
    last = _all(record)
    if last is None:
        return
    after = record.mechanisms[record.mechanisms.index(last) + 1 :]
    if after:
        terms = ", ".join(each.text for each in after)
        yield Problem(
            "warning", _("What follows “all” is never looked at: {terms}").format(terms=terms), "RFC 7208 5.1"
        )
    if record.redirect is not None:
        text = _("“{term}” has no effect beside “all”.").format(term=record.redirect.text)
        yield Problem("warning", text, "RFC 7208 6.1")


def _costs(record: Record) -> Iterator[Problem]:
    """What makes receivers ask the DNS too often, or in vain."""
    if record.countable_lookups > MOST_LOOKUPS:
        text = _(
            "The limit is {most}, and more terms than that ask the DNS: who is named by the later ones is not found."
        )
        yield Problem("warning", text.format(most=MOST_LOOKUPS), "RFC 7208 4.6.4")
    if any(each.kind == "ptr" for each in record.mechanisms):
        text = _("“ptr” is slow and unreliable, and is not to be used: name the addresses instead.")
        yield Problem("warning", text, "RFC 7208 5.5")
    if any("p" in each.domain.letters for each in record.mechanisms if each.domain):
        yield Problem("warning", _("The macro “%{p}” is slow and unreliable, and is not to be used."), "RFC 7208 7.2")
    terms = [each for each in record.mechanisms if each.kind in ASKING]
    twice = sorted({each.text for each in terms if sum(other.text == each.text for other in terms) > 1})
    if twice:
        text = _("The same stands there twice and costs look-ups: {terms}").format(terms=", ".join(twice))
        yield Problem("warning", text, "RFC 7208 4.6.4")


def _remarks(record: Record) -> Iterator[Problem]:
    if record.others:
        terms = ", ".join(each.text for each in record.others)
        text = _("Receivers do not act on these terms: {terms}").format(terms=terms)
        yield Problem("note", text, "RFC 7208 6")
    if len(record.text.encode()) > LONGEST_OCTETS:
        yield Problem("note", _("The record is long: an answer with it may not fit in one packet."), "RFC 7208 3.4")


def _networks(record: Record) -> Iterator[Problem]:
    """Addresses that stand for more than they seem to."""
    for each in record.mechanisms:
        if each.network is None:
            continue
        told = {"term": each.text, "network": each.network}
        if each.result == "pass" and each.network.prefixlen < FEWEST_BITS[each.network.version]:
            text = _("“{term}” lets the addresses of many owners send in the name of this domain.")
            yield Problem("warning", text.format(**told), "RFC 7208 5.6")
        written = ip_interface(each.text.partition(":")[2])
        if written.ip != each.network.network_address:
            text = _("“{term}” means the whole network {network}, not {address} alone.")
            yield Problem("note", text.format(**told, address=written.ip), "RFC 7208 5.6")
