"""What a person chose is kept at once; where they were is kept soon, and when the window closes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.shell.settings import SettingsFile
from tests.app.window import wait_until

pytestmark = pytest.mark.usefixtures("qapp")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_a_choice_is_on_the_disk_at_once(file: Path) -> None:
    SettingsFile(file).change(language="de")

    assert SettingsFile(file).now.language == "de"


def test_where_one_was_comes_to_the_disk_later_and_with_the_next_choice(file: Path) -> None:
    settings = SettingsFile(file)
    settings.remember(page="servers")
    settings.remember(workspace="one")
    assert not file.exists(), "a turn of the page waited for the disk"
    assert settings.now.page == "servers"

    wait_until(file.exists, "the file", 5)
    kept = json.loads(file.read_text())
    assert (kept["page"], kept["workspace"]) == ("servers", "one")

    settings.remember(page="activity")
    settings.change(language="de")
    kept = json.loads(file.read_text())
    assert (kept["page"], kept["language"]) == ("activity", "de")


def test_nothing_waits_once_it_is_closed(file: Path) -> None:
    settings = SettingsFile(file)
    settings.remember(page="servers")

    settings.close(width=1400)
    kept = json.loads(file.read_text())
    assert (kept["page"], kept["width"]) == ("servers", 1400)

    settings.remember(page="activity")
    assert json.loads(file.read_text())["page"] == "activity"


def test_a_folder_that_cannot_be_written_costs_the_memory_only(tmp_path: Path) -> None:
    settings = SettingsFile(tmp_path / "nowhere" / "settings.json")

    settings.change(page="servers")

    assert settings.now.page == "servers"
