"""What the engine says of an act, as the rows of a sheet."""

from __future__ import annotations

from collections.abc import Iterable

from backend.core.present.status import Status
from backend.engine.plan import Effect
from widgets.effect_rows import EffectLine


def effect_lines(effects: Iterable[Effect]) -> list[EffectLine]:
    """A loss has the shape of what is critical."""
    return [
        EffectLine(each.label, each.value, each.note, Status.CRITICAL if each.is_loss else None) for each in effects
    ]
