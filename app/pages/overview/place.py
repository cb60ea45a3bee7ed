"""The place of the Overview page, and of the demo, which is begun and removed there."""

from __future__ import annotations

from app.shell.places import Command, Place
from backend.core.present.text import N_

DEMO = "app.shell.demo_commands"

PLACE = Place(
    key="overview",
    title=N_("Overview"),
    goes=N_("Go to Overview"),
    icon="layout-dashboard",
    page="app.pages.overview.page:OverviewPage",
    shortcut="Ctrl+1",
    commands=(
        Command("start_demo", N_("Explore the demo fleet"), f"{DEMO}:start_demo", part="", only_in="live"),
        Command("remove_demo", N_("Remove the demo"), f"{DEMO}:remove_demo", only_in="demo"),
    ),
)
