"""The place of the Activity page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.shell.card import Card
from app.shell.places import Place
from backend.core.present.text import N_

if TYPE_CHECKING:
    from backend.engine.queries import Activity


def _waiting(counted: Activity) -> int:
    return counted.waiting_for_you


PLACE = Place(
    key="activity",
    title=N_("Activity"),
    goes=N_("Go to Activity"),
    icon="list-checks",
    page="app.pages.activity.page:ActivityPage",
    shortcut="Ctrl+4",
    counts=_waiting,
    shows={"job": ""},
    cards=(Card("today", "app.pages.activity.overview_card:TodayCard"),),
    finds="app.pages.activity.finding:FINDING",
)
