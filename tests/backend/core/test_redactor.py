"""The last net: known values are masked in every form they travel in, and a line costs the same with a thousand."""

from __future__ import annotations

import base64
import json
import logging
import random
import string
from collections.abc import Callable
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import ProviderError
from backend.core.secrets import redactor as redaction
from backend.core.secrets.redactor import MASK, RedactingFilter, Redactor, redactor
from backend.core.secrets.values import Secret

pytestmark = pytest.mark.judged_once

PASSWORD = 'p/w+d "é" &=%41\\\U0001f511'
TOKEN = "dop_v1_5f3c0e9a17b24d68aa01"
PEM_LINES = [base64.b64encode(random.Random(n).randbytes(48)).decode() for n in range(5)]
PEM = "\n".join(["-----BEGIN OPENSSH PRIVATE KEY-----", *PEM_LINES, "-----END OPENSSH PRIVATE KEY-----", ""])

FORMS: dict[str, Callable[[str], str]] = {
    "hex": lambda value: value.encode().hex(),
    "hex in capitals": lambda value: f"0x{value.encode().hex().upper()}",
    "reversed": lambda value: f"<{value[::-1]}>",
    "raw": lambda value: f"Authorization: Bearer {value}\r\n",
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64 behind one byte": lambda value: base64.b64encode(b":" + value.encode() + b"; more").decode(),
    "base64 behind two bytes": lambda value: base64.b64encode(b"u:" + value.encode() + b"; more").decode(),
    "base64 behind a name": lambda value: base64.b64encode(f"operator:{value}".encode()).decode(),
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(f"{value}?".encode()).decode(),
    "quoted": lambda value: quote(value, safe=""),
    "quoted as a path": quote,
    "quoted as a form": lambda value: urlencode({"password": value}),
    "quoted with plus": quote_plus,
    "json": lambda value: json.dumps({"password": value}),
    "json in UTF-8": lambda value: json.dumps([value], ensure_ascii=False),
}


def is_in(text: str, value: str) -> bool:
    """Whether ``value`` can be had out of ``text``, by whoever tries the obvious."""
    spans = [text, text.replace("-", "+").replace("_", "/")]
    decoded = []
    for span in spans:
        for start in range(4):
            piece = span[start:]
            try:
                decoded.append(base64.b64decode(piece + "=" * (-len(piece) % 4)).decode("utf-8", "replace"))
            except ValueError:
                continue
    return any(value in candidate for candidate in [*spans, *decoded])


@pytest.mark.parametrize("value", [PASSWORD, TOKEN], ids=["password", "token"])
@pytest.mark.parametrize("form", FORMS)
def test_a_known_value_is_masked_in_every_form(form: str, value: str) -> None:
    net, text = Redactor(), FORMS[form](value)
    net.watch(value)
    masked = net.redact(text)
    assert MASK in masked
    assert not is_in(masked, value)
    assert net.hits == 1


@given(st.text(string.printable, min_size=8, max_size=40), st.binary(max_size=7), st.binary(max_size=7))
def test_base64_is_masked_wherever_the_value_stands_in_it(value: str, before: bytes, after: bytes) -> None:
    net = Redactor()
    net.watch(value)
    masked = net.redact(base64.b64encode(before + value.encode() + after).decode())
    left = masked.split(MASK)
    assert len(left) > 1
    # What is left of the letters holds at most the two bytes at each edge that it shares with its neighbours.
    assert sum(map(len, left)) * 6 <= (len(before) + len(after) + 6) * 8 + 24


@pytest.mark.parametrize("line", [0, 2, 4])
def test_a_line_of_a_key_is_masked_by_itself_raw_and_encoded(line: int) -> None:
    net = Redactor()
    net.watch(PEM)
    for form in ("raw", "base64", "base64 behind one byte", "base64 behind two bytes"):
        text = FORMS[form](PEM_LINES[line])
        assert not is_in(net.redact(text), PEM_LINES[line]), form


def test_the_frame_of_a_key_is_no_secret() -> None:
    net, text = Redactor(), "-----BEGIN OPENSSH PRIVATE KEY-----"
    net.watch(PEM)
    assert net.redact(text) == text


def test_the_longest_of_two_values_with_one_beginning_is_masked_whole() -> None:
    net = Redactor()
    net.watch("shared-start-a")
    net.watch("shared-start-a-and-more")
    assert net.redact("x shared-start-a-and-more y shared-start-a z") == f"x {MASK} y {MASK} z"


