"""Skips under ``MAILYARD_REQUIRE``: a reason that tests/allowed_skips.txt does not name fails the test."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

LIST = Path(__file__).parents[1] / "allowed_skips.txt"


def allowed_reasons() -> list[str]:
    """The lines of the list without comments; a ``*`` stands for any words."""
    lines = (line.strip() for line in LIST.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def judge(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip without permission into a failure."""
    if not report.skipped or hasattr(report, "wasxfail") or not os.environ.get("MAILYARD_REQUIRE"):
        return
    reason = reason_of(report.longrepr)
    if not any(fnmatchcase(reason, pattern) for pattern in allowed_reasons()):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which tests/allowed_skips.txt does not allow: {reason}"


def reason_of(longrepr: Any) -> str:
    """Of (file, line, "Skipped: reason")."""
    words = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return str(words).removeprefix("Skipped: ")
