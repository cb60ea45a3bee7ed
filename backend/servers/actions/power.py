"""The jobs that switch a server and that destroy one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import HostUnreachable, NotFound, ProviderRefused, Refused, SshError
from backend.core.present.text import N_, _
from backend.engine.jobs import Accepted, Done, HasActs, Owner, Step, StepOutcome
from backend.engine.payload import Result
from backend.fleet.acts import about_server, machine_id_of, server_of
from backend.providers.ports import PowerAction
from backend.servers import provider_actions
from backend.servers.provider_actions import follow, until_machine
from backend.servers.provision.naming import refs_of
from backend.servers.requests import DestroyServer, PowerServer

if TYPE_CHECKING:
    from backend.core.secrets.values import SecretStore
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.providers.ports import Machine
    from backend.servers.repository import ServerRepository
    from backend.store.schema.fleet import Server
    from backend.store.scope import ScopedSession

POWER_AFTER: Mapping[PowerAction, str] = {
    "on": "on",
    "off": "off",
    "shutdown": "off",
    "reboot": "on",
    "power_cycle": "on",
}


@dataclass(frozen=True)
class ActWords:
    """One act in the words of a menu, of a job under way and of its end; message ids."""

    word: str
    done: str


#: What people call each action, from the menu over the sheet to the job and its end.
WORDS: Mapping[PowerAction, ActWords] = {
    "on": ActWords(N_("Power on"), N_("Powered on")),
    "off": ActWords(N_("Force power off"), N_("Forced off")),
    "shutdown": ActWords(N_("Shut down"), N_("Shut down, powered off")),
    "reboot": ActWords(N_("Reboot"), N_("Rebooted")),
    "power_cycle": ActWords(N_("Power cycle"), N_("Power cycled")),
}

#: What an action needs of the provider: rows of the capability matrix.
NEEDS = {"shutdown": "clean_shutdown", "off": "hard_off"}


@dataclass(frozen=True)
class PowerOrdered(Result):
    """The provider's id of what it does, and the boot id before where it was to change; nothing was sent: no result."""

    action_id: str
    boot_id: str = ""


class PowerServerJob(HasActs):
    """Job ``server.power``: on, off, shutdown, reboot, power_cycle; afterwards the server's state is read back."""

    request: ClassVar[type[PowerServer]] = PowerServer
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Change server power")
    titles: ClassVar[tuple[str, ...]] = tuple(words.word for words in WORDS.values())
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, servers: ServerAccess, repository: ServerRepository) -> None:
        self._accounts = accounts
        self._servers = servers
        self._repository = repository

    def accept(self, session: ScopedSession, request: PowerServer) -> Accepted:
        accepted = about_server(session, request, needs=NEEDS.get(request.action, "power"))
        return replace(accepted, title=WORDS[request.action].word)

    def steps(self, _request: PowerServer) -> Sequence[Step[PowerServer]]:
        return (
            Step("order", N_("Send the power command to the provider"), self._order, 2),
            Step("wait", N_("Wait until the provider has carried out the command"), self._wait, 20, "provider"),
            Step("back", N_("Verify the state of the server"), self._read_back, 10, "server"),
        )

    def _order(self, ctx: StepContext[PowerServer]) -> StepOutcome:
        """A second run after a kill looks first: the state may be as requested, then nothing is sent."""
        action, server = ctx.job.request.action, server_of(ctx)
        provider = self._accounts.provider(server.account_id)
        machine = provider.get(machine_id_of(server))
        if _is_as_requested(machine, action):
            return Done(_("already in this state"))
        boot = self._boot_before(ctx, server) if action in ("reboot", "power_cycle") else ""
        try:
            started = provider.power(machine.id, action)
        except ProviderRefused:
            # An order before this one, whose answer was lost, may have come about since the look.
            if not _is_as_requested(provider.get(machine.id), action):
                raise
            return Done(_("already in this state"))
        return Done("", PowerOrdered(started.id, boot))

    def _wait(self, ctx: StepContext[PowerServer]) -> StepOutcome:
        server, ordered = server_of(ctx), ctx.result("order", PowerOrdered)
        provider = self._accounts.provider(server.account_id)
        follow(ctx, provider, machine_id_of(server), ordered.action_id if ordered else None)
        return Done()

    def _read_back(self, ctx: StepContext[PowerServer]) -> StepOutcome:
        action, server = ctx.job.request.action, server_of(ctx)
        wanted, provider = POWER_AFTER[action], self._accounts.provider(server.account_id)
        machine = until_machine(ctx, provider, machine_id_of(server), lambda seen: seen.power == wanted)
        self._repository.reached_at(ctx, server.id, machine)
        if wanted == "on" and server.host_key:
            ordered = ctx.result("order", PowerOrdered)
            self._wait_for_ssh(ctx, server, ordered.boot_id if ordered else "")
        words = _(WORDS[action].done)
        self._repository.power_is(ctx, server.id, machine, words)
        return Done(words)

    def _wait_for_ssh(self, ctx: StepContext[PowerServer], server: Server, boot_before: str) -> None:
        """After a reboot the boot id must be another one: the machine really went down and came back."""

        def look() -> bool | None:
            boot = self._boot_id(ctx, server)
            return True if boot and boot != boot_before else None

        if (
            ctx.poll(
                look,
                every_s=provider_actions.LOOK_EVERY_S,
                limit_s=provider_actions.BACK_LIMIT_S,
                note=_("waiting for SSH"),
            )
            is None
        ):
            raise HostUnreachable(
                _("The server does not come back online."), remedy=_("Check its console at the provider, then retry.")
            )

    def _boot_before(self, ctx: StepContext[PowerServer], server: Server) -> str:
        """Empty when the server does not answer as it should: that may be why it is to be rebooted."""
        try:
            return self._boot_id(ctx, server)
        except SshError:
            return ""

    def _boot_id(self, ctx: StepContext[PowerServer], server: Server) -> str:
        if not server.host_key:
            return ""
        try:
            with self._servers.session(server.id, stop=ctx.is_cancelled) as ssh:
                return ssh.check("cat /proc/sys/kernel/random/boot_id", timeout_s=10).strip()
        except HostUnreachable:
            return ""


