"""Every verdict and every state of a job has a word; what is unheard of is unknown."""

from __future__ import annotations

import pytest

from backend.core.present.status import JOB_STATES, STEP_STATES, Status, account_state, job_state, life, status_of, word


def test_every_status_has_its_own_word() -> None:
    words = [word(status) for status in Status]

    assert len(set(words)) == len(Status) == 7
    assert all(words)


@pytest.mark.parametrize("stored", ["", "fine", "OK ", "critical!"])
def test_an_unheard_of_verdict_is_neither_good_nor_bad(stored: str) -> None:
    assert status_of(stored) is Status.UNKNOWN


def test_stored_verdicts_come_back() -> None:
    assert [status_of(status.value) for status in Status] == list(Status)


def test_an_unheard_of_state_is_shown_as_it_is() -> None:
    assert job_state("melted") == (Status.UNKNOWN, "melted")
    assert account_state("melted") == (Status.UNKNOWN, "melted")
    assert life("melted") == "melted"


def test_only_success_is_green() -> None:
    assert [state for state, (status, _word) in JOB_STATES.items() if status is Status.OK] == ["succeeded"]
    assert [state for state, status in STEP_STATES.items() if status is Status.OK] == ["done"]
