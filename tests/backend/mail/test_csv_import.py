"""What a CSV of mailboxes says, line by line, and why a line is bad."""

from __future__ import annotations

import pytest

from backend.mail.csv_import import read_mailboxes

DOMAIN = "example.com"


def names(text: str) -> list[str]:
    return [line.local_part for line in read_mailboxes(text, DOMAIN).good]


@pytest.mark.parametrize(
    "text",
    [
        "address,password,name,quota_mb\ninfo@example.com,longenough,Info,100\n",
        "info@example.com,longenough,Info,100",
        "\ufeffName;Quota;Address;Password\r\nInfo;100;info@example.com;longenough\r\n",
        "local_part\tpassword\tdisplay_name\tquota_mb\nINFO\tlongenough\tInfo\t100\n",
        'address,name,password,quota_mb\n"info","Info","longenough","100"\n\n,,,\n',
    ],
    ids=["heads", "no heads", "a spreadsheet's", "tabs and capitals", "quotes and empty lines"],
)
def test_the_forms_that_people_write_are_read_alike(text: str) -> None:
    (line,) = read_mailboxes(text, DOMAIN).good

    assert (line.local_part, line.display_name, line.quota_bytes) == ("info", "Info", 100_000_000)
    assert line.password is not None
    assert line.password.reveal() == "longenough"


def test_what_is_left_out_is_nothing() -> None:
    (line,) = read_mailboxes("address\ninfo\n", DOMAIN).good

    assert (line.password, line.display_name, line.quota_bytes) == (None, "", None)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("info@example.org,longenough", "another domain"),
        ("two words,longenough", "before the @"),
        ("@example.com,longenough", "before the @"),
        ("a..b,longenough", "before the @"),
        ("info,short", "fewer than"),
        ("info,longenough,Info,much", "no quota"),
        ("info,longenough,Info,-5", "no quota"),
        ("info,longenough,Info,0", "no quota"),
        ("info,longenough,Info," + "9" * 400, "no quota"),
        ("info,longenough,Info,१२", "no quota"),
    ],
)
def test_a_bad_line_is_named_with_the_reason_and_without_its_password(line: str, why: str) -> None:
    preview = read_mailboxes(f"address,password,name,quota_mb\nfine,longenough\n{line}\n", DOMAIN)

    (bad,) = preview.bad
    assert (bad.number, [each.local_part for each in preview.good]) == (3, ["fine"])
    assert why in bad.why
    assert "longenough" not in repr(preview)


def test_the_second_of_two_equal_lines_is_bad_and_tells_of_the_first() -> None:
    preview = read_mailboxes("a,longenough\nb,longenough\nA@example.com,longenough\n", DOMAIN)

    assert [line.local_part for line in preview.good] == ["a", "b"]
    assert [(bad.number, "1" in bad.why) for bad in preview.bad] == [(3, True)]


@pytest.mark.parametrize("text", ["", "\n\n", "address,password\n"])
def test_an_empty_file_has_no_mailboxes(text: str) -> None:
    assert names(text) == []


def test_a_quote_that_never_ends_is_named_with_its_line_and_what_stands_before_it_is_kept() -> None:
    rest = "x" * 200_000

    preview = read_mailboxes(f'address,password\nfine,longenough\nopen,"longenough\n{rest}', DOMAIN)

    assert [line.local_part for line in preview.good] == ["fine"]
    (bad,) = preview.bad
    assert (bad.number, "quote" in bad.why) == (3, True)
    assert "longenough" not in repr(preview)


def test_a_cell_of_several_lines_does_not_move_the_numbers_after_it() -> None:
    preview = read_mailboxes('address,name\nfirst,"Two\nlines"\nnot good,Name\n', DOMAIN)

    assert [(bad.number, bad.text) for bad in preview.bad] == [(4, "not good")]


def test_a_domain_is_compared_as_it_is_written_elsewhere() -> None:
    text = "info@Bücher.example,longenough\nsales@xn--bcher-kva.example.,longenough\n"

    preview = read_mailboxes(text, "xn--bcher-kva.example")

    assert ([line.local_part for line in preview.good], preview.bad) == (["info", "sales"], ())


def test_a_thousand_lines_keep_their_order() -> None:
    text = "\n".join(f"box{number},longenough" for number in range(1_000))

    assert names(text) == [f"box{number}" for number in range(1_000)]
