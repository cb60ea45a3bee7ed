"""The steps that bring Mailu onto the server: files, images, containers, until all of them are well."""

from __future__ import annotations

import secrets as random
from typing import TYPE_CHECKING

from backend.core.errors import SecretMissing
from backend.core.present.text import _
from backend.core.secrets.values import Secret, SecretRef
from backend.engine.jobs import Done, StepOutcome
from backend.mail.host import docker, running
from backend.mail.install.results import FilesWritten
from backend.mail.refs import admin_ref, secret_key_ref, token_ref
from backend.mailu.certificate import fingerprint_of, self_signed
from backend.mailu.environment import MailSecrets
from backend.mailu.files import COMPOSE_PATH, render
from backend.mailu.services import FOLDER, PROJECT, ROOT, folders_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.mail.repository import MailRepository
    from backend.mail.requests import InstallMail
    from backend.mailu.settings import MailSettings

CERTIFICATE, KEY = f"{ROOT}/certs/cert.pem", f"{ROOT}/certs/key.pem"


class DeploySteps:
    """Stateless, thread-safe."""

    def __init__(
        self,
        servers: ServerAccess,
        secrets: SecretStore,
        repository: MailRepository,
        settings_of: Callable[[StepContext[InstallMail]], MailSettings],
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._repository = repository
        self._settings_of = settings_of

    def make_secrets(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        """Each once: what a container was started with must not be another one after a kill."""
        server_id = ctx.job.request.server_id
        for ref, length in ((secret_key_ref(server_id), 16), (token_ref(server_id), 40), (admin_ref(server_id), 24)):
            self._once(ref, length)
        return Done()

    def forget_secrets(self, ctx: StepContext[InstallMail]) -> None:
        server_id = ctx.job.request.server_id
        for ref in (secret_key_ref(server_id), token_ref(server_id), admin_ref(server_id)):
            self._secrets.forget(ref)
        self._repository.removed(server_id)

    def forget_relay(self, ctx: StepContext[InstallMail]) -> None:
        """The password of the smart host, which came with the request."""
        smart_host = ctx.job.request.smart_host
        if smart_host is not None and smart_host.password_ref:
            self._secrets.forget(SecretRef(smart_host.password_ref))

    def write_files(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        """The pair of certificate and key is made where none is; settings are written as they are now."""
        settings, server_id = self._settings_of(ctx), ctx.job.request.server_id
        with self._servers.session(server_id, stop=ctx.is_cancelled) as ssh:
            _make_folders(ssh, settings)
            certificate = _pair(ssh, settings, ctx)
            self._repository.begun(server_id, settings, certificate)
            for file in render(settings, self._mail_secrets(ctx, settings)):
                if file.content is None:
                    ssh.check(f"rm -f {file.path}")
                else:
                    with file.content.lent() as text:  # its lines are no secrets: images would be masked ever after
                        ssh.put(file.path, text.encode(), mode=file.mode)
            project(ssh).check()
        return Done("", FilesWritten(fingerprint_of(certificate)))

    def remove_files(self, ctx: StepContext[InstallMail]) -> None:
        """Mail that is there already stays, whoever put it there."""
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            ssh.check(f'if [ -z "$(ls -A {ROOT}/mail 2>/dev/null)" ]; then rm -rf {ROOT}; fi; rm -rf {FOLDER}')

    def pull(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            images = project(ssh).images()
            fetched = running.fetch(ctx, ssh, images)
        return Done(_("{fetched} of {all} images fetched").format(fetched=fetched, all=len(images)))

    def start(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            project(ssh).up()
        return Done()

    def stop(self, ctx: StepContext[InstallMail]) -> None:
        """Only where the files came to be."""
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            if ssh.run(f"test -e {COMPOSE_PATH}").exit_code == 0:
                project(ssh).down(removes=True)

    def wait_until_well(self, ctx: StepContext[InstallMail]) -> StepOutcome:
        with self._servers.session(ctx.job.request.server_id, stop=ctx.is_cancelled) as ssh:
            count = running.wait_until_well(ctx, ssh, project(ssh))
        return Done(_("containers that run: {count}").format(count=count))

    def _once(self, ref: SecretRef, length: int) -> None:
        try:
            self._secrets.read(ref)
        except SecretMissing:
            self._secrets.keep(ref, Secret(random.token_urlsafe(length)[:length]))

    def _mail_secrets(self, ctx: StepContext[InstallMail], settings: MailSettings) -> MailSecrets:
        server_id, smart_host = ctx.job.request.server_id, settings.smart_host
        relay = Secret("")
        if smart_host is not None and smart_host.password_ref:
            relay = self._secrets.read(SecretRef(smart_host.password_ref))
        key, token = self._secrets.read(secret_key_ref(server_id)), self._secrets.read(token_ref(server_id))
        return MailSecrets(key, token, relay)


def project(ssh: SshSession) -> docker.ComposeProject:
    """The one that Mailyard writes the files of."""
    return docker.ComposeProject(ssh, PROJECT, (COMPOSE_PATH,))


def _make_folders(ssh: SshSession, settings: MailSettings) -> None:
    """Those that containers are given: Docker would make a missing one, but of root's and open to all."""
    folders = " ".join(f"{ROOT}/{folder}" for folder in folders_of(settings))
    ssh.check(f"install -d -m 0700 {FOLDER} && install -d -m 0755 {ROOT} {folders}")


def _pair(ssh: SshSession, settings: MailSettings, ctx: StepContext[InstallMail]) -> str:
    """The certificate that lies on the server; made where there is none, the key first."""
    found = ssh.run(f"test -s {KEY} && cat {CERTIFICATE}")
    if found.exit_code == 0 and "BEGIN CERTIFICATE" in found.stdout:
        return found.stdout
    made = self_signed((settings.host_name, *settings.other_names), ctx.now())
    ssh.put(KEY, made.key.reveal().encode(), mode=0o600)
    ssh.put(CERTIFICATE, made.certificate.encode(), mode=0o644)
    return made.certificate
