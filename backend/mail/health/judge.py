"""What a look at a mail server says: pure functions, one a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from backend.core.checks import Verdict
from backend.core.errors import BadResponse
from backend.core.present.message import Message
from backend.core.present.text import N_
from backend.mail.host.docker import containers_in

if TYPE_CHECKING:
    from backend.mail.health.look import MailSeen, PortSeen, PortState
    from backend.mail.host.docker import Container

#: Without them mail flows all the same.
BESIDE = frozenset({"webmail", "webdav", "fetchmail", "oletools", "antivirus", "fts_attachments"})
#: Of product.md; messages that a receiver defers are tried for five days.
QUEUE_WARNING, QUEUE_CRITICAL = 100, 1_000
WAITS_WARNING_H, WAITS_CRITICAL_H = 4, 24
DAYS_WARNING, DAYS_CRITICAL = 30, 7
HOUR_S = 3_600
SMTP = 25

WORDS: Mapping[PortState, str] = {
    "closed": N_("port {port} does not answer"),
    "odd": N_("port {port} answers with something else"),
    "plain": N_("port {port} offers no TLS"),
}
UNTOLD = Verdict("inconclusive", Message(N_("Docker does not answer")))
NOBODY = Verdict("inconclusive", Message(N_("no other mail server that can reach port 25 was there to ask")))


def containers(seen: MailSeen) -> Verdict:
    """Critical where mail does not flow, a warning where something beside it does not run."""
    try:
        found = containers_in(seen.containers) if seen.containers is not None else None
    except BadResponse as error:
        return Verdict("inconclusive", Message.said(error.title))
    if found is None:
        return UNTOLD
    if not found:
        return Verdict("critical", Message(N_("no container runs")))
    ill = sorted((each for each in found if not each.is_well), key=lambda each: (each.service in BESIDE, each.service))
    if not ill:
        return Verdict("ok")
    word = "warning" if all(each.service in BESIDE or each.health == "starting" for each in ill) else "critical"
    return Verdict(word, said_of(ill))


def said_of(ill: Sequence[Container]) -> Message:
    """What is the matter with them; of one, in its own words."""
    if len(ill) > 1:
        names = ", ".join(each.service for each in ill)
        return Message(N_("containers that are not well: {names}"), {"names": names})
    (one,) = ill
    if one.state == "restarting":
        return Message(N_("{name} starts again and again"), {"name": one.service})
    if one.state != "running":
        return Message(N_("{name} does not run"), {"name": one.service})
    if one.health == "starting":
        return Message(N_("{name} is still starting"), {"name": one.service})
    return Message(N_("{name} is not healthy"), {"name": one.service})


def ports(seen: MailSeen, inbound: Verdict) -> Verdict:
    """Of those that mailu.env opens; ``inbound`` is what port 25 said to another server."""
    bad = [(int(port), told) for port, told in seen.ports.items() if told.state != "well"]
    if bad:
        port, told = min(bad)
        return Verdict("critical", Message(WORDS[told.state], {"port": port}))
    return inbound if inbound.word == "critical" else Verdict("ok")


def inbound(told: PortSeen) -> Verdict:
    """Of port 25, asked by another server."""
    if told.state == "well":
        return Verdict("ok")
    words = {
        "closed": N_("port 25 does not answer from outside"),
        "odd": N_("port 25 answers with something else from outside"),
        "plain": N_("port 25 offers no TLS from outside"),
    }
    return Verdict("critical", Message(words[told.state]))


def queue(seen: MailSeen) -> Verdict:
    if seen.queue is None:
        return Verdict("inconclusive", Message(N_("the queue could not be read")))
    messages, hours = seen.queue.messages, 0
    if messages:
        hours = max(0, int((seen.now - seen.queue.oldest_at) // HOUR_S))
    for word, most, longest in (
        ("critical", QUEUE_CRITICAL, WAITS_CRITICAL_H),
        ("warning", QUEUE_WARNING, WAITS_WARNING_H),
    ):
        if messages >= most:
            return Verdict(word, Message(N_("messages that wait to be sent: {count}"), {"count": messages}))
        if hours >= longest:
            return Verdict(word, Message(N_("a message has waited for {hours} h"), {"hours": hours}))
    return Verdict("ok")


def certificate(seen: MailSeen, pinned: str, now: datetime) -> Verdict:
    """What is served on every port that shows one; ``pinned`` is the one that was given, empty: none was."""
    shown = {int(port): told.certificate for port, told in seen.ports.items() if told.certificate}
    if not shown:
        return Verdict("inconclusive", Message(N_("no port showed a certificate")))
    foreign = sorted(port for port, fingerprint in shown.items() if pinned and fingerprint != pinned)
    if foreign:
        words = N_("port {port} shows another certificate than the one it was given")
        return Verdict("critical", Message(words, {"port": foreign[0]}))
    days = min((_ends_at(seen, fingerprint) - now).days for fingerprint in set(shown.values()))
    if days < 0:
        return Verdict("critical", Message(N_("it has ended")))
    if days < DAYS_WARNING:
        word = "critical" if days < DAYS_CRITICAL else "warning"
        return Verdict(word, Message(N_("days left: {days}"), {"days": days}))
    return Verdict("ok")


def _ends_at(seen: MailSeen, fingerprint: str) -> datetime:
    from cryptography import x509

    return x509.load_der_x509_certificate(seen.certificate(fingerprint)).not_valid_after_utc
