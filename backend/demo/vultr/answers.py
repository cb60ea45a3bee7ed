"""What calls have in common: lists in pages, bodies, and answers that say nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any

from backend.demo.emulator.wire import Answer, Request
from backend.demo.vultr.refusals import bad

Record = dict[str, Any]

PAGE, MOST_PAGE = 100, 500


def page(
    request: Request, key: str, items: Iterable[Record], show: Callable[[Record], Record] = lambda item: item
) -> Answer:
    """A cursor names the first item of its page: what is removed before that moves nothing."""
    rows = [(item.get("number", place), item) for place, item in enumerate(items)]
    first, size = _cursor(request.query.get("cursor")), _size(request.query.get("per_page"))
    before, after = [row for row in rows if row[0] < first], [row for row in rows if row[0] >= first]
    links = {
        "next": _as_cursor("next", after[size][0]) if len(after) > size else "",
        "prev": _as_cursor("prev", before[-size:][0][0]) if before else "",
    }
    shown = [show(item) for _number, item in after[:size]]
    return Answer(200, {key: shown, "meta": {"total": len(rows), "links": links}})


def body_of(request: Request) -> Record:
    if not isinstance(request.body, dict):
        raise bad("Bad request.")
    return dict(request.body)


def done(act: Callable[..., None], *about: Any, **details: Any) -> Answer:
    act(*about, **details)
    return Answer(204)


def _size(text: str | None) -> int:
    try:
        return min(max(1, int(text or PAGE)), MOST_PAGE)
    except ValueError as error:
        raise bad("Invalid per_page.") from error


def _as_cursor(way: str, number: int) -> str:
    return base64.b64encode(f"{way}__{number}".encode()).decode()


def _cursor(text: str | None) -> int:
    try:
        return int(base64.b64decode(text, validate=True).decode().partition("__")[2]) if text else 0
    except (binascii.Error, ValueError) as error:
        raise bad("Invalid cursor.") from error
