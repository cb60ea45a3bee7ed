"""The relays of the chosen domain's mail server: domains whose mailboxes are elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from app.pages.mail.columns import relay_columns
from app.pages.mail.entries_part import EntriesPart, EntryWords
from backend.core.present.text import _
from backend.mail.relay_queries import RelayRow


class RelaysPart(EntriesPart[RelayRow]):
    """Part of the domain's panel."""

    def __init__(self) -> None:
        words = EntryWords(
            title=_("Relays"),
            new=_("New relay"),
            about=_("A mail server takes the mail of a relayed domain and hands it on, as its second MX does."),
            unchosen=_("no relay is selected"),
        )
        super().__init__(words, relay_columns(), lambda row: row.name)

    def show_rows(self, rows: Sequence[RelayRow], server: str) -> None:
        self.show_entries(rows, _("{server} relays no domains yet").format(server=server))
