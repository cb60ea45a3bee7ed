"""The steps of a change of settings; each may run again after a kill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from backend.core.errors import Refused, SecretMissing
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.jobs import Ask, Done, StepOutcome
from backend.engine.payload import from_plain
from backend.mail.change.files import ServerFiles
from backend.mail.change.plan import ChangePlan, FilesThere, plan_change
from backend.mail.change.preview import question_of
from backend.mail.change.results import ChangeAgreed
from backend.mail.files.watch import own_writes
from backend.mail.host import fitness, hardening, running
from backend.mail.refs import secret_key_ref
from backend.mailu.environment import MailSecrets
from backend.mailu.found import Found, found_in, settings_in
from backend.mailu.services import ROOT, folders_of
from backend.mailu.settings import MailSettings
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailAccess
    from backend.mail.change.requests import ChangeMail
    from backend.mail.repository import MailRepository


class ChangeSteps:
    """Stateless, thread-safe."""

    def __init__(
        self, servers: ServerAccess, secrets: SecretStore, access: MailAccess, repository: MailRepository
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._access = access
        self._repository = repository

    def look(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        """Nothing is changed before a person agreed to these very lines."""
        with self._enter(ctx) as (ssh, files):
            there = files.read()
            plan = self._plan(ctx, files, there)
            _check_room(ssh, plan)
        asked = question_of(self._row(ctx).host_name, plan, there.fingerprint)
        if ctx.answer is None or ctx.answer.fingerprint != asked.fingerprint:
            return Ask(asked)
        said = _("lines of mailu.env: {lines}, containers made anew: {count}")
        agreed = ChangeAgreed(there.fingerprint, plan.before, plan.after)
        return Done(said.format(lines=len(plan.lines), count=len(plan.restarts)), agreed)

    def fetch(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        """While mail runs. Those of containers that are there already are there."""
        with self._enter(ctx) as (ssh, files):
            images = sorted(set(self._plan(ctx, files, files.read()).images))
            fetched = running.fetch(ctx, ssh, images)
        return Done(_("{fetched} of {all} images fetched").format(fetched=fetched, all=len(images)))

    def open_ports(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        agreed = ctx.need("look", ChangeAgreed)
        if agreed.before.ports == agreed.after.ports:
            return Done(_("the ports stay as they are"))
        self._harden(ctx, agreed.after)
        return Done(", ".join(map(str, agreed.after.ports)))

    def ports_back(self, ctx: StepContext[ChangeMail]) -> None:
        agreed = ctx.result("look", ChangeAgreed)
        if agreed is not None and agreed.before.ports != agreed.after.ports:
            self._harden(ctx, agreed.before)

    def write(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        """Of the files as they were before, whatever of it was written already."""
        agreed = ctx.need("look", ChangeAgreed)
        with self._enter(ctx) as (ssh, files):
            with own_writes(ctx, ssh, ctx.job.request.server_id):
                files.put_back()
            there = files.read()
            plan = self._plan(ctx, files, there)
            if not self._row(ctx).is_adopted:
                folders = " ".join(f"{ROOT}/{folder}" for folder in folders_of(plan.after))
                ssh.check(f"install -d -m 0755 {folders}")
            with own_writes(ctx, ssh, ctx.job.request.server_id):
                files.write(plan.files, agreed.fingerprint)
        return Done()

    def files_back(self, ctx: StepContext[ChangeMail]) -> None:
        """And what runs, too."""
        with self._enter(ctx) as (ssh, files):
            if files.before() is not None:
                with own_writes(ctx, ssh, ctx.job.request.server_id):
                    files.put_back()
                files.start()
                running.wait_until_well(ctx, ssh, files.project)
                files.drop_copy()

    def start(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        with self._enter(ctx) as (_ssh, files):
            files.start()
        return Done()

    def wait(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        with self._enter(ctx) as (ssh, files):
            count = running.wait_until_well(ctx, ssh, files.project)
        return Done(_("containers that run: {count}").format(count=count))

    def prove(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        with self._access.open(ctx.job.request.server_id, stop=ctx.is_cancelled) as mailu:
            domains = len(mailu.api.domains())
        return Done(_("domains: {count}").format(count=domains))

    def note(self, ctx: StepContext[ChangeMail]) -> StepOutcome:
        """What the server says now, not what was asked for."""
        known = self._known(ctx)
        with self._enter(ctx) as (_ssh, files):
            found = found_in(files.project.described())
            files.drop_copy()
        self._repository.has_settings(ctx.job.request.server_id, _settings_now(found, known))
        return Done()

    @contextmanager
    def _enter(self, ctx: StepContext[ChangeMail]) -> Iterator[tuple[SshSession, ServerFiles]]:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            yield ssh, ServerFiles(ssh, self._row(ctx), ctx.job.id)

    def _plan(self, ctx: StepContext[ChangeMail], files: ServerFiles, there: FilesThere) -> ChangePlan:
        found, row = found_in(files.project.described()), self._row(ctx)
        known = self._known(ctx)
        plan = plan_change(found, there, known, self._mail_secrets(ctx, found, known), ctx.job.request)
        parts = plan.parts or (("~ front",) if plan.before.ports != plan.after.ports else ())
        if row.is_adopted and parts:  # ports, too, where the file gives them out otherwise than Mailyard would
            raise Refused(
                _("This would change the compose file, which somebody else wrote: {parts}.").format(
                    parts=", ".join(parts)
                ),
                remedy=_("Change it on the server by hand."),
            )
        return plan

    def _mail_secrets(self, ctx: StepContext[ChangeMail], found: Found, known: MailSettings) -> MailSecrets:
        """Those that are kept here; of others, what the server has is right."""
        row, relay = self._row(ctx), known.smart_host
        refs = {
            "SECRET_KEY": secret_key_ref(row.server_id).path,
            "API_TOKEN": row.api_token_ref or "",
            "RELAYPASSWORD": relay.password_ref if relay is not None else "",
        }
        kept = {key: self._kept(path) or Secret(found.env.get(key, "")) for key, path in refs.items()}
        return MailSecrets(kept["SECRET_KEY"], kept["API_TOKEN"], kept["RELAYPASSWORD"])

    def _kept(self, path: str) -> Secret | None:
        try:
            return self._secrets.read(SecretRef(path)) if path else None
        except SecretMissing:
            return None

    def _harden(self, ctx: StepContext[ChangeMail], settings: MailSettings) -> None:
        with self._enter(ctx) as (ssh, _files):
            facts = fitness.look(ssh, ())
            plan = hardening.HardeningPlan(settings.ports, facts.ssh_port, facts.console)
            hardening.harden(ssh, plan, ctx.poll)

    def _known(self, ctx: StepContext[ChangeMail]) -> MailSettings:
        return from_plain(MailSettings, self._row(ctx).settings or {})

    def _row(self, ctx: StepContext[ChangeMail]) -> MailServer:
        with ctx.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, ctx.job.request.server_id))


def _check_room(ssh: SshSession, plan: ChangePlan) -> None:
    """:raises Refused: the server has too little memory for the antivirus."""
    if plan.after.has_antivirus and not plan.before.has_antivirus:
        fitness.check_memory(fitness.look(ssh, ()).memory_mb, fitness.LEAST_WITH_ANTIVIRUS_MB)


def _settings_now(found: Found, known: MailSettings) -> MailSettings:
    """What the files say; of the smart host they do not say what SPF records include."""
    relay = known.smart_host
    now = settings_in(found, relay.password_ref if relay is not None else "")
    is_same = relay is not None and now.smart_host is not None and now.smart_host.host == relay.host
    return replace(now, smart_host=relay) if is_same else now
