"""The first minute: three ways to begin, and what each of them does and does not do."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present.text import _
from widgets import tokens
from widgets.button import Button
from widgets.label import Label
from widgets.panel import Panel

CARD_WIDTH = 300


class FirstMinute(QWidget):
    """``demo_asked`` and ``account_asked`` are for the window, which knows how."""

    demo_asked = Signal()
    account_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.demo = Button(_("Explore the demo fleet"), "primary")
        self.demo.clicked.connect(self.demo_asked)
        self.account = Button(_("Connect a provider"))
        self.account.clicked.connect(self.account_asked)
        self.report = Button(_("Open a report"))
        self.report.setEnabled(False)
        self.report.setToolTip(_("Reports come with a later version."))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(tokens.PANEL_GAP)
        column.addWidget(self._cards())
        column.addStretch(1)

    def _cards(self) -> QWidget:
        cards = QWidget()
        row = QHBoxLayout(cards)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(tokens.PANEL_GAP)
        row.addWidget(
            _card(
                _("Have a look"),
                _(
                    "24 servers of three clients at two emulated clouds, with ninety days behind them and a few "
                    "troubles. No account, no network, nothing real. Removed with one click."
                ),
                self.demo,
            ),
            1,
        )
        row.addWidget(
            _card(
                _("Begin with your own"),
                _(
                    "Hostwinds, Amazon EC2, DigitalOcean, Linode or Vultr. What stands there already is shown and "
                    "not touched. The token stays in this computer's secret store."
                ),
                self.account,
            ),
            1,
        )
        row.addWidget(
            _card(
                _("Read what somebody handed over"),
                _("A report opens offline and read-only. Reports come with a later version."),
                self.report,
            ),
            1,
        )
        return cards


def _card(title: str, words: str, button: Button) -> Panel:
    panel = Panel(padded=True)
    panel.setAccessibleName(title)
    panel.body.setSpacing(10)
    panel.body.addWidget(Label(title, "section", wraps=True))
    text = Label(words, "muted", wraps=True)
    text.setMinimumWidth(CARD_WIDTH - 60)
    panel.body.addWidget(text)
    panel.body.addStretch(1)
    foot = QHBoxLayout()
    foot.addWidget(button)
    foot.addStretch(1)
    panel.body.addLayout(foot)
    return panel
