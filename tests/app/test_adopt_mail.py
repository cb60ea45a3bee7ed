"""Adopting a mail server from the tab of its server: what was found, what differs, what is asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.pages.servers.adopt_sheet import AdoptMailSheet
from app.pages.servers.mail import MailPart
from backend.bootstrap import Installation
from backend.mailu.found import Difference
from backend.store.schema.mail import MailServer
from backend.store.scope import AGENCY, ENGINE_SCOPE
from tests.app.person import Person
from tests.app.test_mail_page import carried as carried
from tests.app.test_servers_page import open_requests
from tests.sample_data.found_mail import ADOPT, add_look, mail_found, mail_without_api
from tests.sample_data.mail import CARRIERS
from tests.sample_data.servers import CLIENTS, client_id, server_id

SERVER = 8


def tab(person: Person, number: int = SERVER) -> MailPart:
    page = person.servers()
    page.choose(server_id(number))
    page.detail.tabs.setCurrentIndex(2)
    person.settle()
    part: MailPart = page.detail.mail
    return part


def request_of(installation: Installation, person: Person, kind: str) -> dict[str, Any]:
    person.wait(lambda: open_requests(installation, kind), "the request")
    (request,) = open_requests(installation, kind)
    return request


def test_a_server_without_a_known_one_is_looked_at(fleet: Installation, watcher: Person) -> None:
    part = tab(watcher)
    assert part.search.isVisible()

    watcher.click(part.search)

    assert request_of(fleet, watcher, "mail.look")["server_id"] == str(server_id(SERVER))


def test_a_look_under_way_and_one_that_failed_say_so(fleet: Installation, watcher: Person) -> None:
    add_look(fleet, SERVER, None, state="running")
    part = tab(watcher)
    assert watcher.sees("Looking at the server; nothing is changed there.", part)
    assert not part.found.look.isEnabled()
    assert not part.found.adopt.isEnabled()

    add_look(fleet, 9, None, state="failed", cause="No Mailu was found on this server.", remedy="Look elsewhere.")
    part = tab(watcher, 9)

    assert part.empty.words.text() == "No Mailu was found on this server. Look elsewhere."
    assert part.search.isVisible()
    assert part.empty.action.isVisible()


def test_what_was_found_is_shown_and_adopted_as_chosen(fleet: Installation, watcher: Person) -> None:
    add_look(fleet, SERVER, mail_found(SERVER))
    part = tab(watcher)
    for said in ("Mailu 2024.06.41", "/srv/mailu/mailu.env", "domains: 3, mailboxes: 41", "postfix/postfix.cf"):
        assert watcher.sees(said, part)
    assert [row.name for row in part.found.table.records.rows] == ["SESSION_TIMEOUT", "TZ"]

    watcher.click(part.found.adopt)
    sheet = watcher.dialog(AdoptMailSheet)
    assert watcher.sees("SECRET_KEY, API_TOKEN", sheet)
    assert watcher.sees("nothing", sheet)
    watcher.click(sheet.act)

    request = request_of(fleet, watcher, "mail.adopt")
    assert (request["stamp"], request["with_api"], request["opens_api"]) == ("as-it-was-shown", True, False)
    assert request["client"] == str(client_id(CLIENTS[2]))


def test_an_api_that_is_off_is_switched_on_only_where_that_is_chosen(fleet: Installation, watcher: Person) -> None:
    add_look(fleet, SERVER, mail_without_api(SERVER))
    part = tab(watcher)
    assert part.found.banner.title.text() == "Its API: switched off"
    watcher.click(part.found.adopt)
    sheet = watcher.dialog(AdoptMailSheet)
    assert sheet.way.currentData() == "watch"
    assert not sheet.form.asks_for("client")
    assert not watcher.sees("API_TOKEN", sheet)

    sheet.way.setCurrentIndex(sheet.way.findData("open"))

    watcher.wait(lambda: watcher.sees("false → true", sheet), "what will be changed")
    assert watcher.sees("admin, front", sheet)
    watcher.click(sheet.act)
    request = request_of(fleet, watcher, "mail.adopt")
    assert (request["with_api"], request["opens_api"]) == (True, True)


def test_another_release_can_only_be_watched(fleet: Installation, watcher: Person) -> None:
    add_look(fleet, SERVER, mail_found(SERVER, mailu_version="2.0.50", api="unsupported", api_note="Not this release."))
    part = tab(watcher)
    watcher.click(part.found.adopt)
    sheet = watcher.dialog(AdoptMailSheet)

    assert sheet.way.count() == 1
    assert watcher.sees("Not this release.", sheet)
    watcher.click(sheet.act)

    request = request_of(fleet, watcher, "mail.adopt")
    assert (request["with_api"], request["opens_api"], request["client"]) == (False, False, None)


def test_one_that_is_watched_only_says_so(carried: Installation, watcher: Person) -> None:
    number = CARRIERS[0]
    with carried.store.write(ENGINE_SCOPE) as session:
        row = session.get_one(MailServer, (AGENCY, server_id(number)))
        row.is_adopted, row.api_token_ref = True, None

    assert watcher.sees("adopted, watched only: its API is not open to Mailyard", tab(watcher, number))


def test_what_was_changed_since_is_named_on_the_tab_of_a_known_one(carried: Installation, watcher: Person) -> None:
    number = CARRIERS[0]
    before, since = mail_found(number), Difference("mailu.env", "PORTS", "25,110", "25")
    add_look(carried, number, before, kind=ADOPT, ago=timedelta(minutes=9))
    add_look(carried, number, mail_found(number, differences=(*before.differences, since)))
    part = tab(watcher, number)
    assert not part.found.isVisible()

    watcher.click(part.compare)
    watcher.wait(part.found.isVisible, "what was found")

    assert part.found.banner.title.text() == "Changed on the server since it was adopted: PORTS"
    assert request_of(carried, watcher, "mail.look")["server_id"] == str(server_id(number))
    watcher.click(part.found.back)
    assert part.table.isVisible()
