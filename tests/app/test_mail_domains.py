"""Acts on aliases and domains: the sheet, what is refused there, the request."""

from __future__ import annotations

from app.pages.mail.alias_sheets import AliasSheet, RemoveAliasSheet
from app.pages.mail.domain_panel import ALIASES, DOMAIN
from app.pages.mail.domain_sheets import (
    AlternativesSheet,
    LimitsSheet,
    ManagersSheet,
    NewDomainSheet,
    RemoveDomainSheet,
)
from app.shell.route import Route
from app.shell.window.template_sheet import TemplateSheet
from backend.bootstrap import Installation
from backend.mail.templates import LimitTemplate
from tests.app.person import Person
from tests.app.test_mail_acts import SERVER, asked
from tests.app.test_mail_page import carried as carried
from tests.app.test_mail_page import opened
from tests.app.test_servers_page import open_requests
from tests.sample_data.mail import GB, MAIN, UNLIMITED
from tests.sample_data.servers import CLIENTS, client_id


def test_an_alias_is_created_changed_and_deleted(carried: Installation, watcher: Person) -> None:
    page = opened(watcher, UNLIMITED)
    page.domain.tabs.setCurrentIndex(ALIASES)
    watcher.click(page.domain.aliases.empty.action)
    sheet = watcher.dialog(AliasSheet)
    watcher.enter(sheet.local, "%")
    sheet.is_wildcard.setChecked(True)
    sheet.to.setPlainText(f"info@{UNLIMITED}")
    watcher.click(sheet.act)
    watcher.wait(lambda: open_requests(carried, "mail.alias.set"), "the request")
    (request,) = open_requests(carried, "mail.alias.set")
    assert (request["address"], request["destinations"]) == (f"%@{UNLIMITED}", [f"info@{UNLIMITED}"])
    assert request["is_wildcard"] is True

    page = opened(watcher)
    table = page.domain.aliases.table
    table.choose(f"results@{MAIN}")
    watcher.click(page.domain.aliases.delete)
    watcher.click(watcher.dialog(RemoveAliasSheet).act)
    assert asked(carried, watcher, "mail.alias.remove") == {"address": f"results@{MAIN}"}


