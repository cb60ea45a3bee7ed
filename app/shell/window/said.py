"""What a page says of an act it carried out: the window shows it for some seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from app.shell.route import Route
from backend.core.present.status import Status


@dataclass(frozen=True)
class Said:
    """``leads_to`` is where more of it stands (a job in Activity); ``undo`` takes it back, None where nothing can."""

    words: str
    leads_to: Route | None = None
    undo: Callable[[], None] | None = None
    status: Status = Status.OK


Say = Callable[[Said], None]
