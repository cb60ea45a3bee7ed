"""The aliases of the chosen domain: where mail to an address that is no mailbox goes."""

from __future__ import annotations

from collections.abc import Sequence

from app.pages.mail.columns import alias_columns
from app.pages.mail.entries_part import EntriesPart, EntryWords
from backend.core.present.text import _
from backend.mail.queries import AliasRow


class AliasesPart(EntriesPart[AliasRow]):
    """Part of the domain's panel."""

    def __init__(self) -> None:
        words = EntryWords(
            title=_("Aliases"),
            new=_("New alias"),
            about=_("An alias takes mail for an address and leads it to mailboxes, here or elsewhere."),
            unchosen=_("no alias is selected"),
        )
        super().__init__(words, alias_columns(), lambda row: row.address)

    def show_rows(self, rows: Sequence[AliasRow], domain: str) -> None:
        self.show_entries(rows, _("{domain} has no aliases yet").format(domain=domain))
