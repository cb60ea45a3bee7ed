"""Documents name what is there, and a wall sees it where they do not."""

from __future__ import annotations

import re

import pytest

from tests.architecture.documents import ACCEPTANCE, WALLS, document_breaches, documents
from tests.architecture.source import ROOT, Source

PROMISES, NAMES, CHANGES = WALLS
#: What the README shows, and how heavy it may be together.
PICTURES, MOST_BYTES = 5, 1_500_000
PLANTED = [
    (PROMISES, ACCEPTANCE, "| it works | `app/test_nowhere.py` |"),
    (PROMISES, ACCEPTANCE, "| it works | `backend/nowhere/` |"),
    (PROMISES, ACCEPTANCE, "| it works | `test_walls.py` |"),
    (PROMISES, ACCEPTANCE, "| it works | `architecture/test_walls.py`, `test_nowhere.py` |"),
    (PROMISES, ACCEPTANCE, "| it works | `architecture/test_walls.py::test_nothing` |"),
    (PROMISES, ACCEPTANCE, "| it works | `app/test_nowhere_*.py` |"),
    (NAMES, "docs/architecture.md", "See `backend/nowhere/thing.py`."),
    (NAMES, "docs/guide/servers.md", "See `docs/decisions/9999-nothing.md`."),
    (NAMES, "docs/glossary.md", "See `backend/providers/<provider>/nowhere.py`."),
    (CHANGES, "changelog.d/9999-planted.md", "It is new. It is better."),
    (CHANGES, "changelog.d/9999-planted.md", "It is new"),
    (CHANGES, "changelog.d/9999-planted.md", "- It is new.\n- It is better. It is good.\n"),
    (CHANGES, "changelog.d/9999-planted.md", "It is new.\n- It is better.\n"),
]
FINE = [
    (PROMISES, ACCEPTANCE, "| it works | `architecture/test_walls.py`, `test_imports.py`; `make soak`, `--demo` |"),
    (PROMISES, ACCEPTANCE, "| it | `architecture/test_walls.py::test_every_wall_has_a_planted_breach`, `lab/` |"),
    (PROMISES, ACCEPTANCE, "| it works | `backend/providers/test_live_*.py`; picture `*-pseudo.png` |"),
    (NAMES, "docs/glossary.md", "A driver is `backend/providers/<provider>/driver.py`; see `docs/decisions/0012*`."),
    (CHANGES, "changelog.d/9999-planted.md", "It takes 0.84 s, by `mailyard x. y`, on\ntwo lines.\n"),
    (CHANGES, "changelog.d/9999-planted.md", "- It is new,\n  and good.\n- It is better.\n"),
]


@pytest.mark.parametrize("wall", WALLS)
def test_the_documents_stand_within(wall: str) -> None:
    assert [str(breach) for breach in document_breaches(documents(), wall)] == []


@pytest.mark.parametrize(("wall", "path", "text"), PLANTED)
def test_a_planted_breach_is_seen(wall: str, path: str, text: str) -> None:
    assert document_breaches([Source(path, text)], wall)


@pytest.mark.parametrize(("wall", "path", "text"), FINE)
def test_what_is_fine_passes(wall: str, path: str, text: str) -> None:
    assert document_breaches([Source(path, text)], wall) == []


def test_all_of_them_are_looked_at() -> None:
    assert {ACCEPTANCE, "README.md", "docs/guide/servers.md", "changelog.d/0001-the-walk.md"} <= {
        source.path for source in documents()
    }


def test_the_readme_shows_the_pictures_there_are_and_they_are_small() -> None:
    shown = re.findall(r"!\[[^]]+\]\((docs/pictures/[^)]+)\)", (ROOT / "README.md").read_text(encoding="utf-8"))
    there = {path.relative_to(ROOT).as_posix(): path.stat().st_size for path in (ROOT / "docs/pictures").iterdir()}

    assert sorted(shown) == sorted(there)
    assert len(shown) == PICTURES
    assert sum(there.values()) < MOST_BYTES
