"""What the tables of refusals say of an answer: each line is a case's name, a status, and the service's words."""

from __future__ import annotations

from collections.abc import Iterable

import httpx


def names(table: Iterable[tuple[str, str]]) -> list[str]:
    """The cases of a table, in its order."""
    return [rule.partition(": ")[0] for rule, _source in table]


def as_linode(answer: httpx.Response) -> str:
    """An answer of Linode as its tables write it."""
    (error,) = answer.json()["errors"]
    words = f"{error['field']}: {error['reason']}" if "field" in error else error["reason"]
    return f"{answer.status_code} {words}"


def as_vultr(answer: httpx.Response) -> tuple[int, object]:
    """An answer of Vultr: its status and its body."""
    return answer.status_code, answer.json()


def of_vultr(told: str) -> tuple[int, object]:
    """What a line of Vultr's tables promises, in the form of :func:`as_vultr`."""
    status, words = int(told.split(" ")[0]), told.split("'")[1]
    return status, {"error": words, "status": status}
