"""Everything the window can show over the sample fleet, in turn: pages with their parts, and the dialogs over them.

What fits, what has a name, what is translated and what is photographed is asked of the same views.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QWidget

from app.pages.mail.acts import ACTS as MAIL_ACTS
from app.pages.mail.hand_over import Login
from app.pages.mail.token_hand_over import TokenHandOver
from app.pages.servers.acts import ACTS
from app.pages.servers.compare_dialog import CompareDialog
from app.pages.servers.wizard import NewServerWizard
from app.places import PLACES
from app.shell.route import Route
from app.shell.window.said import Said
from backend.core.present.text import _
from backend.core.rest.refusals import unauthorized
from backend.core.secrets.one_time import new_key
from backend.core.secrets.values import Secret
from tests.app.person import Person
from tests.app.scenes import BARE, IN_CARE, LOCKED, MADE, MAILED, NOTHING, WHOLE, Data
from tests.sample_data.found_mail import FOUND
from tests.sample_data.jobs import FAILED, RUNNING, WAITING
from tests.sample_data.mail import CARRIERS, FORWARDS, MAIN, domain_id
from tests.sample_data.servers import CLIENTS, UNUSED, client_id, server_id, server_name

MARKED = 3


@dataclass(frozen=True)
class View:
    """What stands on the screen now, under a name for files; ``root`` is the window, or the dialog over it."""

    name: str
    root: QWidget

    @property
    def is_dialog(self) -> bool:
        return isinstance(self.root, QDialog)


@dataclass(frozen=True)
class Scene:
    """A data folder, and what is seen in the window over it."""

    key: str
    data: Data
    views: Callable[[Person], Iterator[View]]


def _of_servers(person: Person) -> Iterator[View]:
    for part in (_servers, _history, _server_sheets, _many, _order):
        yield from part(person)


def _of_pages(person: Person) -> Iterator[View]:
    for part in (each_place, _activity, _parts, _workspaces, _window):
        yield from part(person)


def each_place(person: Person) -> Iterator[View]:
    """Every page of the side bar, with each of its parts, as it is turned to."""
    for place in PLACES.all:
        for part in [part.key for part in place.parts] or [""]:
            person.window.go(Route(place.key, part))
            yield _page(person, "-".join(filter(None, (place.key, part))))


def _servers(person: Person) -> Iterator[View]:
    page = person.servers()
    page.choose(server_id(1))
    tabs = page.detail.tabs
    for tab, name in enumerate(("live", "history", "mail", "network", "snapshots", "timeline")):
        tabs.setCurrentIndex(tab)
        yield _page(person, f"servers-{name}")
    assert tabs.count() == tab + 1
    for number in (BARE, MADE, IN_CARE):
        page.choose(server_id(number))
        for tab, name in enumerate(("live", "network", "snapshots")):
            tabs.setCurrentIndex((0, 3, 4)[tab])
            yield _page(person, f"servers-{name}-{number}")


def _history(person: Person) -> Iterator[View]:
    """Other ranges, what was not observed, and the figures as a table."""
    page = person.servers()
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(1)
    part = page.detail.history
    for days in (30, 90):
        part.ranges.choose(f"{days}d")
        yield _page(person, f"servers-history-{days}")
    start, end = part.charts.shown_span()
    part.charts.show_crosshair(start + 0.3 * (end - start))
    yield _page(person, "servers-history-crosshair")
    part.charts.hide_crosshair()
    yield from _dialog(person, "dialog-time-range", part.ranges.custom.click)
    yield from _dialog(person, "dialog-table", part.charts.table_asked.emit)
    part.ranges.choose("24h")


def _server_sheets(person: Person) -> Iterator[View]:
    """Each act on a server that it fits; the sheets of what is attached to one."""
    page = person.servers()
    rows = page.table.records.rows
    for act in (act for act in ACTS if act.asks):
        fitting = [row for row in rows if not act.why_not(row)]
        chosen = next((row for row in fitting if row.id == server_id(1)), fitting[0])
        yield from _dialog(person, f"sheet-{act.key}", partial(page.acting.ask_of, act.key, [chosen]))
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(3)
    person.settle()
    for key in ("release_address", "firewall", "remove_firewall"):
        yield from _dialog(person, f"sheet-{key}", page.detail.network.buttons[key].click)
    page.choose(server_id(BARE))
    person.settle()
    yield from _dialog(person, "sheet-reserve", page.detail.network.buttons["reserve"].click)
    page.choose(server_id(1))
    page.detail.tabs.setCurrentIndex(4)
    person.settle()
    yield from _dialog(person, "sheet-restore", page.detail.snapshots.restore.click)
    yield from _dialog(person, "sheet-delete-snapshot", page.detail.snapshots.remove.click)
    page.detail.tabs.setCurrentIndex(0)


def _many(person: Person) -> Iterator[View]:
    """Several servers at once: the bar below the list, and a sheet for all of them."""
    page = person.servers()
    rows = page.table.records.rows
    page.table.setFocus()
    for _more in range(MARKED - 1):
        QTest.keyClick(page.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    yield _page(person, "servers-many")
    for act in (act for act in ACTS if act.on_many and act.asks):
        yield from _dialog(person, f"sheet-{act.key}-many", partial(page.acting.ask_of, act.key, rows))
    page.bulk.cleared.emit()


def _order(person: Person) -> Iterator[View]:
    """A new server, and what each provider would charge for it."""
    asked = partial(person.window.go, Route("servers", command="new"))
    yield from _dialog(person, "new-server", asked, NewServerWizard, is_kept=True)
    wizard = person.dialog(NewServerWizard)
    yield from _dialog(person, "compare", wizard.compare.click, CompareDialog)


def _activity(person: Person) -> Iterator[View]:
    page = person.activity()
    for job, name in ((RUNNING, "running"), (FAILED, "failed"), (WAITING, "waiting")):
        page.choose(job)
        yield _page(person, f"activity-{name}")
    yield from _dialog(person, "sheet-question", page.detail.box.sheet.click)
    page.choose(FAILED)
    person.settle()
    yield from _dialog(person, "sheet-roll-back", page.detail.roll_back.click)
    page.detail.tabs.setCurrentIndex(1)
    yield _page(person, "activity-log")
    page.detail.tabs.setCurrentIndex(0)
    page.chips.choose("schedules")
    yield _page(person, "activity-schedules")
    page.chips.choose("jobs")


def _parts(person: Person) -> Iterator[View]:
    """The dialogs of each part of the pages that have some."""
    for place in PLACES.all:
        for part in place.parts:
            person.window.go(Route(place.key, part.key))
            person.settle()
            page: Any = person.window.pages[place.key]
            for name, press in _of_part(part.key, page.part(part.key)):
                yield from _dialog(person, f"dialog-{name}", press)
    person.settings_part("updates").enter.click()
    yield _page(person, "settings-updates-form")
    secrets = person.settings_part("secrets")
    person.settle()
    yield from _dialog(person, "dialog-reveal", secrets.reveal.click)


def _of_part(key: str, part: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What opens the dialogs of one part, by their names."""
    if key == "accounts":
        yield from (("account", part.add), ("new-token", part.replace.click), ("remove-account", part.remove.click))
    elif key == "orphans":
        yield "remove-orphan", part.remove.click
    elif key == "secrets":
        yield "passphrase", part.change.click
    elif key == "mail":
        for name in ("new", "change", "remove"):
            yield f"{name}-template", getattr(part.templates, name).click
    elif key == "about":
        yield from (("diagnostics", part.look.click), ("licences", part.others.click))


