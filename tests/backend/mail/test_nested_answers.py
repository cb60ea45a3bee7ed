"""What a server prints with more levels than Python goes down is told as its answer, not as a bug of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend.core.errors import BadResponse
from backend.mail.adopt.look import look as look_for_one
from backend.mail.change.plan import _document
from backend.mail.files.digests import digests_of
from backend.mail.host.docker import containers_in
from backend.mailu.found import found_in

LEVELS = 100_000
AS_JSON = "[" * LEVELS + "]" * LEVELS
AS_YAML = "services: " + "[" * 5_000 + "]" * 5_000


class Prints:
    """An SSH session to a server that prints one thing, whatever it is asked."""

    def __init__(self, said: str) -> None:
        self._said = said

    def check(self, _command: str, **_: object) -> str:
        return self._said


def adopted(compose: str) -> object:
    """A look at a Mailu whose compose file is this."""
    containers = [[name, f"mailu/{name}:2024.06", "running"] for name in ("admin", "front", "imap", "smtp", "antispam")]
    one = {"project": "mailu", "files": ["/mailu/a.yml"], "folder": "/mailu", "root": "/mailu", "version": "2024.06"}
    more: dict[str, Any] = {
        "config": "{}",
        "env": {},
        "overrides": [],
        "texts": {"a": compose},
        "containers": containers,
    }
    return look_for_one(Prints(json.dumps({"projects": [one | more], "has_docker": True})))  # type: ignore[arg-type]


READERS: dict[str, Callable[[], object]] = {
    "containers": lambda: containers_in(AS_JSON),
    "description": lambda: found_in(AS_JSON),
    "a look": lambda: look_for_one(Prints(AS_JSON)),  # type: ignore[arg-type]
    "a compose file that is adopted": lambda: adopted(AS_YAML),
    "a compose file that is changed": lambda: _document(AS_YAML),
}


@pytest.mark.parametrize("reader", READERS)
def test_an_answer_of_endless_levels_could_not_be_read(reader: str) -> None:
    with pytest.raises(BadResponse) as told:
        READERS[reader]()

    assert told.value.detail == "RecursionError"


def test_a_compose_file_of_endless_levels_counts_as_one_setting() -> None:
    found = digests_of("SECRET_KEY=one\n", [AS_YAML], {})

    assert [name for name in found if "file 1" in name]
