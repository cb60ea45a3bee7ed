"""The log file: the job in each line, rotated, secrets masked, and never the end of the program."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.core import log
from backend.core.secrets.values import Secret

JOB = "0f5c9e1a-77aa-4c1e-9d55-1b2c3d4e5f60"


@pytest.fixture(autouse=True)
def root_level() -> Iterator[None]:
    """Logging is of the process: what a test changes of it is put back."""
    root = logging.getLogger()
    level = root.level
    yield
    root.setLevel(level)


@pytest.fixture
def handler(tmp_path: Path) -> Iterator[logging.Handler]:
    started = log.start_logging(tmp_path)
    yield started
    log.stop_logging(started)


def written(folder: Path) -> str:
    return (folder / "mailyard.log").read_text("utf-8")


def test_a_line_tells_time_level_logger_and_the_job_it_belongs_to(tmp_path: Path, handler: logging.Handler) -> None:
    logger = logging.getLogger("backend.core.log")
    logger.info("Outside of any job")
    token = log.current_job.set(JOB)
    logger.warning("Created %s", "mx1")
    log.current_job.reset(token)
    outside, inside = written(tmp_path).splitlines()
    assert outside.endswith("INFO    backend.core.log Outside of any job")
    assert inside.endswith("WARNING backend.core.log [0f5c9e1a] Created mx1")


def test_a_revealed_secret_never_reaches_the_file(tmp_path: Path, handler: logging.Handler) -> None:
    value = Secret("a-token-of-the-log-test").reveal()
    try:
        raise ValueError(f"refused {value}")
    except ValueError:
        logging.getLogger("backend.core.log").exception("It failed: %s", value)
    assert "ValueError: refused •••" in written(tmp_path)
    assert value not in written(tmp_path)


def test_the_file_is_rotated_and_the_oldest_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "FILE_BYTES", 2000)
    started = log.start_logging(tmp_path)
    for number in range(200):
        logging.getLogger("backend.core.log").info("Line %03d %s", number, "x" * 50)
    log.stop_logging(started)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["mailyard.log", *(f"mailyard.log.{n}" for n in range(1, log.FILES_KEPT + 1))]
    assert all(path.stat().st_size <= 2000 for path in tmp_path.iterdir())
    assert "Line 199" in written(tmp_path)


def test_a_folder_that_cannot_be_written_costs_the_log_only(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    started = log.start_logging(tmp_path / "absent")
    logging.getLogger("backend.core.log").warning("Said on the terminal")
    log.stop_logging(started)
    assert capsys.readouterr().err.count("\n") == 1


def test_a_disk_that_fills_up_costs_lines_and_puts_no_trace_on_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mailyard.log").symlink_to("/dev/full")
    started = log.start_logging(tmp_path)
    logging.getLogger("backend.core.log").warning("Lost")
    log.stop_logging(started)
    assert capsys.readouterr().err == ""


def test_talkative_libraries_are_heard_from_warnings_on(tmp_path: Path, handler: logging.Handler) -> None:
    for name in ("httpx", "paramiko"):
        logging.getLogger(name).info("GET https://...")
        logging.getLogger(name).warning("trouble in %s", name)
    assert [line.rsplit(" ", 1)[1] for line in written(tmp_path).splitlines()] == ["httpx", "paramiko"]
