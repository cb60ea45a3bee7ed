"""One of the demo's clouds as its owner knows it: where it listens, and the word with which it takes orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from backend.core.errors import ProviderUnavailable
from backend.core.present.text import _
from backend.demo.emulator.server import CONTROL, WORD

CONTROL_S = 30.0


@dataclass(frozen=True)
class OwnedCloud:
    """``word`` stands in the demo's folder, which nobody else reads."""

    url: str
    word: str = field(repr=False)

    def order(self, control: str, body: Mapping[str, Any]) -> None:
        """:raises MailyardError: the cloud does not answer."""
        try:
            answer = httpx.post(
                f"{self.url}{CONTROL}{control}",
                json=dict(body),
                headers={WORD: self.word},
                timeout=CONTROL_S,
                trust_env=False,
            )
            answer.raise_for_status()
        except httpx.HTTPError as error:
            raise ProviderUnavailable(_("The demo's clouds do not answer."), detail=type(error).__name__) from error
