"""What a person chose is kept at once; where they were is kept soon, and when the window closes."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from app.shell.session.settings import Settings, SettingsFile
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

    wait_until(file.exists, "the file")
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


#: Every key that any version has written, with a value that is nobody's default: what is renamed keeps its line here.
EVER: dict[str, Any] = {
    "appearance": "dark",
    "language": "de",
    "workspace": "one",
    "page": "servers",
    "width": 1400,
    "height": 900,
    "tables": {"jobs": "AAAA"},
    "seen_at": "2026-01-01T08:00:00+00:00",
    "views": {"jobs": {"mine": "{}"}},
    "ranges": {"servers.history": "90d"},
    "position": "40,30",
    "is_maximised": True,
    "splits": {"servers": "AAAA"},
    "notices": False,
    "notifications": False,
    "keep_engine": True,
    "contrast": "high",
    "motion": "less",
    "update_address": "https://example.net",
    "update_key": "RWQ",
}


@pytest.mark.parametrize("key", EVER)
def test_what_a_person_chose_in_any_version_is_kept(file: Path, key: str) -> None:
    file.write_text(json.dumps({key: EVER[key]}))

    now, default = asdict(SettingsFile(file).now), asdict(Settings())
    assert [value for name, value in now.items() if value != default[name]] == [EVER[key]]


def test_every_setting_of_today_is_among_them() -> None:
    assert set(asdict(Settings())) <= set(EVER)


def test_a_setting_that_stands_under_both_names_is_that_of_today(file: Path) -> None:
    file.write_text(json.dumps({"notices": False, "notifications": True}))

    SettingsFile(file).change(page="servers")

    kept = json.loads(file.read_text())
    assert kept["notifications"] is True
    assert "notices" not in kept


def test_what_is_of_another_type_falls_back(file: Path) -> None:
    file.write_text(json.dumps({"notifications": "no", "notices": 0, "width": "wide"}))

    assert SettingsFile(file).now == Settings()
