"""Filters and pages of lists, as the service has them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from backend.demo.emulator.wire import Answer, Request
from backend.demo.linode.refusals import bad, not_found

Record = dict[str, Any]

HEADER = "X-Filter"
LEAST, PAGE, MOST = 25, 100, 500
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "+gt": lambda value, wanted: value > wanted,
    "+gte": lambda value, wanted: value >= wanted,
    "+lt": lambda value, wanted: value < wanted,
    "+lte": lambda value, wanted: value <= wanted,
    "+neq": lambda value, wanted: value != wanted,
    "+contains": lambda value, wanted: str(wanted).lower() in str(value).lower(),
}


def page(request: Request, items: list[Record], *, fields: frozenset[str]) -> Answer:
    """One page of what the request's filter lets through; ``fields`` are those it may name."""
    found = filtered(items, request.headers.get(HEADER.lower()), fields)
    number, size = _number(request, "page", 1), _number(request, "page_size", PAGE)
    if not LEAST <= size <= MOST:
        raise bad(f"Must be {LEAST}-{MOST}", "page_size")
    pages = max(1, -(-len(found) // size))
    if not 1 <= number <= pages:
        raise not_found()
    shown = found[(number - 1) * size : number * size]
    return Answer(200, {"data": shown, "page": number, "pages": pages, "results": len(found)})


def filtered(items: list[Record], text: str | None, fields: frozenset[str]) -> list[Record]:
    """:raises Refusal: the filter is no JSON object, or names what cannot be filtered."""
    try:
        wanted = json.loads(text) if text else {}
    except ValueError as error:
        raise bad("Cannot parse filter", HEADER) from error
    if not isinstance(wanted, dict):
        raise bad("Cannot parse filter", HEADER)
    order_by, order = wanted.pop("+order_by", None), wanted.pop("+order", "asc")
    _check(wanted, fields)
    if order_by is not None and order_by not in fields:
        raise bad(f"Cannot filter on {order_by}", HEADER)
    found = [item for item in items if _lets_through(item, wanted)]
    if order_by is not None:
        found.sort(key=lambda item: _value(item, order_by), reverse=order == "desc")
    return found


def _check(wanted: Mapping[str, Any], fields: frozenset[str]) -> None:
    for name, value in wanted.items():
        if name in ("+and", "+or"):
            for each in value:
                _check(each, fields)
        elif name not in fields:
            raise bad(f"Cannot filter on {name}", HEADER)


def _lets_through(item: Record, wanted: Mapping[str, Any]) -> bool:
    for name, value in wanted.items():
        if name == "+and":
            fits = all(_lets_through(item, each) for each in value)
        elif name == "+or":
            fits = any(_lets_through(item, each) for each in value)
        else:
            fits = _fits(_value(item, name), value)
        if not fits:
            return False
    return True


def _fits(value: Any, wanted: Any) -> bool:
    """A list fits when one of its items does."""
    if isinstance(value, list):
        return any(_fits(each, wanted) for each in value)
    if not isinstance(wanted, dict):
        return bool(value == wanted)
    try:
        return all(OPERATORS[operator](value, limit) for operator, limit in wanted.items())
    except (KeyError, TypeError) as error:
        raise bad("Cannot parse filter", HEADER) from error


def _value(item: Record, name: str) -> Any:
    """A dotted name leads into records within."""
    value: Any = item
    for part in name.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _number(request: Request, name: str, default: int) -> int:
    try:
        return int(request.query.get(name, default))
    except ValueError as error:
        raise bad("Must be an integer", name) from error
