"""The steps of an upgrade: what is done while mail runs, what while it stands still, and the way back of each."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from backend.core.errors import AlreadyThere, Refused
from backend.core.present import format as words
from backend.core.present.text import _
from backend.core.secrets.values import SecretRef
from backend.core.ssh.tunnel import LOOPBACK
from backend.engine.jobs import Done, StepOutcome
from backend.engine.payload import from_plain
from backend.mail.files.watch import own_writes
from backend.mail.host import docker, running
from backend.mail.sending import message
from backend.mail.upgrade import copies
from backend.mail.upgrade.plan import LAST, downtime_of
from backend.mail.upgrade.results import UpgradeLooked, UpgradeProved
from backend.mailu.certificate import fingerprint_of
from backend.mailu.found import found_in
from backend.mailu.imap import IMAPS, check_login
from backend.mailu.services import REGISTRY
from backend.mailu.settings import RELEASE, MailSettings
from backend.mailu.versions import at_version, check_upgrade, names_version, versions_in, with_version
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.access import MailAccess
    from backend.mail.repository import MailRepository
    from backend.mail.requests import UpgradeMail

#: Stands between two versions.
BETWEEN = ", "
#: Where Mailu keeps what it knows when nothing else is said, in a file of its data.
SQLITE = "sqlite"


class UpgradeSteps:
    """Stateless, thread-safe."""

    def __init__(
        self, servers: ServerAccess, secrets: SecretStore, access: MailAccess, repository: MailRepository
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._access = access
        self._repository = repository

    def look(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        """Nothing is changed. What is ill before would be ill after, and nobody could tell which of the two did it."""
        request = ctx.job.request
        with self._enter(ctx) as ssh:
            versions = versions_in(self._project(ctx, ssh).images())
            if versions == [request.to_version]:
                self._repository.has_version(request.server_id, request.to_version)
                raise AlreadyThere(_("Mailu {version} is installed already.").format(version=request.to_version))
            for each in versions:
                if each != RELEASE:  # the moving tag: which patch release it fetched nobody knows
                    check_upgrade(each, request.to_version)
            self._check_files(ctx, ssh)
            _check_database(self._project(ctx, ssh))
            self._check_well(ctx, ssh)
            copies.check_room(copies.room(ssh, self._row(ctx)), more=copies.IMAGES)
        before = BETWEEN.join(versions)
        said = _("Mailu {version}; all containers are healthy").format(version=before)
        return Done(said, UpgradeLooked(before))

    def pull(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        with self._enter(ctx) as ssh:
            images = at_version(self._project(ctx, ssh).images(), ctx.job.request.to_version)
            fetched = running.fetch(ctx, ssh, images)
        return Done(_("{fetched} of {all} images fetched").format(fetched=fetched, all=len(images)))

    def drop_images(self, ctx: StepContext[UpgradeMail]) -> None:
        """Those of the new version; one that a container has stays."""
        with self._enter(ctx) as ssh:
            there = self._project(ctx, ssh).images()
            new = [each for each in at_version(there, ctx.job.request.to_version) if each not in there]
            docker.remove_images(ssh, new)

    def stop(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        """From here on mail stands still; what others send meanwhile, they send again."""
        with self._enter(ctx) as ssh:
            copies.check_room(copies.room(ssh, self._row(ctx)))
            self._repository.stands(ctx.job.request.server_id, "upgrading")
            self._down(ctx, ssh)
        return Done()

    def start_again(self, ctx: StepContext[UpgradeMail]) -> None:
        """Of the files that lie there now, which are those of before."""
        with self._enter(ctx) as ssh:
            project = self._project(ctx, ssh)
            project.up()
            self._repository.stands(ctx.job.request.server_id, "running")  # what is ill then, the checks tell
            running.wait_until_well(ctx, ssh, project)

    def copy(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        with self._enter(ctx) as ssh:
            copies.make(ssh, self._row(ctx), _name(ctx))
        return Done(f"{copies.PLACE}/{_name(ctx)}")

    def drop_copy(self, ctx: StepContext[UpgradeMail]) -> None:
        with self._enter(ctx) as ssh:
            copies.drop(ssh, _name(ctx))

    def write(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        """The lines that name the version, and no others: what was changed by hand stays."""
        wanted = ctx.job.request.to_version
        with self._enter(ctx) as ssh:
            with own_writes(ctx, ssh, ctx.job.request.server_id):
                for path in self._row(ctx).files:
                    mode = int(ssh.check(f"stat -c %a {shlex.quote(path)}"), 8)
                    ssh.put(path, with_version(ssh.get(path).decode(), wanted).encode(), mode=mode)
            named = versions_in(self._project(ctx, ssh).images())
        if named != [wanted]:
            raise Refused(
                _("The compose file does not start Mailu {version} now.").format(version=wanted),
                remedy=_("Look at its image lines."),
                detail=", ".join(named),
            )
        return Done()

    def write_back(self, ctx: StepContext[UpgradeMail]) -> None:
        with self._enter(ctx) as ssh, own_writes(ctx, ssh, ctx.job.request.server_id):
            copies.put_back(ssh, _name(ctx), copies.files_of(self._row(ctx)))

    def start(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        with self._enter(ctx) as ssh:
            self._project(ctx, ssh).up()
        return Done()

    def take_down(self, ctx: StepContext[UpgradeMail]) -> None:
        """The new version may have changed what the one before reads.

        :raises Refused: it has carried mail since it proved itself.
        """
        is_proved = ctx.result(LAST, UpgradeProved) is not None
        if is_proved or self._row(ctx).state == "running":
            raise Refused(
                _("The new version proved itself and carries mail: what came since would be lost."),
                remedy=_("Mail runs. Leave it as it is."),
            )
        with self._enter(ctx) as ssh:
            self._down(ctx, ssh)
            with own_writes(ctx, ssh, ctx.job.request.server_id):
                copies.put_back(ssh, _name(ctx), copies.folders_of(self._row(ctx)))

    def wait(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        with self._enter(ctx) as ssh:
            count = running.wait_until_well(ctx, ssh, self._project(ctx, ssh))
        return Done(_("containers that run: {count}").format(count=count))

    def prove(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        """The API lists the first domain, the administrator reads mail over IMAP, and gets a message: as far as
        Mailyard has access to them.
        """
        settings, server_id = self._settings(ctx), ctx.job.request.server_id
        self._repository.stands(server_id, "upgrading")  # a kill may have come when it stood as proved
        proved = [*(("API",) if self._check_api(ctx) else ())]
        with self._enter(ctx) as ssh:
            if self._check_imap(ctx, ssh):
                message.prove(ctx, ssh, self._project(ctx, ssh), settings, recipient=settings.admin_address)
                proved += ["IMAP", _("a message to {address}").format(address=settings.admin_address)]
        self._repository.stands(server_id, "running")
        return Done(", ".join(proved), UpgradeProved(", ".join(proved)))

    def note(self, ctx: StepContext[UpgradeMail]) -> StepOutcome:
        request, before = ctx.job.request, _before(ctx)
        with ctx.store.read(ENGINE_SCOPE) as session:
            seconds = downtime_of(session, ctx.job.id)
        stood = words.duration(seconds) if seconds is not None else _("not known")
        said = _("Mail server upgraded from Mailu {before} to {version}; without mail for {time}")
        event = said.format(before=BETWEEN.join(before), version=request.to_version, time=stood)
        self._repository.upgraded(ctx, request.server_id, request.to_version, event)
        with self._enter(ctx) as ssh:
            gone = copies.drop_older(ssh)
            there = docker.fetched_images(ssh, f"{REGISTRY}/")
            docker.remove_images(
                ssh, [each for each in there if not set(versions_in([each])) & {*before, request.to_version}]
            )
        kept = _("without mail for {time}; older copies removed: {count}")
        return Done(kept.format(time=stood, count=gone))

    def _check_files(self, ctx: StepContext[UpgradeMail], ssh: SshSession) -> None:
        """:raises Refused: an image of Mailu's is named in a way that :meth:`write` would not find."""
        images = [each for each in self._project(ctx, ssh).images() if versions_in([each])]
        if sum(names_version(ssh.get(path).decode()) for path in self._row(ctx).files) < len(images):
            raise Refused(
                _("The compose file does not name the version of Mailu where Mailyard could change it."),
                remedy=_("Write the version into its image lines first."),
            )

    def _check_well(self, ctx: StepContext[UpgradeMail], ssh: SshSession) -> None:
        """:raises MailyardError: it is not well, or would not pass the proof that comes after."""
        containers = self._project(ctx, ssh).containers()
        ill = [each.service for each in containers if not each.is_well]
        if ill or not containers:
            raise Refused(
                _("The mail server is not well: {names}.").format(names=", ".join(ill) or _("no container runs")),
                remedy=_("Mend that first, then request the upgrade again."),
            )
        self._check_api(ctx)
        self._check_imap(ctx, ssh)

    def _check_api(self, ctx: StepContext[UpgradeMail]) -> bool:
        """False: Mailyard has no token of it."""
        domain = self._settings(ctx).domain
        if not self._row(ctx).api_token_ref:
            return False
        with self._access.open(ctx.job.request.server_id, stop=ctx.is_cancelled) as mailu:
            if mailu.api.domain(domain) is None:
                raise Refused(_("The mail server has lost its domain {domain}.").format(domain=domain))
        return True

    def _check_imap(self, ctx: StepContext[UpgradeMail], ssh: SshSession) -> bool:
        """False: Mailyard has no password of the administrator's mailbox, or knows no certificate."""
        row, address = self._row(ctx), self._settings(ctx).admin_address
        if not (row.admin_ref and row.certificate):
            return False
        password = self._secrets.read(SecretRef(row.admin_ref))
        channel = ssh.dial(LOOPBACK, IMAPS)
        check_login(channel, fingerprint_of(row.certificate), address, password, ssh.is_stopped)
        return True

    def _down(self, ctx: StepContext[UpgradeMail], ssh: SshSession) -> None:
        """What others added to a project of their own stays."""
        self._project(ctx, ssh).down(removes=not self._row(ctx).is_adopted)

    def _enter(self, ctx: StepContext[UpgradeMail]) -> SshSession:
        return self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled)

    def _project(self, ctx: StepContext[UpgradeMail], ssh: SshSession) -> docker.ComposeProject:
        row = self._row(ctx)
        return docker.ComposeProject(ssh, row.project, row.files)

    def _settings(self, ctx: StepContext[UpgradeMail]) -> MailSettings:
        return from_plain(MailSettings, self._row(ctx).settings or {})

    def _row(self, ctx: StepContext[UpgradeMail]) -> MailServer:
        with ctx.store.read(ENGINE_SCOPE) as session:
            return session.get_one(MailServer, (AGENCY, ctx.job.request.server_id))


def _check_database(project: docker.ComposeProject) -> None:
    """:raises Refused: it lies in no folder of the mail server's: no copy here would have it."""
    found = found_in(project.described())
    flavor = found.value("DB_FLAVOR") or found.value("SQLALCHEMY_DATABASE_URI").partition(":")[0] or SQLITE
    if flavor != SQLITE:
        raise Refused(
            _("The mail server keeps its database in {kind}, so an upgrade could not put it back.").format(kind=flavor),
            remedy=_("Upgrade this mail server by hand."),
        )


def _name(ctx: StepContext[UpgradeMail]) -> str:
    """Of the copy that belongs to this job: one word."""
    return "-".join((*_before(ctx), str(ctx.job.id)[:8]))


def _before(ctx: StepContext[UpgradeMail]) -> Sequence[str]:
    """The versions that the files named: several where somebody held one image back."""
    return ctx.need("look", UpgradeLooked).before.split(BETWEEN)
