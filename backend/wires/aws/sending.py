"""How botocore's requests leave: over the same wire as those of all other clouds, with its limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from backend.core.http import HttpWire

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse

#: Each request names its own region's address; a client cannot be made without one.
ANYWHERE = "https://amazonaws.com"


class Sender:
    """botocore's event ``before-send``: whoever answers it has sent the request. Thread-safe; its driver's."""

    def __init__(self, service: str) -> None:
        self._wire = HttpWire(ANYWHERE, service=service)

    def close(self) -> None:
        self._wire.close()

    def __call__(self, request: AWSPreparedRequest, **_more: Any) -> AWSResponse:
        """:raises MailyardError: see :meth:`backend.core.http.HttpWire.send`; botocore hands it on as it is."""
        from botocore.awsrequest import AWSResponse

        headers = {name: _text(value) for name, value in request.headers.items()}
        body = _bytes(request.body)
        answer = self._wire.send(str(request.method), str(request.url), headers=headers, params=None, raw=body)
        return AWSResponse(request.url, answer.status_code, dict(answer.headers), _Whole(answer.content))


class _Whole:
    """A body that was read already, as botocore reads one."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self) -> Iterator[bytes]:
        yield self._body


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _bytes(body: str | bytes | bytearray | None) -> bytes | None:
    return body.encode() if isinstance(body, str) else bytes(body) if body is not None else None
