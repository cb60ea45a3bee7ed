"""What Mailu's own application answered when it ran, and how an answer of another day is compared with it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

RECORDED = Path(__file__).parents[1] / "backend/demo/mailu"
#: What differs from run to run.
PASSING = (
    (re.compile(r"\$(?:bcrypt|pbkdf2)-sha256\$[^\"\\]*"), "<hash>"),
    (re.compile(r'"token": "[0-9a-f]{32}"'), '"token": "<secret>"'),
    (re.compile(r"p=[A-Za-z0-9+/=]{100,}"), "p=<key>"),
    (re.compile(r'"(Created|Last edit)": "\d{4}-\d\d-\d\d"'), r'"\1": "<day>"'),
)


def recorded(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((RECORDED / f"{name}.json").read_text())["rows"]
    return found


def lasting(value: object) -> Any:
    """Without what differs from run to run."""
    text = json.dumps(value)
    for pattern, stand_in in PASSING:
        text = pattern.sub(stand_in, text)
    return json.loads(text)