def _is_as_requested(machine: Machine, action: PowerAction) -> bool:
    """Before anything is sent; a reboot is always something to do."""
    return action in ("on", "off", "shutdown") and machine.power == POWER_AFTER[action]


class DestroyServerJob:
    """Job ``server.destroy``: for good; the request carries the server's name, typed by the person."""

    request: ClassVar[type[DestroyServer]] = DestroyServer
    version: ClassVar[int] = 1
    title: ClassVar[str] = N_("Destroy")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, secrets: SecretStore, repository: ServerRepository) -> None:
        self._accounts = accounts
        self._secrets = secrets
        self._repository = repository

    def accept(self, session: ScopedSession, request: DestroyServer) -> Accepted:
        accepted = about_server(session, request)
        if request.typed_name != accepted.about:
            raise Refused(
                _("The name typed is not {name}.").format(name=accepted.about),
                remedy=_("Type the server's full name to destroy it."),
            )
        return accepted

    def steps(self, _request: DestroyServer) -> Sequence[Step[DestroyServer]]:
        return (
            Step("delete", N_("Delete the server at the provider"), self._delete, 3),
            Step("gone", N_("Verify that the server is gone"), self._see_gone, 10, "provider"),
            Step("forget", N_("Delete the server's keys, close its history"), self._forget, 1),
        )

    def _delete(self, ctx: StepContext[DestroyServer]) -> StepOutcome:
        server = server_of(ctx)
        if server.provider_id:
            self._accounts.provider(server.account_id).delete(server.provider_id)
        return Done()

    def _see_gone(self, ctx: StepContext[DestroyServer]) -> StepOutcome:
        server = server_of(ctx)
        provider = self._accounts.provider(server.account_id)
        look = _gone_at(lambda: provider.get(machine_id_of(server)))
        if (
            server.provider_id
            and ctx.poll(look, every_s=provider_actions.LOOK_EVERY_S, limit_s=provider_actions.ACTION_LIMIT_S) is None
        ):
            raise ProviderRefused(_("The provider still lists the server."), remedy=_("Retry: it may still be billed."))
        return Done(_("no longer known to the provider"))

    def _forget(self, ctx: StepContext[DestroyServer]) -> StepOutcome:
        server = server_of(ctx)
        self._secrets.forget_all(refs_of(server.id))
        self._repository.end(ctx, server.id, life="decommissioned")
        return Done()


def _gone_at(get: Callable[[], object]) -> Callable[[], bool | None]:
    def look() -> bool | None:
        try:
            get()
        except NotFound:
            return True
        return None

    return look
