"""App tokens and relays from the command line, beside an engine with an emulated Mailu."""

from __future__ import annotations

import json

import pytest

from app.cli.output import Exit
from tests.app.cli.command import Commands
from tests.app.cli.test_mail import INFO, ME, row
from tests.app.cli.test_mail import commands as commands
from tests.app.cli.test_mail import shared as shared
from tests.app.cli.test_mail import world as world
from tests.backend.mail.world import DOMAIN, MailWorld
from tests.backend.mailu.emulated import HOST_NAME


def test_an_app_token_is_made_printed_once_and_deleted(world: MailWorld, commands: Commands) -> None:
    told = commands.run("app-token", "add", ME, "--name", "Phone", "--network", "203.0.113.0/24", "--json").json
    assert (told["kind"], told["about"], list(told["passwords"])) == ("mail.token.add", ME, [ME])
    printed = commands.run("app-token", "add", ME, "--name", "Tablet").out
    assert [len(word) for word in printed.split("\n")[0].split("\t")] == [len(ME), 32]

    rows = commands.asks("app-token", "list", ME)
    assert [(each["comment"], each["networks"]) for each in rows] == [("Phone", ["203.0.113.0/24"]), ("Tablet", [])]
    table = commands.run("app-token", "list").out
    assert "Tablet" in table
    assert told["passwords"][ME] not in table + json.dumps(rows)

    commands.run("app-token", "delete", ME, rows[0]["token_id"])
    assert [each["comment"] for each in commands.asks("app-token", "list", ME)] == ["Tablet"]
    commands.run("app-token", "delete", ME, "--all")
    assert commands.asks("app-token", "list") == []
    assert world.mailu.counters()["app_token"] == []


def test_a_relay_is_added_changed_and_deleted(world: MailWorld, commands: Commands) -> None:
    name, given = "bücher.example", ("--client", "Client", "--comment", "second MX")
    added = commands.run("relay", "add", name, "--server", HOST_NAME, "--to", "mx.bücher.example:25", *given, "--json")
    plain = "xn--bcher-kva.example"
    assert (added.json["kind"], added.json["about"]) == ("mail.relay.add", plain)
    (told,) = commands.asks("relay", "list", "--workspace", "Client")
    assert (told["name"], told["server"], told["workspace"]) == (plain, HOST_NAME, "Client")
    assert (told["next_hop"], told["comment"]) == (f"mx.{plain}:25", "second MX")
    assert commands.asks("relay", "list", "--workspace", "Another client") == []

    commands.run("relay", "set", name, "--comment", "")
    assert row(commands.asks("relay", "list"), name=plain)["next_hop"] == f"mx.{plain}:25"
    commands.run("relay", "set", plain, "--by-mx", "--server", HOST_NAME)
    assert row(commands.asks("relay", "list"), name=plain)["next_hop"] == ""
    assert plain in commands.run("relay", "list").out

    commands.run("relay", "delete", name)
    assert commands.asks("relay", "list") == []
    assert world.mailu.counters()["relay"] == []


REFUSED: dict[str, tuple[tuple[str, ...], Exit, str]] = {
    "a token for nobody": (
        ("app-token", "add", INFO, "--name", "Phone"),
        Exit.REFUSED,
        f"There is no mailbox {INFO}.",
    ),
    "a token from nowhere": (
        ("app-token", "add", ME, "--name", "Phone", "--network", "office"),
        Exit.REFUSED,
        "office is neither an IP address nor a network.",
    ),
    "a token there is not": (("app-token", "delete", ME, "9"), Exit.NOT_FOUND, f"{ME} has no app token 9"),
    "no token and not all": (("app-token", "delete", ME), Exit.USAGE, "Give either the token or --all."),
    "a relay there is not": (("relay", "delete", "b.example"), Exit.NOT_FOUND, "No mail server relays b.example"),
    "a relay of our own": (("relay", "add", DOMAIN, "--server", HOST_NAME), Exit.REFUSED, "is a domain of this mail"),
    "a relay to nowhere": (
        ("relay", "add", "b.example", "--server", HOST_NAME, "--to", "host:"),
        Exit.REFUSED,
        "Mail cannot be handed on to host:.",
    ),
    "a relay as it is": (("relay", "set", "b.example"), Exit.USAGE, "Say what is to change"),
    "a relay both ways": (("relay", "set", "b.example", "--to", "x.example", "--by-mx"), Exit.USAGE, "takes no --to"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_with_words(commands: Commands, case: str) -> None:
    arguments, code, said = REFUSED[case]

    assert said in commands.run(*arguments, code=code).err
