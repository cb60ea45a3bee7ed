"""The app tokens of the chosen mailbox: passwords for one device each, without their secrets."""

from __future__ import annotations

from collections.abc import Sequence

from app.pages.mail.columns import token_columns
from app.pages.mail.entries_part import EntriesPart, EntryWords
from backend.core.present.text import _
from backend.mail.token_queries import AppTokenRow
from widgets.button import Button

ALL = "all"


class TokensPart(EntriesPart[AppTokenRow]):
    """Part of the mailbox's panel."""

    def __init__(self) -> None:
        words = EntryWords(
            title=_("App tokens"),
            new=_("New app token"),
            about=_("An app token is a password for one device or program, which a new password does not end."),
            unchosen=_("no app token is selected"),
        )
        super().__init__(words, token_columns(), lambda row: row.token_id, can_change=False)
        self.every = Button(_("Delete all..."))
        self.every.clicked.connect(self._delete_all)
        self.add_button(self.every)

    def show_rows(self, rows: Sequence[AppTokenRow]) -> None:
        self.show_entries(rows, _("No app tokens yet"))

    def _delete_all(self) -> None:
        self.asked.emit(ALL)
