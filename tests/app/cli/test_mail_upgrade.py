"""``mailyard mail upgrade``, beside an engine with a mail server on an emulated host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.output import Exit
from backend.bootstrap import Installation
from backend.mailu.settings import VERSION
from tests.app.cli.command import NewCommands
from tests.backend.mail.upgrade_site import NAME, OLD, mail_site
from tests.installation import open_installation


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    with mail_site(tmp_path / "site") as site:
        opened = open_installation(tmp_path / "data", endpoint=site.endpoint)
        try:
            assert opened.become_engine("test")
            site.settle(opened)
            yield opened
        finally:
            opened.close()


def test_a_mail_server_is_upgraded_by_a_command_that_says_what_it_does(
    installation: Installation, new_commands: NewCommands
) -> None:
    commands = new_commands(installation.folder.root)
    older = commands.run("mail", "upgrade", NAME, "--version", "2024.06.1", "--yes", code=Exit.REFUSED)
    unasked = commands.run("mail", "upgrade", NAME, code=Exit.USAGE)
    unknown = commands.run("mail", "upgrade", "mx9.example.net", "--yes", code=Exit.NOT_FOUND)

    told = commands.asks("mail", "upgrade", NAME, "--yes")

    assert f"Mailu 2024.06.1 is older than {OLD}" in older.err
    assert "pass --yes" in unasked.err
    assert "mx9.example.net" in unknown.err
    assert told["state"] == "succeeded"
    assert [(row["server"], row["version"]) for row in commands.asks("mail", "status")] == [(NAME, VERSION)]
    assert "Mailu can be upgraded" not in commands.run("needs").out
