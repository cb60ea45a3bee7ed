"""The sheets before a server gets another plan, and before an address gets its reverse name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from app.pages.servers.plan_columns import plan_columns
from app.pages.servers.sheets import address_lines
from backend.accounts.queries import OfferRows, Offers, PlanOffer
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.core.prices import priced_in
from backend.providers.capabilities import clouds
from backend.servers.fitness import memory_fitness
from backend.servers.provision.order import check_name, plain_name
from backend.servers.queries import ServerDetail, ServerDetails
from widgets.form import Form
from widgets.notice import Notice
from widgets.record_table import RecordTable
from widgets.sheet import EffectLine, Sheet, SheetText

if TYPE_CHECKING:
    from app.shell.services import Services
    from backend.servers.queries import ServerRow

TABLE_HEIGHT = 210


class ResizeSheet(Sheet):
    """Plans that fit the server where it stands; what the chosen one costs and means. Nothing is chosen at first."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Another plan for {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Resize"), _("Keep {plan}").format(plan=row.plan), where), parent)
        self._services, self._row = services, row
        self._cloud = clouds()[row.provider]
        self.notice = Notice()
        self.plans: RecordTable[PlanOffer] = RecordTable(plan_columns(), lambda plan: plan.slug, _("Plans"))
        self.plans.setFixedHeight(TABLE_HEIGHT)
        self.plans.chosen.connect(self._explain)
        self.grow = QCheckBox(_("Take the larger disk too (a disk never shrinks again)"))
        self.grow.toggled.connect(self._explain_again)
        for widget in (self.notice, self.plans, self.grow):
            self.slot.addWidget(widget)
        self._explain(None)
        services.reader.ask(self, "offers", Offers(row.account_id), self._show, self._failed)

    def wish(self) -> dict[str, object]:
        """What was chosen, as the job wants it."""
        plan = self.plans.current()
        return {
            "server_id": str(self._row.id),
            "plan": plan.slug if plan else "",
            "grow_disk": self.grow.isChecked(),
            "seen_monthly_micro": plan.monthly_micro if plan else None,
        }

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _show(self, offers: OfferRows) -> None:
        fitting = [priced_in(plan, self._row.region) for plan in offers.plans if self._fits(plan)]
        self.plans.set_rows(fitting)
        if not fitting:
            self.notice.say(
                Status.UNKNOWN,
                _("No other plan fits here."),
                _("Verify the account in Settings > Accounts to read what is on offer."),
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
        grows = plan is not None and plan.brings_disk and plan.disk_gb > row.disk_gb
        self.grow.setVisible(grows and self._cloud.can("disk_choice"))
        if plan is None:
            self.set_effects([EffectLine(_("Changed"), _("nothing yet"), _("Choose a plan."))])
            return
        away = self._cloud.cells["resize_while_on"].note
        size = f"{plan.vcpus} vCPU, {words.data_size(plan.memory_mb)}, {plan.disk_gb} GB"
        before = words.money(row.monthly_micro, row.currency)
        is_final = grows and (self.grow.isChecked() or not self._cloud.can("disk_choice"))
        back = _("A larger disk cannot shrink.") if is_final else self._cloud.cells["resize_back"].note
        self.set_effects(
            [
                EffectLine(_("Changed"), plan.slug, size),
                *self._invoice(),
                *self._disk(grows),
                *([] if self._cloud.can("resize_while_on") else address_lines(row)),
                EffectLine(_("Downtime"), _("some minutes"), _(away)),
                EffectLine(
                    _("Cost"),
                    words.money(plan.monthly_micro, plan.currency),
                    _("a month, {before} before").format(before=before),
                ),
                EffectLine(_("Fit for mail"), "", memory_fitness(plan.memory_mb)[1]),
                EffectLine(_("Undo"), self._way_back(is_final), _(back)),
            ]
        )

    def _disk(self, grows: bool) -> list[EffectLine]:
        """Where there is no choice, that is said."""
        choice = self._cloud.cells["disk_choice"]
        return [EffectLine(_("Disk"), _("grows"), _(choice.note))] if grows and choice.can == "no" else []

    def _invoice(self) -> list[EffectLine]:
        """Where the change waits for a payment, that is said before it is asked for."""
        stages = self._cloud.cells["resize_in_stages"]
        return [EffectLine(_("Payment"), _("by you"), _(stages.note))] if self._cloud.can("resize_in_stages") else []

    def _way_back(self, is_final: bool) -> str:
        answers = {"yes": _("yes"), "partly": _("maybe")}
        return _("no") if is_final else answers.get(self._cloud.cells["resize_back"].can, _("no"))

    def _failed(self, error: MailyardError) -> None:
        self.notice.say(Status.CRITICAL, error.title, error.remedy)


class ReverseSheet(Sheet):
    """An address and the name it should have; what the provider asks for stands below."""

    def __init__(self, services: Services, row: ServerRow, where: str, parent: QWidget) -> None:
        title = _("Reverse name of {name}").format(name=row.name)
        super().__init__(SheetText(title, _("Set the name"), _("Leave it as it is"), where), parent)
        self._services, self._row = services, row
        self.address, self.host_name = QComboBox(), QLineEdit(row.name)
        self.form = Form()
        note = _("What other mail servers look up.")
        self.form.add("ip", _("Address"), self.address)
        self.form.add("name", _("Reverse name"), self.host_name, note=note, check=self._wrong_name)
        self.slot.addWidget(self.form)
        self.host_name.textChanged.connect(self._enable)
        cell = clouds()[row.provider].cells["reverse_dns"]
        self.set_effects(
            [
                EffectLine(_("Changed"), _("1 reverse name"), _(cell.note)),
                EffectLine(_("Seen"), _("later"), _("Resolvers keep the old one for hours.")),
                EffectLine(_("Undo"), _("yes"), _("Set the old name again.")),
            ]
        )
        services.reader.ask(
            self, "addresses", ServerDetails(services.view.whole_scope(), row.id), self._show, self._failed
        )

    def wish(self) -> dict[str, object]:
        """What was chosen, as the job wants it."""
        return {
            "server_id": str(self._row.id),
            "ip": self.form.text("ip") or self._row.address,
            "name": self.form.text("name"),
        }

    def done(self, result: int) -> None:
        self._services.reader.forget(self)
        super().done(result)

    def _show(self, detail: ServerDetail) -> None:
        shown = [row for row in detail.addresses if row.until is None]
        for row in sorted(shown, key=lambda each: each.ip != self._row.address):
            named = _("{ip}, now {name}").format(ip=row.ip, name=row.ptr) if row.ptr else row.ip
            self.address.addItem(named, row.ip)

    def _enable(self, _name: str) -> None:
        self.act.setEnabled(not self._wrong_name())

    def _wrong_name(self) -> str:
        """Said here, while the sheet is open: what the job would refuse is lost when the sheet has gone."""
        try:
            check_name(plain_name(self.form.text("name")))
        except MailyardError as error:
            return error.sentence()
        return ""

    def _failed(self, error: MailyardError) -> None:
        self.form.show_error("ip", error.sentence())
