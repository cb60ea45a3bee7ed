"""What can be done with mailboxes, as values: buttons, menus, bar, search and shortcuts are made from them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from backend.core.present.text import N_, _

if TYPE_CHECKING:
    from backend.mail.queries import MailboxRow

Reason = Callable[["MailboxRow"], str]


@dataclass(frozen=True)
class Act:
    """One act. ``word`` is its message id; ``why_not`` answers why it does not fit a mailbox, empty where it does.

    ``on_many``: it can be asked of several at once. ``of_domain``: it is done in a domain, whatever mailbox is chosen.
    ``in_tab``: a tab of the mailbox has its button.
    """

    key: str
    word: str
    group: str
    why_not: Reason
    shortcut: str = ""
    is_dangerous: bool = False
    on_many: bool = False
    of_domain: bool = False
    in_tab: bool = False

    @property
    def words(self) -> str:
        """As a button or a menu says it: a sheet comes first."""
        return f"{_(self.word)}..."


def why_none(act: Act, rows: Sequence[MailboxRow]) -> str:
    """Why an act can be done with none of these; empty where it fits one of them."""
    if act.of_domain:
        return ""
    if not rows:
        return _("no mailbox is selected")
    if len(rows) > 1 and not act.on_many:
        return _("one mailbox at a time")
    reasons = [act.why_not(row) for row in rows]
    if not all(reasons):
        return ""
    return reasons[0] if len(set(reasons)) == 1 else _("possible for none of them")


def _always(_row: MailboxRow) -> str:
    return ""


def _suspends(row: MailboxRow) -> str:
    if row.is_admin:
        return _("Mailyard logs in with it")
    return "" if row.is_enabled else _("suspended already")


def _resumes(row: MailboxRow) -> str:
    return _("not suspended") if row.is_enabled else ""


def _deletes(row: MailboxRow) -> str:
    return _("Mailyard logs in with it") if row.is_admin else ""


#: Groups stand together; what deletes stands last and alone.
ACTS: tuple[Act, ...] = (
    Act("new", N_("New mailbox"), "new", _always, shortcut="Ctrl+Shift+N", of_domain=True),
    Act("import", N_("Import mailboxes"), "new", _always, of_domain=True),
    Act("password", N_("Reset password"), "login", _always, shortcut="Ctrl+Shift+P", on_many=True),
    Act("hand_over", N_("Hand-over sheet"), "login", _always),
    Act("new_token", N_("New app token"), "login", _always, in_tab=True),
    Act("tokens", N_("Delete app tokens"), "login", _always, on_many=True),
    Act("change", N_("Change mailbox"), "change", _always, on_many=True),
    Act("forward", N_("Forward mail"), "change", _always),
    Act("reply", N_("Out of office"), "change", _always),
    Act("suspend", N_("Suspend"), "state", _suspends, on_many=True),
    Act("resume", N_("Enable again"), "state", _resumes, on_many=True),
    Act("delete", N_("Delete mailbox"), "end", _deletes, is_dangerous=True),
)
BY_KEY = {act.key: act for act in ACTS}
OF_MAILBOX = tuple(act for act in ACTS if not act.of_domain)
BELOW_MAILBOX = tuple(act for act in OF_MAILBOX if not act.in_tab)
