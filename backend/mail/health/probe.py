"""The look at every mail server each five minutes, and what it says in the checks of its server."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from backend.core.checks import CheckKind, Verdict
from backend.core.errors import Cancelled, HostUnreachable, MailyardError, StoreError
from backend.core.present.message import Message
from backend.core.present.text import N_
from backend.engine.payload import from_plain
from backend.engine.probes import Again, Outcome, Silent
from backend.engine.unobserved import unless_in_the_way
from backend.fleet.checks import server_subject
from backend.fleet.verdicts import record_verdict
from backend.mail.health import judge
from backend.mail.health.checks import CERTIFICATE, CONTAINERS, INBOUND, MAIL_CHECKS, PORTS, QUEUE, SENDING
from backend.mail.health.look import look
from backend.mail.host.docker import ComposeProject
from backend.mail.sending.ways import verdict_of
from backend.mailu.certificate import fingerprint_of
from backend.mailu.settings import PORTS as USUAL_PORTS
from backend.mailu.settings import MailSettings
from backend.store.schema.fleet import Server
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.clock import Clock
    from backend.fleet.servers import ServerAccess
    from backend.store.database import Store

EVERY_S = 300.0
SECOND_LOOK_S = 20.0
LOOKS_COUNT_S = 2 * EVERY_S  # a bad look further back is of another trouble
NOT_WELL = ("critical", "warning")

Said = Mapping[CheckKind, Verdict]


@dataclass(frozen=True)
class _Looked:
    """What is asked: the row of a mail server, and the address that the world knows it by."""

    row: MailServer
    address: str

    @property
    def ports(self) -> Sequence[int]:
        """Those that its mailu.env opens, as far as is known."""
        settings = self.row.settings
        return from_plain(MailSettings, settings).ports if settings is not None else USUAL_PORTS


class WatchMail:
    """A :class:`backend.engine.probes.BlockingProbe`: one SSH connection a mail server and turn, and one to another
    server that tries port 25 from outside.
    """

    name = "mail"
    every_s = EVERY_S

    def __init__(self, store: Store, servers: ServerAccess, clock: Clock) -> None:
        self._store = store
        self._servers = servers
        self._clock = clock
        self._bad_at: dict[UUID, float] = {}
        self._ended = threading.Event()

    def start(self) -> None:
        """Nothing runs before the probe scheduler starts."""

    def close(self) -> None:
        """Those that wait for a server wait no longer."""
        self._ended.set()

    def subjects(self) -> Sequence[UUID]:
        """Those that are to run: one that is being set up or was stopped is asked nothing."""
        statement = (
            select(MailServer.server_id)
            .join(Server, MailServer.server_id == Server.id)
            .where(MailServer.state == "running", Server.life == "active", Server.gone_at.is_(None))
            .where(Server.host_key.is_not(None), Server.power != "off")
        )
        with self._store.read(ENGINE_SCOPE) as session:
            return list(session.scalars(statement))

    def observe(self, subject: UUID) -> Outcome:
        with unless_in_the_way(self.name):
            return self._look(subject)
        return None

    def doubt(self, subject: UUID) -> None:
        with unless_in_the_way(self.name):
            self._write(subject, _unknown(Message(N_("the check failed because of an internal error"))))

    def gap(self, _seconds: float) -> None:
        self._bad_at.clear()

    def _look(self, subject: UUID) -> Outcome:
        """What is not well is looked at twice, 20 s apart: a container that is started anew is no trouble."""
        try:
            said = self._said(subject)
        except (StoreError, Cancelled):
            raise
        except HostUnreachable as error:
            self._write(subject, _unknown(Message.said(error.title)))
            return Silent()
        except MailyardError as error:
            said = _unknown(Message.said(error.title))
        if any(said[check].word in NOT_WELL for check in said):
            now = self._clock.monotonic_s()
            is_second = now - self._bad_at.get(subject, -LOOKS_COUNT_S) < LOOKS_COUNT_S
            self._bad_at[subject] = now
            if not is_second:
                return Again(SECOND_LOOK_S)
        else:
            self._bad_at.pop(subject, None)
        self._write(subject, said)
        return None

    def _said(self, subject: UUID) -> Said:
        """:raises MailyardError: nothing was observed."""
        asked = self._asked(subject)
        with self._servers.session(subject, stop=self._ended.is_set) as ssh:
            project = ComposeProject(ssh, asked.row.project, asked.row.files)
            seen = look(ssh, host_name=asked.row.host_name, ports=asked.ports, project=project)
        inbound = self._inbound(asked)
        pinned = fingerprint_of(asked.row.certificate) if asked.row.certificate else ""
        return {
            CONTAINERS: judge.containers(seen),
            PORTS: judge.ports(seen, inbound),
            QUEUE: judge.queue(seen),
            CERTIFICATE: judge.certificate(seen, pinned, self._clock.now()),
            SENDING: verdict_of(asked.row.sends),
            INBOUND: inbound,
        }

    def _inbound(self, asked: _Looked) -> Verdict:
        """Port 25, tried by the first other mail server of ours whose own way out is open."""
        for other in self._able(asked.row.server_id):
            try:
                with self._servers.session(other, stop=self._ended.is_set) as ssh:
                    seen = look(ssh, host_name=asked.row.host_name, ports=(judge.SMTP,), address=asked.address)
            except (StoreError, Cancelled):
                raise
            except MailyardError:
                continue
            return judge.inbound(seen.ports[str(judge.SMTP)])
        return judge.NOBODY

    def _able(self, server_id: UUID) -> Sequence[UUID]:
        """Other mail servers that mail leaves directly."""
        others = select(MailServer.server_id).where(MailServer.sends == "direct", MailServer.server_id != server_id)
        with self._store.read(ENGINE_SCOPE) as session:
            able = set(session.scalars(others))
        return sorted(able.intersection(self.subjects()))

    def _asked(self, subject: UUID) -> _Looked:
        with self._store.read(ENGINE_SCOPE) as session:
            server = session.get_one(Server, (AGENCY, subject))
            return _Looked(session.get_one(MailServer, (AGENCY, subject)), server.address or "")

    def _write(self, subject: UUID, said: Said) -> None:
        now = self._clock.now()
        with self._store.write(ENGINE_SCOPE) as session:
            row = session.get(MailServer, (AGENCY, subject))
            if row is None or row.state != "running":
                return
            for check, verdict in said.items():
                record_verdict(session, server_subject(subject), check, verdict, now)


def _unknown(why: Message) -> Said:
    return {check: Verdict("inconclusive", why) for check in MAIL_CHECKS}
