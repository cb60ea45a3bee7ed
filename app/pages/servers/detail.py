"""The chosen server: Live, History, Mail, Network, Snapshots, Timeline."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.pages.servers.act_bar import ActBar
from app.pages.servers.history import HistoryPart
from app.pages.servers.job_strip import JobStrip
from app.pages.servers.live import LivePart
from app.pages.servers.mail import MailPart
from app.pages.servers.network import NetworkPart
from app.pages.servers.snapshots import SnapshotsPart
from app.shell.route import Thing
from backend.core.present import format as words
from backend.core.present.status import Status, life
from backend.core.present.text import _, pgettext
from backend.engine.queries import JobDetail, JobDetails, JobRow
from backend.mail.adopt.queries import MailFinding, MailFindings
from backend.mail.queries import Domains, MailServerRow, MailServers
from backend.servers.network.queries import AttachedResourceRows, AttachedResources
from backend.servers.queries import (
    ServerDetail,
    ServerDetails,
    ServerRow,
)
from backend.store.changes import AGES
from widgets import tokens
from widgets.banner import Banner
from widgets.elided import ElidedLabel
from widgets.empty_state import EmptyState
from widgets.label import Label
from widgets.panel import Panel
from widgets.status_badge import StatusBadge
from widgets.tabs import Tabs
from widgets.timeline import Timeline, TimelineItem
from widgets.title_row import title_row

if TYPE_CHECKING:
    from app.pages.servers.chart_part import ChartPart
    from app.shell.window.page import Page
    from widgets.charts.stack import ChartStack

LIVE, HISTORY, MAIL, NETWORK, SNAPSHOTS, TIMELINE = range(6)
#: By the names that routes have for them.
TABS = {
    "live": LIVE,
    "history": HISTORY,
    "mail": MAIL,
    "network": NETWORK,
    "snapshots": SNAPSHOTS,
    "timeline": TIMELINE,
}
#: What a tab is read again for, where that is not the servers.
HEARS = {HISTORY: frozenset({"servers", AGES}), MAIL: frozenset({*Domains.topics, *MailFindings.topics, AGES})}
WATCH_S, RENEW_MS = 30, 15_000


class ServerDetailPanel(Panel):
    """Part of the Servers page. While *Live* is shown it keeps a lease on live samples."""

    shown_tab = Signal(int)

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._row: ServerRow | None = None
        self._shown: UUID | None = None
        self.body.setSpacing(0)
        self.body.addWidget(self._facts_row())
        self.acts, self.job = ActBar(), JobStrip()
        self.body.addWidget(self.acts)
        self.body.addWidget(self.job)
        self.job.closed.connect(self._hide_job)
        self._job: UUID | None = None
        self._hidden_job: UUID | None = None
        parts = [
            _("Live"),
            _("History"),
            pgettext("part of a server", "Mail"),
            _("Network"),
            _("Snapshots"),
            _("Timeline"),
        ]
        self.tabs = Tabs(_("Parts of the server"), parts)
        self.body.addWidget(self.tabs)
        self.parts = QStackedWidget()
        self.body.addWidget(self.parts, 1)
        self._build_parts()
        self.tabs.currentChanged.connect(self._turn_to)
        page.services.engine_start.ready.connect(self._drawing_came)
        self._lease = QTimer(self)
        self._lease.setInterval(RENEW_MS)
        self._lease.timeout.connect(self._renew)
        self.setEnabled(False)

    @property
    def server(self) -> ServerRow | None:
        return self._row

    @property
    def live_charts(self) -> ChartStack | None:
        return self.live.charts

    def show_server(self, row: ServerRow | None) -> None:
        """Show another server, or the same one with newer facts."""
        before, self._row = self._row, row
        self.setEnabled(row is not None)
        if row is None:
            self._show_none()
            return
        if row.id != self._shown:
            self._shown, self._hidden_job = row.id, None
            self._close_job()
        self.name.setText(row.name)
        self.badge.show()
        self.badge.show_status(row.status)
        self._show_reason(row)
        size = f"{row.vcpus} vCPU, {words.data_size(row.memory_mb)}, {row.disk_gb} GB"
        facts = [row.address or words.DASH, size, f"{row.account} {row.region}", life(row.life)]
        if row.can_enter and row.first_contact == "bound":
            facts.append(_("trusted on first use"))
        self.facts.setText("  ·  ".join(facts))
        self.live.show_server(row)
        self.history.show_server(row)
        self.notes.setText(_notes(row))
        self.notes.setVisible(bool(self.notes.text()))
        self.acts.show_server(row)
        self.mail.show_server(row)
        self.network.show_server(row)
        if before is None or row.id != before.id or _can_look(row) != _can_look(before):
            self._turn_to(self.tabs.currentIndex())

    def show_jobs(self, known: Mapping[UUID, JobRow]) -> None:
        """What runs on servers now, by their ids; the one of this server is shown until it has ended, and after; one
        that was hidden stays so."""
        running = known.get(self._row.id) if self._row is not None else None
        if running is not None and running.id != self._hidden_job:
            self._job = running.id
        if self._job is not None:
            self.follow(self._job)

    def follow(self, job: UUID) -> None:
        """Show a job of this server with its steps."""
        self._job, self._hidden_job = job, None
        services = self._page.services
        query = JobDetails(services.view.whole_scope(), job, services.installation.kinds)
        self._page.ask("server_job", query, self._show_job)

    def _show_none(self) -> None:
        """No server is chosen: nothing of the one before can be read or pressed."""
        self._lease.stop()
        self._close_job()
        self.name.setText("")
        self.facts.setText("")
        self.badge.hide()
        self.reason.clear()
        self.notes.hide()
        self.parts.setCurrentWidget(self._none)

    def _show_reason(self, row: ServerRow) -> None:
        """Why the server stands as it does, in a line of its own; the row was chosen, so nothing is announced."""
        if row.health_note and row.status is not Status.OK:
            self.reason.say(row.status, row.health_note, is_told=False)
        else:
            self.reason.clear()

    def hear(self, topics: frozenset[str]) -> None:
        """Ask again where what changed concerns the shown tab."""
        tab = self.tabs.currentIndex()
        if tab == LIVE and self._row is not None and self._row.can_enter:
            self.live.hear(topics)
        elif HEARS.get(tab, frozenset({"servers"})) & topics:
            self.refresh()

    def refresh(self) -> None:
        """Ask for what the shown tab needs."""
        if self._row is None:
            return
        scope, server = self._page.services.view.scope(), self._row.id
        tab = self.tabs.currentIndex()
        if tab == LIVE and self._row.can_enter:
            self.live.refresh()
            self.live.refresh_before()
        elif tab == HISTORY:
            self.history.refresh()
        elif tab == MAIL:
            self._page.ask("mail", MailServers(scope), partial(self._show_mail, server))
            self._page.ask("domains", Domains(scope), self.mail.show_domains)
            self._page.ask("found", MailFindings(scope, server), partial(self._show_finding, server))
        elif tab in (NETWORK, SNAPSHOTS, TIMELINE):
            self._page.ask("detail", ServerDetails(scope, server), partial(self._show_detail, server))
        if tab == NETWORK:
            self._page.ask("resources", AttachedResources(scope, server), partial(self._show_resources, server))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._turn_to(self.tabs.currentIndex())

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._lease.stop()

    def _facts_row(self) -> QWidget:
        head = QWidget()
        column = QVBoxLayout(head)
        column.setContentsMargins(tokens.PANEL_PADDING, 8, tokens.PANEL_PADDING, 4)
        column.setSpacing(2)
        self.name = ElidedLabel(role="section", is_name=True)
        self.badge = StatusBadge()
        column.addLayout(title_row(self.name, self.badge))
        self.facts = Label("", "small", wraps=True, selectable=True)
        column.addWidget(self.facts)
        self.reason = Banner()
        column.addSpacing(4)
        column.addWidget(self.reason)
        self.notes = Label("", "small", wraps=True, selectable=True)
        self.notes.hide()
        column.addWidget(self.notes)
        return head

    def _build_parts(self) -> None:
        self.live, self.history = LivePart(self._page), HistoryPart(self._page)
        self.parts.addWidget(self.live)
        self.parts.addWidget(self.history)
        self.mail = MailPart(self._page.services)
        self.parts.addWidget(self.mail)
        self.mail.install_asked.connect(self._ask_to_install)
        self.mail.domain_asked.connect(self._open_domain)
        self.mail.changes.said.connect(self._page.said)
        self.network = NetworkPart(self._page.services)
        self.parts.addWidget(self.network)
        self.snapshots = SnapshotsPart(self._page.services)
        self.parts.addWidget(self.snapshots)
        self.timeline = Timeline(_("Timeline"))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(self.timeline)
        self.parts.addWidget(scroll)
        self._closed = EmptyState(
            _("No live view"), _("Only running servers created by Mailyard are accessible over SSH.")
        )
        self.parts.addWidget(self._closed)
        self._none = EmptyState(_("No server is selected"), _("Select one in the list."))
        self.parts.addWidget(self._none)
        self.parts.setCurrentWidget(self._none)

    def _turn_to(self, tab: int) -> None:
        if self._row is None or not self.isVisible():
            return
        can_look = _can_look(self._row)
        self.parts.setCurrentIndex(self.parts.indexOf(self._closed) if tab == LIVE and not can_look else tab)
        if tab == LIVE and can_look:
            self._ensure(self.live)
            self._renew()
            self._lease.start()
        else:
            self._lease.stop()
        if tab == HISTORY:
            self._ensure(self.history)
        self.refresh()
        self.shown_tab.emit(tab)

    def _ensure(self, part: ChartPart) -> None:
        """Charts are built when first looked at, and not before their heavy library is there."""
        if self._can_draw():
            part.ensure_charts()

    def _can_draw(self) -> bool:
        return self._page.services.engine_start.is_done

    def _drawing_came(self, _installation: object) -> None:
        if self.live.charts is None and self.history.charts is None:
            self._turn_to(self.tabs.currentIndex())

    def _renew(self) -> None:
        if self._row is not None and self._row.can_enter:
            self._page.services.installation.live.watch(self._row.id, WATCH_S)
            self.live.refresh_before()

    def _ask_to_install(self) -> None:
        self.acts.asked.emit("install_mail")

    def _open_domain(self, domain: UUID) -> None:
        self._page.route_asked.emit(Thing("domain", domain))

    def _show_mail(self, server: UUID, rows: tuple[MailServerRow, ...]) -> None:
        """Late ones are of a server that was left."""
        if self._row is not None and self._row.id == server:
            self.mail.show_mail(self._row, rows)

    def _show_finding(self, server: UUID, finding: MailFinding) -> None:
        if self._row is not None and self._row.id == server:
            self.mail.show_finding(finding)

    def _show_resources(self, server: UUID, resources: AttachedResourceRows) -> None:
        """The two answers of this tab come in any order, and late ones are of a server that was left."""
        if self._row is not None and self._row.id == server:
            self.network.show_resources(resources)

    def _show_detail(self, server: UUID, detail: ServerDetail) -> None:
        if self._row is None or self._row.id != server:
            return
        self.network.show_addresses(detail.addresses)
        self.snapshots.show_snapshots(self._row, detail.snapshots)
        now = datetime.now(UTC)
        self.timeline.set_lines([TimelineItem(event.text, words.age(event.at, now)) for event in detail.events])

    def _show_job(self, detail: JobDetail | None) -> None:
        if detail is None or self._row is None or detail.job.id != self._job:
            return
        if detail.job.about_id == self._row.id:
            self.job.show_job(detail)

    def _hide_job(self) -> None:
        self._hidden_job = self._job
        self._close_job()

    def _close_job(self) -> None:
        self._job = None
        self.job.leave()


def _can_look(row: ServerRow) -> bool:
    """Whether there is a host to look into: made ready, and on."""
    return row.can_enter and row.power != "off"


def _notes(row: ServerRow) -> str:
    """Maintenance, tags and note, a line each."""
    lines = []
    if row.maintenance_until is not None:
        lines.append(_("Maintenance until {time}").format(time=words.minute(row.maintenance_until)))
    if row.tags:
        lines.append(_("Tags: {tags}").format(tags=", ".join(row.tags)))
    return "\n".join([*lines, row.note] if row.note else lines)


def key_of(row: ServerRow) -> UUID:
    """What tells servers apart over updates."""
    return row.id
