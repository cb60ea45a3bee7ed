"""Settings > Engine: who does the work, and where its data lies."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.cli.session import described
from backend.engine.lock import EngineLock
from backend.engine.presence import Presence
from tests.app.person import Person


@pytest.mark.parametrize("is_ours", [True, False])
def test_an_engine_that_left_no_note_has_no_number(person: Person, tmp_path: Path, is_ours: bool) -> None:
    """Somebody may have taken the note away; that it lives is known all the same."""
    lock = EngineLock(tmp_path / "engine.lock")
    assert lock.take("test", datetime.now(UTC))
    (tmp_path / "engine.json").unlink()
    holder = lock.living_holder()
    lock.release()
    part = person.settings_part("engine")

    part._show_presence(Presence(is_ours, holder))
    said = part.rows.value("Engine")
    part._show_presence(Presence(is_ours, None))

    assert "process" in said
    assert "PID" not in said + part.rows.value("Engine")
    assert holder is not None
    assert "0" not in described(holder)


def test_the_engine_part_says_who_works_and_where(watcher: Person) -> None:
    part = watcher.settings_part("engine")

    assert "another process (test" in part.rows.value("Engine")
    assert part.rows.value("Data folder").endswith("data")
