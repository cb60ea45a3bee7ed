"""What a wire can do to a request: each error says whether it may have been carried out."""

from __future__ import annotations

import gzip
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from backend.core import http
from backend.core.errors import BadResponse, NoNetwork, OutcomeUnknown, Refused
from backend.core.http import HttpWire
from tests.backend.core.scripted import Script, Scripted, answer, reset, self_signed

TOKEN = "dop_v1_5f3c0e9a17b24d68"
MOST, MOST_HEAD = 100_000, 80_000
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


@pytest.fixture(autouse=True)
def quick_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a test can reach."""
    limits = {"CONNECT_S": 1.0, "READ_S": 0.3, "WHOLE_S": 0.6, "MOST_BYTES": MOST, "MOST_HEAD_BYTES": MOST_HEAD}
    for name, value in limits.items():
        monkeypatch.setattr(http, name, value)


@pytest.fixture
def serve() -> Iterator[Callable[..., Scripted]]:
    """Starts scripted servers; all end with the test."""
    running: list[Scripted] = []

    def start(script: Script, certificate: Path | None = None) -> Scripted:
        running.append(Scripted(script, certificate))
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture
def wire_to() -> Iterator[Callable[[str], HttpWire]]:
    wires: list[HttpWire] = []

    def make(url: str) -> HttpWire:
        wires.append(HttpWire(url, service="Somecloud"))
        return wires[-1]

    yield make
    for wire in wires:
        wire.close()


def ask(wire: HttpWire, method: str = "POST", token: str = TOKEN) -> Any:
    body = {"name": "mx1"} if method == "POST" else None
    return wire.send(method, "/v2/droplets", headers={"Authorization": f"Bearer {token}"}, params=None, body=body)


def silence(connection: socket.socket) -> None:
    """Until the client gives up."""
    connection.recv(1)


def drip(connection: socket.socket) -> None:
    """A byte now and then: no single wait is ever too long."""
    connection.sendall(answer(b"", length=10_000))
    repeat(connection, b"x")


def drip_a_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    repeat(connection, b"x")


def drip_interim_answers(connection: socket.socket) -> None:
    repeat(connection, EARLY)


def flood_interim_answers(connection: socket.socket) -> None:
    while True:
        connection.sendall(100 * EARLY)


def flood_a_header(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        connection.sendall(b"x" * 10_000)


def too_slow_together(connection: socket.socket) -> None:
    """Head and body take two thirds of the limit each."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    repeat(connection, b"x", times=4)
    connection.sendall(b"\r\nContent-Length: 4\r\n\r\n")
    repeat(connection, b"x", times=4)


def repeat(connection: socket.socket, piece: bytes, *, times: int = 200) -> None:
    """Ten times a second, until the client gives up."""
    connection.settimeout(0.1)
    for _ in range(times):
        connection.sendall(piece)
        try:
            if not connection.recv(1):
                return
        except TimeoutError:
            continue


def half(connection: socket.socket) -> None:
    connection.sendall(answer(b'{"droplet": {', length=500))


def too_large(connection: socket.socket) -> None:
    connection.sendall(answer(b"x" * (MOST + 1)))


def too_large_when_unpacked(connection: socket.socket) -> None:
    connection.sendall(answer(gzip.compress(b"x" * 50 * MOST), headers="Content-Encoding: gzip\r\n"))


def packed_badly(connection: socket.socket) -> None:
    connection.sendall(answer(b"no gzip", headers="Content-Encoding: gzip\r\n"))


