"""Calls to Amazon: paced, each sent once, every trouble named as the compute contract has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from backend.core.errors import AnswerUnknown, NoNetwork, ProviderError, ProviderUnavailable, RateLimited, Refused
from backend.core.present.text import _
from backend.providers import refusals
from backend.providers.ec2.meaning import SERVICE, CutAnswer, ForeignAnswer, Trouble, check_origin, refusal
from backend.providers.ec2.session import HOME, Clients, Credentials
from backend.providers.rest import LONGEST_HOLD_S, MOST_PAGES
from backend.providers.throttle import Throttle

if TYPE_CHECKING:
    from backend.core.secrets.values import Secret

#: The largest page that all lists of EC2 take.
PAGE = 500
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: a bucket for each call and region; the
# smallest for reading holds 50 and fills by 10 a second, that of RunInstances holds 5 and fills by 2.
READS_PER_MINUTE, READ_BURST = 600, 50
WRITES_PER_MINUTE, WRITE_BURST = 120, 5
#: Amazon names no pause. In this time the smallest bucket is full again.
DEFAULT_HOLD_S = 5.0

Answer = dict[str, Any]


class Ec2Wire:
    """One access key's way to EC2, STS, CloudWatch and the price list, in any region. Thread-safe; its driver's."""

    def __init__(self, token: Secret, *, endpoint_url: str | None) -> None:
        self._clients = Clients(Credentials.read(token), endpoint_url, _look_first)
        self._reading = Throttle(per_minute=READS_PER_MINUTE, burst=READ_BURST)
        self._writing = Throttle(per_minute=WRITES_PER_MINUTE, burst=WRITE_BURST)

    def close(self) -> None:
        self._clients.close()

    def call(self, operation: str, region: str = HOME, *, service: str = "ec2", **parameters: Any) -> Answer:
        """One request; ``operation`` and ``parameters`` as boto3 names them.

        :raises ProviderError: see :class:`backend.providers.ports.ComputeProvider`.
        """
        is_reading = operation.startswith(("describe_", "get_"))
        throttle = self._reading if is_reading else self._writing
        held_s = throttle.wait(LONGEST_HOLD_S)
        if held_s:
            raise refusals.slow_down(SERVICE, held_s, "held back by ourselves")
        send = getattr(self._client(service, region), operation)
        return self._send(send, parameters, where=f"{operation} in {region}", is_writing=not is_reading)

    def pages(
        self, operation: str, region: str, key: str, *, page: int = 0, service: str = "ec2", **parameters: Any
    ) -> Iterator[Answer]:
        """All records of the list ``key``, page after page of ``page`` (else the usual number).

        :raises BadAnswer: the list has no end.
        """
        tokens = [""]
        while len(tokens) <= MOST_PAGES:
            following = {"NextToken": tokens[-1]} if tokens[-1] else {}
            answer = self.call(operation, region, service=service, **parameters, MaxResults=page or PAGE, **following)
            yield from self.listed(answer, key)
            token = str(answer.get("NextToken") or "")
            if not token:
                return
            if token in tokens:
                raise refusals.unreadable(SERVICE, f"{operation} leads back to a page already read")
            tokens.append(token)
        raise refusals.unreadable(SERVICE, f"{operation} has more than {MOST_PAGES} pages")

    def listed(self, answer: Answer, key: str) -> list[Answer]:
        """The records of the list ``key``; those of the price list are JSON in text.

        :raises BadAnswer: there is no list, or a text is no JSON.
        """
        items = answer.get(key)
        if not isinstance(items, list):
            raise refusals.unreadable(SERVICE, f"no list {key}")
        try:
            found = [json.loads(item) if isinstance(item, str) else item for item in items]
        except ValueError as error:
            raise refusals.unreadable(SERVICE, f"no JSON in {key}") from error
        return [item for item in found if isinstance(item, dict)]

    def _client(self, service: str, region: str) -> Any:
        from botocore.exceptions import BotoCoreError

        try:
            return self._clients.of(service, region)
        except (BotoCoreError, ValueError) as error:  # a name or an address that is none
            raise _cannot_be_asked(error) from None

    def _send(self, send: Callable[..., Answer], parameters: Answer, *, where: str, is_writing: bool) -> Answer:
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        try:
            return send(**parameters)
        except exceptions.ClientError as error:
            raise self._meaning(Trouble.read(error.response, where), is_writing=is_writing) from error
        except ForeignAnswer as error:
            raise self._foreign(error, f"{where}: {error}", is_writing=is_writing) from error
        except ResponseParserError:
            raise _unreadable(f"{where}: cut, or not what it should be", is_writing=is_writing) from None
        except exceptions.ConnectionError as error:
            raise _unreachable(where, error) from error
        except (exceptions.HTTPClientError, CutAnswer) as error:
            raise _lost(where, error) from error
        except exceptions.BotoCoreError as error:
            raise _cannot_be_asked(error) from None

    def _meaning(self, trouble: Trouble, *, is_writing: bool) -> ProviderError:
        if trouble.is_too_fast:
            return self._slow_down(trouble)
        if trouble.is_fault:
            return _broken(trouble.detail, is_writing=is_writing)
        return refusal(trouble)

    def _foreign(self, error: ForeignAnswer, detail: str, *, is_writing: bool) -> ProviderError:
        """A page instead of an answer: whoever wrote it, only one of success can hide that something was done."""
        if error.status == 429:
            return self._slow_down(Trouble(error.status, "", "", None, detail))
        if error.status >= 500:
            return _broken(detail, is_writing=is_writing)
        return _unreadable(detail, is_writing=is_writing and error.status < 300)

    def _slow_down(self, trouble: Trouble) -> RateLimited:
        seconds = DEFAULT_HOLD_S if trouble.wait_s is None else trouble.wait_s
        for throttle in (self._reading, self._writing):
            throttle.hold(seconds)
        return refusals.slow_down(SERVICE, seconds, trouble.detail)


def _look_first(operation_model: Any, response_dict: Any, **_more: Any) -> None:
    """botocore's event before it parses an answer. Of the protocols a service has it chooses one by itself."""
    is_json = operation_model.service_model.resolved_protocol == "json"
    check_origin(operation_model.name, response_dict, is_json=is_json)


