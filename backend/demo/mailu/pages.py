"""How the application answers on the wire: JSON, and a page of HTML where no call is meant."""

from __future__ import annotations

from backend.demo.emulator.faults import Fault
from backend.demo.emulator.server import Handler
from backend.demo.emulator.wire import Answer, Request
from backend.demo.mailu.refusals import LOCKED_OUT, internal


class MailuHandler(Handler):
    """One connection."""

    def text(self, answer: Answer) -> str | None:
        return answer.body if isinstance(answer.body, str) else super().text(answer)

    def too_many(self, _fault: Fault, _request: Request) -> Answer:
        """Without a word on how long."""
        return Answer(429, {"message": LOCKED_OUT})

    def broken(self, _request: Request) -> Answer:
        return internal().answer
