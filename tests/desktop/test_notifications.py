"""Notifications by a real notification service: shown, replaced, clicked; and said where nobody shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog

from app.shell.desktop.notifier import DesktopNotifier, Notification
from backend.bootstrap import Installation
from backend.store.schema.fleet import Server
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.conftest import NewConsole
from tests.app.conftest import fleet as fleet
from tests.app.conftest import new_console as new_console
from tests.app.person import Person
from tests.app.window import wait_until
from tests.desktop.services import Notifications
from tests.sample_data.servers import server_id, server_name

FULL = Notification("server:7", "mx7.example.net", "Disk over 90 % <of> 50 GB & growing", "Open")


@pytest.fixture
def notifier(qtbot: Any, bus: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    owner = QObject()
    made = DesktopNotifier(owner)
    yield made
    made.close()
    del owner


def test_a_notice_is_shown_with_its_words_as_they_are(notifier: DesktopNotifier, notifications: Notifications) -> None:
    notifier.show(FULL)
    wait_until(lambda: notifications.shown == 1, "the notice")

    assert notifications.read() == [(FULL.title, FULL.text)]


def test_one_of_the_same_key_replaces_it(notifier: DesktopNotifier, notifications: Notifications) -> None:
    notifier.show(FULL)
    wait_until(lambda: notifications.shown == 1, "the notice")
    wait_until(lambda: notifier._numbers, "its number")

    notifier.show(Notification(FULL.key, FULL.title, "Disk full", "Open"))
    notifier.show(Notification("server:8", "mx8.example.net", "Off", "Open"))
    wait_until(lambda: notifications.shown == 2, "two notices")

    assert {text for _title, text in notifications.read()} == {"Disk full", "Off"}


def test_a_click_says_which(notifier: DesktopNotifier, notifications: Notifications, qtbot: Any) -> None:
    notifier.show(FULL)
    wait_until(lambda: notifier._numbers, "the notice")

    with qtbot.waitSignal(notifier.chosen) as chosen:
        notifications.act()

    assert chosen.args == [FULL.key]


def test_without_a_service_it_says_so_and_tries_again_later(
    notifier: DesktopNotifier, bus: str, display: str, qtbot: Any
) -> None:
    from tests.desktop.services import notifications

    with qtbot.waitSignal(notifier.lacking) as lacking:
        notifier.show(FULL)
    assert lacking.args == ["org.freedesktop.DBus.Error.ServiceUnknown"]

    with notifications(display, bus) as service:
        notifier.show(FULL)
        wait_until(lambda: service.shown == 1, "the notice")


def test_without_a_bus_it_says_so(notifier: DesktopNotifier, monkeypatch: pytest.MonkeyPatch, qtbot: Any) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    with qtbot.waitSignal(notifier.lacking) as lacking:
        notifier.show(FULL)
    assert lacking.args == ["FileNotFoundError"]


@pytest.fixture
def away(
    fleet: Installation, new_console: NewConsole, notifications: Notifications, bus: str, monkeypatch: Any
) -> Person:
    """Somebody whose window lies behind something else, on a desktop that shows notices."""
    person = new_console()
    person.overview()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    person.window.hide()
    person.window.turned.emit(False)
    person.wait(lambda: person.window.notification_watcher._known is not None, "what is known")
    return person


def judge(installation: Installation, server: UUID, health: str, note: str) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(Server, (AGENCY, server))
        row.health, row.health_note = health, note


def test_what_becomes_critical_while_nobody_looks_is_told_once(
    away: Person, fleet: Installation, notifications: Notifications
) -> None:
    assert notifications.shown == 0
    judge(fleet, server_id(7), "critical", "disk over 90 %")
    away.wait(lambda: notifications.shown == 1, "the notice")
    judge(fleet, server_id(7), "critical", "disk over 95 %")
    judge(fleet, server_id(8), "warning", "CPU over 80 %")
    away.settle()
    away.rest()

    assert notifications.read() == [(server_name(7), "disk over 90 %")]


def test_a_click_brings_the_window_and_the_server(
    away: Person, fleet: Installation, notifications: Notifications
) -> None:
    judge(fleet, server_id(7), "critical", "disk over 90 %")
    away.wait(lambda: notifications.shown == 1, "the notice")
    away.rest()

    notifications.act()

    away.wait(away.window.isVisible, "the window")
    away.settle()
    page: Any = away.window.pages["servers"]
    away.wait(lambda: page.isVisible() and page.table.current() is not None, "the server's page")
    assert page.table.current().name == server_name(7)


def test_a_window_over_the_window_is_in_front_as_well(
    fleet: Installation, new_console: NewConsole, notifications: Notifications, bus: str, monkeypatch: Any
) -> None:
    person = new_console()
    person.window.activateWindow()
    person.overview()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    dialog = QDialog(person.window)  # as a file dialog is: our own lie in the window
    dialog.open()
    person.wait(dialog.isActiveWindow, "the dialog to be in front")
    person.wait(lambda: person.window.notification_watcher._known is not None, "what is known")

    judge(fleet, server_id(7), "critical", "disk over 90 %")
    person.settle()
    person.rest()

    assert not person.window.notification_watcher.is_away
    assert notifications.shown == 0


def several(fleet: Installation) -> Callable[[], None]:
    def judge_all() -> None:
        with fleet.store.write(ENGINE_SCOPE) as session:
            for number in (7, 8, 9):
                row = session.get_one(Server, (AGENCY, server_id(number)))
                row.health, row.health_note = "critical", "does not answer"

    return judge_all


def test_several_things_are_one_notice(away: Person, fleet: Installation, notifications: Notifications) -> None:
    several(fleet)()
    away.wait(lambda: notifications.shown == 1, "the notice")

    ((title, text),) = notifications.read()
    assert title == "3 items need attention"
    assert set(text.split(", ")) == {server_name(number) for number in (7, 8, 9)}


def test_nothing_is_told_to_who_does_not_want_it(
    away: Person, fleet: Installation, notifications: Notifications
) -> None:
    away.console.settings.change(notifications=False)
    judge(fleet, server_id(7), "critical", "disk over 90 %")
    away.settle()
    away.rest()
    assert notifications.shown == 0


def test_the_settings_show_one_or_say_why_not(person_at_settings: tuple[Person, Any], bus: str) -> None:
    person, part = person_at_settings
    person.click(part.test)
    person.wait(lambda: part.banner.text, "the reason")
    assert "No notification service is available on this desktop" in part.banner.text


@pytest.fixture
def person_at_settings(new_console: NewConsole, bus: str, monkeypatch: pytest.MonkeyPatch) -> tuple[Person, Any]:
    person = new_console()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus)
    return person, person.settings_part("notifications")
