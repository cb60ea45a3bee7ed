"""The jobs that switch a server and that destroy one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast, get_args

from backend.core.errors import HostUnreachable, NotFound, ProviderRefused, Refused, SshError
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, Step, StepOutcome
from backend.providers.ports import PowerAction
from backend.servers import acting
from backend.servers.acting import about_server, follow, machine_id_of, server_of, until_machine
from backend.servers.provision.naming import contact_ref, login_ref, nonce_ref

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.servers.records import Records
    from backend.store.schema.fleet import Server
    from backend.store.scope import ScopedSession

POWER_AFTER: Mapping[PowerAction, str] = {
    "on": "on",
    "off": "off",
    "shutdown": "off",
    "reboot": "on",
    "power_cycle": "on",
}


#: What an action needs of the provider: rows of the capability matrix.
NEEDS = {"shutdown": "clean_shutdown", "off": "hard_off"}


class PowerServer:
    """Job ``server.power``: on, off, shutdown, reboot, power_cycle; afterwards the server's state is read back."""

    name: ClassVar[str] = "server.power"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Switch server")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, servers: ServerAccess, records: Records) -> None:
        self._accounts = accounts
        self._servers = servers
        self._records = records

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        if wish.get("action") not in get_args(PowerAction):
            raise Refused(_("Choose one of: {actions}.").format(actions=", ".join(get_args(PowerAction))))
        return about_server(session, wish, needs=NEEDS.get(wish["action"], "power"))

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("order", N_("Tell the provider"), self._order, 2),
            Step("wait", N_("Wait for the provider"), self._wait, 20, "provider"),
            Step("back", N_("See that it is as wished"), self._read_back, 10, "server"),
        )

    def _order(self, ctx: StepContext) -> StepOutcome:
        """A second run after a kill looks first: the state may be as wished, then nothing is sent."""
        action, server = _action(ctx), server_of(ctx)
        provider = self._accounts.provider(server.account_id)
        machine = provider.get(machine_id_of(server))
        if action in ("on", "off", "shutdown") and machine.power == POWER_AFTER[action]:
            return Done(_("it was so already"), {})
        boot = self._boot_before(server) if action in ("reboot", "power_cycle") else ""
        started = provider.power(machine.id, action)
        return Done("", {"action_id": started.id, "boot_id": boot})

    def _wait(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        provider = self._accounts.provider(server.account_id)
        follow(ctx, provider, machine_id_of(server), ctx.result("order").get("action_id"))
        return Done()

    def _read_back(self, ctx: StepContext) -> StepOutcome:
        action, server = _action(ctx), server_of(ctx)
        wanted, provider = POWER_AFTER[action], self._accounts.provider(server.account_id)
        machine = until_machine(ctx, provider, machine_id_of(server), lambda seen: seen.power == wanted)
        self._records.reached_at(ctx, server.id, machine)
        if wanted == "on" and server.host_key:
            self._wait_for_ssh(ctx, server, str(ctx.result("order").get("boot_id") or ""))
        words = _("Switched: {action}").format(action=action)
        self._records.power_is(ctx, server.id, machine, words)
        return Done(words)

    def _wait_for_ssh(self, ctx: StepContext, server: Server, boot_before: str) -> None:
        """After a reboot the boot id must be another one: the machine really went down and came back."""

        def look() -> bool | None:
            boot = self._boot_id(server)
            return True if boot and boot != boot_before else None

        if ctx.poll(look, every_s=acting.LOOK_EVERY_S, limit_s=acting.BACK_LIMIT_S, note=_("waits for SSH")) is None:
            raise HostUnreachable(
                _("The server does not come back."), remedy=_("Look at its console at the provider, then try again.")
            )

    def _boot_before(self, server: Server) -> str:
        """Empty when the server does not answer as it should: that may be why it is to be rebooted."""
        try:
            return self._boot_id(server)
        except SshError:
            return ""

    def _boot_id(self, server: Server) -> str:
        if not server.host_key:
            return ""
        try:
            with self._servers.session(server.id) as ssh:
                return ssh.check("cat /proc/sys/kernel/random/boot_id", timeout_s=10).strip()
        except HostUnreachable:
            return ""


class DestroyServer:
    """Job ``server.destroy``: for good; the wish carries the server's name, typed by the person."""

    name: ClassVar[str] = "server.destroy"
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Destroy server")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, secrets: SecretStore, records: Records) -> None:
        self._accounts = accounts
        self._secrets = secrets
        self._records = records

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish)
        if wish.get("typed_name") != accepted.about:
            raise Refused(
                _("The name typed is not {name}.").format(name=accepted.about),
                remedy=_("Type the server's full name to destroy it."),
            )
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("delete", N_("Delete it at the provider"), self._delete, 3),
            Step("gone", N_("See that it is gone"), self._see_gone, 10, "provider"),
            Step("forget", N_("Forget its keys, close its history"), self._forget, 1),
        )

    def _delete(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        if server.provider_id:
            self._accounts.provider(server.account_id).delete(server.provider_id)
        return Done()

    def _see_gone(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        provider = self._accounts.provider(server.account_id)
        look = _gone_at(lambda: provider.get(machine_id_of(server)))
        if server.provider_id and ctx.poll(look, every_s=acting.LOOK_EVERY_S, limit_s=acting.ACTION_LIMIT_S) is None:
            raise ProviderRefused(
                _("The provider still shows the server."), remedy=_("Try again; it may still cost money.")
            )
        return Done(_("the provider no longer knows it"))

    def _forget(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        for ref in (login_ref(server.id), contact_ref(server.id), nonce_ref(server.id)):
            self._secrets.forget(ref)
        self._records.end(ctx, server.id, life="decommissioned")
        return Done()


def _action(ctx: StepContext) -> PowerAction:
    return cast("PowerAction", ctx.job.wish["action"])


def _gone_at(get: Callable[[], object]) -> Callable[[], bool | None]:
    def look() -> bool | None:
        try:
            get()
        except NotFound:
            return True
        return None

    return look
