"""The sheet before a mail server is adopted: what is taken over, and what changes on the server, if anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QComboBox

from app.pages.servers.operations import where_of
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.present import format as words
from backend.core.present.text import _
from backend.core.secrets.redactor import MASK
from backend.mail.adopt.requests import AdoptMail
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.secrets.values import SecretRef
    from backend.mail.adopt.finding import MailFound
    from backend.servers.queries import ServerRow

MANAGE, OPEN, WATCH = "manage", "open", "watch"


class AdoptMailSheet(AskingSheet):
    """The Mailu that was found on a server. Nothing is taken over but what is chosen here."""

    def __init__(self, services: Services, row: ServerRow, found: MailFound, parent: QWidget) -> None:
        title = _("Adopt the mail server on {name}").format(name=row.name)
        super().__init__(services, SheetText(title, _("Adopt"), _("Cancel"), where_of([row]), is_wide=True), parent)
        self._row, self._found = row, found
        self.way, self.client = QComboBox(), QComboBox()
        for way, word in self._ways():
            self.way.addItem(word, way)
        self.client.addItem(_("the agency itself"), "")
        for each in services.view.workspaces:
            if not each.is_agency:
                self.client.addItem(each.name, str(each.id))
        used_by = row.workspace_ids
        self.client.setCurrentIndex(max(0, self.client.findData(str(used_by[0]) if len(used_by) == 1 else "")))
        self.form.add("way", _("Mailyard is to"), self.way, note=found.api_note)
        whose = _("Domains that Mailyard knows already stay whose they are.")
        self.form.add("client", _("Its domains are for"), self.client, note=whose)
        self.way.currentIndexChanged.connect(self._explain)
        self._explain()

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        way, client = self.way.currentData(), self.form.text("client")
        owner = UUID(client) if client and way != WATCH else None
        request = AdoptMail(self._row.id, self._found.stamp, with_api=way != WATCH, opens_api=way == OPEN, client=owner)
        return (Ask(request),)

    def _ways(self) -> Sequence[tuple[str, str]]:
        """The most that can be done first; switching something on is never what is proposed."""
        manage, watch = (MANAGE, _("manage its domains and mailboxes")), (WATCH, _("watch it only"))
        if self._found.api == "open":
            return manage, watch
        if self._found.can_open_api:
            return watch, (OPEN, _("switch its API on, and manage its domains and mailboxes"))
        return (watch,)

    def _explain(self, _at: int = 0) -> None:
        found, way = self._found, self.way.currentData()
        self.form.ask_for("client", is_asked=way != WATCH)
        kept = ["SECRET_KEY"]
        if way != WATCH:
            kept.append("API_TOKEN")
        if found.settings.smart_host is not None and found.settings.smart_host.user:
            kept.append("RELAYPASSWORD")
        lines = [
            EffectLine(_("Found"), f"Mailu {found.mailu_version}", found.files[0].rpartition("/")[0]),
            EffectLine(_("Taken over"), ", ".join(kept), _("in the secret store, and nowhere else")),
            EffectLine(
                _("Stays"), words.number(len(found.differences)), _("differences, as they are, and all overrides")
            ),
        ]
        if way == OPEN:
            lines += [
                EffectLine("API", f"{self._before('API')} → true", found.env_file),
                EffectLine("API_TOKEN", f"{self._before('API_TOKEN')} → {MASK}", found.env_file),
                EffectLine(_("Made anew"), "admin, front", _("mail waits for as long as they take to start")),
                EffectLine(_("Undo"), _("by itself"), _("Where they do not get healthy, the two lines are put back.")),
            ]
        else:
            lines.append(EffectLine(_("Changed on the server"), _("nothing"), ""))
        self.set_effects(lines)
        self.fit()

    def _before(self, key: str) -> str:
        there = next((each for each in self._found.differences if each.name == key), None)
        return (there.found if there is not None else None) or words.DASH
