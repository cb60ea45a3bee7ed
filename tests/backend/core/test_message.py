"""Stored words: shown in the language of the reader, and as they stand where they were said."""

from __future__ import annotations

import json

import pytest

from backend.core.present import text
from backend.core.present.message import Message
from backend.core.present.text import N_

DISK = Message(N_("disk over {limit} %"), {"limit": 90})
NAMED = Message(N_("{check}: {why}"), {"check": Message(N_("Samples")), "why": DISK})
KINDS = [Message(), DISK, NAMED, Message.said("50 % of {what}"), Message(N_("Samples"))]


@pytest.mark.parametrize("message", KINDS)
def test_it_comes_back_from_json(message: Message) -> None:
    values = json.loads(json.dumps(message.plain_values()))
    assert Message.stored(message.msgid, values) == message


def test_it_is_said_in_the_language_spoken_when_it_is_shown() -> None:
    assert NAMED.text() == "Samples: disk over 90 %"
    text.activate(text.PSEUDO)
    try:
        assert NAMED.text() != "Samples: disk over 90 %"
        assert text.OPENING in DISK.text()
        assert "90" in DISK.text()
    finally:
        text.activate("en")


def test_words_that_were_said_are_left_as_they_are() -> None:
    text.activate(text.PSEUDO)
    try:
        assert Message.said("50 % of {what}").text() == "50 % of {what}"
    finally:
        text.activate("en")


def test_nothing_to_say_is_nothing() -> None:
    assert (Message().text(), Message.said("").text()) == ("", "")
