"""What Amazon's error answers hold, whatever service says no, and whether an answer is Amazon's at all.

Codes: https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html, the common errors of each service's API
reference and botocore 1.44.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from backend.core.errors import ClockWrong
from backend.core.present.text import _
from backend.core.rest.values import pause_s
from backend.core.rest.wire import MOST_KIND, MOST_WORDS
from backend.core.secrets.foreign_words import foreign_words

WRONG_KEY = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
MAY_NOT = frozenset({"AccessDenied", "AccessDeniedException", "OptInRequired", "UnauthorizedOperation"})
TOO_FAST = frozenset(
    {
        "EC2ThrottledException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
#: Told with HTTP 500, though nothing was begun.
NO_ROOM = re.compile(r"Insufficient\w*Capacity\Z")
#: What a signature may be off (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html).
MOST_SKEW_S = 300.0
CLOCK = re.compile(r"signature (has )?expired|signature not yet current|not within the valid time", re.IGNORECASE)
#: The first element of an XML document.
ROOT = re.compile(rb"\s*(?:<\?xml[^>]*\?>)?\s*<(\w+)")
#: Route 53 may tell of a batch in a form of its own, without a code: github aws/aws-sdk-go-v2,
#: service/route53/internal/customizations.
BATCH = "InvalidChangeBatch"
ERROR_ROOTS = frozenset({b"Response", b"ErrorResponse", BATCH.encode()})


class ForeignAnswer(Exception):
    """A proxy's or a portal's page, not an answer of the API."""

    def __init__(self, status: int, content_type: str) -> None:
        super().__init__(f"HTTP {status}, {foreign_words(content_type, MOST_KIND) or 'no content type'}")
        self.status = status


class CutAnswer(Exception):
    """The connection ended before the answer did."""


@dataclass(frozen=True)
class Trouble:
    """One error answer: HTTP status, Amazon's code and words, and the seconds to wait where any were named."""

    status: int
    code: str
    words: str
    wait_s: float | None
    detail: str
    #: How far this computer's clock is from the answer's ``Date``; None where that was not told.
    skew_s: float | None = None

    @classmethod
    def read(cls, answer: Mapping[str, Any], where: str) -> Trouble:
        """``answer`` is the ``response`` of a botocore ``ClientError``, ``where`` says which call it was.

        Amazon's words quote the request now and then.
        """
        about = answer.get("ResponseMetadata") or {}
        error = answer.get("Error") or {}
        if "Messages" in answer:
            error = {"Code": BATCH, "Message": _listed((answer["Messages"] or {}).get("Message"))}
        code = foreign_words(str(error.get("Code") or ""), MOST_KIND)
        words = foreign_words(str(error.get("Message") or ""), MOST_WORDS)
        number = foreign_words(str(about.get("RequestId") or ""), MOST_KIND)
        status = int(about.get("HTTPStatusCode") or 0)
        detail = f"{where}: HTTP {status} {code} {words} {number}".strip()
        headers = about.get("HTTPHeaders") or {}
        return cls(status, code, words, pause_s(headers.get("retry-after")), detail, _skew_s(headers.get("date")))

    @property
    def is_too_fast(self) -> bool:
        return self.status == 429 or self.code in TOO_FAST

    @property
    def is_fault(self) -> bool:
        """A failure of Amazon's own."""
        return self.status >= 500 and not NO_ROOM.match(self.code)


def of_the_clock(service: str, trouble: Trouble) -> ClockWrong | None:
    """What is told of a signature from another time; a wrong one is, where the clocks are so far apart."""
    is_told = CLOCK.search(trouble.words) or trouble.code in ("RequestExpired", "RequestTimeTooSkewed")
    is_seen = trouble.code in WRONG_KEY and trouble.skew_s is not None and trouble.skew_s > MOST_SKEW_S
    if not is_told and not is_seen:
        return None
    return ClockWrong(
        _("{service} does not accept the time of this computer.").format(service=service),
        remedy=_("Set this computer's clock, then retry."),
        detail=trouble.detail,
    )


def check_origin(operation: str, answer: Mapping[str, Any], *, is_json: bool) -> None:
    """``answer`` is what botocore is about to parse: it would read any XML, a web page too, as an empty answer, and it
    does not count whether all of it came.

    :raises ForeignAnswer: it is not Amazon's.
    :raises CutAnswer: it is shorter than was promised.
    """
    status, body = int(answer["status_code"]), bytes(answer["body"] or b"")
    promised = str(answer["headers"].get("content-length") or "")
    if promised.isdigit() and len(body) < int(promised):
        raise CutAnswer(f"{len(body)} of {promised} bytes")
    if is_json:
        is_ours = body.lstrip()[:1] == b"{"
    else:
        found = ROOT.match(body[:400])
        wanted = {f"{operation}Response".encode()} if status < 300 else ERROR_ROOTS
        is_ours = found is not None and found[1] in wanted
    if not is_ours:
        raise ForeignAnswer(status, str(answer["headers"].get("content-type") or ""))


def _skew_s(date: Any) -> float | None:
    """``date`` is a header (RFC 9110, 5.6.7)."""
    try:
        told = parsedate_to_datetime(str(date or ""))
    except ValueError:
        return None
    return abs((datetime.now(UTC) - told).total_seconds()) if told.tzinfo else None


def _listed(messages: Any) -> str:
    """One is told as it is, several as a list; where all is one element, in brackets."""
    return f"[{', '.join(map(str, messages if isinstance(messages, list) else [messages or '']))}]"
