"""Saved views of a list: its filter, its chip, its columns and sorting, under a name of the person's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.shell.window.name_dialog import NameDialog
from backend.core.present.text import _
from widgets.button import Button
from widgets.menu import Menu

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from app.shell.session.settings import SettingsFile
    from widgets.chips import Chips
    from widgets.record_table import RecordTable
    from widgets.search_field import SearchField

MOST_LETTERS, MOST_VIEWS = 60, 30
FIELDS = frozenset({"words", "chip", "layout"})


class SavedViews(QObject):
    """Owner of the button with the menu of views; lives with the page whose list it is.

    A view holds the words of the filter, the chosen chip and the table's layout. What cannot be read (a file written
    by hand, a chip of a later version) is left out.
    """

    def __init__(
        self, key: str, settings: SettingsFile, table: RecordTable[Any], search: SearchField, chips: Chips
    ) -> None:
        super().__init__(table)
        self._key, self._settings = key, settings
        self._table, self._search, self._chips = table, search, chips
        self.button = Button("", "icon", icon_name="bookmark", name=_("Saved views"))
        self.button.setProperty("flat", True)
        self.menu = Menu(self.button, _("Saved views"))
        self.menu.aboutToShow.connect(self._fill)
        self.menu.triggered.connect(self._do)
        self.button.setMenu(self.menu)

    @property
    def names(self) -> list[str]:
        return sorted(self._known(), key=str.casefold)

    def save(self, name: str) -> None:
        """Keep what the list shows now; a view of that name is replaced."""
        shown = {"words": self._search.text(), "chip": self._chips.current, "layout": self._table.layout_text()}
        self._keep({**self._known(), name: shown})

    def show_view(self, name: str) -> None:
        """Bring the list to a view."""
        view = self._known()[name]
        self._search.setText(view["words"])
        self._chips.choose(view["chip"])
        self._table.restore_layout(view["layout"])

    def remove(self, name: str) -> None:
        self._keep({key: view for key, view in self._known().items() if key != name})

    def _known(self) -> dict[str, dict[str, str]]:
        kept: Any = self._settings.now.views.get(self._key, {})
        found = {name: _read(text) for name, text in kept.items()} if isinstance(kept, dict) else {}
        return {name: view for name, view in found.items() if view and view["chip"] in self._chips.keys}

    def _keep(self, views: dict[str, dict[str, str]]) -> None:
        texts = {name: json.dumps(view) for name, view in views.items()}
        self._settings.change(views={**self._settings.now.views, self._key: texts})

    def _fill(self) -> None:
        self.menu.clear()
        names = self.names
        for name in names:
            self._add(self.menu, "show", name, name)
        if names:
            self.menu.addSeparator()
        self._add(self.menu, "save", "", _("Save this view..."))
        self.menu.actions()[-1].setEnabled(len(names) < MOST_VIEWS)
        if names:
            removal = self.menu.add_menu(_("Remove"))
            for name in names:
                self._add(removal, "remove", name, name)

    def _add(self, menu: Menu, act: str, name: str, words: str) -> None:
        """An ampersand of a name is a letter, not the mark of a shortcut."""
        menu.addAction(words.replace("&", "&&")).setData((act, name))

    def _do(self, action: QAction) -> None:
        act, name = action.data()
        if act == "save":
            self._ask_name()
        elif act == "show":
            self.show_view(name)
        else:
            self.remove(name)

    def _ask_name(self) -> None:
        wrong = _("A view needs a name of at most {n} characters.").format(n=MOST_LETTERS)
        window = self._table.window()
        dialog = NameDialog(_("Save this view"), _("Save view"), window, most=MOST_LETTERS, wrong=wrong)
        dialog.named.connect(self.save)
        dialog.open()


def _read(text: Any) -> dict[str, str]:
    """A view as it was kept; empty where it is none."""
    try:
        view = json.loads(text)
    except (TypeError, ValueError):
        return {}
    is_whole = isinstance(view, dict) and view.keys() >= FIELDS and all(isinstance(view[key], str) for key in FIELDS)
    return {key: view[key] for key in FIELDS} if is_whole else {}