def _workspaces(person: Person) -> Iterator[View]:
    page = person.workspaces()
    page.table.choose(client_id(CLIENTS[0]))
    person.settle()
    yield from _dialog(person, "dialog-new-workspace", page.new.click)
    yield from _dialog(person, "dialog-rename-workspace", page.rename.click)
    yield from _dialog(person, "dialog-servers-of-workspace", page.servers.click)
    yield from _dialog(person, "dialog-archive-workspace", page.archive.click)


def _window(person: Person) -> Iterator[View]:
    """What is there on every page, and what a client without servers sees."""
    window = person.window
    page = person.servers()
    yield from _dialog(person, "palette", window.open_palette)
    yield from _dialog(person, "shortcuts", window.show_shortcuts)
    page.views.menu.aboutToShow.emit()
    yield from _dialog(person, "dialog-save-view", page.views.menu.actions()[0].trigger)
    window.look_at(client_id(UNUSED))
    for place in PLACES.all:
        window.go_to(place.key)
        yield _page(person, f"{place.key}-empty")
    window.look_at(None)
    assert window.global_errors is not None
    assert window.demo is not None
    window.global_errors.show(unauthorized("DigitalOcean", "401"))
    page.said.emit(Said(_("{act} requested: {servers}").format(act=_("Reboot"), servers=server_name(1))))
    yield _page(person, "trouble")
    window.global_errors.refused.clear()
    yield from _dialog(person, "sheet-remove-demo", window.demo.ask_to_remove)


