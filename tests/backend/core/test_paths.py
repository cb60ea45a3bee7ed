"""The data folder: made for its owner only, or refused with a remedy."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from backend.core.errors import NoHomeFolder, StoreReadOnly
from backend.core.paths import DataFolder, at_home, default_data_folder, home_folder, shown_path


def test_the_folder_is_its_owner_s_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "deep" / "data")
    folder.prepare()
    folder.prepare()
    assert [path.stat().st_mode & 0o777 for path in (folder.root, folder.logs)] == [0o700, 0o700]
    assert [path.name for path in folder.root.iterdir()] == ["logs"]


def test_nothing_is_made_before_it_is_prepared(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    places = (folder.app_database, folder.jobs_database, folder.metrics_database, folder.sealed_secrets)
    assert {path.parent for path in (*places, folder.engine_lock, folder.settings, folder.copies)} == {folder.root}
    assert not folder.root.exists()


@pytest.mark.parametrize("inside", ["", "data"])
def test_a_place_that_cannot_be_a_folder_is_refused_with_a_remedy(tmp_path: Path, inside: str) -> None:
    taken = tmp_path / "taken"
    taken.write_text("a file")
    with pytest.raises(StoreReadOnly) as caught:
        DataFolder(taken / inside).prepare()
    assert str(taken) in caught.value.title
    assert "--data-dir" in caught.value.remedy


def test_the_default_lies_where_the_desktop_keeps_data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_data_folder().name.lower() == "mailyard"


@pytest.mark.skipif(sys.platform == "win32", reason="there the system says where data lies")
def test_a_home_that_is_no_place_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "PYTHON_KEYRING_BACKEND"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "somewhere")
    monkeypatch.setattr("pwd.getpwuid", _nobody)

    with pytest.raises(NoHomeFolder, match="no home folder"):
        default_data_folder()
    assert home_folder() is None
    assert at_home("chart.png") == Path("chart.png")


def _nobody(number: int) -> None:
    raise KeyError(f"getpwuid(): uid not found: {number}")


@pytest.mark.skipif(sys.platform == "win32", reason="a name there is always text")
def test_a_name_that_is_no_text_is_shown_with_a_sign_for_it() -> None:
    assert shown_path(Path(os.fsdecode(b"caf\xe9/data"))) == "caf\ufffd/data"
