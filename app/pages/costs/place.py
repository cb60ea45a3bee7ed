"""The place of the Costs page, with its parts in order."""

from __future__ import annotations

from app.shell.card import Card
from app.shell.places import Part, Place
from backend.core.present.text import N_

ROOM = "app.pages.costs"

PLACE = Place(
    key="costs",
    title=N_("Costs"),
    goes=N_("Go to Costs"),
    icon="wallet",
    page=f"{ROOM}.page:CostsPage",
    shortcut="Ctrl+5",
    parts=(
        Part("charges", N_("Billing"), f"{ROOM}.charges:ChargesPart"),
        Part("orphans", N_("Orphaned resources"), f"{ROOM}.orphans:OrphansPart", shows={"orphans": ""}),
    ),
    cards=(Card("spend", f"{ROOM}.overview_card:SpendCard"),),
)
