"""From when until when: two fields of local time, and what is wrong with them in words."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.moment_field import MomentField
from widgets.overlay import Overlay
from widgets.time_range import RangeChoice, between

WIDTH, EDGE = 360, 24


class RangeDialog(Overlay):
    """Shown by ``open()`` with the range that is seen now; ``agreed`` carries a range that begins before ``now``.

    An end that is still to come counts as now, so that *until tonight* can be said.
    """

    agreed = Signal(object)

    def __init__(self, shown: RangeChoice, now: datetime, parent: QWidget) -> None:
        super().__init__(_("Choose a time range"), parent)
        self._now = now
        self.setFixedWidth(WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(EDGE, 20, EDGE, 8)
        body.setSpacing(12)
        body.addWidget(DialogHead(_("Choose a time range"), self))
        body.addWidget(self._form(*shown.bounds(now)))
        outer.addLayout(body)
        self.keep, self.act = Button(_("Cancel")), Button(_("Show"), "primary")
        self.keep.clicked.connect(self.reject)
        self.act.setDefault(True)
        self.act.clicked.connect(self._agree)
        outer.addWidget(DialogFooter(self.keep, self.act))
        self.start.setFocus()

    def _form(self, start: datetime, end: datetime) -> Form:
        self.form = Form()
        self.start, self.end = MomentField(start), MomentField(end)
        note = _("Date and time as this computer's clock shows them.")
        self.form.add("start", _("From"), self.start, check=self._start_error)
        self.form.add("end", _("To"), self.end, note=note, check=self._end_error)
        self.start.dateTimeChanged.connect(self._started)
        return self.form

    def _started(self) -> None:
        """The end may be right again once the start was moved."""
        if self.form.error("end") and not self._end_error():
            self.form.show_error("end", "")

    def _start_error(self) -> str:
        return _("That is in the future. Choose a time in the past.") if self.start.moment >= self._now else ""

    def _end_error(self) -> str:
        if self.end.moment <= self.start.moment:
            return _("The end must be later than the start.")
        return ""

    def _agree(self) -> None:
        if self.form.is_right():
            self.agreed.emit(between(self.start.moment, min(self.end.moment, self._now)))
            self.accept()
