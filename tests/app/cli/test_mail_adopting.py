"""``mailyard mail look`` and ``adopt`` on the demo, where somebody else set a Mailu up on one of the servers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.cli.output import Exit
from backend.demo.fleet.mail import UNKNOWN
from backend.demo.fleet.mail_files import ELSEWHERE, OLDER
from tests.app.cli.command import Commands, NewCommands
from tests.backend.demo.fleet.opened import Opened, opened_demo

(THERE,) = UNKNOWN
BARE = "mx2.acme-dental.example"
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with opened_demo(tmp_path_factory.mktemp("adopt"), has_engine=True) as made:
        yield made


@pytest.fixture
def commands(running: Opened, new_commands: NewCommands) -> Commands:
    return new_commands(running.installation.folder.root)


def test_it_is_looked_at_shown_and_taken_over_only_with_a_yes(running: Opened, commands: Commands) -> None:
    told = commands.run("mail", "look", THERE, "--json", passphrase=None).json
    shown = commands.run("mail", "look", THERE, passphrase=None).out

    assert (told["found"]["mailu_version"], told["found"]["api"], told["changed"]) == (OLDER, "open", [])
    assert all(words in shown for words in (f"{ELSEWHERE}/mailu.env", "SESSION_TIMEOUT", "postfix/postfix.cf"))
    assert "pass --yes" in commands.run("mail", "adopt", THERE, passphrase=None, code=Exit.USAGE).err
    assert THERE not in [each["server"] for each in commands.asks("mail", "status")]

    done = commands.run("mail", "adopt", THERE, "--client", "Cedar Legal", "--yes", "--json", passphrase=None)

    assert done.json["state"] == "succeeded"
    (row,) = [each for each in commands.asks("mail", "status") if each["server"] == THERE]
    assert (row["is_adopted"], row["domains"], row["mailboxes"]) == (True, 2, 13)
    (said,) = {each["workspace"] for each in commands.asks("domain", "list") if each["server"] == THERE}
    assert said == "Cedar Legal"


def test_what_cannot_be_is_refused_in_words(running: Opened, commands: Commands) -> None:
    both = commands.run("mail", "adopt", THERE, "--watch-only", "--open-api", passphrase=None, code=Exit.USAGE)
    none = commands.run("mail", "look", BARE, passphrase=None, code=Exit.FAILED)
    opened = commands.run("mail", "adopt", THERE, "--open-api", "--yes", passphrase=None, code=Exit.REFUSED)

    assert "either" in both.err
    assert "Docker does not answer on this server." in none.err
    assert "cannot be switched on" in opened.err
