"""Installing the mail server from the Servers page: its settings, what is said before, the request."""

from __future__ import annotations

from typing import Any

from app.pages.servers.mail_sheet import InstallMailSheet
from backend.bootstrap import Installation
from backend.core.present import format as words
from backend.core.secrets.values import SecretRef
from backend.providers.capabilities import clouds
from tests.app.person import Person
from tests.app.test_mail_page import carried as carried
from tests.app.test_servers_page import open_requests
from tests.sample_data.mail import CARRIERS
from tests.sample_data.servers import CLIENTS, client_id, server_id, server_name
from widgets.effect_rows import EffectRows

SERVER = 8


def opened(person: Person, number: int = SERVER) -> InstallMailSheet:
    page = person.servers()
    page.choose(server_id(number))
    page.detail.tabs.setCurrentIndex(2)
    person.settle()
    page.acts["install_mail"].trigger()
    sheet = person.dialog(InstallMailSheet)
    person.settle()
    return sheet


def memory(least: int) -> str:
    return f"{words.number(2_048)} MB, {words.number(least)} MB needed"


def request_of(installation: Installation, person: Person) -> dict[str, Any]:
    person.wait(lambda: open_requests(installation, "mail.install"), "the request")
    (request,) = open_requests(installation, "mail.install")
    return request


def test_the_sheet_says_what_is_done_and_what_the_provider_does_to_port_25(
    fleet: Installation, watcher: Person
) -> None:
    sheet = opened(watcher)

    assert watcher.sees(clouds()["digitalocean"].cells["port_25"].note, sheet)
    assert sheet.way.currentData() == "smart_host"
    for said in ("packet filter, fail2ban", "self-signed", "TCP 25, 80, 443", memory(1_800)):
        assert watcher.sees(said, sheet)
    sheet.antivirus.setChecked(True)
    watcher.wait(lambda: watcher.sees(memory(3_700), sheet), "what it needs then")


def test_what_is_done_stands_in_sight_however_much_is_asked_for(fleet: Installation, watcher: Person) -> None:
    watcher.window.resize(1366, 768)
    sheet = opened(watcher)
    (effects,) = sheet.findChildren(EffectRows)

    assert sheet.form.asks_for("spf")
    assert effects.visibleRegion().boundingRect() == effects.rect()


def test_a_mail_server_is_asked_for_with_its_first_domain(fleet: Installation, watcher: Person) -> None:
    sheet = opened(watcher)
    sheet.way.setCurrentIndex(sheet.way.findData("direct"))
    watcher.click(sheet.act)
    assert watcher.sees("is not a full domain name", sheet)
    watcher.enter(sheet.domain, "Cedar-Legal.example")
    watcher.click(sheet.act)

    request = request_of(fleet, watcher)
    assert (request["server_id"], request["domain"]) == (str(server_id(SERVER)), "cedar-legal.example")
    assert (request["host_name"], request["client"]) == (server_name(SERVER), str(client_id(CLIENTS[2])))
    assert (request["webmail"], request["smart_host"]) == ("roundcube", None)


def test_the_password_of_a_smart_host_goes_by_reference(fleet: Installation, watcher: Person) -> None:
    sheet = opened(watcher)
    watcher.enter(sheet.domain, "cedar-legal.example")
    watcher.enter(sheet.host, "smtp.relay.example")
    for first, other, text in ((sheet.password, sheet.user, "of the relay"), (sheet.user, sheet.password, "cedar")):
        other.clear()
        watcher.enter(first, text)
        watcher.click(sheet.act)
        assert sheet.form.error("password") == "A smart host needs both a user and a password, or neither."
    watcher.enter(sheet.password, "of the relay")
    watcher.enter(sheet.spf, "include:spf.relay.example")
    sheet.port.setCurrentIndex(sheet.port.findData("465"))
    watcher.click(sheet.act)

    told = request_of(fleet, watcher)["smart_host"]
    assert fleet.secrets.read(SecretRef(told.pop("password_ref"))).reveal() == "of the relay"
    assert told == {
        "host": "smtp.relay.example",
        "port": 465,
        "user": "cedar",
        "tls": "tls",
        "spf": "include:spf.relay.example",
    }


def test_a_server_that_has_one_gets_no_second(carried: Installation, watcher: Person) -> None:
    sheet = opened(watcher, CARRIERS[0])

    watcher.wait(lambda: not sheet.act.isEnabled(), "the answer")
    assert sheet.banner.title.text() == f"{server_name(CARRIERS[0])} has a mail server already."


def test_the_tab_of_a_server_without_mail_offers_it_or_says_why_not(fleet: Installation, watcher: Person) -> None:
    page = watcher.servers()
    page.choose(server_id(SERVER))
    page.detail.tabs.setCurrentIndex(2)
    watcher.settle()
    assert page.detail.mail.empty.action.isVisible()

    page.choose(server_id(5))
    watcher.settle()
    assert not page.detail.mail.empty.action.isVisible()
    assert watcher.sees("Mailyard sets mail up on servers it created and verified.", page.detail.mail)
