"""Which way mail leaves a server, and why: what is shown beside it, and what a check says of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from backend.core.checks import Verdict
from backend.core.present.message import Message
from backend.core.present.text import N_, _
from backend.mail.host.fitness import can_send

if TYPE_CHECKING:
    from backend.mailu.settings import MailSettings


def way_out(mail_25: Mapping[str, str], settings: MailSettings) -> tuple[str, str]:
    """One of direct, smart_host, no and unknown, and the words for it. ``mail_25`` as in
    :class:`backend.mail.host.fitness.HostFacts`.
    """
    tried = "; ".join(f"{host}: {state}" for host, state in mail_25.items())
    if settings.smart_host is not None:
        return "smart_host", _("Mail leaves through {host}.").format(host=settings.smart_host.host)
    can = can_send(mail_25)
    if can:
        return "direct", _("Port 25 is open to the outside.")
    if not mail_25:
        return "unknown", _("Whether port 25 is open to the outside was not tried.")
    if can is None:
        return "unknown", _("Whether port 25 is open to the outside is not known: {tried}").format(tried=tried)
    words = _("Port 25 is closed to the outside ({tried}). Ask the provider to open it, or use a smart host.")
    return "no", words.format(tried=tried)


def verdict_of(sends: str) -> Verdict:
    """What is said of a mail server whose way out is this."""
    if sends == "no":
        return Verdict("critical", Message(N_("it cannot send: port 25 is closed and there is no smart host")))
    if sends == "unknown":
        return Verdict("inconclusive", Message(N_("whether port 25 is open to the outside is not known")))
    return Verdict("ok")
