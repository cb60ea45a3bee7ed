"""Mailu's REST API on the wire (core/admin/mailu/api of 2024.06): its answers, and how it says no."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import BadResponse, LimitReached, NotFound, ProviderError, RateLimited, Unauthorized
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.throttle import Throttle
from backend.core.rest.wire import ErrorBody, RestWire, masked

if TYPE_CHECKING:
    import httpcore

    from backend.core.secrets.values import Secret

SERVICE = "Mailu"
#: Our own bound: one worker of gunicorn answers, and mail goes through it.
PER_MINUTE, BURST = 1_200, 200
TOO_MANY = re.compile(r"too many (users|aliases)", re.IGNORECASE)
#: How long until we ask again whether the network is still locked out, which lasts up to an hour.
LOCKED_OUT_S = 600.0


class MailuWire(RestWire):
    """One server's API. ``is_refused``: the token was, and is not sent again: Mailu locks out who goes on with it."""

    service: ClassVar[str] = SERVICE
    base: ClassVar[str] = ""

    def __init__(self, host_name: str, token: Secret, *, dial: httpcore.NetworkBackend, path: str = "/api") -> None:
        throttle = Throttle(per_minute=PER_MINUTE, burst=BURST)
        super().__init__(token, endpoint_url=f"https://{host_name}{path}/v1", throttle=throttle, dial=dial)
        self.is_refused = False

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """As every wire; besides, some of Mailu's refusals come as HTTP 200 with a ``code`` inside."""
        if self.is_refused:
            raise token_refused("not sent: it was refused before")
        answer = super().call(method, path, params=params, headers=headers, body=body)
        code = answer.get("code") if isinstance(answer, dict) else None
        if isinstance(code, int) and code >= 400:
            error_body = masked(self.error_body(answer))
            detail = f"HTTP 200, code {code} {error_body.words}"
            raise self.absent(error_body, detail) if code == 404 else self.meaning(code, error_body, detail)
        return answer

    def error_body(self, body: Mapping[str, Any]) -> ErrorBody:
        """``{code, message}``, or ``{errors: {field: words}, message}`` where a field was malformed."""
        errors = body.get("errors")
        fields = "; ".join(f"{key}: {value}" for key, value in errors.items()) if isinstance(errors, dict) else ""
        return ErrorBody(" ".join(filter(None, (str(body.get("message", "")), fields))))

    def meaning(self, status: int, error_body: ErrorBody, detail: str) -> ProviderError:
        if status != 409:
            return super().meaning(status, error_body, detail)
        if TOO_MANY.match(error_body.words):
            return LimitReached(
                _("The domain has reached its limit: {words}").format(words=error_body.words),
                remedy=_("Raise the limit of the domain, or remove some."),
                detail=detail,
            )
        return refusals.taken(SERVICE, error_body.words, detail)

    def absent(self, error_body: ErrorBody, detail: str) -> ProviderError:
        return NotFound(_("Mailu has no such entry: {words}").format(words=error_body.words), detail=detail)

    def unreadable(self, detail: str) -> BadResponse:
        """Also where the API is switched off: then the web server answers with a page of its own."""
        return BadResponse(
            _("The mail server does not answer with its API."),
            remedy=_("Check that the API is switched on in mailu.env, and that all containers run."),
            detail=detail,
        )

    def slow_down(self, seconds: float, detail: str) -> RateLimited:  # noqa: ARG002 - Mailu never says for how long
        return RateLimited(
            _("Mailu has locked out the network that Mailyard comes from: wrong API tokens were sent from it."),
            remedy=_("It ends by itself within an hour; Mailyard retries automatically."),
            detail=detail,
            retry_after_s=LOCKED_OUT_S,
        )

    def unauthorized(self, error_body: ErrorBody, detail: str) -> ProviderError:
        return self.forbidden(error_body, detail)

    def forbidden(self, _error_body: ErrorBody, detail: str) -> ProviderError:
        self.is_refused = True
        return token_refused(detail)


def token_refused(detail: str) -> Unauthorized:
    return Unauthorized(
        _("Mailu refused the API token."),
        remedy=_("It was changed on the server. Renew it in the mail server's menu."),
        detail=detail,
    )
