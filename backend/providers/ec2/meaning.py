"""What Amazon's error codes mean, and whether an answer is Amazon's at all.

Codes: https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html and botocore 1.44.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from backend.core.errors import NotFound, ProviderError, ProviderRefused, Unauthorized
from backend.core.present.text import _
from backend.core.secrets.tripwire import tripwire
from backend.providers import refusals
from backend.providers.rest import MOST_KIND, MOST_WORDS

SERVICE = "Amazon EC2"

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
MAY_NOT = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})
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
ALREADY_SO = frozenset({"InvalidGroup.Duplicate", "InvalidPermission.Duplicate"})
#: Told with HTTP 500, though nothing was begun.
NO_ROOM = re.compile(r"Insufficient\w*Capacity\Z")
CLOCK = re.compile(r"signature (has )?expired|signature not yet current|not within the valid time", re.IGNORECASE)
#: A good key that lacks the right to an image is told as a wrong one.
NOT_ALLOWED = re.compile(r"not authorized for", re.IGNORECASE)
#: The first element of an XML document.
ROOT = re.compile(rb"\s*(?:<\?xml[^>]*\?>)?\s*<(\w+)")
ERROR_ROOTS = frozenset({b"Response", b"ErrorResponse"})


class ForeignAnswer(Exception):
    """A proxy's or a portal's page, not an answer of the API."""

    def __init__(self, status: int, content_type: str) -> None:
        super().__init__(f"HTTP {status}, {content_type or 'no content type'}")
        self.status = status


class AlreadySo(ProviderRefused):
    """What was to be made is there: another process was quicker."""


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

    @classmethod
    def read(cls, answer: Mapping[str, Any], where: str) -> Trouble:
        """``answer`` is the ``response`` of a botocore ``ClientError``, ``where`` says which call it was.

        Amazon's words quote the request now and then: masked before they are cut.
        """
        about = answer.get("ResponseMetadata") or {}
        error = answer.get("Error") or {}
        code = tripwire.redact(str(error.get("Code") or ""))[:MOST_KIND]
        words = tripwire.redact(str(error.get("Message") or ""))[:MOST_WORDS]
        status = int(about.get("HTTPStatusCode") or 0)
        detail = f"{where}: HTTP {status} {code} {words} {about.get('RequestId') or ''}".strip()
        return cls(status, code, words, _seconds((about.get("HTTPHeaders") or {}).get("retry-after")), detail)

    @property
    def is_too_fast(self) -> bool:
        return self.status == 429 or self.code in TOO_FAST

    @property
    def is_fault(self) -> bool:
        """A failure of Amazon's own."""
        return self.status >= 500 and not NO_ROOM.match(self.code)


def refusal(trouble: Trouble) -> ProviderError:
    """What an answer means that says no."""
    code, words, detail = trouble.code, trouble.words, trouble.detail
    if CLOCK.search(words) or code in ("RequestExpired", "RequestTimeTooSkewed"):
        return Unauthorized(
            _("Amazon EC2 does not accept the time of this computer."),
            remedy=_("Set the clock of this computer, then try again."),
            detail=detail,
        )
    if code in WRONG_KEY and not NOT_ALLOWED.match(words):
        return refusals.unauthorized(SERVICE, detail)
    if code in MAY_NOT:
        return refusals.may_not(SERVICE, detail)
    if code.endswith((".NotFound", "NotFoundException")):
        return NotFound(_("{service} does not know it (any more).").format(service=SERVICE), detail=detail)
    if code.endswith(("LimitExceeded", "LimitExceededException")):
        return refusals.limit(SERVICE, words or code, detail)
    if code in ALREADY_SO:
        no = refusals.refused(SERVICE, words or code, detail)
        return AlreadySo(no.title, remedy=no.remedy, detail=detail)
    if NO_ROOM.match(code):
        return ProviderRefused(
            _("Amazon EC2 has no room: {words}").format(words=words or code),
            remedy=_("Choose another plan or region, or try again later."),
            detail=detail,
        )
    return refusals.refused(SERVICE, words or code, detail)


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


def _seconds(text: Any) -> float | None:
    try:
        return max(0.0, float(text)) if text is not None else None
    except ValueError:
        return None
