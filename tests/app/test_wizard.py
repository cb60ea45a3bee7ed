"""New server in the window: what it offers, what it refuses, and that a refusal loses nothing that was typed."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.pages.servers.wizard import NewServerWizard
from backend.bootstrap import Installation
from backend.core.present.format import estimate
from backend.store.schema.operations import Job
from backend.store.scope import ENGINE_SCOPE
from tests.app.conftest import NewConsole
from tests.app.person import Person
from tests.fleet.servers import add_fleet, server_name
from tests.installation import open_installation


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
    assert watcher.sees("Enough without antivirus", wizard)
    assert watcher.sees("from 2 past runs", wizard)
    assert wizard.price_age.text().startswith("Prices from DigitalOcean API v2, read ")
    assert not wizard.order.isEnabled()


@pytest.mark.parametrize("name", ["mx1", "mx_1.example.net", "-mx.example.net", "mx 1.example.net", "mx1..example.net"])
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

    assert watcher.sees("Too little memory", wizard)


def test_the_time_is_expected_where_nothing_was_learnt_yet(orderer: Person) -> None:
    with orderer.installation.store.write(ENGINE_SCOPE) as session:
        for job in session.query(Job).filter(Job.state == "succeeded"):
            job.state = "cancelled"

    wizard = open_wizard(orderer)

    steps = orderer.installation.kinds["server.provision"].steps({})
    assert shown_value(wizard, "time") == estimate(sum(step.estimate_s for step in steps))
    assert orderer.sees("there are no past runs yet", wizard)


def test_without_an_account_the_wizard_says_so_and_leads_there(person: Person) -> None:
    wizard = open_wizard(person)

    assert "needs an account" in wizard.notice.text
    assert wizard.notice.action.text() == "Add account"


def test_a_refused_order_keeps_what_was_typed_and_says_why(orderer: Person) -> None:
    wizard = open_wizard(orderer)
    orderer.enter(wizard.name, server_name(0))

    orderer.click(wizard.order)
    orderer.wait(lambda: wizard.notice.text, "the refusal")

    assert f"There is already a server named {server_name(0)}." in wizard.notice.text
    assert wizard.isVisible()
    assert wizard.name.text() == server_name(0)
    assert wizard.order.isEnabled()


def test_an_order_becomes_a_job_that_is_shown_where_it_runs(orderer: Person) -> None:
    """The account's token is not there, so the job stops at its first call: with a cause, and nothing ordered."""
    wizard = open_wizard(orderer)
    orderer.enter(wizard.name, "mx99.example.net")
    orderer.click(wizard.order)
    orderer.wait(lambda: not orderer.window.findChildren(NewServerWizard), "the wizard to close")

    activity = orderer.activity()
    orderer.wait(lambda: activity.detail.title.text() == "New server mx99.example.net", "the job in Activity")
    orderer.wait(lambda: "A stored secret is missing." in activity.detail.notice.text, "the cause")
    with orderer.installation.store.read(ENGINE_SCOPE) as session:
        job = session.query(Job).filter(Job.about == "mx99.example.net").one()
    assert job.state == "failed"


def test_the_workspace_in_view_is_offered_first(tmp_path: object, watcher: Person) -> None:
    from tests.fleet.servers import client_id

    watcher.services.view.choose(client_id("Elm Street"))
    wizard = open_wizard(watcher)

    assert wizard.workspace.currentText() == "Elm Street"


def test_accounts_that_come_meanwhile_are_offered(person: Person) -> None:
    wizard = open_wizard(person)
    beside = open_installation(person.installation.folder.root)
    add_fleet(beside, 1)
    beside.close()

    person.wait(lambda: wizard.account.count() == 1, "the account to be offered")
    person.settle()
    assert wizard.plans.current() is not None
    assert wizard.notice.text == ""
