"""The place of the Servers page."""

from __future__ import annotations

from app.shell.card import Card
from app.shell.places import Command, Place
from backend.core.present.text import N_

PLACE = Place(
    key="servers",
    title=N_("Servers"),
    goes=N_("Go to Servers"),
    icon="server",
    page="app.pages.servers.page:ServersPage",
    shortcut="Ctrl+2",
    shows={
        "server": "",
        "server_key": "",
        "mail_server": "mail",
        "mail_files": "mail",
        "mail_admin": "mail",
        "mail_token": "mail",
    },
    commands=(Command("new", N_("New server"), "app.pages.servers.wizard:open_wizard", shortcut="Ctrl+N"),),
    cards=(
        Card("load", "app.pages.servers.overview_cards:LoadCard", is_wide=True),
        Card("hottest", "app.pages.servers.overview_cards:HottestCard"),
    ),
    finds="app.pages.servers.finding:FINDING",
    acts="app.pages.servers.acts:ACTS",
)
