"""``--batch``: many questions in one file, a JSON object a line; the answers come a line each, in the same order."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.output import Exit, give_up, plain

AT_ONCE = 32

Question = dict[str, Any]

Batch = Annotated[
    Path | None,
    typer.Option("--batch", metavar="FILE", help="JSON lines in (- reads standard input), JSON lines out, in order."),
]


class BadLine(ValueError):
    """A line that asks nothing; the text says why."""


def answer_lines(file: Path, answer: Callable[[Question], Awaitable[Any]]) -> None:
    """Print one line of JSON for each line of ``file``. Of a line that cannot be answered it is ``{"error": why}``; the
    others are answered all the same, and the command ends with 1."""
    import asyncio

    try:
        with _opened(file) as lines:
            are_well = asyncio.run(_answer_all(lines, answer))
    except OSError as error:
        give_up(Exit.USAGE, f"{file} cannot be read: {error}")
    if not are_well:
        raise typer.Exit(int(Exit.FAILED))


def text_in(question: Question, key: str, default: str | None = None) -> str:
    """The text under ``key``; one without a default must be there.

    :raises BadLine: it is missing, or no text.
    """
    value = question.get(key, default)
    if not isinstance(value, str):
        raise BadLine(f"{key}: no text" if key in question else f"{key}: missing")
    return value


def texts_in(question: Question, key: str) -> tuple[str, ...]:
    """The texts under ``key``; none where it is missing.

    :raises BadLine: it is no list of texts.
    """
    value = question.get(key, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise BadLine(f"{key}: no list of texts")
    return tuple(value)


def _opened(file: Path) -> AbstractContextManager[Iterable[bytes]]:
    """As bytes: what is no text in one line is told of that line, whatever this computer takes text for."""
    return nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb")


async def _answer_all(lines: Iterable[bytes], answer: Callable[[Question], Awaitable[Any]]) -> bool:
    import asyncio

    are_well = True
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while some := list(islice(numbered, AT_ONCE)):
        for text, is_well in await asyncio.gather(*(_answered(*each, answer) for each in some)):
            typer.echo(text)
            are_well &= is_well
    return are_well


async def _answered(number: int, line: bytes, answer: Callable[[Question], Awaitable[Any]]) -> tuple[str, bool]:
    try:
        return json.dumps(plain(await answer(_question(line))), allow_nan=False), True
    except BadLine as error:
        return _wrong(number, str(error)), False


def _question(line: bytes) -> Question:
    """
    :raises BadLine: it is none.
    """
    try:
        question = json.loads(line.decode("utf-8-sig"), parse_int=_no_number)
    except UnicodeDecodeError:
        raise BadLine("no UTF-8") from None
    except json.JSONDecodeError as error:
        raise BadLine(f"no JSON: {error.msg}") from None
    except RecursionError:
        raise BadLine("nested too deep") from None
    if not isinstance(question, dict):
        raise BadLine("no JSON object")
    return question


def _no_number(_digits: str) -> None:
    """No question has a number, and of one with thousands of digits Python would make none."""


def _wrong(number: int, why: str) -> str:
    return json.dumps({"error": f"Line {number}: {why}."})
