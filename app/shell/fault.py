"""What a person is told of a bug: that it is ours, and that the program goes on."""

from __future__ import annotations

import traceback
from pathlib import Path
from types import TracebackType

from backend.core.errors import MailyardError
from backend.core.present.text import _


def internal_error(detail: str = "") -> MailyardError:
    """``detail`` is what to send us; whoever only has to let the person go on leaves it out."""
    remedy = _("Mailyard keeps running. If it happens again, copy the details and send them with the log.")
    return MailyardError(_("Internal error."), remedy=remedy, detail=detail)


def place_of(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Kind and place of a bug, never its message: that may hold anything."""
    frames = traceback.extract_tb(trace)[-3:]
    return "\n".join((kind.__name__, *(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames)))
