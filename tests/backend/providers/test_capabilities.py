"""The capability matrix is whole, says why, and agrees with what the program can drive."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from app.pages.settings.providers import CAN, TITLES
from backend.core.errors import Refused
from backend.core.present.text import _
from backend.providers.capabilities import ROWS, clouds, demand
from backend.providers.registry import known_providers


@pytest.mark.parametrize("kind", list(clouds()))
def test_every_cell_has_words_a_source_and_a_date_that_is_past(kind: str) -> None:
    cloud = clouds()[kind]

    assert tuple(cloud.cells) == ROWS
    for cell in cloud.cells.values():
        assert cell.can in CAN
        assert cell.note.endswith(".")
        assert cell.source
        assert date(2019, 1, 1) < cell.as_of <= datetime.now(UTC).date()
    assert cloud.recipe.where.startswith("https://")
    assert all(step.endswith(".") for step in cloud.recipe.steps)


def test_every_row_has_a_title_for_people() -> None:
    assert tuple(TITLES) == ROWS


def test_the_matrix_says_of_the_right_ones_that_they_can_be_driven() -> None:
    assert {kind for kind, cloud in clouds().items() if cloud.is_driven} == set(known_providers().kinds())


def test_what_cannot_be_done_is_refused_with_its_reason_and_what_can_is_not() -> None:
    demand("digitalocean", "restore")
    with pytest.raises(Refused) as refused:
        demand("vultr", "clean_shutdown")

    assert refused.value.title.startswith("Vultr cannot do this: ")
    assert clouds()["vultr"].cells["clean_shutdown"].note in refused.value.title
    assert "Settings > Providers" in refused.value.remedy


@pytest.mark.usefixtures("pseudo")
def test_the_reason_is_told_in_the_persons_language() -> None:
    with pytest.raises(Refused) as refused:
        demand("vultr", "clean_shutdown")

    assert _(clouds()["vultr"].cells["clean_shutdown"].note) in refused.value.title
