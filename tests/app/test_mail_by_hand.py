"""A change by hand in the files of a mail server: in *Needs attention*, in the server's tab, kept by a sheet."""

from __future__ import annotations

import pytest

from app.pages.servers.mail_by_hand import KeepFilesSheet
from backend.bootstrap import Installation
from tests.app.person import Person
from tests.app.test_servers_page import open_requests
from tests.sample_data.mail import CARRIERS, add_by_hand, add_mail
from tests.sample_data.servers import server_id, server_name

MAIL_TAB = 2


@pytest.fixture
def changed(fleet: Installation) -> Installation:
    add_mail(fleet)
    add_by_hand(fleet)
    return fleet


def test_what_was_changed_by_hand_is_named_and_kept(changed: Installation, watcher: Person) -> None:
    overview = watcher.overview()
    watcher.wait(
        lambda: watcher.sees(f"{server_name(CARRIERS[0])}: its files were changed by hand", overview), "the need"
    )
    page = watcher.servers()
    page.choose(server_id(CARRIERS[0]))
    page.detail.tabs.setCurrentIndex(MAIL_TAB)
    part = page.detail.mail
    watcher.wait(lambda: part.banner.text, "the banner")
    assert part.banner.text == "Its files were changed by hand MESSAGE_RATELIMIT and 4 more"
    part.changes.keep.trigger()
    sheet = watcher.dialog(KeepFilesSheet)
    assert watcher.sees("overrides/postfix/postfix.cf", sheet)
    watcher.click(sheet.act)

    watcher.wait(lambda: open_requests(changed, "mail.files.keep"), "the request")
    (request,) = open_requests(changed, "mail.files.keep")
    assert request["server_id"] == str(server_id(CARRIERS[0]))
    assert request["stamp"]


def test_files_as_accepted_offer_nothing(fleet: Installation, watcher: Person) -> None:
    add_mail(fleet)
    page = watcher.servers()
    page.choose(server_id(CARRIERS[0]))
    page.detail.tabs.setCurrentIndex(MAIL_TAB)
    watcher.wait(page.detail.mail.compare.isVisible, "the buttons")
    assert not page.detail.mail.changes.keep.isVisible()
