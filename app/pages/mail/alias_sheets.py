"""The sheets about an alias: a new one, where it leads, and deleting it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLineEdit

from app.pages.mail.fields import LinesField, first_refusal, local_part_error, whose_domain
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.domain_names import plain_address
from backend.core.present.status import Status
from backend.core.present.text import _
from backend.mail.addresses import check_address
from backend.mail.requests import RemoveAlias, SetAlias
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef
    from backend.mail.queries import AliasRow, DomainRow


class AliasSheet(AskingSheet):
    """A new alias, or with a ``row`` that one."""

    def __init__(self, services: Services, domain: DomainRow, row: AliasRow | None, parent: QWidget) -> None:
        title = _("New alias of {name}") if row is None else _("Change {name}")
        named = title.format(name=domain.name if row is None else row.address)
        act = _("Create alias") if row is None else _("Save")
        super().__init__(services, SheetText(named, act, _("Cancel"), whose_domain(domain)), parent)
        self._domain, self._row = domain, row
        self.local, self.to = QLineEdit(), LinesField(row.destinations if row else ())
        self.is_wildcard, self.comment = QCheckBox(_("Wildcard: % stands for any letters, _ for any one")), QLineEdit()
        note = _("What stands before @{domain}.").format(domain=domain.name)
        self.form.add("local", _("Alias"), self.local, note=note, check=self._wrong_local)
        about = _("One address a line, here or elsewhere.")
        self.form.add("to", _("Leads to"), self.to, note=about, check=self._wrong_to)
        self.form.add("comment", _("Comment"), self.comment)
        self.slot.addWidget(self.is_wildcard)
        if row is not None:
            self.local.setText(row.address.rpartition("@")[0])
            self.local.setEnabled(False)
            self.is_wildcard.setChecked(row.is_wildcard)
            self.comment.setText(row.comment)
        self.set_effects(
            [
                EffectLine(
                    _("Mail"), _("led on"), _("A mailbox or alias of exactly the address goes before a wildcard.")
                ),
                EffectLine(_("Undo"), _("possible"), _("You can delete it or change it again.")),
            ]
        )
        self._weigh_room()
        (self.local if row is None else self.to).setFocus()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        address = f"{self.form.text('local')}@{self._domain.name}"
        is_wildcard, comment = self.is_wildcard.isChecked(), self.form.text("comment")
        return (Ask(SetAlias(self._domain.server_id, address, self.to.entries, is_wildcard, comment)),)

    def _weigh_room(self) -> None:
        """As the engine refuses one alias more."""
        domain = self._domain
        if self._row is None and domain.max_aliases is not None and domain.aliases >= domain.max_aliases:
            said = _("{domain} may have at most {most} aliases and has {has}.")
            title = said.format(domain=domain.name, most=domain.max_aliases, has=domain.aliases)
            self.banner.say(Status.CRITICAL, title, _("Raise the limit of the domain, or remove some."))
            for widget in (self.form, self.is_wildcard, self.act):
                widget.setEnabled(False)

    def _wrong_local(self) -> str:
        return local_part_error(self.form.text("local"), is_wildcard=self.is_wildcard.isChecked())

    def _wrong_to(self) -> str:
        plain = [plain_address(each) for each in self.to.entries]
        if not plain:
            return _("An alias must lead somewhere.")
        if f"{self.form.text('local').lower()}@{self._domain.name}" in plain:
            return _("An alias cannot lead to itself.")
        return first_refusal(plain, check_address)


class RemoveAliasSheet(AskingSheet):
    """Mail to it is refused from then on."""

    def __init__(self, services: Services, domain: DomainRow, row: AliasRow, parent: QWidget) -> None:
        title = _("Delete alias {address}").format(address=row.address)
        super().__init__(services, SheetText(title, _("Delete alias"), _("Keep it"), whose_domain(domain)), parent)
        self._row = row
        self.set_effects(
            [
                EffectLine(
                    _("Removed"), _("1 alias"), _("It led to {where}").format(where=", ".join(row.destinations))
                ),
                EffectLine(_("New mail"), _("refused"), _("unless a wildcard takes it"), Status.WARNING),
                EffectLine(_("Undo"), _("possible"), _("You can create it again.")),
            ]
        )

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(RemoveAlias(self._row.server_id, self._row.address)),)
