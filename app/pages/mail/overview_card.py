"""What mail brings to the Overview: its servers with what is the matter, and the mailboxes that are nearly full."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.pages.mail.figures import count_domains, count_mailboxes, fullness
from app.shell.route import Thing
from app.shell.window.overview_card import OverviewCard
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.summary import MailStanding, MailSummary, MailSummaryRows, NearlyFull
from widgets.fact_list import Fact, FactList
from widgets.label import Label

if TYPE_CHECKING:
    from uuid import UUID

    from app.shell.session.services import Services

SHORT, LONG = 5, 12
NOT_WELL = (Status.CRITICAL, Status.WARNING)


class MailCard(OverviewCard):
    """Mail servers that are not well, then mailboxes nearly full, then the other servers. Each leads to its server, or
    to its domain.
    """

    topics = frozenset(MailSummary.topics)

    def __init__(self) -> None:
        super().__init__(_("Mail servers"))
        self.list, self.more = FactList(_("Mail servers")), Label("", "small")
        self.list.pressed.connect(self._go)
        self.body.addWidget(self.list)
        self.body.addWidget(self.more)
        self._rows = MailSummaryRows((), (), 0)
        self._most = SHORT

    def query(self, services: Services) -> MailSummary:
        return MailSummary(services.view.scope(), LONG)

    def show_rows(self, rows: MailSummaryRows) -> bool:
        self._rows = rows
        self.note.setText(_counted(rows.domains, rows.mailboxes))
        self._show()
        return bool(rows.servers)

    def give_room(self, *, is_much: bool) -> None:
        self._most = LONG if is_much else SHORT
        self._show()

    def _show(self) -> None:
        facts = list(_facts(self._rows))[: self._most]
        self.list.set_facts(facts)
        left = len(self._rows.servers) + self._rows.nearly_full_count - len(facts)
        self.more.setText(_("and {n} more").format(n=words.number(left)))
        self.more.setVisible(left > 0)

    def _go(self, key: tuple[str, UUID, str]) -> None:
        kind, target, _address = key
        self.route_asked.emit(Thing(kind, target))


def _facts(rows: MailSummaryRows) -> Iterator[Fact]:
    ill = [each for each in rows.servers if each.status in NOT_WELL]
    yield from (_of_server(each) for each in sorted(ill, key=lambda each: NOT_WELL.index(each.status)))
    yield from map(_of_mailbox, rows.nearly_full)
    yield from (_of_server(each) for each in rows.servers if each.status not in NOT_WELL)


def _of_server(each: MailStanding) -> Fact:
    """What is the matter, else what it has."""
    counted = _counted(each.row.domains, each.row.mailboxes)
    tip = "\n".join(part for part in (each.row.server, each.note, counted) if part)
    value = each.note if each.status is not Status.OK and each.note else counted
    return Fact(("server", each.row.server_id, ""), each.row.server, value, each.status, tip=tip)


def _of_mailbox(each: NearlyFull) -> Fact:
    value = words.percent(100 * each.share)
    status = fullness(each.share, 1.0)
    return Fact(("domain", each.domain_id, each.address), each.address, f"{value} %", status, tip=each.address)


def _counted(domains: int, mailboxes: int) -> str:
    """'5 domains, 37 mailboxes'."""
    return f"{count_domains(domains)}, {count_mailboxes(mailboxes)}"
