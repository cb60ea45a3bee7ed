"""What every panel of the Overview is: it says what it asks for, shows the answer, and takes no room without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from backend.core.present.text import _
from widgets.label import Label
from widgets.panel import Panel
from widgets.skeleton import Skeleton
from widgets.tip import set_tip

if TYPE_CHECKING:
    from app.shell.session.services import Services
    from backend.core.errors import MailyardError
    from backend.store.query import Query


class OverviewCard(Panel):
    """A place brings it (:class:`app.shell.places.Card`); the Overview asks, and hands it the answer.

    ``topics`` are the changes after which the answer may differ. ``route_asked`` carries where a row leads, for the
    window. A subclass fills ``body`` in its constructor, and gives :meth:`query` and :meth:`show_rows`.
    """

    topics: frozenset[str] = frozenset()
    route_asked = Signal(object)

    def __init__(self, title: str, note: str = "", *, rows: int = 3) -> None:
        super().__init__(title, note, padded=True)
        self.skeleton = Skeleton(rows)
        self.trouble = Label("", "muted", wraps=True)
        self.trouble.hide()
        self.body.addWidget(self.skeleton)
        self.body.addWidget(self.trouble)
        self.skeleton.wait()

    def query(self, services: Services) -> Query[Any] | None:
        """What it asks in the workspace in view; None where it has nothing to say of that."""
        raise NotImplementedError

    def show_rows(self, rows: Any) -> bool:
        """Show an answer; whether there was anything to show."""
        raise NotImplementedError

    def give_room(self, *, is_much: bool) -> None:
        """There is room for a longer list, or no longer."""

    def show_ages(self) -> None:
        """Bring *n min ago* up to date."""

    def answer(self, rows: Any) -> None:
        """Show it; without anything in it the card takes no room."""
        self._end_waiting()
        self.trouble.hide()
        self.setVisible(self.show_rows(rows))

    def fail(self, error: MailyardError) -> None:
        """Say in its own place that it could not be read; what it showed before stays, and so do all others."""
        self._end_waiting()
        self.trouble.setText(_("Could not be read: {why}").format(why=error.title))
        set_tip(self.trouble, error.sentence())
        self.trouble.show()
        self.show()

    def _end_waiting(self) -> None:
        self.skeleton.stop()
        self.skeleton.hide()
