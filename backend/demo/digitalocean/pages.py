"""Lists in pages, and what requests hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from backend.demo.digitalocean.refusals import unprocessable
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]


def page(request: Request, key: str, items: list[Record]) -> Answer:
    """The part of a list that a request asks for, with links to the others."""
    try:
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", 20))
    except ValueError as error:
        raise unprocessable("page and per_page must be numbers") from error
    number, size = max(1, number), min(max(1, size), 200)
    last = max(1, -(-len(items) // size))
    base = f"http://{request.headers.get('host', 'api.digitalocean.com')}{request.path}"

    def link(other: int) -> str:
        return f"{base}?{urlencode({**request.query, 'page': other, 'per_page': size})}"

    pages: dict[str, str] = {}
    if number < last:
        pages |= {"next": link(number + 1), "last": link(last)}
    if number > 1:
        pages |= {"first": link(1), "prev": link(number - 1)}
    links = {"pages": pages} if pages else {}
    return Answer(200, {key: items[(number - 1) * size : number * size], "links": links, "meta": {"total": len(items)}})


def record(request: Request) -> Record:
    """The body."""
    if not isinstance(request.body, dict):
        raise unprocessable("The request body is missing.")
    return dict(request.body)


def without_body(act: Callable[[str], None], key: str) -> Answer:
    """The answer to a call that has nothing to tell."""
    act(key)
    return Answer(204)
