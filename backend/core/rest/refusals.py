"""The words for what services refuse, with the way out; the same for all of them."""

from __future__ import annotations

from backend.core.errors import (
    AlreadyThere,
    BadResponse,
    LimitReached,
    ProviderRefused,
    ProviderUnavailable,
    RateLimited,
    Unauthorized,
)
from backend.core.present.text import _


def slow_down(service: str, seconds: float, detail: str) -> RateLimited:
    return RateLimited(
        _("{service} rate limit reached.").format(service=service),
        remedy=_("Mailyard retries automatically in {seconds} s.").format(seconds=round(seconds)),
        detail=detail,
        retry_after_s=seconds,
    )


def unauthorized(service: str, detail: str) -> Unauthorized:
    """The token itself is refused."""
    return Unauthorized(
        _("{service} refused the token.").format(service=service),
        remedy=_("It may have expired or been revoked. Enter a new one in Settings > Accounts."),
        detail=detail,
    )


def may_not(service: str, detail: str) -> Unauthorized:
    """The token is good, but not for this."""
    return Unauthorized(
        _("The {service} token does not permit this.").format(service=service),
        remedy=_("Create a token with the scopes shown in Settings > Accounts and enter it there."),
        detail=detail,
    )


def limit(service: str, words: str, detail: str) -> LimitReached:
    """The account's quota is used up."""
    return LimitReached(
        _("The {service} account has reached its quota: {words}").format(service=service, words=words),
        remedy=_("Request a higher limit from {service}, or remove something you no longer need.").format(
            service=service
        ),
        detail=detail,
    )


def busy(service: str, detail: str) -> ProviderUnavailable:
    """Something is under way with this server; later it will do."""
    return ProviderUnavailable(
        _("{service} is still busy with this server.").format(service=service),
        remedy=_("Mailyard retries automatically."),
        detail=detail,
    )


def refused(service: str, words: str, detail: str) -> ProviderRefused:
    """A plain no, in the provider's own words."""
    return ProviderRefused(
        _("{service} refused: {words}").format(service=service, words=words or _("no reason given")),
        remedy=_("Change the request and try again."),
        detail=detail,
    )


def taken(service: str, words: str, detail: str) -> AlreadyThere:
    """A plain no, because there is one of this name."""
    no = refused(service, words, detail)
    return AlreadyThere(no.title, remedy=no.remedy, detail=no.detail)


def unreadable(service: str, detail: str) -> BadResponse:
    """An answer of the API that lacks what it must have."""
    return BadResponse(
        _("The response from {service} could not be read.").format(service=service),
        remedy=_("Mailyard retries automatically."),
        detail=detail,
    )
