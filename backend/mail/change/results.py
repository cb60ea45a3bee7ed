"""What the steps leave for those after them."""

from __future__ import annotations

from dataclasses import dataclass

from backend.engine.payload import Result
from backend.mailu.settings import MailSettings


@dataclass(frozen=True)
class ChangeAgreed(Result):
    """``fingerprint`` is that of the files that the preview was made from; ``before`` and ``after`` what they say."""

    fingerprint: str
    before: MailSettings
    after: MailSettings
