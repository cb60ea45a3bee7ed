"""The sheet before a mail server is upgraded: what is fetched, copied and kept, and how long mail stands still."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.pages.servers.operations import where_of
from app.shell.window.asking_sheet import Ask, AskingSheet
from backend.core.present import format as words
from backend.core.present.status import Status
from backend.core.present.text import _, ngettext
from backend.engine.queries import Estimate, JobEstimate
from backend.mail.requests import UpgradeMail
from backend.mail.upgrade.copies import KEPT
from backend.mail.upgrade.plan import MailUpgrade, UpgradePlan
from backend.mailu.settings import RELEASE, VERSION
from widgets.sheet import EffectLine, SheetText

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.core.secrets.values import SecretRef
    from backend.servers.queries import ServerRow


class UpgradeMailSheet(AskingSheet):
    """To the newest patch release that is known here."""

    def __init__(self, services: Services, row: ServerRow, parent: QWidget) -> None:
        title = _("Upgrade the mail server on {name}").format(name=row.name)
        super().__init__(services, SheetText(title, _("Upgrade"), _("Cancel"), where_of([row])), parent)
        self._row = row
        self._plan: UpgradePlan | None = None
        self._estimate: Estimate | None = None
        self._explain()
        plan = MailUpgrade(services.view.whole_scope(), row.id)
        services.reader.ask(self, "plan", plan, self._show_plan, self._show_error)
        estimate = JobEstimate(UpgradeMail(row.id), services.installation.kinds)
        services.reader.ask(self, "estimate", estimate, self._show_estimate, self._show_error)

    def asks(self, _refs: Sequence[SecretRef]) -> Sequence[Ask]:
        return (Ask(UpgradeMail(self._row.id)),)

    def _explain(self) -> None:
        plan = self._plan
        length = words.estimate(self._estimate.seconds) if self._estimate is not None else words.DASH
        change = f"{plan.version} → {plan.newest}" if plan is not None else VERSION
        copied = _("data, DKIM keys, certificates, overrides, compose file and mailu.env; never the mail")
        back = _("If it does not become healthy, or the proof fails, the version before comes back with its data.")
        self.set_effects(
            [
                EffectLine(_("Version"), change, _("inside release {release}").format(release=RELEASE)),
                EffectLine(_("Fetched"), _("the images"), _("first, while mail runs; until then you may cancel")),
                EffectLine(_("Copied"), _("on the server"), f"{copied}. {_kept()}"),
                EffectLine(_("Kept"), _("changes by hand"), _("only the lines that name the version are written")),
                EffectLine(_("Without mail"), *_downtime(plan)),
                EffectLine(_("Undo"), _("by itself"), back),
                EffectLine(_("Takes"), length, _("in all")),
            ]
        )

    def _show_plan(self, plan: UpgradePlan | None) -> None:
        self._plan = plan
        self._explain()

    def _show_estimate(self, found: Estimate) -> None:
        self._estimate = found
        self._explain()

    def _show_error(self, error: MailyardError) -> None:
        self.banner.say(Status.UNKNOWN, error.title, error.remedy)


def _kept() -> str:
    return ngettext("Mailyard keeps the last {n} copy.", "Mailyard keeps the last {n} copies.", KEPT).format(
        n=words.number(KEPT)
    )


def _downtime(plan: UpgradePlan | None) -> tuple[str, str]:
    """How long, and from where that is known."""
    if plan is None or plan.downtime_s is None:
        return _("not known yet"), _("no upgrade was made here so far; the goal is less than 3 minutes")
    if plan.is_own:
        said = ngettext("as in {n} upgrade of this server", "as in {n} upgrades of this server", plan.runs)
    else:
        said = ngettext("as in {n} upgrade of another server", "as in {n} upgrades of other servers", plan.runs)
    return words.estimate(plan.downtime_s), said.format(n=words.number(plan.runs))
