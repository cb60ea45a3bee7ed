"""Lists in pages, bodies, and how the service fails."""

from __future__ import annotations

import time
from typing import Any

from backend.demo.emulator.faults import Fault
from backend.demo.emulator.server import Handler
from backend.demo.emulator.wire import Answer, Request
from backend.demo.hetzner.refusals import invalid, refusal, too_many

Record = dict[str, Any]

USUAL = 25


class HetznerHandler(Handler):
    """Fails in the API's own words."""

    def too_many(self, fault: Fault, _request: Request) -> Answer:
        """Without a header Retry-After: none is documented."""
        return too_many(int(time.time()) + fault.retry_after).answer

    def broken(self, _request: Request) -> Answer:
        return refusal(500, "server_error", "Internal Server Error").answer


def page(request: Request, key: str, items: list[Record], *, most: int) -> Answer:
    """The part of a list that a request asks for."""
    try:
        number, size = int(request.query.get("page", 1)), int(request.query.get("per_page", USUAL))
    except ValueError as error:
        raise invalid("invalid page or per_page") from error
    number, size = max(1, number), min(max(1, size), most)
    last = max(1, -(-len(items) // size))
    info = {
        "page": number,
        "per_page": size,
        "previous_page": number - 1 if number > 1 else None,
        "next_page": number + 1 if number < last else None,
        "last_page": last,
        "total_entries": len(items),
    }
    return Answer(200, {key: items[(number - 1) * size : number * size], "meta": {"pagination": info}})


def body_of(request: Request) -> Record:
    if not isinstance(request.body, dict):
        raise refusal(400, "json_error", "invalid JSON input")
    return dict(request.body)
