"""A mail server of the demo as it stands after its installation: files on its host, rows and secrets here."""

from __future__ import annotations

import secrets as random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from backend.core.checks import Verdict
from backend.core.present.text import _
from backend.core.secrets.values import Secret
from backend.demo.fleet.hosted_mail import CERTIFICATE, KEY
from backend.demo.fleet.mail import BY_HAND, OUTDATED, OVERRIDE, RESTARTING, SIZES, client_of, mail_of
from backend.demo.fleet.servers import client_id
from backend.fleet.checks import server_subject
from backend.fleet.verdicts import record_verdict
from backend.mail import ownership
from backend.mail.contents import Contents, MailContents
from backend.mail.files.digests import digest_of, digests_of
from backend.mail.files.look import OVERRIDES
from backend.mail.health import judge
from backend.mail.health.checks import CONTAINERS, MAIL_CHECKS
from backend.mail.host.docker import Container
from backend.mail.refs import admin_ref, secret_key_ref, token_ref
from backend.mail.repository import MailRepository
from backend.mailu.certificate import Pair, self_signed
from backend.mailu.environment import MailSecrets, with_values
from backend.mailu.files import COMPOSE_PATH, ENV_PATH, render
from backend.mailu.services import ROOT
from backend.mailu.settings import VERSION, MailSettings, dated_selector
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from uuid import UUID

    from backend.demo.fleet.context import DemoContext
    from backend.store.scope import ScopedSession

POSTFIX = f"{OVERRIDES}/postfix/postfix.cf"
#: When it was set up, after its server was made.
SET_UP = timedelta(hours=1)
#: Since when some of its containers start over and over.
ILL_FOR = timedelta(hours=3)

#: Since when its secrets are what they are.
SECRETS_AGE = timedelta(days=74)


@dataclass(frozen=True)
class MadeMail:
    """What was chosen and made for one server."""

    server: str
    settings: MailSettings
    pair: Pair
    secrets: MailSecrets
    admin_password: Secret
    since: datetime

    def told(self) -> dict[str, Any]:
        """What its host is told, beside what every host is."""
        files = self._files(by_hand=True)
        pair = {f"{ROOT}/{CERTIFICATE}": self.pair.certificate, f"{ROOT}/{KEY}": self.pair.key.reveal()}
        mail = {"stands": True, "restarting": list(self._restarting), "admin_password": self.admin_password.reveal()}
        return {"files": files | pair, "mail": mail}

    def _files(self, *, by_hand: bool) -> dict[str, str]:
        """As the job wrote them; ``by_hand``: with what somebody changed since."""
        files = dict[str, str]()
        for each in render(self.settings, self.secrets):
            if each.content is not None:
                with each.content.lent() as text:  # its lines are no secrets
                    files[each.path] = text
        changed = BY_HAND.get(self.server, {})
        if by_hand and changed:
            files[ENV_PATH] = with_values(files[ENV_PATH], changed, changed.items())
            files[f"{ROOT}/{POSTFIX}"] = OVERRIDE
        return files

    def _digests(self, *, by_hand: bool) -> dict[str, str]:
        """As the job of every hour sees them."""
        files, below = self._files(by_hand=by_hand), f"{ROOT}/{OVERRIDES}/"
        overrides = {
            path.removeprefix(below): digest_of(text) for path, text in files.items() if path.startswith(below)
        }
        return digests_of(files[ENV_PATH], [files[COMPOSE_PATH]], overrides)

    def write(self, context: DemoContext, server_id: UUID) -> None:
        """By the same writers as the job's and the reading's."""
        secrets = {
            secret_key_ref(server_id): self.secrets.secret_key,
            token_ref(server_id): self.secrets.api_token,
            admin_ref(server_id): self.admin_password,
        }
        context.secrets.keep_all(secrets)
        repository, now, found = MailRepository(context.store), context.clock.now(), mail_of(self.server)
        repository.begun(server_id, self.settings, self.pair.certificate)
        repository.sends(server_id, "direct", _("Port 25 is open to the outside."))
        with context.store.write(ENGINE_SCOPE) as session:
            row = session.get_one(MailServer, (AGENCY, server_id))
            row.state, row.installed_at = "running", self.since
            row.api_token_since = row.admin_since = max(self.since, now - SECRETS_AGE)
            owner = client_id(client_of(self.server))
            row.files_accepted, row.files_seen = self._digests(by_hand=False), self._digests(by_hand=True)
            for domain in found.domains:
                ownership.claim(session, server_id, domain.name, owner, self.since)
            for relay in found.relays:
                ownership.claim_relay(session, server_id, relay.name, owner)
            self._judge(session, server_id, now)
        tokens = [replace(each, created_on=now.date()) for each in found.tokens]
        contents = Contents(found.domains, found.mailboxes, found.aliases, found.relays, tokens)
        MailContents(context.store).keep(server_id, contents, now)

    def _judge(self, session: ScopedSession, server_id: UUID, now: datetime) -> None:
        """What its checks said so far: all was well, until some containers began to start over and over."""
        subject, ill = server_subject(server_id), [Container(each, "restarting", "", 1) for each in self._restarting]
        for check in MAIL_CHECKS:
            record_verdict(session, subject, check, Verdict("ok"), self.since)
            is_ill = check == CONTAINERS and bool(ill)
            said = Verdict("warning", judge.said_of(ill)) if is_ill else Verdict("ok")
            record_verdict(session, subject, check, said, now - ILL_FOR if is_ill else now)

    @property
    def _restarting(self) -> tuple[str, ...]:
        return RESTARTING.get(self.server, ())


def made_mail(server: str, since: datetime) -> MadeMail:
    """For a server of :data:`backend.demo.fleet.mail.SIZES` that was made then."""
    at = since + SET_UP
    domain, version = next(iter(SIZES[server])), OUTDATED.get(server, VERSION)
    settings = MailSettings(server, domain, dated_selector(at.date()), version)
    made = [Secret(random.token_urlsafe(length)[:length]) for length in (16, 40, 24)]
    secrets = MailSecrets(made[0], made[1], Secret(""))
    return MadeMail(server, settings, self_signed((server,), at), secrets, made[2], at)