def _mail(person: Person) -> Iterator[View]:
    """Domains, mailboxes and aliases, the sheet of each act on them, the tab of a server that carries mail, and what is
    told of mail on the Overview."""
    person.overview()
    yield _page(person, "overview-mail")
    page = person.mail()
    page.table.choose(domain_id(MAIN))
    for tab, name in enumerate(("mailboxes", "aliases", "domain", "relays")):
        page.domain.tabs.setCurrentIndex(tab)
        yield _page(person, f"mail-{name}")
    for key in page.domain.domain.buttons:
        yield from _dialog(person, f"sheet-mail-domain-{key}", partial(page.acting.ask_of_domain, key))
    yield from _dialog(person, "sheet-mail-new-domain", page.add_domain.click)
    alias = page.domain.aliases.table.current()
    for key in ("new", "change", "delete"):
        yield from _dialog(person, f"sheet-mail-alias-{key}", partial(page.acting.ask_of_alias, key, alias))
    relay = page.domain.relays.table.current()
    for key in ("new", "change", "delete"):
        yield from _dialog(person, f"sheet-mail-relay-{key}", partial(page.acting.ask_of_relay, key, relay))
    yield from _mailboxes(person, page)
    page = person.servers()
    page.choose(server_id(CARRIERS[1]))
    page.detail.tabs.setCurrentIndex(2)
    yield _page(person, "servers-mail-there")
    row = page.table.current()
    yield from _dialog(person, "sheet-upgrade_mail", partial(page.acting.upgrade_mail, row))
    changes = page.detail.mail.changes
    for name in ("change", "stop", "token", "password"):
        yield from _dialog(person, f"sheet-mail-server-{name}", getattr(changes, name).trigger)
    page.choose(server_id(CARRIERS[0]))
    yield _page(person, "servers-mail-by-hand")
    yield from _dialog(person, "sheet-keep-files", page.detail.mail.changes.keep.trigger)
    page.choose(server_id(FOUND))
    yield _page(person, "servers-mail-found")
    yield from _dialog(person, "sheet-adopt_mail", page.detail.mail.found.adopt.click)


def _mailboxes(person: Person, page: Any) -> Iterator[View]:
    """The sheet of each act on a mailbox, its app tokens, and several at once."""
    page.domain.tabs.setCurrentIndex(0)
    rows = {row.address: row for row in page.domain.mailboxes.table.records.rows}
    for act in MAIL_ACTS:
        fitting = next(row for row in reversed(rows.values()) if not act.why_not(row))
        page.domain.mailboxes.table.choose(fitting.address)
        yield from _dialog(person, f"sheet-mail-{act.key}", partial(page.acting.ask, act.key))
    page.domain.mailboxes.table.choose(f"{FORWARDS}@{MAIN}")
    page.mailbox.tabs.setCurrentIndex(2)
    yield _page(person, "mail-tokens")
    token = page.mailbox.tokens.table.current()
    yield from _dialog(person, "sheet-mail-token-delete", partial(page.acting.ask_of_token, "delete", token))
    yield from _dialog(person, "sheet-mail-token-made", partial(_hand_token_over, page))
    page.mailbox.tabs.setCurrentIndex(0)
    page.domain.mailboxes.table.selectAll()
    yield _page(person, "mail-many")


def _hand_token_over(page: Any) -> None:
    """As it stands once the mail server has made it."""
    address, secret = f"{FORWARDS}@{MAIN}", Secret("0f7c2d9be4a1486fb3d25a90c7e81f64")
    sheet = TokenHandOver(page.services, address, new_key(), None, page, job=uuid4())
    sheet.tell([Login(address, secret)])
    sheet.open()


def _first_minute(person: Person) -> Iterator[View]:
    yield _page(person, "first-minute")


def _locked(person: Person) -> Iterator[View]:
    """What the window says while nobody has typed the passphrase."""
    person.overview()
    assert person.window.global_errors is not None
    banner = person.window.global_errors.locked
    person.wait(banner.isVisible, "the banner")
    yield _page(person, "locked")
    yield from _dialog(person, "dialog-unlock", banner.action.click)


def _page(person: Person, name: str) -> View:
    person.settle()
    return View(name, person.window)


def _dialog(
    person: Person,
    name: str,
    press: Callable[[], Any],
    kind: type[QDialog] = QDialog,
    *,
    is_kept: bool = False,
) -> Iterator[View]:
    press()
    dialog = person.dialog(kind)
    person.settle()
    yield View(name, dialog)
    if not is_kept:
        person.close_dialogs()


SCENES = (
    Scene("servers", WHOLE, _of_servers),
    Scene("pages", WHOLE, _of_pages),
    Scene("mail", MAILED, _mail),
    Scene("first minute", NOTHING, _first_minute),
    Scene("locked", LOCKED, _locked),
)
