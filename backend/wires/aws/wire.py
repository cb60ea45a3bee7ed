"""Calls to Amazon: paced, each sent once, every trouble named as the contracts of drivers have it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.errors import BadResponse, OutcomeUnknown, ProviderError, ProviderUnavailable, RateLimited, Refused
from backend.core.present.text import _
from backend.core.rest import refusals
from backend.core.rest.wire import LONGEST_HOLD_S
from backend.wires.aws.errors import CutAnswer, ForeignAnswer, Trouble, check_origin
from backend.wires.aws.session import HOME, Clients, Credentials

if TYPE_CHECKING:
    from backend.core.rest.throttle import Throttle
    from backend.core.secrets.values import Secret

#: Amazon names no pause. In this time the smallest bucket of EC2 is full again.
DEFAULT_HOLD_S = 5.0
READING = ("describe_", "get_", "list_")

Answer = dict[str, Any]


class AwsWire(ABC):
    """One access key's way to the services of one driver. Thread-safe; its driver's. A subclass knows their errors."""

    service: ClassVar[str]
    """What people are told that it is."""
    api: ClassVar[str]
    """What boto3 calls the service that most calls go to."""

    def __init__(self, token: Secret, *, endpoint_url: str | None, reading: Throttle, writing: Throttle) -> None:
        """The throttles are one where the service counts all calls together."""
        self._clients = Clients(Credentials.read(token), endpoint_url, _look_first, service=self.service)
        self._reading, self._writing = reading, writing

    @abstractmethod
    def refusal(self, trouble: Trouble) -> ProviderError:
        """What an answer means that says no."""

    def close(self) -> None:
        self._clients.close()

    def call(self, operation: str, region: str = HOME, *, service: str = "", **parameters: Any) -> Answer:
        """One request; ``operation`` and ``parameters`` as boto3 names them.

        :raises ProviderError: see :class:`backend.providers.ports.ComputeProvider`.
        """
        is_reading = operation.startswith(READING)
        throttle = self._reading if is_reading else self._writing
        held_s = throttle.wait(LONGEST_HOLD_S)
        if held_s:
            raise refusals.slow_down(self.service, held_s, "held back by ourselves")
        send = getattr(self._client(service or self.api, region), operation)
        return self._send(send, parameters, where=f"{operation} in {region}", is_writing=not is_reading)

    def unreadable(self, detail: str) -> BadResponse:
        return refusals.unreadable(self.service, detail)

    def _client(self, service: str, region: str) -> Any:
        from botocore.exceptions import BotoCoreError

        try:
            return self._clients.of(service, region)
        except (BotoCoreError, ValueError) as error:  # a name or an address that is none
            raise self._cannot_be_asked(error) from None

    def _send(self, send: Callable[..., Answer], parameters: Answer, *, where: str, is_writing: bool) -> Answer:
        from botocore import exceptions
        from botocore.parsers import ResponseParserError

        try:
            return send(**parameters)
        except exceptions.ClientError as error:  # not "from error": that one holds the whole answer
            raise self._meaning(Trouble.read(error.response, where), is_writing=is_writing) from None
        except ForeignAnswer as error:
            raise self._foreign(error, f"{where}: {error}", is_writing=is_writing) from error
        except (ResponseParserError, ValueError, ArithmeticError):  # the library reads numbers and moments itself
            raise self._unreadable(f"{where}: cut, or not what it should be", is_writing=is_writing) from None
        except CutAnswer as error:
            raise self._lost(where, error) from error
        except exceptions.BotoCoreError as error:
            raise self._cannot_be_asked(error) from None

    def _meaning(self, trouble: Trouble, *, is_writing: bool) -> ProviderError:
        if trouble.is_too_fast:
            return self._slow_down(trouble)
        if trouble.is_fault:
            return self._broken(trouble.detail, is_writing=is_writing)
        return self.refusal(trouble)

    def _foreign(self, error: ForeignAnswer, detail: str, *, is_writing: bool) -> ProviderError:
        """A page instead of an answer: whoever wrote it, only one of success can hide that something was done."""
        if error.status == 429:
            return self._slow_down(Trouble(error.status, "", "", None, detail))
        if error.status >= 500:
            return self._broken(detail, is_writing=is_writing)
        return self._unreadable(detail, is_writing=is_writing and error.status < 300)

    def _slow_down(self, trouble: Trouble) -> RateLimited:
        seconds = DEFAULT_HOLD_S if trouble.wait_s is None else trouble.wait_s
        for throttle in (self._reading, self._writing):
            throttle.hold(seconds)
        return refusals.slow_down(self.service, seconds, trouble.detail)

    def _unreadable(self, detail: str, *, is_writing: bool) -> ProviderError:
        """A writing call that was answered with something unreadable may have been carried out all the same."""
        error = self.unreadable(detail)
        return OutcomeUnknown(error.title, remedy=error.remedy, detail=detail) if is_writing else error

    def _broken(self, detail: str, *, is_writing: bool) -> ProviderError:
        """After a fault of Amazon's nobody knows whether a writing call was carried out."""
        title = _("{service} reported an internal error.").format(service=self.service)
        if not is_writing:
            return ProviderUnavailable(title, remedy=_("Mailyard retries automatically."), detail=detail)
        remedy = _("Mailyard checks whether the request was carried out before it retries.")
        return OutcomeUnknown(title, remedy=remedy, detail=detail)

    def _lost(self, where: str, error: Exception) -> OutcomeUnknown:
        """The request may have left, but no whole answer came."""
        return OutcomeUnknown(
            _("{service} did not respond in time.").format(service=self.service),
            remedy=_("Mailyard checks whether the request was carried out before it retries."),
            detail=f"{where}: {type(error).__name__}",
        )

    def _cannot_be_asked(self, error: Exception) -> Refused:
        """Nothing was sent. The error's own words quote what was to be sent."""
        return Refused(
            _("{service} does not accept this request.").format(service=self.service),
            remedy=_("Check the address and the token of the account."),
            detail=type(error).__name__,
        )


def _look_first(operation_model: Any, response_dict: Any, **_more: Any) -> None:
    """botocore's event before it parses an answer. Of the protocols a service has it chooses one by itself."""
    is_json = operation_model.service_model.resolved_protocol == "json"
    check_origin(operation_model.name, response_dict, is_json=is_json)
