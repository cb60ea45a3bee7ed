"""The job that gives a server another plan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from backend.core.errors import ProviderRefused, Refused
from backend.core.present.status import power
from backend.core.present.text import N_, _
from backend.core.prices import priced_in
from backend.engine.jobs import Accepted, Done, Owner, Step, StepOutcome, WaitUntil
from backend.engine.payload import Result
from backend.fleet.acts import about_server, machine_id_of, server_of
from backend.providers.capabilities import clouds, demand
from backend.servers.actions.paid_resize import ResizeOrdered
from backend.servers.actions.resize_effects import PlanChange, effects_of_resize
from backend.servers.price_check import question_of_price
from backend.servers.provider_actions import follow, has_ended, until_machine
from backend.servers.requests import ResizeServer
from backend.store.schema.fleet import Account, Offer, Server
from backend.store.scope import AGENCY, ENGINE_SCOPE

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.providers.ports import Plan
    from backend.servers.actions.paid_resize import PaidResizeSteps
    from backend.servers.repository import ServerRepository
    from backend.store.scope import ScopedSession


#: A provider may move a whole disk to another host; we look now and then.
RESIZE_LOOK, RESIZE_LIMIT = timedelta(seconds=30), timedelta(hours=2)


@dataclass(frozen=True)
class _Size:
    memory_mb: int
    disk_gb: int


@dataclass(frozen=True)
class SizeBefore(Result):
    """The plan and the power it had."""

    was: str
    power: str = ""


class ResizeServerJob:
    """Job ``server.resize``: ``plan``, ``grow_disk``, and the monthly price the person saw.

    Where the provider wants it off, it is shut down before and switched on again afterwards; rolling back a resize that
    failed switches it on as it was. Where the provider wants it paid and confirmed, it waits for both.
    """

    request: ClassVar[type[ResizeServer]] = ResizeServer
    version: ClassVar[int] = 2
    title: ClassVar[str] = N_("Resize")
    priority: ClassVar[int] = 3
    owner: ClassVar[Owner] = "agency"

    def __init__(self, accounts: AccountAccess, paid_resize: PaidResizeSteps, repository: ServerRepository) -> None:
        self._accounts = accounts
        self._paid_resize = paid_resize
        self._repository = repository

    def accept(self, session: ScopedSession, request: ResizeServer) -> Accepted:
        accepted = about_server(session, request, needs="resize")
        server = session.get_one(Server, (AGENCY, accepted.about_id))
        if server.life != "active":
            raise Refused(_("{name} is not ready yet.").format(name=server.name))
        if request.plan == server.plan:
            raise Refused(_("{name} already has this plan.").format(name=server.name))
        offer = session.get(Offer, (AGENCY, server.account_id, "plan", request.plan))
        if offer is None or server.region not in offer.data["regions"]:
            words = _("The plan {plan} is not available in {region}.")
            raise Refused(
                words.format(plan=request.plan, region=server.region),
                remedy=_("Choose from what the account offers."),
            )
        kind = session.get_one(Account, (AGENCY, server.account_id)).provider
        disk_gb = offer.data["disk_gb"] if offer.data.get("brings_disk", True) else server.disk_gb
        _check_way(kind, server, _Size(offer.data["memory_mb"], disk_gb), request)
        return accepted

    def steps(self, _request: ResizeServer) -> Sequence[Step[ResizeServer]]:
        return (
            Step("check", N_("Check the new plan and its price"), self._check, 3, "provider"),
            Step(
                "off",
                N_("Shut the server down if the provider requires it"),
                self._shut_down,
                20,
                "server",
                undo=self._back_on,
            ),
            Step(
                "resize",
                N_("Request the new plan from the provider"),
                self._resize,
                3,
                undo=self._paid_resize.take_back,
            ),
            Step(
                "pay",
                N_("Wait until the invoice is paid, if there is one"),
                self._paid_resize.await_payment,
                1,
                "provider",
            ),
            Step("apply", N_("Apply the paid plan"), self._paid_resize.apply, 2),
            Step("wait", N_("Wait until the provider has resized the server"), self._wait, 120, "provider"),
            Step("keep", N_("Confirm the resize if the provider requires it"), self._keep, 5, "server"),
            Step("on", N_("Power the server on again"), self._switch_on, 30, "server"),
            Step("note", N_("Record the new size of the server"), self._note, 2),
        )

    def _check(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        server, slug = server_of(ctx), ctx.job.request.plan
        catalogue = self._accounts.provider(server.account_id).catalogue()
        plan = next((plan for plan in catalogue.plans if plan.slug == slug and server.region in plan.regions), None)
        if plan is None or not plan.available:
            raise Refused(_("The plan {plan} is not available in {region}.").format(plan=slug, region=server.region))
        seen = ctx.job.request.seen_monthly_micro
        there = priced_in(plan, server.region)
        also = effects_of_resize(_change(ctx, server, there))
        dearer = question_of_price(ctx, there, seen, _("Resize"), paid_micro=server.monthly_micro, also=also)
        if dearer is not None:
            return dearer
        return Done(plan.slug, SizeBefore(server.plan, server.power))

    def _shut_down(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        """Told once, awaited always: a run before may have been cut off while it was stopping."""
        server = server_of(ctx)
        if not _must_be_off(ctx, server):
            return Done(_("it stays running"))
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if provider.get(machine_id).power == "on":
            follow(ctx, provider, machine_id, provider.power(machine_id, "shutdown").id)
        until_machine(ctx, provider, machine_id, lambda seen: seen.power == "off")
        return Done(power("off"))

    def _resize(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        server, slug = server_of(ctx), ctx.job.request.plan
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if provider.get(machine_id).plan == slug:
            return Done(_("already in this state"))
        since = ctx.mark()
        staged = self._paid_resize.order(ctx, slug)
        if staged is not None:
            return Done("", ResizeOrdered(staged, since))
        started = provider.resize(machine_id, slug, grow_disk=ctx.job.request.grow_disk)
        return Done("", ResizeOrdered(started.id, since))

    def _wait(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        """Providers take minutes, some an hour: no thread waits for so long."""
        server, slug, told = server_of(ctx), ctx.job.request.plan, ctx.result("resize", ResizeOrdered)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if told is not None and told.action_id and not has_ended(ctx, provider, machine_id, told.action_id):
            if ctx.since(told.since) < RESIZE_LIMIT:
                return WaitUntil(ctx.now() + RESIZE_LOOK, _("the provider is still working on it"))
            raise ProviderRefused(
                _("The provider has not finished yet."), remedy=_("Check the server there, then retry this step.")
            )
        until_machine(ctx, provider, machine_id, lambda seen: seen.plan == slug)
        return Done(slug)

    def _keep(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        return self._paid_resize.keep(ctx, was_off=_was_off(ctx))

    def _switch_on(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        """Where it was off before, it stays so."""
        self._back_on(ctx)
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        wanted = "off" if _was_off(ctx) else "on"
        until_machine(ctx, provider, machine_id, lambda seen: seen.power == wanted)
        return Done(power(wanted))

    def _back_on(self, ctx: StepContext[ResizeServer]) -> None:
        """Whether or not the step that shut it down got to say so; the first step wrote down how it was."""
        server = server_of(ctx)
        if _was_off(ctx) or not _must_be_off(ctx, server):
            return
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        settled = until_machine(ctx, provider, machine_id, lambda seen: seen.power != "unknown")
        if settled.power == "off":
            follow(ctx, provider, machine_id, provider.power(machine_id, "on").id)

    def _note(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        server = server_of(ctx)
        machine = self._accounts.provider(server.account_id).get(machine_id_of(server))
        words = _("Resized: {before} to {after}").format(before=ctx.need("check", SizeBefore).was, after=machine.plan)
        self._repository.size_is(ctx, server.id, machine, words)
        self._repository.reached_at(ctx, server.id, machine)
        return Done(words)


def _check_way(kind: str, server: Server, wanted: _Size, request: ResizeServer) -> None:
    """:raises Refused: it would be smaller, and the provider cannot do that, or its disk does not fit."""
    if wanted.disk_gb < server.disk_gb:
        raise Refused(
            _("The disk of {plan} is smaller than the server's.").format(plan=request.plan),
            remedy=_("A disk cannot be shrunk. Choose a plan with at least {gb} GB.").format(gb=server.disk_gb),
        )
    if wanted.memory_mb < server.memory_mb:
        demand(kind, "resize_back")


def _was_off(ctx: StepContext[ResizeServer]) -> bool:
    before = ctx.result("check", SizeBefore)
    return before is not None and before.power == "off"


def _must_be_off(ctx: StepContext[ResizeServer], server: Server) -> bool:
    return not clouds()[_provider_of(ctx, server)].can("resize_while_on")


def _change(ctx: StepContext[ResizeServer], server: Server, plan: Plan) -> PlanChange:
    return PlanChange(
        _provider_of(ctx, server),
        disk_gb=server.disk_gb,
        new_disk_gb=plan.disk_gb,
        new_memory_mb=plan.memory_mb,
        brings_disk=plan.brings_disk,
        grow_disk=ctx.job.request.grow_disk,
    )


def _provider_of(ctx: StepContext[ResizeServer], server: Server) -> str:
    with ctx.store.read(ENGINE_SCOPE) as session:
        return session.get_one(Account, (AGENCY, server.account_id)).provider
