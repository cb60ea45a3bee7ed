"""Answers in the API's envelope, lists in pages, and how the service fails."""

from __future__ import annotations

from typing import Any

from backend.demo.cloudflare.refusals import refusal, too_many
from backend.demo.emulator.faults import Fault
from backend.demo.emulator.server import Handler
from backend.demo.emulator.wire import Answer, Request

Record = dict[str, Any]


class CloudflareHandler(Handler):
    """Fails in the API's own words."""

    def too_many(self, fault: Fault, _request: Request) -> Answer:
        return too_many(fault.retry_after).answer

    def broken(self, _request: Request) -> Answer:
        return refusal(500, 10013, "Unknown error").answer


def told(result: Any, **more: Any) -> Answer:
    return Answer(200, {"success": True, "errors": [], "messages": [], "result": result, **more})


def page(request: Request, items: list[Record], *, usual: int, most: int) -> Answer:
    """The part of a list that a request asks for."""
    try:
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", usual))
    except ValueError as error:
        raise refusal(400, 1004, "page and per_page must be numbers") from error
    number, size = max(1, number), min(max(1, size), most)
    shown = items[(number - 1) * size : number * size]
    info = {
        "page": number,
        "per_page": size,
        "count": len(shown),
        "total_count": len(items),
        "total_pages": -(-len(items) // size),
    }
    return told(shown, result_info=info)


def record(request: Request) -> Record:
    """The body."""
    if not isinstance(request.body, dict):
        raise refusal(400, 9207, "Content-type must be application/json.")
    return dict(request.body)
