"""A login over IMAP: it counts the messages, or says in words what stands against it; never the password."""

from __future__ import annotations

import re
import socket
import ssl
import threading
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from backend.core.errors import Cancelled, CertificateChanged, MailyardError, ProviderUnavailable, Unauthorized
from backend.core.secrets.values import Secret
from backend.core.ssh import tunnel
from backend.mailu import imap
from backend.mailu.certificate import Pair, self_signed
from backend.mailu.imap import check_login

if TYPE_CHECKING:
    import paramiko

ADDRESS, PASSWORD = "admin@example.net", 'CANARY pa"ss\\word-5f3c'
Answer = Callable[[bytes, list[str]], bytes]


def _told(tag: bytes, words: list[str]) -> bytes:
    """As Dovecot answers who logs in with the right password."""
    command = words[0].upper()
    if command == "CAPABILITY":
        return b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n" + tag + b" OK done\r\n"
    if command == "LOGIN":
        is_right = words[1:] == [ADDRESS, PASSWORD]
        return tag + (b" OK Logged in\r\n" if is_right else b" NO [AUTHENTICATIONFAILED] Authentication failed.\r\n")
    if command in ("EXAMINE", "SELECT"):
        return b"* 17 EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n" + tag + b" OK [READ-ONLY] done\r\n"
    return tag + b" BAD unknown\r\n"


@dataclass
class Conduct:
    """What the server does: ``greeting`` first, then ``answer`` to each command; with None it ends the connection."""

    greeting: bytes = b"* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] Dovecot ready.\r\n"
    answer: Answer | None = _told
    heard: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def pair() -> Pair:
    return self_signed(("mx1.example.net",), datetime.now(UTC))


@pytest.fixture
def conduct() -> Conduct:
    return Conduct()


@pytest.fixture
def channel(pair: Pair, conduct: Conduct, tmp_path: Path) -> Iterator[paramiko.Channel]:
    """A connection to a server of one's own; a socket does all that is asked of a channel."""
    (tmp_path / "pair.pem").write_text(pair.certificate + pair.key.reveal())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "pair.pem")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context, conduct))
        thread.start()
        with socket.create_connection(listener.getsockname()) as client:
            yield cast("paramiko.Channel", client)
        thread.join(60)
        assert not thread.is_alive()


def _serve(listener: socket.socket, context: ssl.SSLContext, conduct: Conduct) -> None:
    plain, _address = listener.accept()
    try:
        with context.wrap_socket(plain, server_side=True) as line, line.makefile("rb") as lines:
            line.sendall(conduct.greeting)
            for raw in lines:
                conduct.heard.append(raw.decode())
                if conduct.answer is None:
                    return
                tag, _space, rest = raw.strip().partition(b" ")
                line.sendall(conduct.answer(tag, _words(rest.decode())))
    except OSError:
        return
    finally:
        plain.close()


