"""What a test needs of the machine: where it is absent the test skips with the reason, or fails when it is required.

``MAILYARD_REQUIRE`` holds words between commas (``lab``, ``shared``, ``postgres``, ``prism``, ``pebble``, ``wine``,
``faketime``): the absence of these is a failure, so that a green run proves that they were used.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Literal

import pytest

Need = Literal["lab", "shared", "postgres", "prism", "pebble", "wine", "faketime"]

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
#: Qt's platform with a screen that has room for every window; its own has 800 x 800 pixels, and windows fit themselves.
OFFSCREEN = f"offscreen:configfile={ROOT / 'tests/screen.json'}"


def is_required(what: Need) -> bool:
    """Whether ``MAILYARD_REQUIRE`` names ``what``."""
    return what in [word.strip() for word in os.environ.get("MAILYARD_REQUIRE", "").split(",")]


def lacking(what: Need, reason: str) -> None:
    """End the running test or fixture: a skip with the reason, or a failure when ``what`` is required."""
    if is_required(what):
        pytest.fail(f"MAILYARD_REQUIRE names {what}, but {reason}", pytrace=False)
    pytest.skip(f"needs {what}: {reason}")


def program() -> list[str]:
    """The command under test: the program from its sources, or the one that ``MAILYARD_PROGRAM`` names (a bundle)."""
    named = os.environ.get("MAILYARD_PROGRAM")
    return [named] if named else [sys.executable, "-m", "app"]


def shared(*parts: str) -> Path:
    """A file or folder of ``../shared``, which a clone alone does not have."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        lacking("shared", f"there is no {'/'.join(('..', 'shared', *parts))} beside the project")
    return path
