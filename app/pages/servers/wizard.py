"""New server: account, name, place, plan, image; then the effects, and one button that costs money."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.pages.servers.order_preview import OrderPreview
from app.pages.servers.plan_columns import plan_columns
from app.shell.route import Route
from app.shell.window.said import Said
from app.shell.window.whose import whose
from backend.accounts.queries import AccountRow, Accounts, OfferRows, Offers, PlanOffer, cheapest_first
from backend.core.errors import MailyardError, Refused
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.prices import priced_in
from backend.engine.queries import Estimate, JobEstimate
from backend.servers.provision.fitness import LEAST_MB
from backend.servers.provision.naming import new_order_id
from backend.servers.provision.order import check_name
from backend.servers.requests import ProvisionServer, plain_name
from backend.store.scope import AGENCY
from widgets.band import ModeBand, belongs_to_demo
from widgets.banner import Banner
from widgets.button import Button
from widgets.dialog_footer import DialogFooter
from widgets.dialog_head import DialogHead
from widgets.form import Form
from widgets.label import Label
from widgets.overlay import Overlay
from widgets.record_table import RecordTable
from widgets.search_field import SearchField
from widgets.tip import set_tip

if TYPE_CHECKING:
    from app.shell.route import Go
    from app.shell.session.services import Services
    from app.shell.window.said import Say
    from backend.accounts.comparison import Alternative

WIDTH, HEIGHT = 980, 660
#: How long an order takes does not depend on what is ordered.
NOTHING_CHOSEN = ProvisionServer(order_id="", name="", account_id=AGENCY, region="", plan="", image="")


class NewServerWizard(Overlay):
    """Shown by ``open()``. ``said`` carries what became of the order, with the way to its job; ``route_asked`` leads to
    where an account is added first.
    """

    route_asked = Signal(object)
    said = Signal(object)

    def __init__(self, services: Services, parent: QWidget) -> None:
        super().__init__(_("New server"), parent, size=(WIDTH, HEIGHT))
        self._services = services
        self._offers = OfferRows((), (), (), None)
        self._picked: Alternative | None = None
        self._providers: dict[str, str] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QVBoxLayout()
        body.setContentsMargins(24, 20, 24, 12)
        body.setSpacing(12)
        self.band = ModeBand("", is_demo=belongs_to_demo(parent))
        body.addWidget(DialogHead(_("New server"), self, self.band))
        self.banner = Banner()
        self.banner.acted.connect(self._ask_for_account)
        body.addWidget(self.banner)
        body.addLayout(self._columns(), 1)
        outer.addLayout(body, 1)
        outer.addWidget(self._footer())
        services.bridge.changed.connect(self._on_changes)
        self.name.setFocus()
        self._read_accounts()
        estimate = JobEstimate(NOTHING_CHOSEN, services.installation.kinds)
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
        self.plans: RecordTable[PlanOffer] = RecordTable(
            plan_columns(), lambda plan: plan.slug, _("Plan"), picks_one=True
        )
        self.plans.sortByColumn(4, Qt.SortOrder.AscendingOrder)
        self.plans.chosen.connect(self._preview)
        right.addWidget(self.plans, 1)
        self.preview = OrderPreview()
        right.addWidget(self.preview)
        columns.addLayout(right, 3)
        return columns

    def _plan_head(self) -> QHBoxLayout:
        head = QHBoxLayout()
        head.setSpacing(8)
        self.compare = Button(_("Compare providers..."), "plain")
        self.compare.clicked.connect(self._compare)
        self.filter = SearchField(_("Filter plans"))
        self.filter.textChanged.connect(self._filter)
        self.fitting = QCheckBox(_("Suitable for mail"))
        self.fitting.toggled.connect(self._filter)
        head.addWidget(self.filter, 1)
        head.addWidget(self.fitting)
        head.addWidget(self.compare)
        return head

    def _filter(self, _changed: object = None) -> None:
        """By words, and by whether the mail server fits on it."""
        self.plans.set_filter(self.filter.text())
        self.plans.set_predicate(_carries_mail if self.fitting.isChecked() else None)

    def _form(self) -> Form:
        self.form = Form()
        self.account, self.region, self.image = QComboBox(), QComboBox(), QComboBox()
        self.name, self.workspace = QLineEdit(), QComboBox()
        self.name.setPlaceholderText("mx1.example.net")
        self.form.add("account", _("Account"), self.account)
        note = _("The full host name. Set reverse DNS later, once the name resolves to the server.")
        self.form.add("name", _("Name"), self.name, note=note, check=self._name_error)
        self.form.add("region", _("Region"), self.region)
        self.form.add("image", _("System"), self.image)
        self.form.add("workspace", _("Used by"), self.workspace)
        self.workspace.addItem(_("nobody yet"), "")
        for row in self._services.view.workspaces:
            if not row.is_agency:
                self.workspace.addItem(row.name, str(row.id))
        at = self.workspace.findData(str(self._services.view.chosen or ""))
        self.workspace.currentIndexChanged.connect(self._show_whose)
        self.workspace.setCurrentIndex(max(0, at))
        self._show_whose()
        self.account.currentIndexChanged.connect(self._read_offers)
        self.region.currentIndexChanged.connect(self._show_plans)
        self.name.textChanged.connect(self._preview)
        self.image.currentIndexChanged.connect(self._preview)
        layout = self.form.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.addStretch(1)
        return self.form

    def _show_whose(self, _chosen: object = None) -> None:
        self.band.show_note(whose([self.workspace.currentText()] if self.workspace.currentData() else ()))

    def _footer(self) -> DialogFooter:
        self.price_age, self.why = Label("", "small"), Label("", "small", wraps=True)
        self.keep = Button(_("Cancel"))
        self.keep.clicked.connect(self.reject)
        self.order = Button(_("Create server"), "primary")
        self.order.setEnabled(False)
        self.order.clicked.connect(self._order)
        notes = QWidget()
        column = QVBoxLayout(notes)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.price_age)
        column.addWidget(self.why)
        return DialogFooter(self.keep, self.order, notes)

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
            self.banner.say(Status.WAITING, _("No verified account"), words, _("Add account"))
        else:
            self.banner.clear()
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
        set_tip(self.price_age, words.exact(offers.read_at) if offers.read_at else "")
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
        reason = self._reason()
        self.order.setEnabled(not reason)
        self.why.setText(reason)

    def _reason(self) -> str:
        """Why nothing can be ordered yet, in the order of the fields; empty when all is there."""
        lacking = (
            (not self.account.currentData(), _("Choose an account.")),
            (not self.name.text().strip(), _("Enter a name.")),
            (not self.region.currentData(), _("Choose a region.")),
            (not self.image.currentData(), _("Choose a system.")),
            (self.plans.current() is None, _("Choose a plan.")),
        )
        return next((words_said for is_lacking, words_said in lacking if is_lacking), self._name_error())

    def _name_error(self) -> str:
        try:
            check_name(plain_name(self.name.text()))
        except Refused as error:
            return error.sentence()
        return ""

    def _order(self) -> None:
        plan = self.plans.current()
        if plan is None or not self.form.is_right():
            return
        self.order.setEnabled(False)
        used_by = self.workspace.currentData()
        request = ProvisionServer(
            order_id=new_order_id(),
            name=self.name.text(),
            account_id=UUID(self.account.currentData()),
            region=self.region.currentData(),
            plan=plan.slug,
            image=self.image.currentData(),
            workspaces=(UUID(used_by),) if used_by else (),
            seen_monthly_micro=plan.monthly_micro,
        )
        self._job = self._services.submit.ask(self, AGENCY, request, self._settled)

    def _settled(self, error: MailyardError | None) -> None:
        """The engine took the order: the sheet closes. Or it refused: nothing was ordered, nothing typed is lost."""
        if error is None:
            words_said = _("{act} requested: {servers}").format(act=_("New server"), servers=self.name.text().strip())
            self.said.emit(Said(words_said, Route("activity", item=self._job)))
            self.accept()
            return
        self.order.setEnabled(True)
        self._show_error(error)

    def _ask_for_account(self) -> None:
        self.route_asked.emit(Route("settings", command="add_account"))

    def _show_error(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)


def _carries_mail(plan: PlanOffer) -> bool:
    return plan.memory_mb >= LEAST_MB


def _fill(box: QComboBox, entries: Sequence[tuple[str, str]], preferred: str = "") -> None:
    """New entries; the chosen one stays where it is still there."""
    before = box.currentData() or preferred
    box.blockSignals(True)
    box.clear()
    for key, word in entries:
        box.addItem(word, key)
    box.setCurrentIndex(max(0, box.findData(before)) if entries else -1)
    box.blockSignals(False)


def open_wizard(services: Services, window: QWidget, go: Go, say: Say) -> None:
    """The command *New server*."""
    wizard = NewServerWizard(services, window)
    wizard.route_asked.connect(go)
    wizard.said.connect(say)
    wizard.open()
