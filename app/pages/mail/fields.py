"""Fields that sheets of mail share, and what is wrong with what was typed there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QComboBox, QPlainTextEdit

from app.pages.mail.figures import MB
from app.shell.window.whose import whose
from backend.core.errors import MailyardError
from backend.core.present import format as words
from backend.core.present.text import _
from backend.mail.addresses import check_local_part
from widgets.amount_fields import QuotaField

if TYPE_CHECKING:
    from app.shell.session.services import View
    from backend.mail.queries import DomainRow

LINES_HEIGHT = 84


class LinesField(QPlainTextEdit):
    """One entry a line; a comma parts two as well."""

    def __init__(self, entries: Sequence[str] = ()) -> None:
        super().__init__("\n".join(entries))
        self.setFixedHeight(LINES_HEIGHT)
        self.setTabChangesFocus(True)

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(each.strip() for each in self.toPlainText().replace(",", "\n").splitlines() if each.strip())


class ClientField(QComboBox):
    """Whose something is to be: a client's, or the agency's own."""

    def __init__(self, view: View) -> None:
        super().__init__()
        self.addItem(_("the agency itself"), "")
        for row in view.workspaces:
            if not row.is_agency:
                self.addItem(row.name, str(row.id))
        self.setCurrentIndex(max(0, self.findData(str(view.chosen or ""))))

    @property
    def client(self) -> UUID | None:
        """None: the agency."""
        chosen = self.currentData()
        return UUID(chosen) if chosen else None


def local_part_error(text: str, *, is_wildcard: bool = False) -> str:
    if not text:
        return _("Enter a name.")
    return refusal(lambda: check_local_part(text.lower(), is_wildcard=is_wildcard))


def amount_error(field: QuotaField, domain: DomainRow) -> str:
    """As the engine refuses it: Mailu itself would take more than the domain allows."""
    if field.is_wrong:
        return _("{text} is no quota in GB.").format(text=field.text().strip()[:20])
    return quota_error(field.amount, domain)


def quota_error(amount: int | None, domain: DomainRow) -> str:
    """What a mailbox of the domain may not have, in bytes; None is no limit."""
    most = domain.max_quota_bytes
    if most is None or (amount is not None and amount <= most):
        return ""
    said = _("A mailbox of {domain} may have at most {most} MB.")
    return said.format(domain=domain.name, most=words.number(most // MB))


def refusal(check: Callable[[], object]) -> str:
    """What a check of the engine says; nothing where it lets it pass."""
    try:
        check()
    except MailyardError as error:
        return error.sentence()
    return ""


def first_refusal(entries: Sequence[str], check: Callable[[str], None]) -> str:
    """Of the first entry that is refused."""
    return next((said for said in (refusal(partial(check, each)) for each in entries) if said), "")


def whose_domain(domain: DomainRow) -> str:
    """For the band of a sheet."""
    return whose([domain.workspace])
