"""App tokens of a mailbox: the tab, the sheets, what is refused there, and the secret that is shown once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from PySide6.QtGui import QGuiApplication
from sqlalchemy import select

from app.pages.mail.mailbox_sheets import EndTokensSheet
from app.pages.mail.token_hand_over import TokenHandOver
from app.pages.mail.token_sheets import NewTokenSheet, RemoveTokenSheet
from backend.bootstrap import Installation
from backend.core.secrets.one_time import new_key, sealed
from backend.core.secrets.values import Secret
from backend.engine.payload import to_plain
from backend.mail.requests import NewToken
from backend.store.schema.operations import Job, JobStep, RequestRow
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_mail_acts import SERVER, kept
from tests.app.test_mail_page import carried as carried
from tests.app.test_mail_page import mailbox, opened
from tests.app.test_servers_page import open_requests
from tests.backend.store.rows import row_of
from tests.sample_data.mail import FORWARDS, MAIN
from tests.sample_data.servers import CLIENTS, client_id

TOKENS = 2
ADDRESS, CANARY = f"{FORWARDS}@{MAIN}", "0f7c2d9be4a1486fb3d25a90c7e81f64"


def tokens(person: Person, local: str = FORWARDS) -> Any:
    """The tab of a mailbox."""
    page = opened(person)
    mailbox(page, local)
    page.mailbox.tabs.setCurrentIndex(TOKENS)
    return page.mailbox.tokens


def asked(installation: Installation, person: Person, kind: str) -> dict[str, Any]:
    person.wait(lambda: open_requests(installation, kind), "the request")
    (request,) = open_requests(installation, kind)
    assert (request.pop("server_id"), request.pop("address")) == (SERVER, ADDRESS)
    return request


def carry_out(installation: Installation, key: Secret) -> None:
    """As the engine does: the job ended well, and left the sealed secret."""
    with installation.store.write(ENGINE_SCOPE) as session:
        (asked_for,) = session.scalars(select(RequestRow).where(RequestRow.kind == "mail.token.add"))
        session.add(job(asked_for.id, installation))
        session.flush()
        left = to_plain(NewToken("4", sealed(Secret(CANARY), key)))
        session.add(row_of(JobStep, AGENCY, job_id=asked_for.id, key="make", state="done", result=left))


def job(job_id: UUID, installation: Installation) -> Job:
    at = installation.clock.now()
    common = {"kind": "mail.token.add", "state": "succeeded", "about": ADDRESS, "requested_at": at, "ended_at": at}
    return row_of(Job, AGENCY, id=job_id, direction="forward", request={}, **common)


def test_the_app_tokens_of_a_mailbox_say_what_for_and_from_where(carried: Installation, watcher: Person) -> None:
    part = tokens(watcher)

    records = part.table.records
    assert [[records.text(at, row) for at in range(3)] for row in records.rows] == [
        ["Phone of the office", "anywhere", "9 Mar 2026"],
        ["Billing program", "198.51.100.0/24, 2001:db8:7::/48", "9 Mar 2026"],
    ]
    assert not part.change.isVisible()


def test_a_mailbox_without_says_what_one_is(carried: Installation, watcher: Person) -> None:
    part = tokens(watcher, "info")

    assert part.empty.title.text() == "No app tokens yet"
    watcher.click(part.empty.action)
    assert watcher.dialog(NewTokenSheet).comment.hasFocus()


def test_another_client_sees_none(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    watcher.services.view.choose(client_id(CLIENTS[1]))
    watcher.settle()

    assert page.mailbox.tokens.table.records.rows == []


@pytest.mark.parametrize(
    ("name", "networks", "says"),
    [
        ("", "", "Enter a name."),
        ("Phone", "203.0.113.0/24\noffice", "office is neither an IP address nor a network."),
        ("Phone", "203.0.113.9/24", "Did you mean 203.0.113.0/24?"),
    ],
)
def test_what_cannot_be_is_said_under_its_field(
    carried: Installation, watcher: Person, name: str, networks: str, says: str
) -> None:
    watcher.click(tokens(watcher).new)
    sheet = watcher.dialog(NewTokenSheet)
    watcher.enter(sheet.comment, name)
    sheet.networks.setPlainText(networks)
    watcher.click(sheet.act)

    assert watcher.sees(says, sheet)
    assert sheet.networks.toPlainText() == networks


def test_a_new_one_is_shown_once_when_the_mail_server_has_it(carried: Installation, watcher: Person) -> None:
    watcher.click(tokens(watcher).new)
    sheet = watcher.dialog(NewTokenSheet)
    key = sheet.key
    watcher.enter(sheet.comment, "Tablet")
    sheet.networks.setPlainText("203.0.113.0/24, 2001:DB8::7")
    watcher.click(sheet.act)
    request = asked(carried, watcher, "mail.token.add")
    with key.lent() as value:
        assert kept(carried, request.pop("key_ref")) == value
    assert request == {"comment": "Tablet", "networks": ["203.0.113.0/24", "2001:db8::7"]}

    handed = watcher.dialog(TokenHandOver)
    assert "Password" not in handed.block.buttons
    assert watcher.sees("Keep this open until it does.", handed)
    carry_out(carried, key)
    watcher.wait(lambda: "Password" in handed.block.buttons, "the secret")

    assert handed.state.text() == "The mail server has it"
    watcher.click(handed.copy_all)
    assert f"Password: {CANARY}" in QGuiApplication.clipboard().text().splitlines()
    assert watcher.sees("It is shown this once: copy it now.", handed)


def test_a_secret_that_nobody_can_open_any_more_says_what_to_do(carried: Installation, watcher: Person) -> None:
    watcher.click(tokens(watcher).new)
    sheet = watcher.dialog(NewTokenSheet)
    watcher.enter(sheet.comment, "Tablet")
    watcher.click(sheet.act)
    asked(carried, watcher, "mail.token.add")
    handed = watcher.dialog(TokenHandOver)

    carry_out(carried, new_key())

    watcher.wait(lambda: handed.state.text().startswith("It cannot be shown"), "the words")
    assert "Password" not in handed.block.buttons


def test_one_is_deleted(carried: Installation, watcher: Person) -> None:
    part = tokens(watcher)
    part.table.choose("2")
    watcher.click(part.delete)
    sheet = watcher.dialog(RemoveTokenSheet)
    assert watcher.sees("Billing program", sheet)
    watcher.click(sheet.act)

    assert asked(carried, watcher, "mail.token.remove") == {"token_id": "2", "comment": "Billing program"}


def test_all_are_deleted(carried: Installation, watcher: Person) -> None:
    part = tokens(watcher)
    watcher.click(part.every)
    watcher.click(watcher.dialog(EndTokensSheet).act)

    assert asked(carried, watcher, "mail.mailbox.tokens") == {}
