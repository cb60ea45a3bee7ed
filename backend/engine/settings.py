"""Settings: requests without effect outside the store, carried out at once by the dispatcher instead of as a job."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic

from backend.engine.jobs import R
from backend.store.scope import ScopedSession


def _unnamed(_request: object) -> str:
    return ""


@dataclass(frozen=True)
class Setting(Generic[R]):
    """How a request is applied in the dispatcher's transaction: ``apply`` raises ``Refused`` with what to change.

    What it answers, else ``subject``, is what the audit log calls it.
    """

    request: type[R]
    apply: Callable[[ScopedSession, R, datetime], str | None]
    subject: Callable[[R], str] = _unnamed


#: A setting whatever its request: the dispatcher hands each only what was read as its own.
AnySetting = Setting[Any]
