"""A field for a moment: day and time of day as this computer's clock shows them."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import QDate, QDateTime
from PySide6.QtWidgets import QAbstractSpinBox, QDateTimeEdit

from widgets import tokens

FORM = "yyyy-MM-dd HH:mm"
#: Beyond them a moment is none in UTC everywhere: year 10 000, or before what Windows counts.
FIRST, LAST = QDate(2000, 1, 1), QDate(9999, 12, 30)


class MomentField(QDateTimeEdit):
    """To the minute; typed or stepped. Its owner says what is wrong with a moment."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(QDateTime.fromSecsSinceEpoch(round(moment.timestamp()) // 60 * 60))
        self.setDateRange(FIRST, LAST)
        self.setDisplayFormat(FORM)
        self.setFixedHeight(tokens.CONTROL)
        self.lineEdit().setTextMargins(tokens.SPACE[1], 0, 0, 0)
        self.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)

    @property
    def moment(self) -> datetime:
        """In UTC."""
        return datetime.fromtimestamp(self.dateTime().toSecsSinceEpoch(), UTC)
