"""The first login to a new machine: to the host key our user-data gave it, or bound to the marks its provider tells.

A bound contact (:class:`backend.providers.ports.BoundContact`) accepts the host key it sees only if the machine behind
it shows the MAC address, and where it can be read the UUID, that the provider's API tells. The key is pinned, the root
password is replaced by one nobody knows, and the server is marked as trusted on first contact.
"""

from __future__ import annotations

import secrets as random
from typing import TYPE_CHECKING
from uuid import UUID

from backend.core.errors import HostUnreachable, LoginRefused, MailyardError, ProviderUnavailable, SshError
from backend.core.present.text import _
from backend.core.ssh.keys import fingerprint
from backend.engine.jobs import Done, StepOutcome
from backend.providers.ports import BoundContact, MachineIdentity
from backend.servers.provider_actions import known_late
from backend.servers.provision.first_boot import NONCE_PATH
from backend.servers.provision.naming import login_ref, nonce_ref
from backend.servers.provision.results import KeysMade, LoggedIn, ServerCreated
from backend.servers.provision.verification import SSH_LIMIT_S, TRY_EVERY_S, IdentityVerification

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret, SecretStore
    from backend.core.ssh.session import SshSession
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.servers.requests import ProvisionServer

LINKS = "ip -o link show"
PRODUCT_UUID = "cat /sys/class/dmi/id/product_uuid 2>/dev/null"
AUTHORIZED = "/root/.ssh/authorized_keys"


class FirstLogin:
    """The step ``ssh`` of :class:`backend.servers.provision.job.ProvisionServerJob`; stateless, thread-safe."""

    def __init__(
        self, accounts: AccountAccess, servers: ServerAccess, secrets: SecretStore, verification: IdentityVerification
    ) -> None:
        self._accounts = accounts
        self._servers = servers
        self._secrets = secrets
        self._verification = verification

    def log_in(self, ctx: StepContext[ProvisionServer]) -> StepOutcome:
        """By whichever way the provider has."""
        provider = self._accounts.provider(ctx.job.request.account_id)
        return self._bind(ctx, provider) if isinstance(provider, BoundContact) else self._verification.log_in(ctx)

    def _bind(self, ctx: StepContext[ProvisionServer], provider: BoundContact) -> StepOutcome:
        created = ctx.need("create", ServerCreated)

        def meet(address: str, password: Secret, identity: MachineIdentity) -> str:
            return self._meet(ctx, address, password, identity)

        def attempt() -> str | None:
            try:
                with known_late(ctx, created):
                    return provider.enter(created.machine_id, meet)
            except (HostUnreachable, LoginRefused, ProviderUnavailable) as error:
                last.append(error)
                return None

        last: list[MailyardError] = []
        seen = ctx.poll(attempt, every_s=TRY_EVERY_S, limit_s=SSH_LIMIT_S, note=_("waiting for SSH"))
        if seen is None:
            raise last[-1]
        words = _("logged in once by password; it matches the provider's machine details, host key {key}")
        return Done(words.format(key=fingerprint(seen)), LoggedIn(host_key=seen))

    def _meet(
        self, ctx: StepContext[ProvisionServer], address: str, password: Secret, identity: MachineIdentity
    ) -> str:
        """Enter by password; when an earlier run went so far that it no longer opens, by our key and the nonce."""
        server_id = ctx.job.request.server_id
        try:
            with self._servers.unpinned(address, "root", password=password, stop=ctx.is_cancelled) as ssh:
                _check_identity(ssh, identity)
                self._settle_in(ctx, ssh, server_id)
                return ssh.host_key
        except LoginRefused:
            with self._servers.unpinned(address, "root", key=login_ref(server_id), stop=ctx.is_cancelled) as ssh:
                _check_identity(ssh, identity)
                if ssh.run(f"cat {NONCE_PATH}").stdout.strip() != self._secrets.read(nonce_ref(server_id)).reveal():
                    raise _another_machine(_("it does not have the file Mailyard left on it")) from None
                return ssh.host_key

    def _settle_in(self, ctx: StepContext[ProvisionServer], ssh: SshSession, server_id: UUID) -> None:
        """Nonce, name, our key, and last of all the end of the password. May be repeated."""
        name, key = ctx.job.request.name, ctx.need("keys", KeysMade).login
        ssh.check(f"mkdir -p {NONCE_PATH.rsplit('/', 1)[0]}")
        ssh.put(NONCE_PATH, self._secrets.read(nonce_ref(server_id)).reveal().encode(), mode=0o600)
        ssh.check(
            f"set -e; hostnamectl set-hostname {name}; sed -i '/^127\\.0\\.1\\.1[[:space:]]/d' /etc/hosts; "
            f"echo '127.0.1.1 {name} {name.split('.')[0]}' >> /etc/hosts"
        )
        line = f"{key} mailyard"
        ssh.check(
            f"set -e; umask 077; mkdir -p /root/.ssh; touch {AUTHORIZED}; "
            f"grep -qxF '{line}' {AUTHORIZED} || echo '{line}' >> {AUTHORIZED}"
        )
        ssh.check("chpasswd && passwd -q -l root", stdin=f"root:{random.token_urlsafe(32)}\n")


def _check_identity(ssh: SshSession, identity: MachineIdentity) -> None:
    """:raises SshError: the machine is not the one the provider speaks of."""
    wanted = identity.mac.strip().lower()
    if not wanted or f"link/ether {wanted} " not in ssh.check(LINKS).lower():
        raise _another_machine(_("it has no network card with the MAC address {mac}").format(mac=wanted or "?"))
    shown = ssh.run(PRODUCT_UUID).stdout.strip().lower()
    if shown and identity.uuid and shown != identity.uuid.strip().lower():
        raise _another_machine(_("its UUID is {uuid}").format(uuid=shown))


def _another_machine(why: str) -> SshError:
    return SshError(
        _("The machine that responds is not the one described by the provider: {why}.").format(why=why),
        remedy=_("Do not use it. Roll the job back."),
    )
