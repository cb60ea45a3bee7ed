"""Settings > Secrets: whether secrets that are due are renewed without a person's word."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import select

from app.pages.settings.renewal_panel import RenewalPanel
from backend.store.schema.operations import Schedule
from backend.store.scope import ENGINE_SCOPE
from backend.upkeep.queries import RenewalByItself
from backend.upkeep.requests import RenewDue
from tests.app.person import Person
from tests.installation import ask


def panel(person: Person) -> RenewalPanel:
    found: RenewalPanel = person.settings_part("secrets").renewal
    person.wait(found.wanted.isEnabled, "how it stands")
    return found


def is_on(person: Person) -> bool:
    return ask(person.installation, RenewalByItself()).is_on


def test_it_is_off_and_switched_on_and_off_by_a_person(person: Person) -> None:
    shown = panel(person)
    assert (shown.wanted.isChecked(), is_on(person)) == (False, False)

    QTest.keyClick(shown.wanted, Qt.Key.Key_Space)
    person.wait(lambda: is_on(person), "the switch")
    QTest.keyClick(shown.wanted, Qt.Key.Key_Space)
    person.wait(lambda: not is_on(person), "the switch back")
    assert not shown.wanted.isChecked()


def test_what_is_refused_stands_as_it_was_with_why(person: Person) -> None:
    shown = panel(person)
    with person.installation.store.write(ENGINE_SCOPE) as session:
        session.delete(session.scalars(select(Schedule).where(Schedule.kind == RenewDue.kind)).one())

    QTest.keyClick(shown.wanted, Qt.Key.Key_Space)

    person.wait(lambda: shown.banner.text != "", "why")
    assert "no longer exists" in shown.banner.text
    assert not shown.wanted.isChecked()
