"""Calls to EC2 and the services around it: how often, in which pages, what their errors mean."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar

from backend.core.rest.throttle import Throttle
from backend.core.rest.wire import MOST_PAGES
from backend.providers.ec2.error_codes import SERVICE, refusal
from backend.wires.aws.wire import Answer, AwsWire

if TYPE_CHECKING:
    from backend.core.errors import ProviderError
    from backend.core.secrets.values import Secret
    from backend.wires.aws.errors import Trouble

#: The largest page that all lists of EC2 take.
PAGE = 500
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html: a bucket for each call and region; the
# smallest for reading holds 50 and fills by 10 a second, that of RunInstances holds 5 and fills by 2.
READS_PER_MINUTE, READ_BURST = 600, 50
WRITES_PER_MINUTE, WRITE_BURST = 120, 5


class Ec2Wire(AwsWire):
    """One access key's way to EC2, STS, CloudWatch and the price list, in any region. Thread-safe; its driver's."""

    service: ClassVar[str] = SERVICE
    api: ClassVar[str] = "ec2"

    def __init__(self, token: Secret, *, endpoint_url: str | None) -> None:
        super().__init__(
            token,
            endpoint_url=endpoint_url,
            reading=Throttle(per_minute=READS_PER_MINUTE, burst=READ_BURST),
            writing=Throttle(per_minute=WRITES_PER_MINUTE, burst=WRITE_BURST),
        )

    def refusal(self, trouble: Trouble) -> ProviderError:
        return refusal(trouble)

    def pages(
        self, operation: str, region: str, key: str, *, page: int = 0, service: str = "", **parameters: Any
    ) -> Iterator[Answer]:
        """All records of the list ``key``, page after page of ``page`` (else the usual number).

        :raises BadResponse: the list has no end.
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
                raise self.unreadable(f"{operation} leads back to a page already read")
            tokens.append(token)
        raise self.unreadable(f"{operation} has more than {MOST_PAGES} pages")

    def listed(self, answer: Answer, key: str) -> list[Answer]:
        """The records of the list ``key``; those of the price list are JSON in text.

        :raises BadResponse: there is no list, or a text is no JSON.
        """
        items = answer.get(key)
        if not isinstance(items, list):
            raise self.unreadable(f"no list {key}")
        try:
            found = [json.loads(item) if isinstance(item, str) else item for item in items]
        except (ValueError, RecursionError) as error:
            raise self.unreadable(f"no JSON in {key}") from error
        return [item for item in found if isinstance(item, dict)]