def _unreadable(detail: str, *, is_writing: bool) -> ProviderError:
    """A writing call that was answered with something unreadable may have been carried out all the same."""
    error = refusals.unreadable(SERVICE, detail)
    return AnswerUnknown(error.title, remedy=error.remedy, detail=detail) if is_writing else error


def _broken(detail: str, *, is_writing: bool) -> ProviderError:
    """After a fault of Amazon's nobody knows whether a writing call was carried out."""
    title = _("{service} has a fault of its own.").format(service=SERVICE)
    if not is_writing:
        return ProviderUnavailable(title, remedy=_("We try again by ourselves."), detail=detail)
    remedy = _("We look whether the request was carried out before we try again.")
    return AnswerUnknown(title, remedy=remedy, detail=detail)


def _unreachable(where: str, error: Exception) -> NoNetwork:
    """Nothing was sent."""
    return NoNetwork(
        _("{service} cannot be reached.").format(service=SERVICE),
        remedy=_("Check the network of this computer; we try again by ourselves."),
        detail=f"{where}: {type(error).__name__}",
    )


def _lost(where: str, error: Exception) -> AnswerUnknown:
    """The request may have left, but no whole answer came."""
    return AnswerUnknown(
        _("{service} did not answer in time.").format(service=SERVICE),
        remedy=_("We look whether the request was carried out before we try again."),
        detail=f"{where}: {type(error).__name__}",
    )


def _cannot_be_asked(error: Exception) -> Refused:
    """Nothing was sent. The error's own words quote what was to be sent."""
    return Refused(
        _("{service} cannot be asked like this.").format(service=SERVICE),
        remedy=_("Check the address and the token of the account."),
        detail=type(error).__name__,
    )