def test_a_domain_with_all_its_aliases_gets_no_more_and_says_why(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    page.domain.tabs.setCurrentIndex(ALIASES)
    watcher.click(page.domain.aliases.new)
    sheet = watcher.dialog(AliasSheet)

    assert sheet.banner.title.text() == f"{MAIN} may have at most 3 aliases and has 3."
    assert not sheet.act.isEnabled()


def test_limits_and_alternative_domains_are_changed_each_with_the_other_kept(
    carried: Installation, watcher: Person
) -> None:
    page = opened(watcher)
    page.domain.tabs.setCurrentIndex(DOMAIN)
    watcher.click(page.domain.domain.buttons["limits"])
    limits = watcher.dialog(LimitsSheet)
    watcher.enter(limits.limits.mailboxes, "many")
    watcher.click(limits.act)
    assert watcher.sees("Enter a whole number, or nothing.", limits)
    watcher.enter(limits.limits.mailboxes, "40")
    limits.limits.aliases.clear()
    watcher.click(limits.act)
    request = asked(carried, watcher, "mail.domain.set")
    assert request == {
        "domain": MAIN,
        "max_mailboxes": 40,
        "max_aliases": None,
        "max_quota_bytes": 20 * GB,
        "alternatives": ["acme-dental.test"],
    }
    watcher.wait(lambda: not watcher.window.findChildren(LimitsSheet), "the sheet to go")

    watcher.click(page.domain.domain.buttons["names"])
    names = watcher.dialog(AlternativesSheet)
    names.names.setPlainText(MAIN)
    watcher.click(names.act)
    assert watcher.sees(f"{MAIN} cannot be another name of itself.", names)
    names.names.setPlainText("acme.test")
    watcher.click(names.act)
    watcher.wait(lambda: len(open_requests(carried, "mail.domain.set")) == 2, "the other request")
    assert ["acme.test"] in [each["alternatives"] for each in open_requests(carried, "mail.domain.set")]


def test_managers_are_set(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    page.domain.tabs.setCurrentIndex(DOMAIN)
    watcher.click(page.domain.domain.buttons["managers"])
    sheet = watcher.dialog(ManagersSheet)
    assert sheet.managers.entries == (f"office@{MAIN}",)
    sheet.managers.setPlainText(f"info@{MAIN}, office@{MAIN}")
    watcher.click(sheet.act)

    request = asked(carried, watcher, "mail.domain.managers")
    assert request == {"domain": MAIN, "managers": [f"info@{MAIN}", f"office@{MAIN}"]}


def test_a_domain_is_removed_only_with_its_name(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    page.domain.tabs.setCurrentIndex(DOMAIN)
    watcher.click(page.domain.domain.buttons["remove"])
    sheet = watcher.dialog(RemoveDomainSheet)
    assert watcher.sees("16 mailboxes", sheet)
    watcher.enter(sheet.typed, MAIN)
    watcher.click(sheet.act)

    assert asked(carried, watcher, "mail.domain.remove") == {"domain": MAIN, "typed_name": MAIN}


def test_a_domain_is_added_for_a_client(carried: Installation, watcher: Person) -> None:
    watcher.mail()
    watcher.window.go(Route("mail", command="add_domain"))
    sheet = watcher.dialog(NewDomainSheet)
    watcher.wait(sheet.server.count, "the servers")
    watcher.enter(sheet.name, "not a domain")
    watcher.click(sheet.act)
    assert watcher.sees("is not a full domain name", sheet)
    watcher.enter(sheet.name, "Acme-New.example")
    sheet.server.setCurrentIndex(sheet.server.findData(SERVER))
    sheet.client.setCurrentIndex(sheet.client.findData(str(client_id(CLIENTS[0]))))
    watcher.enter(sheet.limits.mailboxes, "5")
    watcher.click(sheet.act)

    request = asked(carried, watcher, "mail.domain.add")
    assert request["domain"] == "acme-new.example"
    assert (request["client"], request["max_mailboxes"]) == (str(client_id(CLIENTS[0])), 5)


def test_a_template_fills_in_limits_and_limits_are_kept_as_one(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    page.domain.tabs.setCurrentIndex(DOMAIN)
    watcher.click(page.domain.domain.buttons["limits"])
    sheet = watcher.dialog(LimitsSheet)
    assert not sheet.form.asks_for("template")
    watcher.enter(sheet.limits.mailboxes, "40")
    watcher.click(sheet.keep_template)
    template = watcher.dialog(TemplateSheet)
    watcher.click(template.act)
    assert watcher.sees("Enter a name.", template)
    watcher.enter(template.name, "Practice")
    watcher.click(template.act)
    watcher.wait(lambda: open_requests(carried, "mail.template.keep"), "the request")
    (request,) = open_requests(carried, "mail.template.keep")
    assert (request["name"], request["max_mailboxes"], request["max_quota_bytes"]) == ("Practice", 40, 20 * GB)
    sheet.limits.offer((LimitTemplate("Few", 3, None, GB), LimitTemplate("Practice", 40, 7, 20 * GB)))
    assert sheet.limits.template.currentText() == "none of them"
    choose(sheet, 1)
    assert sheet.limits.values == (3, None, GB)
    watcher.click(sheet.act)
    assert watcher.sees("There is more already: 16.", sheet)
    choose(sheet, 2)
    assert watcher.sees("It fills in the limits below.", sheet)
    assert sheet.limits.template.currentText() == "Practice"
    assert sheet.limits.aliases.text() == "7"
    watcher.enter(sheet.limits.aliases, "9")
    assert sheet.limits.template.currentText() == "none of them"
    watcher.click(sheet.act)

    assert asked(carried, watcher, "mail.domain.set")["max_aliases"] == 9


def choose(sheet: LimitsSheet, at: int) -> None:
    sheet.limits.template.setCurrentIndex(at)
    sheet.limits.template.activated.emit(at)
