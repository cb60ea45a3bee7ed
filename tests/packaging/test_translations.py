"""The catalogues: complete, every placeholder in its place, compiled as they stand."""

from __future__ import annotations

import gettext
import re
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from tests.packaging.machine import ROOT, script

PLACE = re.compile(r"\{[^}]*\}")
#: A placeholder with the word after it, unless a bound that is more than one ("at most 40 characters").
COUNTED = re.compile(r"(?<!at most )(?<!at least )(?<!last )(?<!within )\{[a-z]+\} ([a-z]+)")
LANGUAGES = ("de",)


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    """packaging/translations.py."""
    return script("translations")


def files(language: str) -> tuple[Path, Path]:
    po = ROOT / "resources/translations" / language / "LC_MESSAGES/mailyard.po"
    return po, po.with_suffix(".mo")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_translated_and_none_that_is_not_used(tool: ModuleType, language: str) -> None:
    catalogue = tool.read(files(language)[0])

    assert set(catalogue) ^ tool.words_in_use() == set(), "run: python packaging/translations.py " + language
    assert [source for source, target in catalogue.items() if not all(target)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_placeholder_and_line_stands_in_the_translation_too(tool: ModuleType, language: str) -> None:
    wrong = [
        (source, target)
        for source, target in tool.read(files(language)[0]).items()
        for english, other in zip(source, target, strict=True)
        if Counter(PLACE.findall(english)) != Counter(PLACE.findall(other)) or english.count("\n") != other.count("\n")
    ]
    assert wrong == []


def test_what_is_counted_is_said_for_one_as_well(tool: ModuleType) -> None:
    """``1 days compressed``: a noun that is a plural anywhere is one wherever a number stands before it."""
    words = tool.words_in_use()
    plurals = {word for one, *many in words for each in many for word in set(each.split()) - set(one.split())}
    assert "servers" in plurals

    assert [text for text, *many in words if not many and plurals & set(COUNTED.findall(text))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(tool: ModuleType, language: str) -> None:
    po, mo = files(language)
    catalogue = tool.read(po)
    assert mo.read_bytes() == tool.compiled(language, catalogue)

    with mo.open("rb") as file:
        spoken = gettext.GNUTranslations(file)
    for source, target in catalogue.items():
        if len(source) == 1:
            assert spoken.gettext(source[0]) == target[0]
        else:
            one, many = source
            assert [spoken.ngettext(one, many, n) for n in (1, 2, 0)] == [target[0], target[1], target[1]]


def test_what_was_written_is_read_back_whatever_it_holds(tool: ModuleType, tmp_path: Path) -> None:
    catalogue = {
        ('say "no"\nto \\ {name}',): ('sag "nein"\nzu \\ {name}',),
        ("{n} job", "{n} jobs"): ("{n} Auftrag", "{n} Aufträge"),
        ("new",): ("",),
        ("switch\x04On",): ("Ein",),
        ("what a job acts on\x04On",): ("Ziel",),
    }
    tool.write(tmp_path / "x.po", "de", catalogue)

    assert tool.read(tmp_path / "x.po") == catalogue


def test_words_are_found_by_their_marks_and_in_the_matrix(tool: ModuleType) -> None:
    words = tool.words_in_use()

    assert ("Needs attention",) in words
    assert ("{n} server", "{n} servers") in words
    assert ("what a job acts on\x04On",) in words
    assert any("MAC address that the API reports" in each[0] for each in words)


def test_a_word_with_two_meanings_has_two_translations(tool: ModuleType, tmp_path: Path) -> None:
    catalogue = {("switch\x04On",): ("Ein",), ("what a job acts on\x04On",): ("Ziel",)}
    (tmp_path / "x.mo").write_bytes(tool.compiled("de", catalogue))

    with (tmp_path / "x.mo").open("rb") as file:
        spoken = gettext.GNUTranslations(file)

    assert spoken.pgettext("switch", "On") == "Ein"
    assert spoken.pgettext("what a job acts on", "On") == "Ziel"
    assert spoken.gettext("On") == "On"
