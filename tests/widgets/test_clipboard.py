"""Copies of secrets: left out of histories, and no trouble for the end of the process that made them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.requirements import OFFSCREEN, ROOT

COPIES = """
from PySide6.QtGui import QGuiApplication
from widgets.clipboard import HINTS, copy_text
application = QGuiApplication([])
copy_text("of before", is_secret=True)
copy_text("a password", is_secret={is_secret})
data = QGuiApplication.clipboard().mimeData()
print(data.text(), all(data.data(name).data() == value for name, value in HINTS), data.formats()[0])
"""


@pytest.mark.parametrize("is_secret", [True, False])
def test_a_process_that_ends_with_a_copy_ends_well(is_secret: bool) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", COPIES.format(is_secret=is_secret)],
        env={**os.environ, "QT_QPA_PLATFORM": OFFSCREEN, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (0, f"a password {is_secret} text/plain\n"), ended.stderr
