"""Words: marked, looked up when shown, and stretched by the pseudo-locale without losing their placeholders."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from backend.core.present.status import Status, word
from backend.core.present.text import N_, PSEUDO, _, activate, again, language, ngettext, speaking

LATER = N_("Resize now")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    activate("en")


def test_words_are_looked_up_when_they_are_shown() -> None:
    before = _(LATER)

    activate(PSEUDO)

    assert before == "Resize now"
    assert _(LATER) != before


@pytest.mark.parametrize(
    "message", ["OK", "Type “{name}” to continue:", "Only servers created by Mailyard are accessible."]
)
def test_the_pseudo_locale_marks_and_lengthens(message: str) -> None:
    activate(PSEUDO)
    spoken = _(message)

    assert spoken.startswith("[!!")
    assert spoken.endswith("!!]")
    assert len(spoken) >= 1.3 * len(message)


def test_the_pseudo_locale_keeps_placeholders_whole() -> None:
    activate(PSEUDO)

    assert "mx1" in _("Resize {name} in {place}").format(name="mx1", place="fra1")


def test_the_pseudo_locale_keeps_a_placeholder_named_like_accented_letters() -> None:
    activate(PSEUDO)

    assert _("{source} and {cause}").format(source="1", cause="2").count("1") == 1


def test_one_and_many_things_have_their_own_words() -> None:
    def servers(n: int) -> str:
        return ngettext("{n} server", "{n} servers", n).format(n=n)

    assert (servers(1), servers(2), servers(0)) == ("1 server", "2 servers", "0 servers")
    activate(PSEUDO)
    assert "šéřvéřš" in servers(2)
    assert "šéřvéřš" not in servers(1)


def test_a_language_without_a_catalogue_is_english() -> None:
    activate("tlh")

    assert _("Resize now") == "Resize now"


def test_the_empty_text_is_not_the_catalogue_header() -> None:
    activate(PSEUDO)

    assert _("") == ""


def test_a_status_word_follows_the_language() -> None:
    activate(PSEUDO)

    assert word(Status.WARNING).startswith("[!!")


def test_a_text_for_somebody_else_is_made_in_their_language_and_in_no_other_thread() -> None:
    elsewhere: list[str] = []
    before = _(LATER)

    with speaking(PSEUDO):
        thread = threading.Thread(target=lambda: elsewhere.append(_(LATER)))
        thread.start()
        thread.join()
        said = (_(LATER), again(before), again("as it is"), language())
        with speaking("en"):
            assert _(LATER) == "Resize now"
        assert ngettext("{n} server", "{n} servers", 2) != "{n} servers"

    assert said[0] == said[1] != "Resize now"
    assert said[2:] == ("as it is", PSEUDO)
    assert elsewhere == ["Resize now"]
    assert (_(LATER), language()) == ("Resize now", "en")
