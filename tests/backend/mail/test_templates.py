"""Templates of limits: kept by name, changed, deleted; what could fill in no domain is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.bootstrap import Installation
from backend.core.errors import Refused
from backend.mail.requests import KeepTemplate, RemoveTemplate
from backend.mail.templates import MOST, LimitTemplate, LimitTemplates, keep, named, remove
from backend.store.scope import ENGINE_SCOPE
from tests.installation import ask, open_installation

GB = 1_000_000_000
SMALL = KeepTemplate(" Small  practice ", 10, None, 5 * GB)
KEPT = LimitTemplate("Small practice", 10, None, 5 * GB)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    made = open_installation(tmp_path_factory.mktemp("templates"))
    yield made
    made.close()


@pytest.fixture
def installation(shared: Installation) -> Installation:
    """With one template."""
    for each in ask(shared, LimitTemplates()):
        removed(shared, each.name)
    kept(shared, SMALL)
    return shared


def kept(installation: Installation, request: KeepTemplate) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        keep(session, request, installation.clock.now())


def removed(installation: Installation, name: str) -> None:
    with installation.store.write(ENGINE_SCOPE) as session:
        remove(session, RemoveTemplate(name), installation.clock.now())


def test_a_template_is_kept_changed_renamed_and_deleted(installation: Installation) -> None:
    kept(installation, KeepTemplate("large", 50))
    assert ask(installation, LimitTemplates()) == (LimitTemplate("large", 50, None, None), KEPT)

    kept(installation, KeepTemplate("SMALL practice", 12, of="small practice"))
    assert named(ask(installation, LimitTemplates()), "small PRACTICE") == LimitTemplate(
        "SMALL practice", 12, None, None
    )

    removed(installation, "small practice")
    removed(installation, "large")
    assert ask(installation, LimitTemplates()) == ()


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (KeepTemplate("", 10), "needs a name"),
        (KeepTemplate("n" * 61, 10), "at most 60 characters"),
        (KeepTemplate("Empty"), "needs at least one limit"),
        (KeepTemplate("Below none", -1), "-1 cannot be a limit"),
        (KeepTemplate("Beyond bounds", max_aliases=2**31), f"{2**31} cannot be a limit"),
        (KeepTemplate("No byte", max_quota_bytes=0), "at least one byte"),
        (KeepTemplate("small PRACTICE", 3), "already a template named small PRACTICE"),
        (KeepTemplate("Another", 3, of="Gone"), "no template named Gone"),
    ],
)
def test_what_is_no_template_is_refused_and_nothing_is_lost(
    installation: Installation, request_: KeepTemplate, words: str
) -> None:
    with pytest.raises(Refused, match=words):
        kept(installation, request_)

    assert ask(installation, LimitTemplates()) == (KEPT,)


def test_another_ones_name_is_not_taken_by_renaming(installation: Installation) -> None:
    kept(installation, KeepTemplate("Large", 50))

    with pytest.raises(Refused, match="already a template named Large"):
        kept(installation, KeepTemplate("Large", 10, of=KEPT.name))


def test_there_are_not_endless_ones_and_each_can_still_be_changed(installation: Installation) -> None:
    for number in range(MOST - 1):
        kept(installation, KeepTemplate(f"No. {number}", number))

    with pytest.raises(Refused, match=f"at most {MOST} templates"):
        kept(installation, KeepTemplate("One more", 1))
    kept(installation, KeepTemplate("No. 0", 7, of="No. 0"))


def test_one_that_is_gone_is_not_deleted_twice(installation: Installation) -> None:
    with pytest.raises(Refused, match="no template named Gone"):
        removed(installation, "Gone")
