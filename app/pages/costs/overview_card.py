"""What accounts bring to the Overview: what each of them spent so far this month, as a share of its last bill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.shell.route import Route
from app.shell.window.overview_card import OverviewCard
from backend.accounts.owed import Owed, OwedRow
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.store.scope import AGENCY
from widgets.fact_list import Fact, FactList

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.session.services import Services


class SpendCard(OverviewCard):
    """Accounts are the agency's: a client's view has none. Each row leads to Billing."""

    topics = frozenset(Owed.topics)

    def __init__(self) -> None:
        super().__init__(_("Spent this month"), rows=2)
        self.list = FactList(_("Spent this month"))
        self.list.pressed.connect(self._go)
        self.body.addWidget(self.list)

    def query(self, services: Services) -> Owed | None:
        return Owed() if services.view.scope().covers(AGENCY) else None

    def show_rows(self, rows: tuple[OwedRow, ...]) -> bool:
        known = [row for row in rows if row.so_far_micro is not None or row.trouble]
        self.list.set_facts([_fact(row) for row in known])
        return bool(known)

    def _go(self, _account: UUID) -> None:
        self.route_asked.emit(Route("costs", "charges"))


def _fact(row: OwedRow) -> Fact:
    spent = words.money(row.so_far_micro, row.currency)
    last = next((bill.total_micro for bill in row.invoices if bill.total_micro), None)
    share = row.so_far_micro / last if last and row.so_far_micro is not None else None
    bill = _("last bill: {amount}").format(amount=words.money(last, row.currency)) if last else ""
    tip = "\n".join(each for each in (f"{row.account}: {spent}", bill, row.source, words.exact(row.read_at)) if each)
    if row.trouble:
        return Fact(row.account_id, row.account, spent, Status.WARNING, tip=row.trouble)
    return Fact(row.account_id, row.account, spent, share=share, tip=tip)
