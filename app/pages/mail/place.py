"""The place of the Mail page."""

from __future__ import annotations

from app.shell.card import Card
from app.shell.places import Command, Place
from backend.core.present.text import N_

PLACE = Place(
    key="mail",
    title=N_("Mail"),
    goes=N_("Go to Mail"),
    icon="mail",
    page="app.pages.mail.page:MailPage",
    shortcut="Ctrl+3",
    shows={"domain": ""},
    commands=(Command("add_domain", N_("Add mail domain"), "app.pages.mail.domain_sheets:open_new_domain"),),
    cards=(Card("mail", "app.pages.mail.overview_card:MailCard"),),
    finds="app.pages.mail.finding:FINDING",
    acts="app.pages.mail.acts:ACTS",
)
