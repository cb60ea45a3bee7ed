"""What the errors of EC2 and of the services around it mean.

Codes: https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html and botocore 1.44.8.
"""

from __future__ import annotations

import re

from backend.core.errors import AlreadyThere, NotFound, ProviderError, ProviderRefused, Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.wires.aws.errors import MAY_NOT, NO_ROOM, WRONG_KEY, Trouble, of_the_clock

SERVICE = "Amazon EC2"

#: Of these EC2 says no in one region alone where an organisation forbids it, or the account never enabled it.
OF_REGION = frozenset({"OptInRequired", "UnauthorizedOperation"})
ALREADY_SO = frozenset({"InvalidGroup.Duplicate", "InvalidPermission.Duplicate"})
#: A good key that lacks the right to an image is told as a wrong one.
NOT_ALLOWED = re.compile(r"not authorized for", re.IGNORECASE)


class AlreadySo(AlreadyThere):
    """What was to be made is there: another process was quicker."""


class RegionDenied(Unauthorized):
    """The account may not do this in this region: none of it, where it may elsewhere. ``is_of_key``: the key is not
    known there, as it is in a region that was never enabled; where it is known nowhere, it is a wrong one.
    """

    def __init__(self, error: Unauthorized, *, is_of_key: bool) -> None:
        super().__init__(error.title, remedy=error.remedy, detail=error.detail)
        self.is_of_key = is_of_key


def refusal(trouble: Trouble) -> ProviderError:
    """What an answer means that says no."""
    code, words, detail = trouble.code, trouble.words, trouble.detail
    if late := of_the_clock(SERVICE, trouble):
        return late
    if code in WRONG_KEY and not NOT_ALLOWED.match(words):
        wrong = refusals.unauthorized(SERVICE, detail)
        return RegionDenied(wrong, is_of_key=True) if code == "AuthFailure" else wrong
    if code in MAY_NOT:
        denied = refusals.may_not(SERVICE, detail)
        return RegionDenied(denied, is_of_key=False) if code in OF_REGION else denied
    if code.endswith((".NotFound", "NotFoundException")):
        return NotFound(_("{service} no longer has this resource.").format(service=SERVICE), detail=detail)
    if code.endswith(("LimitExceeded", "LimitExceededException")):
        return refusals.limit(SERVICE, words or code, detail)
    if code in ALREADY_SO:
        no = refusals.refused(SERVICE, words or code, detail)
        return AlreadySo(no.title, remedy=no.remedy, detail=detail)
    if NO_ROOM.match(code):
        return ProviderRefused(
            _("Amazon EC2 has no capacity: {words}").format(words=words or code),
            remedy=_("Choose another plan or region, or try again later."),
            detail=detail,
        )
    return refusals.refused(SERVICE, words or code, detail)
