"""Mail servers, domains, mailboxes and aliases from the command line, beside an engine with an emulated Mailu."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.cli.output import Exit
from backend.demo.mailu.passwords import is_password
from backend.mail.requests import AddDomain, AddMailboxes, NewMailbox
from backend.mailu.settings import VERSION
from tests.app.cli.command import Commands, Done, NewCommands
from tests.backend.mail.world import CLIENT, DOMAIN, MailWorld, mail_world
from tests.backend.mailu.emulated import HOST_NAME

ME, INFO = f"me@{DOMAIN}", f"info@{DOMAIN}"
BARE = "mx2.example.net"
CANARY = "CANARY-typed-4b7f11"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailWorld]:
    with mail_world(tmp_path_factory.mktemp("mail")) as made:
        yield made


@pytest.fixture
def world(shared: MailWorld) -> MailWorld:
    """With one domain of a client and one mailbox in it."""
    shared.as_new()
    shared.done(AddDomain(shared.server, DOMAIN, CLIENT, max_mailboxes=5))
    shared.done(AddMailboxes(shared.server, DOMAIN, (NewMailbox("me", shared.kept("CANARY-first-0a5d"), "Me"),)))
    return shared


@pytest.fixture
def commands(world: MailWorld, new_commands: NewCommands) -> Commands:
    return new_commands(world.installation.folder.root)


def row(rows: list[dict[str, Any]], **named: str) -> dict[str, Any]:
    (found,) = [each for each in rows if all(each[key] == value for key, value in named.items())]
    return found


def test_the_mail_servers_are_told_with_what_they_carry(commands: Commands) -> None:
    told = commands.asks("mail", "status")

    assert [each["server"] for each in told] == [HOST_NAME]
    assert {name: told[0][name] for name in ("state", "version", "domains", "mailboxes")} == {
        "state": "running",
        "version": VERSION,
        "domains": 1,
        "mailboxes": 1,
    }
    assert HOST_NAME in commands.run("mail", "status", passphrase=None).out
    assert commands.asks("mail", "status", "--workspace", "Another client") == []


def test_settings_are_told_without_a_secret(commands: Commands) -> None:
    told = commands.asks("mail", "settings", HOST_NAME)
    table = commands.run("mail", "settings", HOST_NAME, passphrase=None).out

    assert (told["settings"]["host_name"], told["settings"]["domain"]) == (HOST_NAME, DOMAIN)
    assert told["settings"]["ports"] == [25, 80, 443, 465, 587, 993, 4190]
    assert "my20261201" in table
    assert "api_keys/" not in table


def test_the_mail_servers_that_port_25_is_tried_with_are_chosen(commands: Commands) -> None:
    before = commands.asks("mail", "outside")
    assert before["is_default"]

    chosen = commands.run("mail", "outside", "mx.one.example", "MX.two.example", "--json").json
    assert chosen == {"names": ["mx.one.example", "mx.two.example"], "is_default": False}
    assert commands.run("mail", "outside").out.split() == chosen["names"]
    assert "not a full domain name" in commands.run("mail", "outside", "mx", code=Exit.REFUSED).err
    commands.run("mail", "outside", "mx.one.example", "--default", code=Exit.USAGE)
    assert commands.asks("mail", "outside") == chosen

    commands.run("mail", "outside", "--default")
    assert commands.asks("mail", "outside") == before


def test_what_a_mail_server_has_is_read_again(world: MailWorld, commands: Commands) -> None:
    world.by_hand("POST", "/alias", {"email": INFO, "destination": [ME]})

    done = commands.run("mail", "refresh", HOST_NAME, "--json")

    assert (done.json["kind"], done.json["state"]) == ("mail.read", "succeeded")
    assert [each["address"] for each in commands.asks("alias", "list")] == [INFO]


def test_a_domain_is_added_limited_and_removed(world: MailWorld, commands: Commands) -> None:
    second = ("bücher.example", "xn--bcher-kva.example")
    limits = ("--max-mailboxes", "3", "--max-aliases", "0", "--max-quota-mb", "500")
    added = commands.run("domain", "add", second[0], "--server", HOST_NAME, "--client", "Client", *limits, "--json")
    assert added.json["about"] == second[1]
    told = row(commands.asks("domain", "list"), name=second[1])
    assert (told["workspace"], told["max_mailboxes"], told["max_aliases"]) == ("Client", 3, 0)
    assert told["max_quota_bytes"] == 500_000_000

    commands.run("domain", "set", second[0], "--max-mailboxes", "4", "--alternative", "buecher.example")
    told = row(commands.asks("domain", "list", "--workspace", "Client"), name=second[1])
    assert (told["max_mailboxes"], told["max_aliases"], told["alternatives"]) == (4, 0, ["buecher.example"])

    commands.run("domain", "set", second[1], "--unlimited", "--no-alternatives")
    told = row(commands.asks("domain", "list"), name=second[1])
    assert [told[name] for name in ("max_mailboxes", "max_aliases", "max_quota_bytes")] == [None] * 3
    assert told["alternatives"] == []

    commands.run("domain", "remove", second[0], "--typed-name", second[0])
    assert [each["name"] for each in commands.asks("domain", "list")] == [DOMAIN]
    assert world.mailu.counters()["domain"] == [DOMAIN]


def test_a_password_that_was_made_up_is_printed_once_and_lets_in(world: MailWorld, commands: Commands) -> None:
    added = commands.run("mailbox", "add", INFO.upper(), "--name", "Front desk", "--quota-mb", "200")

    address, password = added.out.strip().split("\t")
    assert (address, is_password(password, world.user(INFO)["password"])) == (INFO, True)
    assert password not in added.err
    told = row(commands.asks("mailbox", "list", DOMAIN), address=INFO)
    assert (told["display_name"], told["quota_bytes"], told["must_change_password"]) == (
        "Front desk",
        200_000_000,
        True,
    )


def test_a_password_that_is_read_is_never_printed(world: MailWorld, commands: Commands) -> None:
    given = ("--password-stdin", "--keep-password", "--json")
    added = commands.run("mailbox", "add", INFO, *given, typed=f"{CANARY}\n")
    assert added.json["passwords"] == {}
    assert is_password(CANARY, world.user(INFO)["password"])
    assert row(commands.asks("mailbox", "list"), address=INFO)["must_change_password"] is False

    changed = commands.run("mailbox", "password", INFO, *given, typed=f"{CANARY}-2 \n")
    assert is_password(f"{CANARY}-2 ", world.user(INFO)["password"])
    assert CANARY not in added.out + added.err + changed.out + changed.err
    assert files_with(CANARY, commands.folder) == ""


def files_with(text: str, folder: Path) -> str:
    """By another process: SQLite's locks are this process's, and closing any file of the database would drop them."""
    looked = subprocess.run(["grep", "-rlF", text, str(folder)], capture_output=True, text=True, check=False)
    assert looked.returncode in (0, 1), looked.stderr
    return looked.stdout


def test_another_password_is_made_up_and_told_as_json(world: MailWorld, commands: Commands) -> None:
    told = commands.run("mailbox", "password", ME, "--json").json

    assert (told["kind"], list(told["passwords"])) == ("mail.mailbox.password", [ME])
    assert is_password(told["passwords"][ME], world.user(ME)["password"])


def test_a_mailbox_is_changed_and_deleted(world: MailWorld, commands: Commands) -> None:
    away = ("--forward", "one@else.example", "--forward", "two@else.example", "--no-copy")
    commands.run("mailbox", "set", ME, "--name", "Myself", "--quota-mb", "100", "--suspend", *away)
    told = row(commands.asks("mailbox", "list"), address=ME)
    assert (told["display_name"], told["quota_bytes"], told["is_enabled"]) == ("Myself", 100_000_000, False)
    assert (told["forwards_to"], told["keeps_copy"]) == (["one@else.example", "two@else.example"], False)

    commands.run("mailbox", "set", ME, "--quota-mb", "0", "--enable", "--no-forward")
    told = row(commands.asks("mailbox", "list"), address=ME)
    assert (told["display_name"], told["quota_bytes"], told["is_enabled"]) == ("Myself", None, True)
    assert told["forwards_to"] == []

    commands.run("mailbox", "delete", ME, "--typed-name", ME)
    assert commands.asks("mailbox", "list") == []
    assert world.mailu.counters()["mailbox"] == []


def test_an_alias_is_set_and_deleted(commands: Commands) -> None:
    commands.run("alias", "set", INFO, ME, "away@else.example", "--comment", "front desk")
    told = row(commands.asks("alias", "list", DOMAIN), address=INFO)
    assert (told["destinations"], told["comment"]) == (["away@else.example", ME], "front desk")

    commands.run("alias", "set", f"%@{DOMAIN}", ME, "--wildcard")
    assert row(commands.asks("alias", "list"), address=f"%@{DOMAIN}")["is_wildcard"] is True

    commands.run("alias", "delete", INFO)
    assert [each["address"] for each in commands.asks("alias", "list")] == [f"%@{DOMAIN}"]


CSV = "address,password,name,quota_mb\ninfo,longenough,Info,100\nsales,,Sales,\n"


def imported(commands: Commands, tmp_path: Path, text: str | bytes, *more: str, code: int = 0) -> Done:
    file = tmp_path / "mailboxes.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return commands.run("mailbox", "import", DOMAIN, str(file), *more, code=code)


def test_mailboxes_come_from_a_csv(world: MailWorld, commands: Commands, tmp_path: Path) -> None:
    told = imported(commands, tmp_path, CSV, "--yes", "--json").json

    assert world.addresses() == [INFO, ME, f"sales@{DOMAIN}"]
    assert is_password("longenough", world.user(INFO)["password"])
    assert list(told["passwords"]) == [f"sales@{DOMAIN}"]
    assert is_password(told["passwords"][f"sales@{DOMAIN}"], world.user(f"sales@{DOMAIN}")["password"])


def test_bad_lines_of_a_csv_are_named_and_nothing_is_done(world: MailWorld, commands: Commands, tmp_path: Path) -> None:
    bad = f"{CSV}two words,longenough\nshort,{CANARY[:5]}\n"

    refused = imported(commands, tmp_path, bad, "--yes", code=Exit.REFUSED)
    assert "line 4: two words: " in refused.err
    assert "line 5: short: The password has fewer than 8 characters." in refused.err
    assert CANARY[:5] not in refused.err
    assert world.addresses() == [ME]

    imported(commands, tmp_path, bad, "--skip-bad", "--yes")
    assert world.addresses() == [INFO, ME, f"sales@{DOMAIN}"]


def test_a_line_without_a_quota_gets_the_most_that_the_domain_allows(
    world: MailWorld, commands: Commands, tmp_path: Path
) -> None:
    commands.run("domain", "set", DOMAIN, "--max-quota-mb", "50")

    imported(commands, tmp_path, "address,quota_mb\nsales,\noffice,20\n", "--yes")

    quotas = {name: world.mailbox(f"{name}@{DOMAIN}").quota_bytes for name in ("sales", "office")}
    assert quotas == {"sales": 50_000_000, "office": 20_000_000}


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "has no mailboxes"), ("address\n", "has no mailboxes"), (b"\xff\xfe\x00", "is not UTF-8"), (CSV, "--yes")],
    ids=["empty", "heads alone", "of another program", "not asked"],
)
def test_a_csv_that_cannot_be_taken_is_told(
    world: MailWorld, commands: Commands, tmp_path: Path, text: str | bytes, words: str
) -> None:
    assert words in imported(commands, tmp_path, text, code=Exit.USAGE).err
    assert world.addresses() == [ME]


def test_what_is_refused_leaves_no_password_behind(world: MailWorld, commands: Commands, tmp_path: Path) -> None:
    before = world.installation.secrets.references()

    taken = commands.run("mailbox", "add", ME, code=Exit.REFUSED)
    too_many = imported(commands, tmp_path, "\n".join(f"box{n}" for n in range(5)), "--yes", code=Exit.REFUSED)
    relay = ("--smart-host", "smtp.else.example:587", "--smart-host-user", "us", "--smart-host-password-stdin")
    not_ready = commands.run(
        "mail", "install", BARE, "new.example", "--yes", *relay, typed=f"{CANARY}\n", code=Exit.REFUSED
    )

    way = ("smtp.else.example:25", "--user", "us", "--password-stdin", "--yes")
    commands.run("mail", "smart-host", HOST_NAME, *way, typed=f"{CANARY}\n", code=Exit.REFUSED)

    assert f"There is already a mailbox {ME}." in taken.err
    assert f"{DOMAIN} may have at most 5 mailboxes and has 1." in too_many.err
    assert f"{BARE} is not ready for a mail server." in not_ready.err
    assert taken.out + too_many.out == ""
    assert world.installation.secrets.references() == before


BAD: dict[str, tuple[tuple[str, ...], Exit, str]] = {
    "no address": (("mailbox", "add", "info"), Exit.USAGE, "'info' is not an e-mail address."),
    "nothing before the @": (("mailbox", "delete", f"@{DOMAIN}"), Exit.USAGE, "is not an e-mail address."),
    "a domain nobody has": (("mailbox", "add", "a@b.example"), Exit.NOT_FOUND, "No mail server carries b.example"),
    "a list of it": (("mailbox", "list", "b.example"), Exit.NOT_FOUND, "No mail server carries b.example"),
    "a space": (("mailbox", "add", f"a b@{DOMAIN}"), Exit.REFUSED, "a b cannot stand before the @."),
    "no mailbox": (("mailbox", "set", INFO, "--enable"), Exit.REFUSED, f"There is no mailbox {INFO}."),
    "no change": (("mailbox", "set", ME), Exit.USAGE, "Say what is to change"),
    "both ways": (("mailbox", "set", ME, "--forward", INFO, "--no-forward"), Exit.USAGE, "takes no --forward"),
    "to itself": (("mailbox", "set", ME, "--forward", ME), Exit.REFUSED, "A mailbox cannot forward to itself."),
    "a huge quota": (("mailbox", "set", ME, "--quota-mb", "9" * 12), Exit.REFUSED, "cannot be a limit"),
    "another name typed": (("mailbox", "delete", ME, "--typed-name", INFO), Exit.REFUSED, "The name typed is not"),
    "nobody to ask": (("mailbox", "delete", ME), Exit.USAGE, "--typed-name"),
    "no domain": (("domain", "add", "b", "--server", HOST_NAME), Exit.REFUSED, "b is not a full domain name."),
    "no server": (("domain", "add", "b.example", "--server", "mx9"), Exit.NOT_FOUND, "mx9"),
    "a bare server": (("domain", "add", "b.example", "--server", BARE), Exit.REFUSED, "has no mail server."),
    "a domain twice": (("domain", "add", DOMAIN, "--server", HOST_NAME), Exit.REFUSED, "has a mail server already"),
    "no workspace": (
        ("domain", "add", "b.example", "--server", HOST_NAME, "--client", "Nobody"),
        Exit.NOT_FOUND,
        "There is no workspace named Nobody",
    ),
    "no change of a domain": (("domain", "set", DOMAIN), Exit.USAGE, "Say what is to change"),
    "an alias to nobody": (("alias", "set", INFO, f"nobody@{DOMAIN}"), Exit.REFUSED, "neither a mailbox nor an alias"),
    "an alias there is not": (("alias", "delete", INFO), Exit.REFUSED, f"There is no alias {INFO}."),
    "no settings": (("mail", "settings", BARE), Exit.NOT_FOUND, f"{BARE} has no mail server"),
    "no webmail": (("mail", "install", BARE, "b.example", "--webmail", "x"), Exit.USAGE, "is none of roundcube"),
    "no port": (("mail", "install", BARE, "b.example", "--smart-host", "smtp"), Exit.USAGE, "say HOST:PORT"),
    "an odd port": (("mail", "install", BARE, "b.example", "--smart-host", "smtp:²"), Exit.USAGE, "say HOST:PORT"),
    "neither way out": (("mail", "smart-host", HOST_NAME), Exit.USAGE, "Give either HOST:PORT or --none."),
    "both ways out": (("mail", "smart-host", HOST_NAME, "s.example:587", "--none"), Exit.USAGE, "Give either"),
    "a user without a way": (("mail", "smart-host", HOST_NAME, "--none", "--user", "x"), Exit.USAGE, "takes no --user"),
    "a smart host on 25": (
        ("mail", "smart-host", HOST_NAME, "s.example:25", "--yes"),
        Exit.REFUSED,
        "A smart host cannot be reached on port 25 here.",
    ),
    "a message to nobody": (
        ("mail", "smart-host", HOST_NAME, "s.example:587", "--yes", "--test-to", "nobody"),
        Exit.REFUSED,
        "nobody is not an e-mail address.",
    ),
    "a smart host of none": (("mail", "smart-host", BARE, "--none", "--yes"), Exit.REFUSED, "has no mail server."),
    "a change of nothing": (("mail", "set", HOST_NAME), Exit.USAGE, "Name a setting to change"),
    "a change that will not do": (("mail", "set", HOST_NAME, "--message-mb", "0"), Exit.REFUSED, "between 1 and 1000"),
    "a change of no ports": (("mail", "set", HOST_NAME, "--ports", "all"), Exit.USAGE, "are no ports"),
    "a change to no webmail": (("mail", "set", HOST_NAME, "--webmail", "x"), Exit.USAGE, "is none of roundcube"),
    "a stop without a yes": (("mail", "stop", HOST_NAME), Exit.USAGE, "There is no terminal to ask on"),
    "a start of none": (("mail", "start", BARE), Exit.REFUSED, "has no mail server."),
    "a token of none": (("mail", "renew-token", BARE, "--yes"), Exit.REFUSED, "has no mail server."),
    "a password of none": (("mail", "renew-password", BARE, "--yes"), Exit.REFUSED, "has no mail server."),
    "a user of none": (("mail", "install", BARE, "b.example", "--smart-host-user", "x"), Exit.USAGE, "needs --smart"),
}


@pytest.mark.parametrize(("arguments", "code", "words"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(
    world: MailWorld, commands: Commands, arguments: tuple[str, ...], code: Exit, words: str
) -> None:
    refused = commands.run(*arguments, code=code)

    assert words in " ".join(refused.err.split())
    assert world.addresses() == [ME]
    assert world.mailu.counters()["domain"] == [DOMAIN]


def test_a_password_too_short_is_refused_before_anything_is_kept(world: MailWorld, commands: Commands) -> None:
    before = world.installation.secrets.references()

    for arguments in (("add", INFO), ("password", ME)):
        refused = commands.run("mailbox", *arguments, "--password-stdin", typed="short\n", code=Exit.REFUSED)
        assert "The password has fewer than 8 characters." in refused.err

    assert world.installation.secrets.references() == before
