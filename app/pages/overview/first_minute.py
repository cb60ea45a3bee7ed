"""The first minute: one next step that fills the page, and below it the way of who has seen enough."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.text import N_, _
from widgets.button import Button
from widgets.label import Label
from widgets.overflow import Overflow
from widgets.panel import Panel, rule

WIDEST = 620
SHOWN = (
    N_("Which server is in trouble, and why"),
    N_("What it looked like sixty days ago"),
    N_("How to resize it, and what that costs a month"),
    N_("What waits for your approval"),
)


class FirstMinute(Panel):
    """``demo_asked`` and ``account_asked`` are for the window, which knows how."""

    demo_asked = Signal()
    account_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(_("First steps"))
        self.demo = Button(_("Explore the demo fleet"), "primary")
        self.demo.clicked.connect(self.demo_asked)
        self.account = Button(_("Connect a provider"))
        self.account.clicked.connect(self.account_asked)
        inner = QWidget()
        inner.setMaximumWidth(WIDEST)
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        self._add_demo(column)
        column.addSpacing(12)
        column.addWidget(rule())
        column.addSpacing(12)
        self._add_account(column)
        centred = QHBoxLayout()
        centred.addStretch(1)
        centred.addWidget(inner, 1000)
        centred.addStretch(1)
        whole = QWidget()
        rows = QVBoxLayout(whole)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addStretch(2)
        rows.addLayout(centred)
        rows.addStretch(3)
        self.body.addWidget(Overflow(whole, _("First steps")), 1)

    def _add_demo(self, column: QVBoxLayout) -> None:
        column.addWidget(Label(_("See a fleet at work first"), "title", wraps=True))
        words = _(
            "24 servers of three clients on two emulated clouds, with ninety days of history and a few "
            "problems. No account, no network, nothing real. Removed with one click."
        )
        column.addWidget(Label(words, "body", wraps=True))
        column.addWidget(Label(_("What to look for:"), "muted"))
        for line in SHOWN:
            column.addWidget(Label(f"–  {_(line)}", "body", wraps=True))
        column.addWidget(self.demo, 0, Qt.AlignmentFlag.AlignLeft)

    def _add_account(self, column: QVBoxLayout) -> None:
        column.addWidget(Label(_("Start with your own servers"), "section", wraps=True))
        words = _(
            "Hostwinds, Amazon EC2, DigitalOcean, Linode or Vultr. Existing servers are shown and not "
            "changed. The token stays in this computer's secret store."
        )
        column.addWidget(Label(words, "muted", wraps=True))
        column.addWidget(self.account, 0, Qt.AlignmentFlag.AlignLeft)
