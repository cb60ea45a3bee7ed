"""The job that gives a server another plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.text import N_, _
from backend.core.prices import priced_in
from backend.engine.jobs import Accepted, Done, Step, StepOutcome, WaitUntil
from backend.providers.capabilities import clouds, demand
from backend.servers.acting import about_server, follow, has_ended, machine_id_of, server_of, until_machine
from backend.servers.price import question_of_price
from backend.store.schema.fleet import Account, Offer, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.servers.records import Records
    from backend.servers.staged import Stages
    from backend.store.scope import ScopedSession


#: A provider may move a whole disk to another host; we look now and then.
RESIZE_LOOK, RESIZE_LIMIT = timedelta(seconds=30), timedelta(hours=2)


@dataclass(frozen=True)
class _Size:
    memory_mb: int
    disk_gb: int


class ResizeServer:
    """Job ``server.resize``: ``plan``, ``grow_disk``, and the monthly price the person saw.

    Where the provider wants it off, it is shut down before and switched on again afterwards; rolling back a resize that
    failed switches it on as it was. Where the provider wants it paid and confirmed, it waits for both.
    """

    name: ClassVar[str] = "server.resize"
    version: ClassVar[int] = 2
    title: ClassVar[str] = N_("Resize server")
    priority: ClassVar[int] = 3

    def __init__(self, accounts: AccountAccess, stages: Stages, records: Records) -> None:
        self._accounts = accounts
        self._stages = stages
        self._records = records

    def accept(self, session: ScopedSession, wish: Mapping[str, Any]) -> Accepted:
        accepted = about_server(session, wish, needs="resize")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        if server.life != "active":
            raise Refused(_("{name} is not ready yet.").format(name=server.name))
        if wish.get("plan") == server.plan:
            raise Refused(_("{name} has this plan already.").format(name=server.name))
        offer = session.get(Offer, (AGENCY, server.account_id, "plan", str(wish.get("plan"))))
        if offer is None or server.region not in offer.data["regions"]:
            words = _("The plan {plan} is not on offer in {region}.")
            raise Refused(
                words.format(plan=wish.get("plan"), region=server.region),
                remedy=_("Choose something from the account's list."),
            )
        kind = session.get_one(Account, (AGENCY, server.account_id)).provider
        disk_gb = offer.data["disk_gb"] if offer.data.get("brings_disk", True) else server.disk_gb
        _check_way(kind, server, _Size(offer.data["memory_mb"], disk_gb), wish)
        return accepted

    def steps(self, _wish: Mapping[str, Any]) -> Sequence[Step]:
        return (
            Step("check", N_("Check the plan and its price"), self._check, 3, "provider"),
            Step("off", N_("Shut down where the provider wants it"), self._shut_down, 20, "server", undo=self._back_on),
            Step("resize", N_("Tell the provider"), self._resize, 3, undo=self._stages.take_back),
            Step(
                "pay", N_("Wait for the payment where there is an invoice"), self._stages.await_payment, 1, "provider"
            ),
            Step("apply", N_("Have it carried out where it was paid"), self._stages.apply, 2),
            Step("wait", N_("Wait for the provider"), self._wait, 120, "provider"),
            Step("keep", N_("Confirm it where the provider asks"), self._keep, 5, "server"),
            Step("on", N_("Switch on again"), self._switch_on, 30, "server"),
            Step("note", N_("Write the new size down"), self._note, 2),
        )

    def _check(self, ctx: StepContext) -> StepOutcome:
        server, slug = server_of(ctx), str(ctx.job.wish["plan"])
        catalogue = self._accounts.provider(server.account_id).catalogue()
        plan = next((plan for plan in catalogue.plans if plan.slug == slug and server.region in plan.regions), None)
        if plan is None or not plan.available:
            raise Refused(_("The plan {plan} is not on offer in {region}.").format(plan=slug, region=server.region))
        seen = ctx.job.wish.get("seen_monthly_micro")
        dearer = question_of_price(ctx, priced_in(plan, server.region), seen, _("Resize"))
        if dearer is not None:
            return dearer
        return Done(plan.slug, {"was": server.plan, "power": server.power})

    def _shut_down(self, ctx: StepContext) -> StepOutcome:
        """Told once, awaited always: a run before may have been cut off while it was stopping."""
        server = server_of(ctx)
        if not _must_be_off(ctx, server):
            return Done(_("it stays on"))
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if provider.get(machine_id).power == "on":
            follow(ctx, provider, machine_id, provider.power(machine_id, "shutdown").id)
        until_machine(ctx, provider, machine_id, lambda seen: seen.power == "off")
        return Done(_("off"))

    def _resize(self, ctx: StepContext) -> StepOutcome:
        server, slug = server_of(ctx), str(ctx.job.wish["plan"])
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if provider.get(machine_id).plan == slug:
            return Done(_("it was so already"))
        since = {"since": ctx.now().isoformat()}
        staged = self._stages.order(ctx, slug)
        if staged is not None:
            return Done("", {"action_id": staged} | since)
        grow = bool(ctx.job.wish.get("grow_disk"))
        return Done("", {"action_id": provider.resize(machine_id, slug, grow_disk=grow).id} | since)

    def _wait(self, ctx: StepContext) -> StepOutcome:
        """Providers take minutes, some an hour: no thread waits for so long."""
        server, slug, told = server_of(ctx), str(ctx.job.wish["plan"]), ctx.result("resize")
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if told.get("action_id") and not has_ended(ctx, provider, machine_id, told["action_id"]):
            if ctx.now() - datetime.fromisoformat(told["since"]) < RESIZE_LIMIT:
                return WaitUntil(ctx.now() + RESIZE_LOOK, _("the provider is still at it"))
            raise ProviderRefused(
                _("The provider has not finished yet."), remedy=_("Look at the server there, then try this step again.")
            )
        until_machine(ctx, provider, machine_id, lambda seen: seen.plan == slug)
        return Done(slug)

    def _keep(self, ctx: StepContext) -> StepOutcome:
        return self._stages.keep(ctx, was_off=_was_off(ctx))

    def _switch_on(self, ctx: StepContext) -> StepOutcome:
        """Where it was off before, it stays so."""
        self._back_on(ctx)
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        wanted = "off" if _was_off(ctx) else "on"
        until_machine(ctx, provider, machine_id, lambda seen: seen.power == wanted)
        return Done(wanted)

    def _back_on(self, ctx: StepContext) -> None:
        """Whether or not the step that shut it down got to say so; the first step wrote down how it was."""
        server = server_of(ctx)
        if _was_off(ctx) or not _must_be_off(ctx, server):
            return
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        settled = until_machine(ctx, provider, machine_id, lambda seen: seen.power != "unknown")
        if settled.power == "off":
            follow(ctx, provider, machine_id, provider.power(machine_id, "on").id)

    def _note(self, ctx: StepContext) -> StepOutcome:
        server = server_of(ctx)
        machine = self._accounts.provider(server.account_id).get(machine_id_of(server))
        words = _("Resized: {before} to {after}").format(before=ctx.result("check")["was"], after=machine.plan)
        self._records.size_is(ctx, server.id, machine, words)
        self._records.reached_at(ctx, server.id, machine)
        return Done(words)


def _check_way(kind: str, server: Server, wanted: _Size, wish: Mapping[str, Any]) -> None:
    """:raises Refused: it would be smaller, and the provider cannot do that, or its disk does not fit."""
    if wanted.disk_gb < server.disk_gb:
        raise Refused(
            _("The disk of {plan} is smaller than the server's.").format(plan=wish["plan"]),
            remedy=_("A disk can never shrink. Choose a plan with at least {gb} GB.").format(gb=server.disk_gb),
        )
    if wanted.memory_mb < server.memory_mb:
        demand(kind, "resize_back")


def _was_off(ctx: StepContext) -> bool:
    return bool(ctx.result("check").get("power") == "off")


def _must_be_off(ctx: StepContext, server: Server) -> bool:
    with ctx.store.read(ENGINE_SCOPE) as session:
        kind = session.get_one(Account, (AGENCY, server.account_id)).provider
    return not clouds()[kind].can("resize_while_on")
