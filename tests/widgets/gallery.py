"""A page with every component in its states, for looking at and for tests.

Render it and its second page with ``python -m tests.widgets.gallery FOLDER [LANGUAGE]``: a PNG each in light, dark and
high contrast; with QT_SCALE_FACTOR=2 at 200 %. ``python -m tests.screenshots`` does all of it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from backend.core.present.status import Status
from backend.core.present.text import _, activate
from tests.widgets.machines import MACHINES, Machine, machine_columns
from widgets import tokens
from widgets.band import ModeBand
from widgets.banner import Banner
from widgets.button import Button
from widgets.chips import Chips
from widgets.empty_state import EmptyState
from widgets.form import Form
from widgets.job_progress import JobProgress, StepLine
from widgets.key_value import KeyValues
from widgets.label import Label
from widgets.log_view import LogView
from widgets.page_header import PageHeader
from widgets.panel import Panel, rule
from widgets.progress_meter import Mark, ProgressMeter
from widgets.record_table import RecordTable
from widgets.search_field import SearchField
from widgets.sidebar import Entry, Sidebar
from widgets.skeleton import Skeleton
from widgets.status_badge import StatusBadge
from widgets.status_bar import StatusBar
from widgets.switcher import Switcher
from widgets.tabs import Tabs
from widgets.timeline import Timeline, TimelineItem

WIDTH = 1366


class Gallery(QWidget):
    """Three columns of components, in the order of the design's components page."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("gallery")
        self.setWindowTitle("Components")
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        self.sidebar = _sidebar()
        row.addWidget(self.sidebar)
        body = QVBoxLayout()
        body.setContentsMargins(16, 8, 16, 12)
        header = PageHeader(_("Components"))
        header.note.setText(_("every part, every state"))
        header.add(Button("", "icon", icon_name="ellipsis", name=_("More actions")), Button(_("Check now")))
        header.add(Button(_("New server"), "primary"))
        body.addWidget(header)
        columns = QHBoxLayout()
        columns.setSpacing(24)
        for column in (self._left(), self._middle(), self._right()):
            columns.addLayout(column, 1)
        body.addLayout(columns, 1)
        row.addLayout(body, 1)
        page.addLayout(row, 1)
        page.addWidget(self._status_bar())
        self.fit()

    def fit(self) -> None:
        """As high as the words need at this width."""
        width = max(WIDTH, self.minimumSizeHint().width())
        self.setFixedSize(width, max(self.minimumSizeHint().height(), self.heightForWidth(width)))

    def _left(self) -> QVBoxLayout:
        column = _column(_("Status: shape, word and colour, always together"))
        grid = QGridLayout()
        grid.setVerticalSpacing(8)
        for at, status in enumerate(Status):
            grid.addWidget(StatusBadge(status, plain=True), at, 0, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(StatusBadge(status), at, 1, Qt.AlignmentFlag.AlignLeft)
        column.addLayout(grid)
        _head(column, _("Buttons: at most one filled one on a page"))
        column.addLayout(self._buttons())
        _head(column, _("Fields, chips, modes"))
        self.search = SearchField(_("Filter servers"))
        self.switcher = Switcher(_("Workspace"))
        self.switcher.set_entries([("all", _("All workspaces")), ("acme", "Acme Dental")], "all")
        self.switcher.setFixedWidth(164)
        column.addLayout(_row(self.search, self.switcher))
        self.chips = Chips([("all", _("All")), ("warming", _("Warming"))])
        self.chips.count("all", 44)
        self.chips.count("warming", 4)
        column.addLayout(_row(self.chips))
        column.addLayout(_row(ModeBand(_("sample fleet"), is_demo=True), ModeBand()))
        find = Button(_("Search and commands"), "search", icon_name="search", hint="Ctrl+K")
        find.setMinimumWidth(260)
        column.addLayout(_row(find))
        _head(column, _("Form"))
        column.addWidget(self._form())
        column.addStretch(1)
        return column

    def _buttons(self) -> QVBoxLayout:
        self.focused = Button(_("Focused"))
        needs = Button(_("Needs operator"))
        needs.setEnabled(False)
        rows = QVBoxLayout()
        rows.setSpacing(10)
        rows.addLayout(
            _row(Button(_("Resize now"), "primary"), Button(_("Check now")), Button(_("See costs"), "quiet"))
        )
        rows.addLayout(_row(self.focused, Button(_("Destroy permanently"), "danger"), needs))
        return rows

    def _form(self) -> Form:
        self.form = Form()
        self.form.add("name", _("Name"), QLineEdit(), note=_("The full host name."))
        self.form.add("token", _("API token"), QLineEdit(), check=lambda: _("The token is too short."))
        self.form.show_error("token", _("The token is too short."))
        return self.form

    def _middle(self) -> QVBoxLayout:
        column = _column(_("Table rows, 28 px"))
        panel = Panel()
        self.table: RecordTable[Machine] = RecordTable(machine_columns(), lambda row: row.name, _("Servers"))
        self.table.set_rows(MACHINES)
        self.table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
        self.table.choose("mx1.acme-dental")
        self.table.setFixedHeight(tokens.TABLE_HEADER + 4 * tokens.ROW + 2)
        panel.body.addWidget(self.table)
        column.addWidget(panel)
        _head(column, _("Empty, loading, error, partial"))
        self.empty = EmptyState(
            _("No backups yet"), _("The first runs tonight at 02:00."), _("Back up now"), is_framed=True
        )
        self.empty.setMinimumHeight(104)
        self.skeleton = Skeleton()
        loading = Panel()
        loading.body.addWidget(self.skeleton)
        column.addLayout(_row(self.empty, loading, is_filling=True))
        self._banners(column)
        self._meters(column)
        column.addStretch(1)
        return column

    def _banners(self, column: QVBoxLayout) -> None:
        self.error, self.partial = Banner(), Banner()
        self.error.say(
            Status.CRITICAL,
            _("Northcloud refused the token"),
            _("It ended today at 12:00. Enter a new one."),
            _("Retry"),
            details="401 Unauthorized",
        )
        self.partial.say(Status.INCONCLUSIVE, _("2 of 44 servers did not answer: mx8, mx9"))
        column.addWidget(self.error)
        column.addWidget(self.partial)

    def _meters(self, column: QVBoxLayout) -> None:
        _head(column, _("Meters and thresholds"))
        column.addWidget(_budget())
        for share, status in ((0.3, None), (0.82, Status.WARNING), (1.0, None)):
            meter = ProgressMeter(_("Sends against the cap"))
            meter.show_share(share, status=status)
            column.addWidget(meter)
        _head(column, _("Last log lines"))
        log = LogView(_("Log"))
        log.set_lines(["14:21:58  restic check: 4.2 GB, 0 errors", "14:22:03  compared 18 204 files, 0 differ"])
        log.setMaximumHeight(64)
        column.addWidget(log)

    def _right(self) -> QVBoxLayout:
        column = _column(_("A detail: name, facts, tabs, steps"))
        panel = Panel(_("Resize"), _("job 7f3a"))
        panel.body.setSpacing(0)
        self.tabs = Tabs(_("Parts of the job"), [_("Steps"), _("Log"), _("Evidence"), _("Undo")])
        panel.body.addWidget(self.tabs)
        panel.body.addSpacing(6)
        self.progress = job_progress()
        panel.body.addWidget(self.progress)
        column.addWidget(panel)
        facts = Panel(_("Facts"), padded=True)
        self.facts = KeyValues()
        self.facts.set_rows(
            [(_("Address"), "203.0.113.40"), (_("Size"), _("2 vCPU, 4 GB"))],
            mono=(_("Address"),),
            copyable=(_("Address"),),
        )
        facts.body.addWidget(self.facts)
        column.addWidget(facts)
        story = Panel(_("Timeline"))
        timeline = Timeline(_("Timeline"))
        timeline.set_lines(
            [TimelineItem(_("Resized to 4 vCPU"), _("3 min ago")), TimelineItem(_("Created"), _("2 days ago"))]
        )
        story.body.addWidget(timeline)
        column.addWidget(story)
        column.addWidget(Label(_("Page title"), "title"))
        column.addWidget(Label(_("Name of the chosen thing"), "section"))
        column.addWidget(Label(_("Column header and label"), "caption"))
        column.addWidget(Label("v=spf1 mx -all   203.0.113.40", "mono"))
        column.addStretch(1)
        return column

    def _status_bar(self) -> StatusBar:
        self.status_bar = StatusBar(_("Application status"))
        self.status_bar.tell("engine", _("Engine running"), Status.OK)
        self.status_bar.tell("check", _("last check 14 s ago"))
        self.status_bar.tell("jobs", _("2 jobs, 1 awaiting approval"))
        self.status_bar.note.setText("SQLite 84 MB")
        return self.status_bar


def job_progress() -> JobProgress:
    """Steps done, waiting with its question, and to come."""
    progress = JobProgress(_("Steps"))
    progress.set_lines(
        [
            StepLine(_("Back up and prove the copy"), _("4.2 GB, 18 204 files compared"), "11 min 42 s", Status.OK),
            StepLine(_("Your yes"), "", _("9 min so far"), Status.WAITING, is_current=True),
            StepLine(_("Stop mail, drain the queue"), _("Senders retry, IMAP goes away"), _("about 40 s"), None),
            StepLine(_("Resize at the provider"), _("From 14 past resizes"), _("5 to 8 min"), None),
        ]
    )
    progress.set_box(question_box())
    return progress


def question_box() -> Panel:
    """What a waiting step asks."""
    box = Panel(padded=True)
    box.setProperty("surface", "question")
    row = QHBoxLayout()
    row.addWidget(Button(_("Resize now"), "primary"))
    row.addStretch(1)
    row.addWidget(Button(_("Cancel job")))
    box.body.addWidget(Label(_("+€7.20 a month, 6 to 9 min, none lost"), "strong", wraps=True))
    box.body.addLayout(row)
    return box


def _budget() -> ProgressMeter:
    marks = (Mark(0.8, "80 %"), Mark(1.0, "100 %"), Mark(1.2, "120 %"))
    meter = ProgressMeter(_("Cost against the budget"), marks=marks, top=1.32)
    meter.show_share(0.85, status=Status.WARNING, projected=1.12)
    return meter


def _sidebar() -> Sidebar:
    entries = (
        Entry("overview", _("Overview"), "layout-dashboard"),
        Entry("servers", _("Servers"), "server", gap=True),
        Entry("domains", _("Domains"), "globe"),
        Entry("incidents", _("Incidents"), "siren", gap=True),
        Entry("activity", _("Activity"), "list-checks"),
    )
    sidebar = Sidebar(entries, _("Pages"))
    sidebar.choose("servers")
    sidebar.count("incidents", 2, is_critical=True)
    sidebar.count("activity", 1)
    return sidebar


def _column(title: str) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    _head(column, title, gap=0)
    return column


def _head(column: QVBoxLayout, title: str, gap: int = 12) -> None:
    column.addSpacing(gap)
    column.addWidget(Label(title, "strong", wraps=True))
    column.addWidget(rule())


def _row(*widgets: QWidget, is_filling: bool = False) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(12)
    for widget in widgets:
        row.addWidget(widget, 1 if is_filling else 0)
    if not is_filling:
        row.addStretch(1)
    return row


def render(folder: Path, language: str) -> list[Path]:
    """Write gallery-LOOK.png and pieces-LOOK.png; the paths."""
    from PySide6.QtCore import QCoreApplication
    from PySide6.QtWidgets import QApplication

    from app.shell.appearance.theme import Appearance
    from tests.widgets.pieces import Pieces

    activate(language)
    application = QApplication(["gallery", "-platform", "offscreen"])
    end = "" if application.devicePixelRatio() == 1 else f"-{application.devicePixelRatio():.0%}".rstrip("%")
    end += "" if language == "en" else f"-{language}"
    appearance = Appearance(application)
    gallery, pieces = Gallery(), Pieces()
    gallery.skeleton.is_shown = True
    written = []
    for name in ("light", "dark", "light-high", "dark-high"):
        scheme, _dash, contrast = name.partition("-")
        appearance.choose_contrast(contrast or "auto")
        appearance.choose(scheme)
        for page in (gallery, pieces):
            page.show()
            for _turn in range(3):  # heads that were turned and legends that were wrapped make it higher
                QCoreApplication.sendPostedEvents()
                page.fit()
            if page is gallery:
                gallery.focused.setFocus()
                appearance.focus_rings.follow(None, gallery.focused)
            written.append(folder / f"{page.objectName()}-{name}{end}.png")
            page.grab().save(str(written[-1]))
    for page in (gallery, pieces):
        page.close()
    return written


if __name__ == "__main__":
    folder, language, *_rest = [*sys.argv[1:], *(".", "en")[len(sys.argv) - 1 :]]
    for path in render(Path(folder), language):
        sys.stdout.write(f"{path}\n")
