"""A test message sent by the mail server itself, and what its log says became of it."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TYPE_CHECKING
from uuid import uuid4

from backend.core.errors import ProviderRefused, ProviderUnavailable
from backend.core.present.text import _
from backend.core.secrets.foreign_words import foreign_words

if TYPE_CHECKING:
    from datetime import datetime

    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.mail.host.docker import ComposeProject
    from backend.mailu.settings import MailSettings

LOG_S = 30.0
SENT_EVERY_S, SENT_LIMIT_S = 2.0, 180.0
#: The clock of the server may be off by as much.
CLOCKS = timedelta(minutes=2)
MOST_LINES, MOST_WORDS = 4_000, 300
#: As Postfix writes them (cleanup(8), smtp(8)).
NAMED = re.compile(r"(\b[0-9A-Za-z]{6,20}): message-id=<([^>]+)>")
ENDED = re.compile(r"(\b[0-9A-Za-z]{6,20}): to=<[^>]*>,.*? relay=([^,]+),.*? status=(\w+) \((.*)\)$")


@dataclass(frozen=True)
class Fate:
    """What became of a message: ``status`` is sent, deferred or bounced; ``relay`` took it or did not, in ``words``."""

    status: str
    relay: str
    words: str


def prove(
    ctx: StepContext[object], ssh: SshSession, project: ComposeProject, settings: MailSettings, *, recipient: str
) -> Fate:
    """A message of the administrator, until somebody took it.

    :raises ProviderUnavailable: it waits in the queue still.
    :raises ProviderRefused: it was not taken, and why.
    """
    since, name = ctx.now() - CLOCKS, settings.host_name
    message_id = send(project, sender=settings.admin_address, recipient=recipient, host_name=name, now=ctx.now())
    ended = ctx.poll(lambda: fate(ssh, message_id, since), every_s=SENT_EVERY_S, limit_s=SENT_LIMIT_S)
    if ended is None:
        raise ProviderUnavailable(
            _("The test message is still in the queue."), remedy=_("Look at the queue, then retry or roll back.")
        )
    if ended.status != "sent":
        raise ProviderRefused(
            _("The test message was not taken: {words}").format(words=ended.words),
            remedy=_("Retry when the cause is mended, or roll back."),
            detail=f"{ended.status} by {ended.relay}",
        )
    return ended


def send(project: ComposeProject, *, sender: str, recipient: str, host_name: str, now: datetime) -> str:
    """Hand a message to Postfix; its id.

    :raises CommandFailed: Postfix did not take it, or its container does not run.
    """
    message_id = f"{uuid4().hex}@{host_name}"
    written = EmailMessage()
    written["From"], written["To"], written["Date"] = sender, recipient, format_datetime(now)
    written["Message-ID"], written["Subject"] = f"<{message_id}>", _("Test message of Mailyard")
    written.set_content(_("This message proves that mail leaves {name}.").format(name=host_name) + "\n")
    project.execute("smtp", ("sendmail", "-f", sender, "--", recipient), stdin=written.as_string())
    return message_id


def fate(ssh: SshSession, message_id: str, since: datetime) -> Fate | None:
    """What the log says so far; None: nothing yet."""
    asked = f"journalctl -q -o cat --no-pager -n {MOST_LINES} --since=@{int(since.timestamp())} "
    return fate_in(ssh.check(f"{asked}{shlex.quote('CONTAINER_TAG=mailu-smtp')}", timeout_s=LOG_S), message_id)


def fate_in(log: str, message_id: str) -> Fate | None:
    """The last that a log of Postfix says of a message. One that went through the filter has an id in each queue."""
    queues = {queue for queue, told in NAMED.findall(log) if told == message_id}
    ends = [found for line in log.splitlines() if (found := ENDED.search(line)) and found[1] in queues]
    if not ends:
        return None
    _queue, relay, status, words = ends[-1].groups()
    return Fate(status, relay, foreign_words(words, MOST_WORDS))
