"""Words that are kept are said again in the language of whoever reads them; those of others stay as they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from backend.core.present.format import THIN, money_change, number, size
from backend.core.present.message import Message
from backend.core.present.said import SIGN, from_column, to_column
from backend.core.present.text import PSEUDO, Words, _, activate, both, ngettext, pgettext
from backend.core.secrets.redactor import MASK, Redactor
from backend.engine.payload import Payload, from_plain, to_plain

ADDRESS = "192.0.2.7"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    activate("en")
    yield
    activate("en")


@dataclass(frozen=True)
class Told(Payload):
    title: str
    more: tuple[str, ...] = ()


def silent() -> str:
    return _("{address} does not respond over SSH.").format(address=ADDRESS)


SAID = {
    "one": (lambda: _("Reboot"), "Neu starten"),
    "with a value": (silent, f"{ADDRESS} antwortet nicht über SSH."),
    "with words in it": (lambda: _("{job}: {about}").format(job=_("Reboot"), about="mx1"), "Neu starten: mx1"),
    "of one": (lambda: ngettext("{n} server", "{n} servers", 1).format(n=1), "1 Server"),
    "of many": (lambda: ngettext("{n} job", "{n} jobs", 2).format(n=2), "2 Aufträge"),
    "a figure": (lambda: number(1234.5, 1), f"1{THIN}234,5"),
    "a price": (lambda: money_change(7_200_000, "USD"), "+7,20 USD"),
    "a size": (lambda: _("{path}: {size}").format(path="app.db", size=size(4_200_000)), "app.db: 4,2 MB"),
    "two sentences": (lambda: both(_("Reboot"), silent()), f"Neu starten {ADDRESS} antwortet nicht über SSH."),
}


@pytest.mark.parametrize(("say", "german"), SAID.values(), ids=SAID)
def test_what_was_kept_in_one_language_is_read_in_the_other(say: object, german: str) -> None:
    assert callable(say)
    english = str(say())
    kept = to_column(say())
    activate("de")
    kept_german = to_column(say())

    assert from_column(kept) == say() == german
    activate("en")
    assert from_column(kept_german) == english
    assert to_column(from_column(kept)) == kept


def test_a_short_word_keeps_its_meaning() -> None:
    kept = to_column(pgettext("switch", "on"))
    activate(PSEUDO)

    assert from_column(kept) == pgettext("switch", "on")


@pytest.mark.parametrize("text", ["", "Connection refused", "{no} placeholder", "µ", '{"msgid":"Reboot"}'])
def test_words_of_others_are_kept_to_the_letter(text: str) -> None:
    assert to_column(text) == text
    activate("de")
    assert from_column(text) == text


def test_words_of_others_cannot_pass_for_ours() -> None:
    """A server that knows the form would have our program format what it likes."""
    forged = SIGN + json.dumps({"msgid": "{n:>999999999}", "values": {"n": 1}})

    assert from_column(to_column(forged)) == forged.lstrip(SIGN)
    assert from_plain(Told, to_plain(Told(forged))).title == forged


@pytest.mark.parametrize(
    "damaged", [f"{SIGN}{{", f"{SIGN}[]", f'{SIGN}{{"values":{{}}}}', f'{SIGN}{{"msgid":"{{x}}","values":{{}}}}']
)
def test_what_nobody_can_read_is_shown_as_it_is(damaged: str) -> None:
    assert from_column(damaged) == damaged.lstrip(SIGN)


def test_they_are_text_like_any_other() -> None:
    words = silent()

    assert isinstance(words, Words)
    assert set(Words.__slots__) & set(dir(str)) == set()
    assert (words, json.dumps(words), {str(words): 1}[words]) == (str(words), json.dumps(str(words)), 1)
    assert not isinstance(words + "!", Words)
    assert not isinstance(f"{words}", Words)


def test_a_question_is_read_in_the_language_of_who_is_asked() -> None:
    asked = Told(_("Reboot"), (silent(), "mx1"))
    stored = json.loads(json.dumps(to_plain(asked)))
    activate("de")

    assert from_plain(Told, stored) == Told("Neu starten", (f"{ADDRESS} antwortet nicht über SSH.", "mx1"))
    assert json.loads(json.dumps(to_plain(from_plain(Told, stored)))) == stored


def test_a_reason_of_an_error_is_read_in_the_readers_language_also_inside_another_message() -> None:
    why = Message.said(silent())
    noted = Message("{check}: {why}", {"check": Message("SSH"), "why": why})
    kept = (to_column(noted.msgid), json.loads(json.dumps(noted.plain_values())))
    activate("de")

    assert Message.stored(from_column(kept[0]), kept[1]).text() == f"SSH: {ADDRESS} antwortet nicht über SSH."


def test_what_holds_no_secret_stays_ours_and_what_does_is_masked_text() -> None:
    redactor = Redactor()
    redactor.watch("correct-horse-battery")

    assert redactor.redact(silent()) is not None
    assert isinstance(redactor.redact(silent()), Words)
    masked = redactor.redact(_("{name}: {why}").format(name="x", why="correct-horse-battery"))
    assert not isinstance(masked, Words)
    assert masked == f"x: {MASK}"
