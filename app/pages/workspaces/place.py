"""The place of the Workspaces page."""

from __future__ import annotations

from app.shell.places import Place
from backend.core.present.text import N_

PLACE = Place(
    key="workspaces",
    title=N_("Workspaces"),
    goes=N_("Go to Workspaces"),
    icon="building-2",
    page="app.pages.workspaces.page:WorkspacesPage",
    shortcut="Ctrl+6",
)
