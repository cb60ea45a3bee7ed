"""The machine's half of provisioning: log in to the key we made, read the nonce, pin a new host key, harden, sample."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import HostKeyChanged, HostUnreachable, LoginRefused, SshError
from backend.core.present.text import _
from backend.core.ssh import sampler
from backend.core.ssh.keys import fingerprint
from backend.engine.jobs import Done, StepOutcome
from backend.servers import hardening
from backend.servers.first_boot import NONCE_PATH, lasting_user_data
from backend.servers.provision.naming import contact_ref, login_ref, nonce_ref, server_id_of
from backend.servers.provision.order import ServerOrder
from backend.servers.user_data import forget_user_data
from backend.store.metrics import MetricStore, ServerKey
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.servers import ServerAccess
    from backend.servers.records import Records

SSH_LIMIT_S, TRY_EVERY_S = 300.0, 1.0
CLOUD_INIT_LIMIT_S = 300.0
FIRST_BOOT_ENDED = "cloud-init status --wait >/dev/null 2>&1; cloud-init status --long"
BETWEEN_READINGS_S = 1.0


class Proof:
    """Steps of :class:`backend.servers.provision.kind.ProvisionServer`; stateless, thread-safe."""

    def __init__(self, servers: ServerAccess, secrets: SecretStore, records: Records, metrics: MetricStore) -> None:
        self._servers = servers
        self._secrets = secrets
        self._records = records
        self._metrics = metrics

    def log_in(self, ctx: StepContext) -> StepOutcome:
        """Until sshd shows the host key that only our user-data holds, and takes our login key."""

        def attempt() -> str | None:
            try:
                with self._first_contact(ctx) as ssh:
                    return ssh.check("cat /proc/sys/kernel/random/boot_id").strip()
            except (HostUnreachable, LoginRefused, HostKeyChanged) as error:
                last.append(error)
                return None

        last: list[SshError] = []
        boot = ctx.poll(attempt, every_s=TRY_EVERY_S, limit_s=SSH_LIMIT_S, note=_("waits for SSH"))
        if boot is None:
            raise last[-1]
        return Done(_("host key and login as ordered"), {"boot_id": boot})

    def read_nonce(self, ctx: StepContext) -> StepOutcome:
        """The proof that this machine is the one we ordered; then first boot must have come to its end."""
        with self._first_contact(ctx) as ssh:
            shown = ssh.run(f"cat {NONCE_PATH}").stdout.strip()
            if shown != self._secrets.read(nonce_ref(server_id_of(ctx.job.wish))).reveal():
                raise SshError(
                    _("The machine does not know what only our server can know."),
                    remedy=_("Do not use it. Roll the job back."),
                )
            _await_first_boot(ctx, ssh)
        return Done(_("nonce as written"))

    def make_host_key(self, ctx: StepContext) -> StepOutcome:
        with self._first_contact(ctx) as ssh:
            public = hardening.make_host_key(ssh)
        return Done(fingerprint(public), {"public": public})

    def pin_host_key(self, ctx: StepContext) -> StepOutcome:
        """Swap the keys, see the new one on the wire, and accept no other from now on."""
        public = str(ctx.result("host_key")["public"])
        with self._session(ctx, _contact_key(ctx), public) as ssh:
            hardening.use_host_key(ssh)
        self._wait_for_new_key(ctx, public)
        with self._session(ctx, public) as ssh:
            hardening.forget_fresh_key(ssh)
            self._forget_first_contact(ctx, ssh)
        server_id = server_id_of(ctx.job.wish)
        self._records.pinned(server_id, public, login_ref(server_id), "bound" if _is_bound(ctx) else "handed_over")
        return Done(fingerprint(public))

    def harden(self, ctx: StepContext) -> StepOutcome:
        with self._pinned(ctx) as ssh:
            hardening.close_password_logins(ssh)
            ctx.progress(50, _("passwords closed"))
            note = hardening.update_by_itself(ssh)
        return Done(note)

    def first_sample(self, ctx: StepContext) -> StepOutcome:
        with self._pinned(ctx) as ssh:
            before = sampler.read(ssh.check(sampler.COMMAND))
            time.sleep(BETWEEN_READINGS_S)
            values = sampler.sample(sampler.read(ssh.check(sampler.COMMAND)), before)
        server_id = server_id_of(ctx.job.wish)
        self._metrics.add(ENGINE_SCOPE, ServerKey(AGENCY, server_id), int(ctx.now().timestamp()), values)
        self._records.sampled(ctx, server_id)
        note = _("CPU {cpu} %, memory {memory} %, disk {disk} %").format(
            cpu=round(values.get("cpu", 0.0)), memory=round(values["memory"]), disk=round(values["disk"])
        )
        return Done(note)

    def _forget_first_contact(self, ctx: StepContext, ssh: SshSession) -> None:
        """The used key and the nonce leave the machine."""
        server_id, order = server_id_of(ctx.job.wish), ServerOrder.from_wish(ctx.job.wish)
        ssh.check(f"rm -f {NONCE_PATH}")
        if _is_bound(ctx):
            return  # there was no user-data
        key = self._secrets.read(contact_ref(server_id)).reveal()
        secrets = (self._secrets.read(nonce_ref(server_id)).reveal(), _telling_part(key))
        left = forget_user_data(ssh, lasting_user_data(order.name), secrets)
        if left:
            words = _("The used first key still stands in {files} on the server; it opens nothing any more.")
            ctx.say(words.format(files=", ".join(left)), level="warning")

    def _wait_for_new_key(self, ctx: StepContext, public: str) -> None:
        def attempt() -> bool | None:
            try:
                with self._session(ctx, public):
                    return True
            except (HostUnreachable, HostKeyChanged):
                return None

        if ctx.poll(attempt, every_s=0.3, limit_s=30.0) is None:
            raise HostKeyChanged(
                _("The server does not show its new host key."),
                remedy=_("Try the step again; if it fails again, roll back."),
            )

    def _first_contact(self, ctx: StepContext) -> SshSession:
        return self._session(ctx, _contact_key(ctx))

    def _pinned(self, ctx: StepContext) -> SshSession:
        return self._session(ctx, str(ctx.result("host_key")["public"]))

    def _session(self, ctx: StepContext, *host_keys: str) -> SshSession:
        server_id: UUID = server_id_of(ctx.job.wish)
        return self._servers.at(str(ctx.result("boot")["address"]), "root", login_ref(server_id), host_keys)


def _is_bound(ctx: StepContext) -> bool:
    """Whether the host key was seen, not handed over: see :mod:`backend.servers.provision.entry`."""
    return "host_key" in ctx.result("ssh")


def _contact_key(ctx: StepContext) -> str:
    """The host key of the first contact."""
    return str(ctx.result("ssh").get("host_key") or ctx.result("keys")["contact"])


def _await_first_boot(ctx: StepContext, ssh: SshSession) -> None:
    """:raises SshError: cloud-init failed somewhere: nobody knows what the machine lacks."""
    ended = ssh.run(FIRST_BOOT_ENDED, timeout_s=CLOUD_INIT_LIMIT_S, stop=ctx.is_cancelled).stdout
    if "status: error" in ended:
        raise SshError(
            _("The server's first boot failed: cloud-init reports an error."),
            remedy=_("Roll the job back and order again; /var/log/cloud-init.log on the server has the reason."),
            detail=ended.strip()[-500:],
        )


def _telling_part(private_key: str) -> str:
    """A line in the middle of a private key, as it stands in any copy: whole, or inside one line of JSON."""
    lines = private_key.strip().splitlines()
    return lines[len(lines) // 2]
