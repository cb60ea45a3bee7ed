"""What others wrote reaches a log as text: one record is one line, and nothing in it steers a terminal."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from backend.core.log import start_logging, stop_logging
from backend.core.present.plain_line import plain_line, plain_lines

HARMFUL = {
    "a forged line": ("bad\n2026-12-01 00:00:00,000 INFO    backend.x forged", "\\n"),
    "a return": ("bad\rforged", "\\r"),
    "an escape": ("\x1b[2J\x1b]0;title\x07", "\\x1b"),
    "a NUL": ("a\x00b", "\\x00"),
    "a C1 control": ("a\x9bb", "\\x9b"),
    "a turned direction": ("abc\u202egnp.exe", "\\u202e"),
    "an isolate": ("a\u2066b\u2069", "\\u2066"),
    "a line separator": ("a\u2028b\u2029c", "\\u2028"),
    "a next line": ("a\x85b", "\\x85"),
    "a lone surrogate": ("a\udc80b", "\\udc80"),
}


@pytest.mark.parametrize(("text", "shown"), HARMFUL.values(), ids=HARMFUL)
def test_it_is_written_out_in_the_message_in_a_trace_and_in_one_line(tmp_path: Path, text: str, shown: str) -> None:
    handler = start_logging(tmp_path)
    try:
        raise ValueError(text)
    except ValueError:
        logging.getLogger("backend.core.log").exception("The provider said %s", text)
    stop_logging(handler)

    written = (tmp_path / "mailyard.log").read_bytes().decode()
    assert written.endswith("\n")
    assert written[:-1].isprintable()
    assert written.count(shown) >= 2
    assert "ValueError: " in written


def test_what_is_harmless_stays_as_it_is() -> None:
    for text in ("plain", "größer", "日本語", "", "a  b"):
        assert plain_line(text) == text
    assert plain_lines("one\n\x1btwo\n") == "one\n\\x1btwo\n"
