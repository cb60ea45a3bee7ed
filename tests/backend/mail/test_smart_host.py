"""A smart host that is tried before anything is changed, the lines that let mail through it, and a message's fate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from backend.core.errors import LoginRefused, MailyardError, ProviderRefused, ProviderUnavailable
from backend.core.secrets.values import Secret
from backend.mail.sending.message import Fate, fate_in
from backend.mail.sending.trial import try_smart_host
from backend.mailu.certificate import Pair, self_signed
from backend.mailu.environment import SENDING, sending, with_values
from backend.mailu.files import with_wrapping
from backend.mailu.settings import SmartHost
from tests.backend.mail.scripted import LocalShell, Talker, context_of, talking

HOST, PASSWORD = "smtp.else.example", "CANARY-relay-5b2d"
SENDER, RECIPIENT = "admin@example.net", "somebody@else.example"
FINE = {
    b"EHLO": b"250-else\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n",
    b"STARTTLS": b"220 go\r\n",
    b"AUTH": b"235 welcome\r\n",
    b"MAIL": b"250 ok\r\n",
    b"RCPT": b"250 ok\r\n",
    b"QUIT": b"221 bye\r\n",
}


@pytest.fixture
def pair() -> Pair:
    return self_signed((HOST,), datetime.now(UTC))


def tried(
    patch: pytest.MonkeyPatch,
    folder: Path,
    pair: Pair,
    answers: dict[bytes, bytes],
    *,
    port: int = 587,
    trusted: bool = True,
) -> Talker:
    """The server that was spoken to."""
    context = context_of(pair, folder)
    server = Talker(context, b"220 else ESMTP\r\n", answers, is_wrapped=port == 465)
    if trusted:
        patch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    relay = SmartHost(HOST, port, "agency", "smtp/x", tls="tls" if port == 465 else "starttls")
    shell = cast("Any", LocalShell(patch, {port: server.port}, {}))
    with talking(server):
        try_smart_host(shell, relay, Secret(PASSWORD), sender=SENDER, recipient=RECIPIENT)
    return server


@pytest.mark.parametrize("port", [587, 465, 2525])
def test_one_that_takes_all_is_fine_and_gets_no_message(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pair: Pair, port: int
) -> None:
    server = tried(monkeypatch, tmp_path, pair, FINE, port=port)

    words = [line.split()[0].upper() for line in server.heard]
    assert words[-4:] == [b"AUTH", b"MAIL", b"RCPT", b"QUIT"]
    assert b"DATA" not in words


REFUSALS: dict[str, tuple[dict[bytes, bytes], type[MailyardError], str]] = {
    "a wrong password": ({b"AUTH": b"535 5.7.8 no\r\n"}, LoginRefused, "refused the user or the password"),
    "a refused sender": ({b"MAIL": b"553 not yours\r\n"}, ProviderRefused, f"takes no mail from {SENDER}"),
    "a refused recipient": ({b"RCPT": b"550 nobody\r\n"}, ProviderRefused, f"takes no mail to {RECIPIENT}"),
    "no TLS": ({b"EHLO": b"250 else\r\n"}, ProviderUnavailable, "offers no TLS on port 587"),
}


@pytest.mark.parametrize(("change", "kind", "words"), REFUSALS.values(), ids=REFUSALS)
def test_what_it_refuses_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    pair: Pair,
    change: dict[bytes, bytes],
    kind: type[MailyardError],
    words: str,
) -> None:
    with pytest.raises(kind, match=words) as caught:
        tried(monkeypatch, tmp_path, pair, FINE | change)

    assert caught.value.remedy
    assert PASSWORD not in f"{caught.value.sentence()} {caught.value.detail}"


PASSING = {
    "a login that cannot be judged": ({b"AUTH": b"454 4.7.0 Temporary failure\r\n"}, "454 4.7.0 Temporary failure"),
    "a recipient on the grey list": ({b"RCPT": b"450 4.2.0 greylisted\r\n"}, "450 4.2.0 greylisted"),
}


@pytest.mark.parametrize(("change", "words"), PASSING.values(), ids=PASSING)
def test_a_refusal_that_passes_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pair: Pair, change: dict[bytes, bytes], words: str
) -> None:
    with pytest.raises(ProviderUnavailable, match=f"{HOST} cannot take mail at present: {words}") as caught:
        tried(monkeypatch, tmp_path, pair, FINE | change)

    assert caught.value.retryable


def test_a_certificate_that_ended_and_one_of_another_name_are_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    ended, foreign = self_signed((HOST,), now - timedelta(days=400)), self_signed(("else.example",), now)

    with pytest.raises(ProviderRefused, match="certificate has expired"):
        tried(monkeypatch, tmp_path, ended, FINE)
    with pytest.raises(ProviderRefused, match="certificate is not valid for"):
        tried(monkeypatch, tmp_path, foreign, FINE)


def test_one_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = cast("Any", LocalShell(monkeypatch, {}, {}))

    with pytest.raises(ProviderUnavailable, match=f"{HOST} does not answer on port 587"):
        try_smart_host(shell, SmartHost(HOST), Secret(""), sender=SENDER, recipient="")


ENV = "# by hand\nDOMAIN=example.net\nRELAYHOST=\nEXTRA=kept # as it is\n\nTZ=Etc/UTC\n"


def test_only_the_lines_that_say_how_mail_leaves_are_changed() -> None:
    relay = SmartHost(HOST, 587, "agency", "smtp/x")

    through = with_values(ENV, SENDING, sending(relay, Secret("pa$word")))

    assert through.splitlines()[:6] == [
        "# by hand",
        "DOMAIN=example.net",
        f"RELAYHOST=[{HOST}]:587",
        "EXTRA=kept # as it is",
        "",
        "TZ=Etc/UTC",
    ]
    assert through.splitlines()[6:] == ["RELAYUSER=agency", "RELAYPASSWORD='pa$word'", "OUTBOUND_TLS_LEVEL=encrypt"]
    assert with_values(through, SENDING, sending(None, Secret(""))) == ENV
    assert with_values(through, SENDING, sending(relay, Secret("pa$word"))) == through


def test_tls_from_the_first_byte_is_one_line_beside_those_of_others() -> None:
    wrapped, plain = SmartHost(HOST, 465, tls="tls"), SmartHost(HOST)
    own = "smtputf8_enable = no\n"

    assert with_wrapping(own, wrapped) == f"{own}smtp_tls_wrappermode = yes\n"
    assert with_wrapping(with_wrapping(own, wrapped), wrapped) == with_wrapping(own, wrapped)
    assert with_wrapping(with_wrapping(own, wrapped), plain) == own
    assert with_wrapping("", None) == ""


ID = "3f0c@mx1.example.net"
LOG = f"""postfix/cleanup[71]: 4XAB12CD34: message-id=<other@mx1.example.net>
postfix/smtp[72]: 4XAB12CD34: to=<a@b.example>, relay=r, delay=1, dsn=5.0.0, status=bounced (host said: no)
postfix/cleanup[71]: 4XAB99EF01: message-id=<{ID}>
"""
END = "postfix/smtp[72]: 4XAB99EF01: to=<{to}>, relay={relay}, delay=0.6, dsn=2.0.0, status={status} ({words})\n"


@pytest.mark.parametrize(("status", "words"), [("sent", "250 2.0.0 Ok"), ("bounced", "host said: 550 (no)")])
def test_what_became_of_a_message_is_read_from_the_log(status: str, words: str) -> None:
    assert fate_in(LOG, ID) is None
    log = LOG + END.format(to=RECIPIENT, relay="r[192.0.2.1]:587", status=status, words=words)

    assert fate_in(log, ID) == Fate(status, "r[192.0.2.1]:587", words)


def test_the_last_word_on_a_message_counts() -> None:
    later = END.format(to=RECIPIENT, relay="none", status="deferred", words="connect timed out")
    sent = END.format(to=RECIPIENT, relay="r[192.0.2.1]:587", status="sent", words="250 ok")

    found = fate_in(LOG + later + sent, ID)

    assert found is not None
    assert found.status == "sent"
