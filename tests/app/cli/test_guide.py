"""The guide's page of the command line and what commands take: neither has what the other lacks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer

from app.cli.jobs import STATES
from app.cli.main import app
from app.cli.output import Exit
from app.places import PLACES
from tests.requirements import ROOT

GUIDE = (ROOT / "docs/guide/command-line.md").read_text()
#: What every program has.
LEFT_OUT = {"--help"}


def commands(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each command by its words; what only leads to others, too."""
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))
OPTIONS = {
    (path, option)
    for path, command in ALL.items()
    for each in command.params
    for option in each.opts
    if option.startswith("--") and option not in LEFT_OUT and not each.hidden
}
#: The words that switch off what another option switches on.
OPPOSITES = {
    (path, option) for path, command in ALL.items() for each in command.params for option in each.secondary_opts
}


def test_the_guide_names_every_command() -> None:
    lacking = [" ".join(path) for path, command in ALL.items() if path and not hasattr(command, "commands")]

    assert [each for each in lacking if f"`{each}" not in GUIDE] == []


def test_the_guide_names_every_option() -> None:
    assert sorted({option for _path, option in OPTIONS if option not in GUIDE}) == []


def test_what_the_guide_names_is_there() -> None:
    named = set(re.findall(r"--[a-z][a-z-]*", GUIDE))
    rows = re.findall(r"`((?:[a-z-]+ )*[a-z-]+)((?: [A-Z]+| \[?--[a-z-]+[^`]*)*)`", GUIDE)
    of_commands = [(tuple(words.split()), options) for words, options in rows if tuple(words.split()) in ALL]

    assert named - {option for _path, option in OPTIONS | OPPOSITES} - LEFT_OUT == set()
    assert len(of_commands) >= len(ALL) / 2
    for path, options in of_commands:
        for option in re.findall(r"--[a-z][a-z-]*", options):
            assert (path, option) in OPTIONS | OPPOSITES or option in LEFT_OUT, (path, option)


def test_what_the_guide_says_of_settings_is_there() -> None:
    told = {
        " ".join(words.split())
        for page in (ROOT / "docs/guide").glob("*.md")
        for words in re.findall(r"\*Settings\s+>\s+([^*>]+)", page.read_text())
    }

    assert told
    assert {each.strip() for each in told} <= {part.title for part in PLACES["settings"].parts}


def test_the_guide_names_every_exit_code_and_state() -> None:
    assert re.findall(r"^\| (\d) \|", GUIDE, re.MULTILINE) == [str(int(code)) for code in Exit]
    assert all(f"`{state}`" in GUIDE for state in STATES)
