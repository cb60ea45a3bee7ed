"""New server in the window: what it offers, what it refuses, and that a refusal loses nothing that was typed."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.pages.servers.wizard import NewServerWizard
from backend.bootstrap import Installation
from backend.core.present.format import estimate
from backend.store.schema.operations import Job
from backend.store.scope import ENGINE_SCOPE
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.installation import open_installation
from tests.sample_data.servers import add_fleet, server_name


@pytest.fixture
def orderer(fleet: Installation, new_console: NewConsole) -> Person:
    """A person whose console is the engine itself, over the fleet."""
    fleet.close()
    return new_console()


def shown_value(wizard: NewServerWizard, row: str) -> str:
    """The strong value of a row of the preview."""
    return wizard.preview._values[row][0].text()


def open_wizard(person: Person) -> NewServerWizard:
    person.press(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    wizard = person.dialog(NewServerWizard)
    person.settle()
    return wizard


def test_a_plan_that_carries_mail_is_chosen_and_priced(watcher: Person) -> None:
    wizard = open_wizard(watcher)

    plan = wizard.plans.current()
    assert plan is not None
    assert plan.slug == "s-1vcpu-2gb"
    assert watcher.sees("12.00 USD", wizard)
    assert watcher.sees("Sufficient without antivirus", wizard)
    assert watcher.sees("based on 2 previous runs", wizard)
    assert wizard.price_age.text().startswith("Prices from DigitalOcean API v2, read ")
    assert not wizard.order.isEnabled()


NO_HOST_NAMES = [
    "mx1",
    "mx_1.example.net",
    "-mx.example.net",
    "mx 1.example.net",
    "mx1..example.net",
    "1.2.3.4",
    "mx1.7",
]


@pytest.mark.parametrize("name", NO_HOST_NAMES)
def test_a_name_that_is_no_host_name_is_refused_with_a_remedy(watcher: Person, name: str) -> None:
    wizard = open_wizard(watcher)

    watcher.enter(wizard.name, name)
    wizard.name.editingFinished.emit()

    assert not wizard.order.isEnabled()
    assert "is not a full host name" in wizard.form.error("name")
    assert "mx1.example.net" in wizard.form.error("name")


def test_plans_too_small_for_mail_are_marked(watcher: Person) -> None:
    wizard = open_wizard(watcher)

    wizard.plans.choose("s-1vcpu-1gb")

    assert watcher.sees("Not enough memory", wizard)


def test_the_time_is_expected_where_nothing_was_learnt_yet(orderer: Person) -> None:
    with orderer.installation.store.write(ENGINE_SCOPE) as session:
        for job in session.query(Job).filter(Job.state == "succeeded"):
            job.state = "cancelled"

    wizard = open_wizard(orderer)

    steps = orderer.installation.kinds["server.provision"].steps({})
    assert shown_value(wizard, "time") == estimate(sum(step.estimate_s for step in steps))
    assert orderer.sees("no previous runs yet", wizard)


def test_without_an_account_the_wizard_says_so_and_leads_there(person: Person) -> None:
    wizard = open_wizard(person)

    assert "needs an account" in wizard.banner.text
    assert wizard.banner.action.text() == "Add account"


def test_a_refused_order_keeps_what_was_typed_and_says_why(orderer: Person) -> None:
    wizard = open_wizard(orderer)
    orderer.enter(wizard.name, server_name(0))

    orderer.click(wizard.order)
    orderer.wait(lambda: wizard.banner.text, "the refusal")

    assert f"There is already a server named {server_name(0)}." in wizard.banner.text
    assert wizard.isVisible()
    assert wizard.name.text() == server_name(0)
    assert wizard.order.isEnabled()


def test_an_order_becomes_a_job_that_is_told_where_the_person_is_and_shown_where_it_runs(orderer: Person) -> None:
    """The account's token is not there, so the job stops at its first call: with a cause, and nothing ordered."""
    wizard = open_wizard(orderer)
    before = orderer.window.stack.currentWidget()
    orderer.enter(wizard.name, "mx99.example.net")
    orderer.click(wizard.order)
    orderer.wait(lambda: not orderer.window.findChildren(NewServerWizard), "the wizard to close")

    assert orderer.window.stack.currentWidget() is before
    (toast,) = orderer.window.saying.toasts.toasts
    assert toast.words == "New server requested: mx99.example.net"
    orderer.click(toast.acts["open"])
    activity: Any = orderer.window.pages["activity"]
    assert orderer.window.stack.currentWidget() is orderer.window.pages["activity"]
    orderer.wait(lambda: activity.detail.title.text() == "New server mx99.example.net", "the job in Activity")
    orderer.wait(lambda: "A stored secret is missing." in activity.detail.banner.text, "the cause")
    with orderer.installation.store.read(ENGINE_SCOPE) as session:
        job = session.query(Job).filter(Job.about == "mx99.example.net").one()
    assert job.state == "failed"


def test_the_workspace_in_view_is_offered_first(tmp_path: object, watcher: Person) -> None:
    from tests.sample_data.servers import client_id

    watcher.services.view.choose(client_id("Elm Street"))
    wizard = open_wizard(watcher)
    assert wizard.band.text().endswith("Elm Street")

    assert wizard.workspace.currentText() == "Elm Street"


def test_accounts_that_come_meanwhile_are_offered(person: Person) -> None:
    wizard = open_wizard(person)
    beside = open_installation(person.installation.folder.root)
    add_fleet(beside, 1)
    beside.close()

    person.wait(lambda: wizard.account.count() == 1, "the account to be offered")
    person.settle()
    assert wizard.plans.current() is not None
    assert wizard.banner.text == ""


def test_what_is_ordered_is_the_one_plan_that_is_marked(watcher: Person) -> None:
    wizard = open_wizard(watcher)

    wizard.plans.setFocus()
    QTest.keyClick(wizard.plans, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    wizard.plans.selectAll()

    plan = wizard.plans.current()
    assert plan is not None
    marked = [index.row() for index in wizard.plans.selectionModel().selectedRows()]
    assert [wizard.plans.records.rows[row].slug for row in marked] == [plan.slug]


def test_what_is_lacking_is_said_beside_the_grey_button(watcher: Person) -> None:
    wizard = open_wizard(watcher)
    assert not wizard.order.isEnabled()
    assert wizard.why.text() == "Enter a name."

    watcher.enter(wizard.name, "mx9")
    assert wizard.why.text() == wizard._name_error() != ""
    watcher.enter(wizard.name, "mx9.example.net")

    assert wizard.order.isEnabled()
    assert wizard.why.text() == ""


def test_plans_are_filtered_by_words_and_by_what_the_mail_server_needs(watcher: Person) -> None:
    wizard = open_wizard(watcher)
    everything = len(wizard.plans.records.shown)

    wizard.fitting.setChecked(True)
    fitting = wizard.plans.records.shown
    assert 0 < len(fitting) < everything
    assert all(plan.memory_mb >= 2048 for plan in fitting)
    wizard.filter.setText("4gb")

    assert {plan.slug for plan in wizard.plans.records.shown} == {plan.slug for plan in fitting if "4gb" in plan.slug}
