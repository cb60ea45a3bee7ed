"""The turn of a running job's ring: one turn a second while it is seen, none where motion is unwanted."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QStyle, QWidget

#: A property of the application's style: nothing moves by itself.
STILL = "mailyard_is_still"
TICK_MS = 100
DEGREES_PER_TICK = 36


class Turning(QObject):
    """Owned by the widget that paints the ring; ``turned`` asks it to paint again."""

    turned = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._widget = widget
        self.degrees = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._turn)

    @property
    def is_turning(self) -> bool:
        return self._timer.isActive()

    def run(self, is_wanted: bool) -> None:
        """Turn while wanted, visible, and while anything may move."""
        style = self._widget.style()
        animates = style.styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration) > 0 and not style.property(STILL)
        if is_wanted and animates and self._widget.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
            self.degrees = 0

    def _turn(self) -> None:
        self.degrees = (self.degrees + DEGREES_PER_TICK) % 360
        self.turned.emit()
