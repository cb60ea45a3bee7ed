"""What is asked when a price is not the one the person saw: nothing is bought dearer than they agreed to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from backend.core.present import format as words
from backend.core.present.text import _
from backend.engine.jobs import Ask
from backend.engine.plan import Effect, Question, fingerprint

if TYPE_CHECKING:
    from backend.engine.context import StepContext
    from backend.providers.ports import Plan


def question_of_price(
    ctx: StepContext[object],
    plan: Plan,
    seen_micro: int | None,
    act: str,
    *,
    paid_micro: int | None = None,
    also: Sequence[Effect] = (),
) -> Ask | None:
    """None where a month costs at most what was seen, nothing was seen, or this very price was agreed to.

    ``act`` are the words of the button; ``paid_micro`` is what the server costs a month now, where there is one;
    ``also`` is what the act means beside its price, told again where it is agreed to. A price that is no longer known
    is asked about too.
    """
    if seen_micro is None or (plan.monthly_micro is not None and plan.monthly_micro <= seen_micro):
        return None
    state = fingerprint(plan.slug, plan.monthly_micro, plan.currency)
    if ctx.answer is not None and ctx.answer.fingerprint == state:
        return None
    seen, now = words.money(seen_micro, plan.currency), words.money(plan.monthly_micro, plan.currency)
    title = _("The price of {plan} is no longer known.") if plan.monthly_micro is None else _("{plan} costs more now.")
    before = words.money(seen_micro if paid_micro is None else paid_micro, plan.currency)
    cost = _("{before} a month → unknown") if plan.monthly_micro is None else _("{before} → {price} a month")
    effects = (
        Effect(_("Cost"), cost.format(before=before, price=now), _("{price} when shown to you").format(price=seen)),
        *also,
        Effect(_("So far"), _("nothing was changed"), _("cancel to leave it unchanged")),
    )
    return Ask(Question(title.format(plan=plan.slug), act, effects, state))
