"""The machine's half of provisioning: log in to the key we made, read the nonce, pin a new host key, harden, sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from backend.core.errors import HostKeyChanged, HostUnreachable, LoginRefused, SshError
from backend.core.present.text import _
from backend.core.ssh import sampler
from backend.core.ssh.keys import fingerprint
from backend.engine.jobs import Done, StepOutcome
from backend.fleet.metrics import server_series
from backend.servers.provision import hardening
from backend.servers.provision.first_boot import NONCE_PATH, lasting_user_data
from backend.servers.provision.naming import contact_ref, login_ref, nonce_ref
from backend.servers.provision.results import HostKeyMade, KeysMade, LoggedIn, ServerActive
from backend.servers.provision.user_data import forget_user_data
from backend.store.metrics import MetricStore
from backend.store.scope import ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.servers.repository import ServerRepository
    from backend.servers.requests import ProvisionServer

SSH_LIMIT_S, TRY_EVERY_S = 300.0, 1.0
CLOUD_INIT_LIMIT_S = 300.0
FIRST_BOOT_ENDED = "cloud-init status --wait >/dev/null 2>&1; cloud-init status --long"
BETWEEN_READINGS_S = 1.0


class IdentityVerification:
    """Steps of :class:`backend.servers.provision.job.ProvisionServerJob`; stateless, thread-safe."""

    def __init__(
        self, servers: ServerAccess, secrets: SecretStore, repository: ServerRepository, metrics: MetricStore
    ) -> None:
        self._servers = servers
        self._secrets = secrets
        self._repository = repository
        self._metrics = metrics

    def log_in(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """Until sshd shows the host key that only our user-data holds, and takes our login key."""

        def attempt() -> str | None:
            try:
                with self._first_contact(ctx) as ssh:
                    return ssh.check("cat /proc/sys/kernel/random/boot_id").strip()
            except (HostUnreachable, LoginRefused, HostKeyChanged) as error:
                last.append(error)
                return None

        last: list[SshError] = []
        boot = ctx.poll(attempt, every_s=TRY_EVERY_S, limit_s=SSH_LIMIT_S, note=_("waiting for SSH"))
        if boot is None:
            raise last[-1]
        return Done(_("host key and login verified"), LoggedIn(boot))

    def read_nonce(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """The proof that this machine is the one we ordered; then first boot must have come to its end."""
        with self._first_contact(ctx) as ssh:
            shown = ssh.run(f"cat {NONCE_PATH}").stdout.strip()
            if shown != self._secrets.read(nonce_ref(ctx.job.request.server_id)).reveal():
                raise SshError(
                    _("The machine does not have the identity nonce of the ordered server."),
                    remedy=_("Do not use it. Roll the job back."),
                )
            _await_first_boot(ssh)
        return Done(_("identity verified"))

    def make_host_key(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        with self._first_contact(ctx) as ssh:
            public = hardening.make_host_key(ssh)
        return Done(fingerprint(public), HostKeyMade(public))

    def pin_host_key(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """Swap the keys, see the new one on the wire, and accept no other from now on."""
        public = ctx.need("host_key", HostKeyMade).public
        with self._session(ctx, _contact_key(ctx), public) as ssh:
            hardening.use_host_key(ssh)
        self._wait_for_new_key(ctx, public)
        with self._session(ctx, public) as ssh:
            hardening.forget_fresh_key(ssh)
            self._forget_first_contact(ctx, ssh)
        server_id = ctx.job.request.server_id
        self._repository.pinned(server_id, public, login_ref(server_id), "bound" if _is_bound(ctx) else "handed_over")
        return Done(fingerprint(public))

    def harden(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        with self._pinned(ctx) as ssh:
            hardening.close_password_logins(ssh)
            ctx.progress(50, _("password logins disabled"))
            note = hardening.update_by_itself(ssh, ctx.poll)
        return Done(note)

    def first_sample(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        with self._pinned(ctx) as ssh:
            before = sampler.read(ssh.check(sampler.COMMAND))
            time.sleep(BETWEEN_READINGS_S)
            values = sampler.sample(sampler.read(ssh.check(sampler.COMMAND)), before)
        server_id = ctx.job.request.server_id
        self._metrics.add(ENGINE_SCOPE, server_series(server_id), int(ctx.now().timestamp()), values)
        self._repository.sampled(ctx, server_id)
        note = _("CPU {cpu} %, memory {memory} %, disk {disk} %").format(
            cpu=round(values.get("cpu", 0.0)), memory=round(values["memory"]), disk=round(values["disk"])
        )
        return Done(note)

    def _forget_first_contact(self, ctx: StepContext[ProvisionServer], ssh: SshSession) -> None:
        """The used key and the nonce leave the machine."""
        server_id, order = ctx.job.request.server_id, ctx.job.request
        ssh.check(f"rm -f {NONCE_PATH}")
        if _is_bound(ctx):
            return  # there was no user-data
        key = self._secrets.read(contact_ref(server_id)).reveal()
        secrets = (self._secrets.read(nonce_ref(server_id)).reveal(), _telling_part(key))
        left = forget_user_data(ssh, lasting_user_data(order.name), secrets)
        if left:
            words = _("The first login key, no longer valid, is still in {files} on the server.")
            ctx.say(words.format(files=", ".join(left)), level="warning")

    def _wait_for_new_key(self, ctx: StepContext[ProvisionServer], public: str) -> None:
        def attempt() -> bool | None:
            try:
                with self._session(ctx, public):
                    return True
            except (HostUnreachable, HostKeyChanged):
                return None

        if ctx.poll(attempt, every_s=0.3, limit_s=30.0) is None:
            raise HostKeyChanged(
                _("The server does not present its new host key."),
                remedy=_("Retry the step. If it fails again, roll back."),
            )

    def _first_contact(self, ctx: StepContext[ProvisionServer]) -> SshSession:
        return self._session(ctx, _contact_key(ctx))

    def _pinned(self, ctx: StepContext[ProvisionServer]) -> SshSession:
        return self._session(ctx, ctx.need("host_key", HostKeyMade).public)

    def _session(self, ctx: StepContext[ProvisionServer], *host_keys: str) -> SshSession:
        server_id = ctx.job.request.server_id
        address = ctx.need("boot", ServerActive).address
        return self._servers.at(address, "root", login_ref(server_id), host_keys, stop=ctx.is_cancelled)


def _is_bound(ctx: StepContext[ProvisionServer]) -> bool:
    """Whether the host key was seen, not handed over: see :mod:`backend.servers.provision.first_login`."""
    return bool(_logged_in(ctx).host_key)


def _contact_key(ctx: StepContext[ProvisionServer]) -> str:
    """The host key of the first contact."""
    return _logged_in(ctx).host_key or ctx.need("keys", KeysMade).contact


def _logged_in(ctx: StepContext[ProvisionServer]) -> LoggedIn:
    """What the first login left; nothing yet while it runs itself."""
    return ctx.result("ssh", LoggedIn) or LoggedIn()


def _await_first_boot(ssh: SshSession) -> None:
    """:raises SshError: cloud-init failed somewhere: nobody knows what the machine lacks."""
    ended = ssh.run(FIRST_BOOT_ENDED, timeout_s=CLOUD_INIT_LIMIT_S).stdout
    if "status: error" in ended:
        raise SshError(
            _("The server's first boot failed: cloud-init reports an error."),
            remedy=_("Roll the job back and order again. The reason is in /var/log/cloud-init.log on the server."),
            detail=ended.strip()[-500:],
        )


def _telling_part(private_key: str) -> str:
    """A line in the middle of a private key, as it stands in any copy: whole, or inside one line of JSON."""
    lines = private_key.strip().splitlines()
    return lines[len(lines) // 2]
