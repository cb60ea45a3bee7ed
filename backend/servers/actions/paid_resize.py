"""The stages of a larger plan where the provider wants it paid and confirmed: wait, apply, see that it answers, keep.

Nothing here costs a call where the provider knows no stages (matrix row ``resize_in_stages``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from backend.core.errors import OutcomeUnknown, ProviderRefused
from backend.core.present import format as words
from backend.core.present.text import _
from backend.engine.jobs import Done, StepOutcome, WaitUntil
from backend.engine.payload import Result
from backend.fleet.acts import machine_id_of, server_of
from backend.providers.ports import PaidResize
from backend.servers import provider_actions
from backend.servers.provider_actions import follow

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.fleet.accounts import AccountAccess
    from backend.fleet.servers import ServerAccess
    from backend.providers.ports import ActionState, ComputeProvider, Invoice
    from backend.servers.requests import ResizeServer

#: How often we look whether an invoice was paid; a person who paid it can say so by trying again.
PAYMENT_LOOK = timedelta(minutes=5)
TRY_EVERY_S = 2.0
TAKE_BACK_LIMIT_S = 600.0


@dataclass(frozen=True)
class ResizeOrdered(Result):
    """The provider's id of the change, None where its order got no response and nothing was found; and since when."""

    action_id: str | None
    since: datetime


class PaidResizeSteps:
    """Steps of :class:`backend.servers.actions.resize.ResizeServerJob`; stateless, thread-safe."""

    def __init__(self, accounts: AccountAccess, servers: ServerAccess) -> None:
        self._accounts = accounts
        self._servers = servers

    def order(self, ctx: StepContext[ResizeServer], plan: str) -> str | None:
        """The id of the change, None where there are no stages. Once an order may have gone out no second one does."""
        server = server_of(ctx)
        provider, machine_id = self._accounts.provider(server.account_id), machine_id_of(server)
        if not isinstance(provider, PaidResize):
            return None
        if ctx.was_cut_off:
            ctx.say(_("An order may already have been sent: checking its outcome."), level="warning")
            return provider.ordered(plan)
        try:
            return provider.resize(machine_id, plan, grow_disk=True).id
        except OutcomeUnknown as error:
            words = _("The order got no response: checking its outcome. {why}")
            ctx.say(words.format(why=error.title), level="warning")
            return provider.ordered(plan)

    def await_payment(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        """No thread waits: the job looks again later. No API pays an invoice, only a person does."""
        stage = self._stage(ctx)
        if stage is None:
            return Done(_("not needed at this provider"))
        if stage.state == "unpaid":
            return WaitUntil(ctx.now() + PAYMENT_LOOK, _unpaid(stage.invoice))
        return Done(_("no invoice is open"))

    def apply(self, ctx: StepContext[ResizeServer]) -> StepOutcome:
        """Looks first: an earlier run may have applied it already."""
        provider, machine_id, action_id = self._asked(ctx)
        if action_id is None or not isinstance(provider, PaidResize):
            return Done(_("not needed at this provider"))
        if provider.action(machine_id, action_id).state == "unpaid":
            raise ProviderRefused(
                _("The invoice is open again."), remedy=_("Pay it at the provider, then retry."), detail=action_id
            )
        provider.continue_resize(machine_id, action_id)
        return Done()

    def keep(self, ctx: StepContext[ResizeServer], *, was_off: bool) -> StepOutcome:
        """Only once the server answers: until then the way back is open."""
        provider, machine_id, _action = self._asked(ctx)
        stage = self._stage(ctx)
        if stage is None or not isinstance(provider, PaidResize):
            return Done(_("not needed at this provider"))
        if stage.state == "unconfirmed":
            if not was_off:
                self._see_it_answer(ctx)
            follow(ctx, provider, machine_id, provider.settle_resize(machine_id, keep=True).id)
        return Done(_("confirmed"))

    def take_back(self, ctx: StepContext[ResizeServer]) -> None:
        """An unconfirmed change goes back, one that runs is waited for first. What nobody paid stays at the provider.

        :raises ProviderRefused: it was paid: money stands behind it, so it is not left behind without a word.
        """
        provider, machine_id, action_id = self._asked(ctx)
        stage = self._stage(ctx)
        if stage is None or not isinstance(provider, PaidResize):
            return
        if stage.state == "running":
            follow(ctx, provider, machine_id, action_id, limit_s=TAKE_BACK_LIMIT_S)
            stage = provider.action(machine_id, str(action_id))
        if stage.state == "unconfirmed":
            follow(ctx, provider, machine_id, provider.settle_resize(machine_id, keep=False).id)
        elif stage.state == "unpaid":
            ctx.say(_("The order stays open at the provider. {invoice}").format(invoice=_unpaid(stage.invoice)))
        elif stage.state == "paid":
            raise ProviderRefused(
                _("The new plan is paid but was not applied."),
                remedy=_("Retry the job to apply it, or request a refund from the provider and then roll back."),
            )

    def _asked(self, ctx: StepContext[ResizeServer]) -> tuple[ComputeProvider, str, str | None]:
        """Whom, about which machine, and the change that was ordered."""
        server, ordered = server_of(ctx), ctx.result("resize", ResizeOrdered)
        return self._accounts.provider(server.account_id), machine_id_of(server), ordered.action_id if ordered else None

    def _stage(self, ctx: StepContext[ResizeServer]) -> ActionState | None:
        """How far the change is, None where there are no stages or nothing was ordered."""
        provider, machine_id, action_id = self._asked(ctx)
        if action_id is None or not isinstance(provider, PaidResize):
            return None
        return provider.action(machine_id, action_id)

    def _see_it_answer(self, ctx: StepContext[ResizeServer]) -> None:
        server = server_of(ctx)
        if not server.host_key:
            return

        if not provider_actions.answers(
            ctx, self._servers, server.id, provider_actions.Waits(TRY_EVERY_S, provider_actions.BACK_LIMIT_S)
        ):
            raise ProviderRefused(
                _("{name} has not responded since it was resized.").format(name=server.name),
                remedy=_("Retry, or roll back: the change is not confirmed yet and can be reverted."),
            )


def _unpaid(invoice: Invoice | None) -> str:
    if invoice is None:
        return _("Pay the order at the provider.")
    total = words.money(invoice.total_micro, invoice.currency)
    return _("Pay invoice {number} over {total} at the provider.").format(number=invoice.number, total=total)