LOST: dict[str, Script] = {
    "closed without an answer": lambda _connection: None,
    "reset after the request was read": reset,
    "no answer in time": silence,
    "half a head": lambda connection: connection.sendall(b"HTTP/1.1 200 OK\r\nContent-"),
    "half a body": half,
    "a body that drips": drip,
    "a header that drips": drip_a_header,
    "a head and a body that take too long together": too_slow_together,
    "interim answers without end, slowly": drip_interim_answers,
    "interim answers without end, fast": flood_interim_answers,
    "a header without end": flood_a_header,
    "not HTTP": lambda connection: connection.sendall(b"220 mx1 ESMTP\r\n"),
    "too large": too_large,
    "too large when unpacked": too_large_when_unpacked,
    "packed badly": packed_badly,
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("trouble", LOST)
def test_a_request_that_left_and_got_no_whole_answer_may_have_been_carried_out(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], trouble: str, method: str
) -> None:
    server = serve(LOST[trouble])
    with pytest.raises(OutcomeUnknown) as caught:
        ask(wire_to(f"http://127.0.0.1:{server.port}"), method)
    assert len(server.requests) == 1  # it was sent, and it was sent once
    assert caught.value.title.startswith("Somecloud ")
    assert "before it retries" in caught.value.remedy
    assert caught.value.retryable


