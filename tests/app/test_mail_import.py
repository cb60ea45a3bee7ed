"""A pasted list or a file of mailboxes: each bad line is named, the good ones are asked for and handed over."""

from __future__ import annotations

from typing import Any

from app.pages.mail.hand_over import HandOverSheet
from app.pages.mail.import_sheet import ImportSheet
from backend.bootstrap import Installation
from backend.core.present import format as words
from tests.app.person import Person
from tests.app.test_mail_acts import asked, kept
from tests.app.test_mail_page import carried as carried
from tests.app.test_mail_page import opened
from tests.sample_data.mail import FULL_DOMAIN, GB, MAIN

LIST = f"""address;password;name;quota_mb
nurse;long enough;Night nurse;2000
info;;;
other@elsewhere.example;;;
porter@{MAIN};;Porter;
tiny;short;;
huge;;;99000
"""


def test_a_pasted_list_names_each_bad_line_and_imports_the_good_ones(carried: Installation, watcher: Person) -> None:
    page = opened(watcher)
    watcher.click(page.bring)
    sheet = watcher.dialog(ImportSheet)
    assert not sheet.act.isEnabled()
    sheet.lines.setPlainText(LIST)
    watcher.wait(lambda: sheet.bad.records.rows, "the preview")
    wrong = {line.number: line.why for line in sheet.bad.records.rows}
    assert wrong == {
        3: f"There is already a mailbox info@{MAIN}.",
        4: f"It is of another domain than {MAIN}.",
        6: "The password has fewer than 8 characters.",
        7: f"A mailbox of {MAIN} may have at most {words.number(20_000)} MB.",
    }
    assert sheet.counted.text() == "2 mailboxes, 4 bad lines"
    assert not sheet.act.isEnabled()
    sheet.leave_out.setChecked(True)
    watcher.click(sheet.act)

    handed = watcher.dialog(HandOverSheet)
    request = asked(carried, watcher, "mail.mailbox.add")
    kept_as = {each["local_part"]: kept(carried, each.pop("password_ref")) for each in request["mailboxes"]}
    assert request["mailboxes"] == [
        {"local_part": "nurse", "display_name": "Night nurse", "quota_bytes": 2 * GB},
        {"local_part": "porter", "display_name": "Porter", "quota_bytes": 20 * GB},
    ]
    assert kept_as["nurse"] == "long enough"
    shown = {row.address: handed.table.records.text(1, row) for row in handed.table.records.rows}
    assert shown == {f"{local}@{MAIN}": password for local, password in kept_as.items()}


def test_more_mailboxes_than_the_domain_may_have_are_not_imported(carried: Installation, watcher: Person) -> None:
    watcher.click(opened(watcher, FULL_DOMAIN).bring)
    sheet = watcher.dialog(ImportSheet)
    sheet.lines.setPlainText("nurse")
    watcher.wait(lambda: sheet.counted.text() == "1 mailbox", "the preview")

    assert watcher.sees("more than fit: there are 3 of 3", sheet)
    assert not sheet.act.isEnabled()


def test_a_file_that_is_no_list_says_so(carried: Installation, watcher: Person, tmp_path: Any) -> None:
    watcher.click(opened(watcher).bring)
    sheet = watcher.dialog(ImportSheet)
    for name, content in (("latin.csv", b"b\xfcro"), ("good.csv", b"\xef\xbb\xbfnurse,long enough")):
        (tmp_path / name).write_bytes(content)
    sheet.take_file(str(tmp_path / "latin.csv"))
    assert sheet.banner.title.text() == "latin.csv cannot be read as a list."

    sheet.take_file(str(tmp_path / "good.csv"))
    assert not sheet.banner.isVisible()
    assert sheet.counted.text() == "1 mailbox"
