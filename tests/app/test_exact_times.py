"""Whatever tells a moment in short, on any page, part or dialog, has it exactly in its tooltip."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.conftest import NewConsole
from tests.app.scenes import opened
from tests.app.views import SCENES, Scene
from tests.widgets.short_times import is_untold, untold

SIZE = (1920, 1080)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.key)
def test_each_has_its_exact_moment_in_the_tooltip(new_console: NewConsole, tmp_path: Path, scene: Scene) -> None:
    with opened(scene.data, tmp_path / "data") as wanted:
        person = new_console(wanted=wanted)
        found = []
        for view in scene.views(person):
            if not view.is_dialog:
                person.window.resize(*SIZE)
            person.rest()
            found += [f"{view.name}: {each}" for each in untold(view.root)]

    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    [
        *("3 min ago", "read just now", "yesterday 08:12", "next tomorrow", "21:49", "again at 21:49:05"),
        *("Mon 24 Nov 21:49", "price as of 24 Nov, not refreshed", "every day at 21:49"),
    ],
)
def test_words_that_tell_a_moment_in_short_are_seen(text: str) -> None:
    assert is_untold(text, text)
    assert not is_untold(text, f"{text}\nSun 22 Nov 2026, 14:31:05 CET")


@pytest.mark.parametrize(
    "text",
    ["Sun 22 Nov 2026, 14:31 UTC", "released 22 Nov 2026", "2001:db8::1", "SHA256:12:34", "3 h"],
)
def test_words_that_tell_none_or_all_of_it_are_not(text: str) -> None:
    assert not is_untold(text, "")
