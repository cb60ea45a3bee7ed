"""The sheets before a server gets another plan, and before an address gets its reverse DNS name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.pages.servers.plan_columns import plan_columns
from app.shell.window.effects import effect_lines
from backend.accounts.queries import OfferRows, Offers, PlanOffer
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.prices import priced_in
from backend.providers.capabilities import clouds
from backend.servers.actions.resize_effects import PlanChange, effects_of_resize
from backend.servers.provision.order import check_name
from backend.servers.queries import ServerDetail, ServerDetails
from backend.servers.requests import ResizeServer, SetReverseDns, plain_name
from widgets.banner import Banner
from widgets.change_cards import Card, ChangeCards
from widgets.form import Form
from widgets.record_columns import unknown_last
from widgets.record_model import Column
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.servers.queries import ServerRow

TABLE_HEIGHT, NAME_WIDTH = 34 + 4 * 28, 150


class ResizeSheet(Sheet):
    """Plans that fit the server where it stands; what the chosen one costs and means. Nothing is chosen at first."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Resize {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Resize"), _("Keep {plan}").format(plan=row.plan), where), parent)
        self._services, self._row = services, row
        self._cloud = clouds()[row.provider]
        self.banner = Banner()
        self.plans: RecordTable[PlanOffer] = RecordTable(
            self._columns(), lambda plan: plan.slug, _("Plans"), picks_one=True
        )
        nothing = Card(_("New: choose a plan"), "", " ")
        price = words.money(row.monthly_micro, row.currency)
        self.cards = ChangeCards(Card(_("Now: {plan}").format(plan=row.plan), price, _size(row)), nothing)
        self.plans.setFixedHeight(TABLE_HEIGHT)
        self.plans.chosen.connect(self._explain)
        self.grow = QCheckBox(_("Grow the disk too (a disk cannot be shrunk again)"))
        self.grow.toggled.connect(self._explain_again)
        for widget in (self.cards, self.banner, self.plans, self.grow):
            self.slot.addWidget(widget)
        self._explain(None)
        services.reader.ask(self, "offers", Offers(row.account_id), self._show, self._failed)

    def request(self) -> ResizeServer:
        """What was chosen."""
        plan, grow = self.plans.current(), self.grow.isChecked()
        seen = plan.monthly_micro if plan else None
        return ResizeServer(self._row.id, plan.slug if plan else "", grow_disk=grow, seen_monthly_micro=seen)

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _show(self, offers: OfferRows) -> None:
        fitting = [priced_in(plan, self._row.region) for plan in offers.plans if self._fits(plan)]
        self.plans.set_rows(fitting)
        if not fitting:
            self.banner.say(
                Status.UNKNOWN,
                _("No other plan is suitable."),
                _("Verify the account in Settings > Accounts to read its plans and regions."),
            )

    def _fits(self, plan: PlanOffer) -> bool:
        row = self._row
        is_smaller = plan.memory_mb < row.memory_mb
        return (
            plan.slug != row.plan
            and row.region in plan.regions
            and (plan.disk_gb >= row.disk_gb or not plan.brings_disk)
            and (not is_smaller or self._cloud.can("resize_back"))
        )

    def _explain_again(self, _is_checked: bool) -> None:
        self._explain(self.plans.current())

    def _explain(self, plan: PlanOffer | None) -> None:
        row = self._row
        self.act.setEnabled(plan is not None)
        if plan is None:
            self.grow.hide()
            self.set_effects([EffectLine(_("Changed"), _("nothing yet"), _("Choose a plan."))])
            return
        change = self._change(plan)
        self.grow.setVisible(change.could_grow and self._cloud.can("disk_choice"))
        price = words.money(plan.monthly_micro, plan.currency)
        self.cards.show_to_come(Card(_("New: {plan}").format(plan=plan.slug), price, _size(plan)))
        before = words.money(row.monthly_micro, row.currency)
        self.set_effects(
            [
                EffectLine(
                    _("Cost"),
                    self._difference(plan),
                    _("{new} a month, {before} before").format(
                        new=words.money(plan.monthly_micro, plan.currency), before=before
                    ),
                ),
                EffectLine(_("Used by"), ", ".join(row.workspaces) or _("nobody")),
                *effect_lines(effects_of_resize(change)),
            ]
        )

    def _change(self, plan: PlanOffer) -> PlanChange:
        return PlanChange(
            self._row.provider,
            disk_gb=self._row.disk_gb,
            new_disk_gb=plan.disk_gb,
            new_memory_mb=plan.memory_mb,
            brings_disk=plan.brings_disk,
            grow_disk=self.grow.isChecked(),
        )

    def _columns(self) -> Sequence[Column[PlanOffer]]:
        """Without the count of processors, which stands in the cards: the difference needs its room."""
        name, _processors, *rest = plan_columns(NAME_WIDTH)
        difference = Column(
            _("Difference"),
            text=self._difference,
            sort=lambda plan: unknown_last(plan.monthly_micro),
            is_number=True,
            width=108,
        )
        return (name, *rest, difference)

    def _difference(self, plan: PlanOffer) -> str:
        """What a month costs more or less; a dash where one of the prices is unknown, or in another currency."""
        row = self._row
        if plan.monthly_micro is None or row.monthly_micro is None or plan.currency != row.currency:
            return words.DASH
        return words.money_change(plan.monthly_micro - row.monthly_micro, plan.currency)

    def _failed(self, error: MailyardError) -> None:
        self.banner.say(Status.CRITICAL, error.title, error.remedy)


def _size(machine: ServerRow | PlanOffer) -> str:
    return f"{machine.vcpus} vCPU, {words.data_size(machine.memory_mb)}, {machine.disk_gb} GB"


class ReverseSheet(Sheet):
    """An address and the name it should have; what the provider asks for stands below."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Reverse DNS of {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Set reverse DNS"), _("Cancel"), where), parent)
        self._services, self._row = services, row
        self.address, self.host_name = QComboBox(), QLineEdit(row.name)
        self.form = Form()
        note = _("The name other mail servers look up.")
        self.form.add("ip", _("Address"), self.address)
        self.form.add("name", _("Reverse DNS (PTR)"), self.host_name, note=note, check=self._wrong_name)
        self.form.guard(self.act)
        self.slot.addWidget(self.form)
        cell = clouds()[row.provider].cells["reverse_dns"]
        self.set_effects(
            [
                EffectLine(_("Changed"), _("1 reverse DNS entry"), _(cell.note)),
                EffectLine(_("Takes effect"), _("later"), _("Resolvers cache the old entry for hours.")),
                EffectLine(_("Undo"), _("possible"), _("You can set the old name again.")),
            ]
        )
        services.reader.ask(
            self, "addresses", ServerDetails(services.view.whole_scope(), row.id), self._show, self._failed
        )

    def request(self) -> SetReverseDns:
        """What was chosen."""
        return SetReverseDns(self._row.id, self.form.text("ip") or self._row.address or "", self.form.text("name"))

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _show(self, detail: ServerDetail) -> None:
        shown = [row for row in detail.addresses if row.until is None]
        for row in sorted(shown, key=lambda each: each.ip != self._row.address):
            named = _("{ip}, now {name}").format(ip=row.ip, name=row.ptr) if row.ptr else row.ip
            self.address.addItem(named, row.ip)

    def _wrong_name(self) -> str:
        """Said here, while the sheet is open: what the job would refuse is lost when the sheet has gone."""
        try:
            check_name(plain_name(self.form.text("name")))
        except MailyardError as error:
            return error.sentence()
        return ""

    def _failed(self, error: MailyardError) -> None:
        self.form.show_error("ip", error.sentence())
