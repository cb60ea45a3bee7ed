"""The emulated admin application: its calls, and what tests and the demo may order beside them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from backend.demo.emulator.controls import Orders
from backend.demo.emulator.process import Start
from backend.demo.emulator.wire import Answer, Request
from backend.demo.mailu.admission import Admission, admit
from backend.demo.mailu.calls import Calls
from backend.demo.mailu.commands import Commands, Ended
from backend.demo.mailu.dkim import RecordedKeys
from backend.demo.mailu.model import model_of
from backend.demo.mailu.passwords import Passwords, is_password
from backend.demo.mailu.refusals import NO_TOKEN, NOT_FOUND, page
from backend.demo.mailu.settings import change_environment, environment
from backend.demo.mailu.standing import Standing, stand

Record = dict[str, Any]


class MailuAdmin:
    """An :class:`backend.demo.emulator.wire.Api`."""

    def __init__(self, start: Start) -> None:
        self._state, self._token = start.state, start.token
        keys, hashing = RecordedKeys(start.state), Passwords(start)
        self._model = model_of(start.state, hashing, keys, lambda: environment(start.state))
        self._commands = Commands(self._model)
        self._admission = Admission(start.state)
        self._calls = Calls(self._model, lambda request: admit(request, self._admission))
        orders = {"command": lambda body: self.run(body["words"], body.get("stdin", "")).told(), "fill": self._fill}
        self._orders = Orders(start.state, self._acts(), {"counters": self._counters}, orders)
        self._admit_own_token()

    def answer(self, request: Request) -> Answer:
        if not environment(self._state).is_api_on:
            return page(404, NOT_FOUND)
        if not self._state.all("token"):
            return page(500, NO_TOKEN)
        return self._calls.answer(request)

    def control(self, request: Request) -> Answer:
        return self._orders.answer(request)

    def close(self) -> None:
        """Nothing is under way between two calls."""

    def set_up(self, token: str, lines: Record) -> None:
        """As its mailu.env says: this token, empty none, and no other, and these lines (:class:`Environment`)."""
        with self._state.change():
            for other in self._state.keys("token"):
                if other != token:
                    self._state.drop("token", other)
            if token:
                self._state.put("token", token, {})
            change_environment(self._state, lines)

    def stand(self, found: Standing) -> None:
        """What the demo's server has from the first."""
        stand(self._model, found)

    def lets_in(self, address: str, password: str) -> bool:
        """Whether a login over IMAP succeeds."""
        record = self._state.get("mailbox", address.lower())
        return record is not None and record["enabled"] and is_password(password, record["password"])

    def run(self, words: Sequence[str], stdin: str = "") -> Ended:
        """What ``flask mailu WORDS`` ends with in the container of the application."""
        return self._commands.run(words, stdin)

    def _acts(self) -> dict[str, Callable[[Record], object]]:
        return {
            "tokens": lambda body: self._state.put("token", body["token"], {}),
            "revoke": lambda body: self._state.drop("token", body["token"]),
            "environment": lambda body: change_environment(self._state, body),
            "hashing": lambda body: self._state.put("setting", "hashing", body),
            "used": self._use,
            "reset": self._reset,
        }

    def _use(self, body: Record) -> None:
        """So many bytes are in a mailbox, as Dovecot tells now and then."""
        record = self._model.mailboxes.found(body["address"])
        self._state.put("mailbox", record["email"], record | {"quota_bytes_used": body["bytes"]})

    def _fill(self, body: Record) -> Record:
        """Many mailboxes of one domain at once, past its limits."""
        with self._state.change():
            for number in range(body["count"]):
                self._model.mailboxes.make(f"bulk-{number}@{body['domain']}", "", {})
        return {}

    def _reset(self, _body: Record) -> None:
        self._state.clear()
        self._admission.reset()
        self._admit_own_token()

    def _admit_own_token(self) -> None:
        if self._token:
            self._state.put("token", self._token, {})

    def _counters(self) -> Record:
        kinds = ("domain", "alternative", "mailbox", "alias", "relay", "app_token")
        return {"tallies": self._state.tallies(), **{kind: self._state.keys(kind) for kind in kinds}}
