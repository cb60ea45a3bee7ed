"""Problem documents in words, and the moments they name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.acme.problems import (
    PREFIX,
    AccountPaused,
    AskedToWait,
    NamesRefused,
    Problem,
    ProblemMet,
    error_of,
    meaning_of,
    moment_told,
    read_problem,
)
from backend.core.errors import BadResponse, MailyardError, NotFound, OutcomeUnknown, ProviderRefused, Refused
from backend.core.errors import Unauthorized as NoRight

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def met(kind: str, status: int = 403, detail: str = "", **more: Any) -> ProblemMet:
    problem = read_problem({"type": PREFIX + kind, "detail": detail, **more})
    return ProblemMet(problem, status, moment_told(None, detail, NOW))


def test_subproblems_tell_which_names_and_why() -> None:
    parts = [
        {"type": PREFIX + "caa", "detail": "no", "identifier": {"type": "dns", "value": "A.test"}},
        {"type": PREFIX + "dns", "identifier": {"type": "dns", "value": "b.test"}, "subproblems": [{}]},
        "nonsense",
    ]
    error = error_of(met("compound", detail="several", subproblems=parts), "CA", NOW, is_change=True)

    assert isinstance(error, NamesRefused)
    assert error.title == "CA does not issue a certificate for a.test, b.test."
    assert error.failed["a.test"].words == "A CAA record forbids this authority to issue for the name. It says: no"
    assert "b.test: The authority could not look the name up in the DNS." in error.remedy


@pytest.mark.parametrize(
    ("header", "told", "waits"),
    [
        ("120", "", timedelta(minutes=2)),
        ("Tue, 01 Dec 2026 13:00:00 GMT", "", timedelta(hours=1)),
        (None, "too many, retry after 2026-12-02 12:00:00 UTC: see", timedelta(days=1)),
        (None, "retry after 2026-12-01T12:30:00Z", timedelta(minutes=30)),
        ("-5", "", timedelta()),
        ("Tue, 01 Dec 2020 13:00:00 GMT", "", timedelta()),
        ("9" * 40, "", None),
        ("99999999999", "", timedelta(days=31)),
        ("soon", "", None),
        (None, "retry after 2026-99-99 12:00:00", None),
        (None, "", None),
    ],
)
def test_moments_are_read_in_each_form(header: str | None, told: str, waits: timedelta | None) -> None:
    assert moment_told(header, told, NOW) == (None if waits is None else NOW + waits)


@pytest.mark.parametrize(
    ("problem", "kind", "retryable"),
    [
        (met("rateLimited", 429, "retry after 2026-12-02 12:00:00 UTC"), AskedToWait, True),
        (met("rateLimited", 429), AskedToWait, True),
        (met("rateLimited", 429, "Your account is temporarily prevented from requesting"), AccountPaused, False),
        (met("rateLimited", 429, "too many failed authorizations recently: see https://a.test/"), AccountPaused, False),
        (met("userActionRequired", 403, instance="https://a.test/terms"), Refused, False),
        (met("externalAccountRequired"), Refused, False),
        (met("accountDoesNotExist", 400), NotFound, False),
        (met("serverInternal", 500), OutcomeUnknown, True),
        (met("unauthorized"), NoRight, False),
        (met("malformed", 400, "no"), ProviderRefused, False),
        (ProblemMet(read_problem("<html>"), 403, None), BadResponse, True),
    ],
)
def test_each_problem_is_an_error_of_ours(problem: ProblemMet, kind: type[MailyardError], retryable: bool) -> None:
    error = error_of(problem, "CA", NOW, is_change=True)

    assert type(error) is kind
    assert error.retryable == retryable
    assert error.title


def test_what_an_authority_quotes_is_masked_and_short() -> None:
    token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9abc123def456"
    problem = read_problem({"type": PREFIX + "rateLimited", "detail": f"visit https://a.test/{token} " + "x " * 900})

    assert token not in problem.told
    assert len(problem.told) <= 400
    assert problem.page == f"https://a.test/{token}"


def test_nonsense_is_a_problem_without_a_kind() -> None:
    bodies: tuple[Any, ...] = (None, [], "x", {}, {"type": 7, "subproblems": {}, "identifier": "a"})
    for body in bodies:
        assert read_problem(body).by_name() == {}
    assert meaning_of("of.the.future") == "The authority refused."
    assert Problem("caa", name="a.test").by_name() == {"a.test": Problem("caa", name="a.test")}
