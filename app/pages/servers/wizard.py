"""New server: account, name, place, plan, image; then the effects, and one button that costs money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.pages.servers.order_preview import OrderPreview
from app.pages.servers.plan_columns import plan_columns
from backend.accounts.queries import AccountRow, Accounts, OfferRows, Offers, PlanOffer, cheapest_first
from backend.bootstrap import new_order_id
from backend.core.errors import MailyardError, Refused
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.prices import priced_in
from backend.engine.queries import Estimate, JobEstimate
from backend.servers.fitness import LEAST_MB
from backend.servers.provision.order import check_name
from backend.store.scope import AGENCY
from widgets.band import ModeBand, belongs_to_demo
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.form import Form
from widgets.label import Label
from widgets.notice import Notice
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.accounts.comparison import Alternative

WIDTH, HEIGHT = 980, 660


class NewServerWizard(QDialog):
    """Shown by ``open()``. ``ordered`` carries the job's id; ``account_asked`` wants an account first."""

    ordered = Signal(object)
    account_asked = Signal()

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._offers = OfferRows((), (), (), None)
        self._picked: Alternative | None = None
        self._providers: dict[str, str] = {}
        self.setWindowTitle(_("New server"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(WIDTH, HEIGHT)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(24, 20, 24, 12)
        body.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(Label(_("New server"), "section"), 1)
        head.addWidget(ModeBand(services.view.name or _("All workspaces"), is_demo=belongs_to_demo(parent)))
        body.addLayout(head)
        self.notice = Notice()
        self.notice.acted.connect(self.account_asked)
        body.addWidget(self.notice)
        body.addLayout(self._columns(), 1)
        outer.addLayout(body, 1)
        outer.addWidget(self._footer())
        services.bridge.changed.connect(self._on_changes)
        self.name.setFocus()
        self._read_accounts()
        estimate = JobEstimate("server.provision", {}, services.installation.kinds)
        services.reader.ask(self, "estimate", estimate, self._show_estimate, self._show_error)

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _columns(self) -> QHBoxLayout:
        columns = QHBoxLayout()
        columns.setSpacing(24)
        columns.addWidget(self._form(), 2)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addLayout(self._plan_head())
        self.plans: RecordTable[PlanOffer] = RecordTable(plan_columns(), lambda plan: plan.slug, _("Plan"))
        self.plans.sortByColumn(4, Qt.SortOrder.AscendingOrder)
        self.plans.chosen.connect(self._preview)
        right.addWidget(self.plans, 1)
        self.preview = OrderPreview()
        right.addWidget(self.preview)
        columns.addLayout(right, 3)
        return columns

    def _plan_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        self.compare = Button(_("Compare providers..."), "plain")
        self.compare.clicked.connect(self._compare)
        head.addWidget(Label(_("Plan"), "strong"), 1)
        head.addWidget(self.compare)
        return head

    def _form(self) -> Form:
        self.form = Form()
        self.account, self.region, self.image = QComboBox(), QComboBox(), QComboBox()
        self.name, self.workspace = QLineEdit(), QComboBox()
        self.name.setPlaceholderText("mx1.example.net")
        self.form.add("account", _("Account"), self.account)
        note = _("The full host name. Its reverse DNS name is given later, once DNS leads to it.")
        self.form.add("name", _("Name"), self.name, note=note, check=self._name_error)
        self.form.add("region", _("Region"), self.region)
        self.form.add("image", _("System"), self.image)
        self.form.add("workspace", _("Used by"), self.workspace)
        self.workspace.addItem(_("nobody yet"), "")
        for row in self._services.view.workspaces:
            if not row.is_agency:
                self.workspace.addItem(row.name, str(row.id))
        at = self.workspace.findData(str(self._services.view.chosen or ""))
        self.workspace.setCurrentIndex(max(0, at))
        self.account.currentIndexChanged.connect(self._read_offers)
        self.region.currentIndexChanged.connect(self._show_plans)
        self.name.textChanged.connect(self._preview)
        self.image.currentIndexChanged.connect(self._preview)
        layout = self.form.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addStretch(1)
        return self.form

    def _footer(self) -> DialogFooter:
        self.price_age = Label("", "small")
        self.keep = Button(_("Order nothing"))
        self.keep.clicked.connect(self.reject)
        self.order = Button(_("Create server"), "primary")
        self.order.setEnabled(False)
        self.order.clicked.connect(self._order)
        return DialogFooter(self.keep, self.order, self.price_age)

    def _on_changes(self, topics: frozenset[str]) -> None:
        if "accounts" in topics:
            self._read_accounts()
        elif "offers" in topics:
            self._read_offers()

    def _read_accounts(self) -> None:
        self._services.reader.ask(self, "accounts", Accounts(), self._show_accounts, self._show_error)

    def _show_accounts(self, rows: Sequence[AccountRow]) -> None:
        usable = [row for row in rows if row.state == "verified"]
        self._providers = {str(row.id): row.provider for row in usable}
        before = self.account.currentData()
        self.account.blockSignals(True)
        self.account.clear()
        for row in usable:
            self.account.addItem(row.name, str(row.id))
        self.account.setCurrentIndex(max(0, self.account.findData(before)))
        self.account.blockSignals(False)
        if not usable:
            words = _("A server needs an account at a provider first.")
            self.notice.say(Status.WAITING, _("No verified account"), words, _("Add account"))
        else:
            self.notice.clear()
            self._read_offers()

    def _read_offers(self) -> None:
        account = self.account.currentData()
        if account:
            self._services.reader.ask(self, "offers", Offers(UUID(account)), self._show_offers, self._show_error)

    def _show_offers(self, offers: OfferRows) -> None:
        self._offers = offers
        _fill(self.region, [(region.slug, f"{region.name} ({region.slug})") for region in offers.regions])
        _fill(self.image, [(image.slug, image.name) for image in offers.images], offers.debian)
        self.price_age.setText(self.preview.source_of(offers))
        self._take_place()
        self._show_plans()

    def _compare(self) -> None:
        from app.pages.servers.compare_dialog import CompareDialog

        dialog = CompareDialog(self._services, self)
        dialog.picked.connect(self._take)
        dialog.open()

    def _take(self, alternative: Alternative) -> None:
        """Account, region and plan of what was picked; the plans of another account are read first."""
        self._picked = alternative
        account = self.account.findData(str(alternative.account_id))
        if account == self.account.currentIndex():
            self._take_place()
        else:
            self.account.setCurrentIndex(account)

    def _take_place(self) -> None:
        picked = self._picked
        if picked is not None and str(picked.account_id) == self.account.currentData():
            self._picked = None
            self.plans.choose(picked.plan.slug)
            self.region.setCurrentIndex(self.region.findData(picked.region))

    def _show_plans(self) -> None:
        region = self.region.currentData()
        shown = [priced_in(plan, region) for plan in self._offers.plans if region in plan.regions]
        self.plans.set_rows(shown)
        if self.plans.current() is None:
            fit = [plan for plan in shown if plan.memory_mb >= LEAST_MB]
            if fit:
                self.plans.choose(min(fit, key=cheapest_first).slug)
        self._preview()

    def _show_estimate(self, estimate: Estimate) -> None:
        self.preview.show_estimate(estimate)
        self._preview()

    def _preview(self, _unused: Any = None) -> None:
        plan = self.plans.current()
        provider = self._providers.get(self.account.currentData(), "")
        self.preview.show_plan(plan if provider else None, self.region.currentText(), provider)
        is_whole = all((self.account.currentData(), self.region.currentData(), self.image.currentData(), plan))
        self.order.setEnabled(is_whole and not self._name_error())

    def _name_error(self) -> str:
        try:
            check_name(self.name.text().strip().lower())
        except Refused as error:
            return error.sentence()
        return ""

    def _order(self) -> None:
        plan = self.plans.current()
        if plan is None or not self.form.is_right():
            return
        self.order.setEnabled(False)
        used_by = self.workspace.currentData()
        wish = {
            "order_id": new_order_id(),
            "name": self.name.text().strip().lower(),
            "account_id": self.account.currentData(),
            "region": self.region.currentData(),
            "plan": plan.slug,
            "image": self.image.currentData(),
            "workspaces": [used_by] if used_by else [],
            "seen_monthly_micro": plan.monthly_micro,
        }
        self._job = self._services.submit.wish(AGENCY, "server.provision", wish, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        """The engine took the order: the sheet closes. Or it refused: nothing was ordered, nothing typed is lost."""
        if error is None:
            self.ordered.emit(self._job)
            self.accept()
            return
        self.order.setEnabled(True)
        self._show_error(error)

    def _show_error(self, error: MailyardError) -> None:
        self.notice.say(Status.CRITICAL, error.title, error.remedy)


def _fill(box: QComboBox, entries: Sequence[tuple[str, str]], preferred: str = "") -> None:
    """New entries; the chosen one stays where it is still there."""
    before = box.currentData() or preferred
    box.blockSignals(True)
    box.clear()
    for key, word in entries:
        box.addItem(word, key)
    box.setCurrentIndex(max(0, box.findData(before)) if entries else -1)
    box.blockSignals(False)
