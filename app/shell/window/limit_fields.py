"""The fields of how much a domain may have, and the box of templates that fill them in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox

from backend.core.present import format as words
from backend.core.present.text import _
from widgets.amount_fields import CountField, QuotaField

if TYPE_CHECKING:
    from backend.mail.templates import LimitTemplate
    from widgets.form import Form

#: Mailboxes, aliases, bytes of one mailbox; None: no limit.
Limits = tuple[int | None, int | None, int | None]
NONE: Limits = (None, None, None)
TEMPLATE = "template"


class LimitFields(QObject):
    """Three fields of a form, which owns them; ``has`` is how many mailboxes and aliases there are already.

    A limit that is changed may not be below that; one that stays may.
    """

    def __init__(self, form: Form, limits: Limits = NONE, has: tuple[int, int] = (0, 0)) -> None:
        super().__init__(form)
        self._form, self._limits, self._has = form, limits, has
        self._templates: Sequence[LimitTemplate] = ()
        self.mailboxes, self.aliases, self.quota = CountField(limits[0]), CountField(limits[1]), QuotaField(limits[2])
        self.template = QComboBox()
        said = _("It fills in the limits below. The domain keeps them, whatever becomes of the template.")
        form.add(TEMPLATE, _("Template"), self.template, note=said)
        form.ask_for(TEMPLATE, is_asked=False)
        note = _("Empty: no limit.")
        form.add("mailboxes", _("Mailboxes at most"), self.mailboxes, note=note, check=self._wrong_mailboxes)
        form.add("aliases", _("Aliases at most"), self.aliases, note=note, check=self._wrong_aliases)
        form.add("quota", _("Quota of a mailbox at most, GB"), self.quota, note=note, check=self._wrong_quota)
        self.template.activated.connect(self._fill)
        for field in (self.mailboxes, self.aliases, self.quota):
            field.textChanged.connect(self._tell)

    @property
    def values(self) -> Limits:
        return self.mailboxes.count, self.aliases.count, self.quota.amount

    def offer(self, templates: Sequence[LimitTemplate]) -> None:
        """These can be chosen; while there are none, nobody is asked."""
        self._templates = templates
        self.template.clear()
        self.template.addItem(_("none of them"))
        self.template.addItems([each.name for each in templates])
        self._form.ask_for(TEMPLATE, is_asked=bool(templates))
        self._tell()

    def _fill(self, at: int) -> None:
        if at > 0:
            mailboxes, aliases, quota = self._templates[at - 1].limits
            self.mailboxes.show_count(mailboxes)
            self.aliases.show_count(aliases)
            self.quota.show_amount(quota)
            self._form.is_right()
            self.template.setCurrentIndex(at)

    def _tell(self, _text: str = "") -> None:
        """The one that is chosen stays as long as its limits do."""
        chosen = self.template.currentIndex()
        if chosen < 0 or (chosen > 0 and self._templates[chosen - 1].limits == self.values):
            return
        same = (at for at, each in enumerate(self._templates, 1) if each.limits == self.values)
        self.template.setCurrentIndex(next(same, 0))

    def _wrong_mailboxes(self) -> str:
        return self._wrong_count(self.mailboxes, 0)

    def _wrong_aliases(self) -> str:
        return self._wrong_count(self.aliases, 1)

    def _wrong_count(self, field: CountField, which: int) -> str:
        if field.is_wrong:
            return _("Enter a whole number, or nothing.")
        has = self._has[which]
        if field.count is None or field.count == self._limits[which] or field.count >= has:
            return ""
        return _("There is more already: {has}.").format(has=words.number(has))

    def _wrong_quota(self) -> str:
        return _("Enter an amount in GB, or nothing.") if self.quota.is_wrong else ""
