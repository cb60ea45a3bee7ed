"""The query protocol in the emulators' HTTP loop: calls named for faults and the log, answers as XML."""

from __future__ import annotations

from backend.demo.emulator.faults import Fault
from backend.demo.emulator.server import Handler
from backend.demo.emulator.wire import Answer, Request
from tests.ec2 import refusals
from tests.ec2.documents import changed
from tests.ec2.query import call_in, call_of


class QueryHandler(Handler):
    """Bodies are text as they are; a request carries the call, and what its signature was made of."""

    def read(self, path: str, query: dict[str, str], raw: bytes) -> Request:
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = call_of(raw, headers)
        return Request(
            call.method, call.path, query, headers, {"call": call, "raw": raw, "method": self.command, "url": self.path}
        )

    def text(self, answer: Answer) -> str | None:
        return answer.body if isinstance(answer.body, str) else super().text(answer)

    def too_many(self, fault: Fault, request: Request) -> Answer:
        """EC2 itself does not say how long; what is attached to it may."""
        answer = refusals.too_many(call_in(request))
        return Answer(answer.status, answer.body, {**answer.headers, "retry-after": str(fault.retry_after)})

    def broken(self, request: Request) -> Answer:
        return refusals.answer(call_in(request), 500, "InternalError", "An internal error has occurred")

    def changed(self, fault: Fault, answer: Answer) -> Answer:
        return Answer(answer.status, changed(answer.body, dict(fault.changes), list(fault.without)), answer.headers)