def _words(text: str) -> list[str]:
    """Atoms and quoted strings (RFC 9051, section 4.3)."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
    return [re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for quoted, plain in found]


def failure(channel: paramiko.Channel, pinned: str, password: str = PASSWORD) -> MailyardError:
    with pytest.raises(MailyardError) as failed:
        check_login(channel, pinned, ADDRESS, Secret(password))
    text = "".join(traceback.format_exception(failed.value)) + failed.value.detail
    assert password not in text
    assert cast(socket.socket, channel).fileno() == -1  # closed
    return failed.value


def test_a_login_counts_the_messages(channel: paramiko.Channel, pair: Pair, conduct: Conduct) -> None:
    assert check_login(channel, pair.fingerprint, ADDRESS, Secret(PASSWORD)) == 17

    assert cast(socket.socket, channel).fileno() == -1
    assert any("EXAMINE INBOX" in each for each in conduct.heard)  # nothing is marked as read


def test_a_server_that_never_answers_is_left_soon_after_the_stop(
    channel: paramiko.Channel, pair: Pair, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tunnel, "STOPPED_S", 0.1)
    monkeypatch.setattr(imap, "ANSWER_S", 3_600.0)
    stopped, left = threading.Event(), threading.Event()

    def silent(tag: bytes, words: list[str]) -> bytes:
        if words[0] == "LOGIN":
            stopped.set()
            left.wait(60)
        return _told(tag, words)

    conduct.answer = silent
    with pytest.raises(Cancelled):
        check_login(channel, pair.fingerprint, ADDRESS, Secret(PASSWORD), stopped.is_set)
    left.set()

    assert cast(socket.socket, channel).fileno() == -1


def test_an_answer_that_comes_soon_after_the_stop_is_heard(channel: paramiko.Channel, pair: Pair) -> None:
    assert check_login(channel, pair.fingerprint, ADDRESS, Secret(PASSWORD), lambda: True) == 17


def test_a_refused_login_is_told_with_what_to_do(channel: paramiko.Channel, pair: Pair) -> None:
    error = failure(channel, pair.fingerprint, "wrong-Password-77c0ffee")

    assert isinstance(error, Unauthorized)
    assert error.title == f"The mail server refused the login of {ADDRESS}."
    assert error.remedy == "Reset the password of this mailbox."
    assert "AUTHENTICATIONFAILED" in error.detail


def test_a_refusal_that_quotes_the_password_is_not_repeated(
    channel: paramiko.Channel, pair: Pair, conduct: Conduct
) -> None:
    password = "CANARY-wrong-77c0ffee"
    conduct.answer = lambda tag, words: (
        tag + f" NO no {words[-1]} here\r\n".encode() if words[0] == "LOGIN" else _told(tag, words)
    )

    assert isinstance(failure(channel, pair.fingerprint, password), Unauthorized)


@pytest.mark.parametrize("code", ["UNAVAILABLE", "INUSE", "LIMIT"])
def test_a_refusal_that_passes_is_not_told_of_the_password(
    channel: paramiko.Channel, pair: Pair, conduct: Conduct, code: str
) -> None:
    conduct.answer = lambda tag, words: (
        tag + f" NO [{code}] Temporary authentication failure. [mx1:2026-12-02 02:20:20]\r\n".encode()
        if words[0] == "LOGIN"
        else _told(tag, words)
    )

    error = failure(channel, pair.fingerprint)

    assert isinstance(error, ProviderUnavailable)
    assert error.retryable


def test_another_pair_gets_no_password(channel: paramiko.Channel, conduct: Conduct) -> None:
    other = self_signed(("mx1.example.net",), datetime.now(UTC))

    assert isinstance(failure(channel, other.fingerprint), CertificateChanged)
    assert conduct.heard == []


BROKEN: dict[str, Conduct] = {
    "no IMAP": Conduct(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "a line without end": Conduct(b"* OK " + b"x" * 2_000_000),
    "an end after the greeting": Conduct(answer=None),
    "nonsense": Conduct(answer=lambda _tag, _words: b"\xff\xfe\r\n"),
    "goodbye": Conduct(b"* BYE Too many connections.\r\n"),
}


@pytest.mark.parametrize("conduct", BROKEN.values(), ids=BROKEN)
def test_what_speaks_no_imap_is_told_to_be_waited_for(channel: paramiko.Channel, pair: Pair, conduct: Conduct) -> None:
    error = failure(channel, pair.fingerprint)

    assert isinstance(error, ProviderUnavailable)
    assert error.title == "The mail server does not answer over IMAP."
    assert error.retryable


def test_a_server_that_never_answers_is_given_up(
    channel: paramiko.Channel, pair: Pair, conduct: Conduct, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap, "ANSWER_S", 0.5)
    conduct.answer = lambda _tag, _words: b""

    assert isinstance(failure(channel, pair.fingerprint), ProviderUnavailable)