def nobody_listens() -> Iterator[str]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture(params=["refused", "no such name"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "refused":
        yield from nobody_listens()
    else:
        yield "http://api.somecloud.invalid"


def test_where_nobody_listens_nothing_was_sent(nowhere: str, wire_to: Callable[[str], HttpWire]) -> None:
    with pytest.raises(NoNetwork) as caught:
        ask(wire_to(nowhere))
    assert caught.value.title == "Somecloud cannot be reached."
    assert caught.value.remedy.startswith("Check this computer's network")
    assert caught.value.retryable


def test_a_server_whose_certificate_nobody_vouches_for_gets_no_token(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], tmp_path: Path
) -> None:
    server = serve(lambda connection: connection.sendall(answer(b"{}")), self_signed(tmp_path))
    with pytest.raises(NoNetwork) as caught:
        ask(wire_to(f"https://127.0.0.1:{server.port}"))
    assert "CERTIFICATE_VERIFY_FAILED" in caught.value.detail
    assert server.requests == []


@pytest.mark.parametrize("days_from_now", [5, -5])
def test_a_certificate_of_another_time_names_the_clock(
    serve: Callable[..., Scripted], tmp_path: Path, days_from_now: int
) -> None:
    certificate = self_signed(tmp_path, days_from_now=days_from_now)
    server = serve(lambda connection: connection.sendall(answer(b"{}")), certificate)
    trusts = ssl.create_default_context(cafile=str(certificate))
    wire = HttpWire(f"https://127.0.0.1:{server.port}", service="Somecloud", trusts=trusts)

    with closing(wire), pytest.raises(NoNetwork) as caught:
        ask(wire)

    assert caught.value.remedy == "Check this computer's clock. Mailyard retries automatically."


def test_a_server_without_tls_gets_no_token(serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire]) -> None:
    """It answers the handshake with plain words, as a proxy before the API would."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        wire = wire_to(f"https://127.0.0.1:{listener.getsockname()[1]}")
        heard = hear_once(listener)
        with pytest.raises(NoNetwork):
            ask(wire)
        assert TOKEN.encode() not in heard()


def hear_once(listener: socket.socket) -> Callable[[], bytes]:
    """Takes one connection, answers in plain HTTP, and gives what was said to it."""
    from concurrent.futures import ThreadPoolExecutor

    def hear() -> bytes:
        connection, _address = listener.accept()
        with connection:
            connection.settimeout(10)
            said = connection.recv(65536)
            connection.sendall(answer(b"", status="400 Bad Request"))
            return said

    pool = ThreadPoolExecutor(1)
    future = pool.submit(hear)

    def result() -> bytes:
        said = future.result(10)
        pool.shutdown()
        return said

    return result


@pytest.mark.parametrize("status", ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent"])
def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], status: str
) -> None:
    elsewhere = serve(lambda connection: connection.sendall(answer(b"{}")))
    target = f"Location: http://127.0.0.1:{elsewhere.port}/v2/droplets\r\n"
    server = serve(lambda connection: connection.sendall(answer(b"", status=status, headers=target)))
    wire = wire_to(f"http://127.0.0.1:{server.port}")
    response = ask(wire)
    assert str(response.status_code) == status[:3]
    with pytest.raises(BadResponse):
        wire.read_json(response)
    assert elsewhere.requests == []


def test_a_whole_answer_of_any_status_comes_back_with_its_headers(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire]
) -> None:
    server = serve(
        lambda connection: connection.sendall(
            answer(b'{"id": "no"}', status="429 Too Many", headers="Retry-After: 7\r\nX-Request-Id: r1\r\n")
        )
    )
    wire = wire_to(f"http://127.0.0.1:{server.port}")
    response = ask(wire)
    assert (response.status_code, response.headers["retry-after"], response.headers["x-request-id"]) == (429, "7", "r1")
    assert wire.read_json(response) == {"id": "no"}
    request = server.requests[0].decode()
    assert request.startswith("POST /v2/droplets HTTP/1.1\r\n")
    assert f"Authorization: Bearer {TOKEN}\r\n" in request


PACKINGS: dict[str, bytes] = {
    "plain": answer(b'{"n": 1}'),
    "gzip": answer(gzip.compress(b'{"n": 1}'), headers="Content-Encoding: gzip\r\n"),
    "chunked": b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"n\r\n5\r\n": 1}\r\n0\r\n\r\n',
    "until the end": b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"n": 1}',
}


@pytest.mark.parametrize("packing", PACKINGS)
def test_an_answer_is_read_however_it_is_packed(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], packing: str
) -> None:
    server = serve(lambda connection: connection.sendall(PACKINGS[packing]))
    wire = wire_to(f"http://127.0.0.1:{server.port}")
    assert wire.read_json(ask(wire)) == {"n": 1}


@pytest.mark.parametrize("body", [b"<html>Maintenance</html>", b'{"droplets": [', b"", b"\xff\xfe"])
def test_an_answer_that_is_not_the_api_s_is_named(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], body: bytes
) -> None:
    server = serve(lambda connection: connection.sendall(answer(body, headers="Content-Type: text/html\r\n")))
    wire = wire_to(f"http://127.0.0.1:{server.port}")
    with pytest.raises(BadResponse) as caught:
        wire.read_json(ask(wire))
    assert caught.value.detail == "HTTP 200, text/html"


@pytest.mark.parametrize("depth", [5_000, 200_000])
def test_json_that_is_nested_without_end_is_not_the_api_s(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    monkeypatch.setattr(http, "MOST_BYTES", 1_000_000)
    server = serve(lambda connection: connection.sendall(answer(b"[" * depth + b"]" * depth)))
    wire = wire_to(f"http://127.0.0.1:{server.port}")
    with pytest.raises(BadResponse):
        wire.read_json(ask(wire))


@pytest.mark.parametrize(
    "figure", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "9" * 400, "9" * 5_000, str(2**63)]
)
def test_a_figure_that_is_none_is_unknown_and_the_rest_is_read(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], figure: str
) -> None:
    body = f'{{"n": {figure}, "rest": [1, -2, 0.5, {2**63 - 1}]}}'.encode()
    server = serve(lambda connection: connection.sendall(answer(body)))
    wire = wire_to(f"http://127.0.0.1:{server.port}")
    assert wire.read_json(ask(wire)) == {"n": None, "rest": [1, -2, 0.5, 2**63 - 1]}


UNWRITABLE: dict[str, tuple[str, str]] = {
    "a token of two lines": ("http", f"{TOKEN}\nX-More: 1"),
    "a token with é": ("http", f"{TOKEN}-é"),
    "another scheme": ("ftp", TOKEN),
}


@pytest.mark.parametrize("what", UNWRITABLE)
def test_what_cannot_be_written_on_the_wire_is_refused_without_repeating_the_token(
    serve: Callable[..., Scripted], wire_to: Callable[[str], HttpWire], what: str
) -> None:
    scheme, token = UNWRITABLE[what]
    server = serve(lambda connection: connection.sendall(answer(b"{}")))
    with pytest.raises(Refused) as caught:
        ask(wire_to(f"{scheme}://127.0.0.1:{server.port}"), token=token)
    error = caught.value
    assert "address and the token" in error.remedy
    assert TOKEN not in f"{error} {error.detail} {error.__cause__}"
    assert error.__suppress_context__
    assert not error.retryable
    assert server.requests == []
