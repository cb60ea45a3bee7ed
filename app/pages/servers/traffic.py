"""The traffic of a server this month: how much of what is included, and what the provider told of it."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, joined
from backend.servers.network.queries import UsageRow
from widgets.elided import ElidedLabel
from widgets.label import Label
from widgets.progress_meter import ProgressMeter

NEARLY = 0.8  # of what is included: from there on more may be paid soon


class TrafficPart(QWidget):
    """Part of the Network tab. Without a figure of what is included there is no bar."""

    def __init__(self) -> None:
        super().__init__()
        self.source = ElidedLabel(role="small", hugs=True)
        self.meter = ProgressMeter(_("Traffic this month"))
        self.sum, self.details = Label("", wraps=True), Label("", "small", wraps=True)
        head = QHBoxLayout()
        head.addWidget(ElidedLabel(_("Traffic this month"), role="strong", hugs=True))
        head.addStretch(1)
        head.addWidget(self.source)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        for widget in (self.meter, self.sum, self.details):
            column.addWidget(widget)

    def show_usage(self, usage: UsageRow | None) -> None:
        """What the provider counted, of what is included, and how old that is."""
        share = _share(usage)
        self.meter.setVisible(share is not None)
        if share is not None:
            self.meter.show_share(share, status=_status(share))
        self.sum.setText(_sum(usage))
        self.source.setText("" if usage is None else _source(usage))
        details = _details(usage)
        self.details.setText(details)
        self.details.setVisible(bool(details))


def _source(usage: UsageRow) -> str:
    return joined((usage.source, words.age(usage.read_at, datetime.now(UTC))), ", ")


def _share(usage: UsageRow | None) -> float | None:
    if usage is None or usage.counted_bytes is None or not usage.included_bytes:
        return None
    return usage.counted_bytes / usage.included_bytes


def _status(share: float) -> Status | None:
    if share >= 1:
        return Status.CRITICAL
    return Status.WARNING if share >= NEARLY else None


def _sum(usage: UsageRow | None) -> str:
    if usage is None:
        return _("not read yet")
    counted = None if usage.counted_bytes is None else words.size(usage.counted_bytes)
    included = None if usage.included_bytes is None else words.size(usage.included_bytes)
    if counted and included:
        return _("{volume} of {included} used").format(volume=counted, included=included)
    if counted:
        return _("{volume} used; the provider states no allowance").format(volume=counted)
    return _("{volume} included").format(volume=included) if included else _("not stated")


def _details(usage: UsageRow | None) -> str:
    if usage is None:
        return ""
    told = ((_("{volume} in"), usage.received_bytes), (_("{volume} out"), usage.sent_bytes))
    parts = [text.format(volume=words.size(volume)) for text, volume in told if volume is not None]
    if usage.cpu_percent is not None:
        parts.append(_("CPU {percent} % over a day").format(percent=words.number(usage.cpu_percent, 1)))
    return ", ".join(parts)
