"""What a person agrees to before settings are changed: each line, each container, what stays as somebody made it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from backend.core.present.text import _, ngettext
from backend.core.secrets.foreign_words import foreign_words
from backend.engine.plan import Effect, Question, fingerprint

if TYPE_CHECKING:
    from backend.mail.change.plan import ChangePlan

NOTHING, MOST_LETTERS = "–", 120


def question_of(name: str, plan: ChangePlan, there: str) -> Question:
    """``there`` is the fingerprint of the files that the plan was made of."""
    effects = tuple(_effects(plan))
    state = fingerprint(there, [(each.label, each.value) for each in effects])
    return Question(_("Change the settings of {name}?").format(name=name), _("Change settings"), effects, state)


def _effects(plan: ChangePlan) -> Iterable[Effect]:
    for line in plan.lines:
        yield Effect(line.key, f"{_said(line.before)} → {_said(line.after)}", "mailu.env")
    if plan.parts:
        yield Effect("docker-compose.yml", ", ".join(plan.parts), _("containers: + new, - removed, ~ changed"))
    if plan.comments:
        lost = ngettext("comments of {n} line are lost", "comments of {n} lines are lost", plan.comments)
        yield Effect(_("Comments"), lost.format(n=plan.comments), "docker-compose.yml", is_loss=True)
    anew = ", ".join(plan.restarts) or NOTHING
    yield Effect(_("Made anew"), anew, _("Mail waits while they start, usually less than two minutes."))
    for each in plan.kept:
        said = _("Changed by hand, and stays; Mailyard would write {ours}.").format(ours=_said(each.ours))
        yield Effect(_("Kept: {name}").format(name=each.name), _said(each.found), said)


def _said(value: str | None) -> str:
    """As it may be shown: somebody else may have written it."""
    return NOTHING if value is None else foreign_words(value, MOST_LETTERS) or '""'
