"""The sheet of one template of limits: a new one, or one as it is to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit

from app.shell.window.asking_sheet import Ask, AskingSheet
from app.shell.window.limit_fields import NONE, LimitFields, Limits
from backend.core.present.text import _
from backend.mail.requests import KeepTemplate
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef


class TemplateSheet(AskingSheet):
    """``of`` is the name of the template that is changed, empty: it will be a new one with these ``limits``."""

    def __init__(self, services: Services, parent: QWidget, *, of: str = "", limits: Limits = NONE) -> None:
        title = _("Change the template {name}").format(name=of) if of else _("New template of limits")
        super().__init__(services, SheetText(title, _("Save"), _("Cancel"), _("All workspaces")), parent)
        self._of = of
        self.name = QLineEdit(of)
        self.form.add("name", _("Name"), self.name, check=self._wrong_name)
        self.limits = LimitFields(self.form, limits)
        self.set_effects(
            [
                EffectLine(_("Offered"), _("from now on"), _("where a domain is added or its limits are changed")),
                EffectLine(_("Domains"), _("unchanged"), _("Each keeps the limits that were filled in.")),
            ]
        )
        self.name.setFocus()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(KeepTemplate(self.name.text(), *self.limits.values, of=self._of)),)

    def _wrong_name(self) -> str:
        return "" if self.name.text().strip() else _("Enter a name.")