@pytest.mark.parametrize("text", ["", "short", "an ordinary line about mx1.example.net", "•" * 50])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    net = Redactor()
    net.watch(TOKEN)
    assert (net.redact(text), net.hits) == (text, 0)


def test_a_value_as_short_as_a_word_is_not_watched() -> None:
    net = Redactor()
    net.watch("server")
    assert net.redact("the server answers") == "the server answers"


def test_a_line_is_not_compared_with_each_of_a_thousand_values() -> None:
    """Counted, not timed: how many texts are searched for in one line."""

    class Line(str):
        searches = 0

        def __contains__(self, part: object) -> bool:
            Line.searches += 1
            return super().__contains__(part)  # type: ignore[operator]

    net, choice = Redactor(), random.Random(5)
    values = [choice.randbytes(32).hex() for _ in range(1000)]
    for value in values:
        net.watch(value)
    assert net.redact(Line("The server mx1.example.net was created and answers on port 22 after 34 s.")).startswith(
        "The"
    )
    assert Line.searches == 0
    assert values[500] not in net.redact(Line(f"token {values[500]} was refused"))
    assert 0 < Line.searches < 20


class Lines(logging.Handler):
    """What a handler behind the filter would write."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.setFormatter(logging.Formatter("%(message)s"))
        self.addFilter(RedactingFilter())

    def emit(self, record: logging.LogRecord) -> None:
        self.text += self.format(record) + "\n"


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def log(lines: Lines) -> logging.Logger:
    logger = logging.Logger("test.redactor")
    logger.addHandler(lines)
    return logger


def raised(value: str) -> None:
    raise ValueError(f"unexpected answer for {value}")


def fail_with(value: str) -> None:
    try:
        raised(value)
    except ValueError as error:
        raise ProviderError("The provider refused.", detail=value) from error


def test_a_revealed_value_is_masked_in_message_arguments_trace_and_stack(log: logging.Logger, lines: Lines) -> None:
    value = Secret(TOKEN).reveal()
    log.warning("The token %s and %r", value, {"token": value}, stack_info=True)
    log.warning("In the message: " + value)
    try:
        fail_with(value)
    except ProviderError:
        log.exception("It failed with %s", value)
    assert "unexpected answer for" in lines.text
    assert "Stack" in lines.text
    assert value not in lines.text


def test_a_line_whose_arguments_do_not_fit_is_written_and_masked(log: logging.Logger, lines: Lines) -> None:
    value = Secret(TOKEN).reveal()
    for message in ("%d servers", "two %s %s", "%(name)s"):
        log.warning(message, value)
    assert lines.text.count("\n") == 3
    assert value not in lines.text


def test_a_value_that_is_lent_is_masked_meanwhile_and_known_no_longer() -> None:
    net = Redactor()
    net.watch(TOKEN)
    with net.watching(PASSWORD), net.watching("short"):
        with net.watching(PASSWORD):
            assert PASSWORD not in net.redact(PASSWORD)
        assert PASSWORD not in net.redact(PASSWORD)

    assert net.redact(PASSWORD) == PASSWORD
    assert TOKEN not in net.redact(TOKEN)
    with net.watching(TOKEN):
        pass
    assert TOKEN not in net.redact(TOKEN)


def test_lending_a_value_looks_at_none_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, not timed: whose forms are worked out."""
    net, choice = Redactor(), random.Random(6)
    for _ in range(1000):
        net.watch(choice.randbytes(32).hex())
    worked_out: list[str] = []
    needles = redaction._needles

    def counted(value: str) -> set[str]:
        worked_out.append(value)
        return needles(value)

    monkeypatch.setattr(redaction, "_needles", counted)
    with net.watching(PASSWORD):
        pass

    assert set(worked_out) == {PASSWORD}


def test_what_two_values_have_in_common_is_known_as_long_as_one_of_them_is() -> None:
    net = Redactor()
    head = "a-head-of-sixteen-letters-and-mo"
    net.watch(head + "0123456789abcdef0123456789abcdef")
    with net.watching(head + "fedcba9876543210fedcba9876543210"):
        assert head not in net.redact(head)

    assert head not in net.redact(head)


def test_every_value_that_was_in_the_clear_once_is_known_to_the_net_of_the_process() -> None:
    value = "revealed-" + random.Random(1).randbytes(8).hex()
    secret = Secret(value)
    assert redactor.redact(value) == value
    secret.reveal()
    assert redactor.redact(f"<{value}>") == f"<{MASK}>"
