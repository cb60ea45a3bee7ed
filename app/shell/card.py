"""What a place brings to the Overview, as a value: nothing of Qt is named before the first frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Card:
    """A panel of the Overview. ``widget`` is the path of an :class:`app.shell.window.overview_card.OverviewCard`;
    ``is_wide``: it stands below what needs attention, the others in columns beside it.
    """

    key: str
    widget: str
    is_wide: bool = False
