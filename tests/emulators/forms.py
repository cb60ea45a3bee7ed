"""Speaks to an emulator whose calls are all forms sent to one address."""

from __future__ import annotations

from typing import Any

import httpx

from tests.emulators.process import ANSWER_S, Emulator


class Forms:
    """A client of one emulator with one key; ``path`` is where its API is."""

    def __init__(self, emulator: Emulator, path: str, *, key: str | None = None) -> None:
        self._path = path
        self._key = emulator.token if key is None else key
        self._client = httpx.Client(base_url=emulator.url, timeout=ANSWER_S)

    def close(self) -> None:
        self._client.close()

    def answer(self, action: str, **fields: Any) -> httpx.Response:
        return self._client.post(self._path, data={"action": action, "API": self._key, **fields})

    def call(self, action: str, **fields: Any) -> Any:
        """The body of an answer with status 200."""
        answer = self.answer(action, **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def told(self, action: str, **fields: Any) -> Any:
        """What a wrapped answer holds."""
        return self.call(action, **fields)["success"]

    def words(self, action: str, **fields: Any) -> str:
        """The words of the one result of a call."""
        (entry,) = self.call(action, **fields)
        return str(entry["message"])
