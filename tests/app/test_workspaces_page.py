"""Workspaces: made, renamed, archived; which servers each uses is ticked."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.pages.workspaces.use_dialog import SERVER, UseDialog
from app.shell.window.name_dialog import NameDialog
from backend.bootstrap import Installation
from tests.app.person import Person
from tests.sample_data.servers import server_id
from widgets.sheet import Sheet


def test_a_workspace_is_created_renamed_and_archived(person: Person) -> None:
    part = person.workspaces()
    person.click(part.new)
    dialog = person.dialog(NameDialog)
    person.enter(dialog.name, "Harbour Vets")
    person.click(dialog.act)
    person.wait(lambda: [row.name for row in part.table.records.rows] == ["Agency", "Harbour Vets"], "the workspace")

    part.table.choose(part.table.records.rows[1].id)
    person.click(part.rename)
    dialog = person.dialog(NameDialog)
    person.enter(dialog.name, "Harbour Clinic")
    person.click(dialog.act)
    person.wait(lambda: part.table.records.rows[1].name == "Harbour Clinic", "the new name")

    person.click(part.archive)
    person.click(person.dialog(Sheet).act)
    person.wait(lambda: len(part.table.records.rows) == 1, "it to be archived")


def test_a_name_is_left_as_it_is_by_a_button(person: Person) -> None:
    part = person.workspaces()
    person.click(part.rename)
    dialog = person.dialog(NameDialog)
    person.enter(dialog.name, "Harbour Vets")

    person.click(dialog.keep)

    person.wait(lambda: not person.window.findChildren(NameDialog), "the dialog to go")
    assert [row.name for row in part.table.records.rows] == ["Agency"]


def test_a_name_that_is_taken_is_refused_above_the_page(person: Person) -> None:
    part = person.workspaces()
    for _again in range(2):
        person.click(part.new)
        dialog = person.dialog(NameDialog)
        person.enter(dialog.name, "Harbour Vets")
        person.click(dialog.act)
        person.settle()

    assert person.window.global_errors is not None
    refused = person.window.global_errors.refused
    person.wait(lambda: refused.text, "the refusal")
    assert "There is already a workspace named Harbour Vets." in refused.text


def test_which_servers_a_client_uses_is_ticked(watcher: Person, fleet: Installation) -> None:
    part = watcher.workspaces()
    row = next(row for row in part.table.records.rows if row.name == "Acme Dental")
    part.table.choose(row.id)
    watcher.click(part.servers)
    dialog = watcher.dialog(UseDialog)
    watcher.settle()
    assert dialog.ticked() == {server_id(0), server_id(6)}

    items = [dialog.list.item(at) for at in range(dialog.list.count())]
    assert [item.data(SERVER) for item in items] == [server_id(number) for number in range(len(items))]
    next(item for item in items if item.data(SERVER) == server_id(1)).setCheckState(Qt.CheckState.Checked)
    watcher.click(dialog.save)

    from tests.app.test_activity_page import requests

    watcher.wait(lambda: requests(fleet, "workspace.use_server"), "the request")
    (request,) = requests(fleet, "workspace.use_server")
    assert (request["server_id"], request["is_used"]) == (str(server_id(1)), True)
