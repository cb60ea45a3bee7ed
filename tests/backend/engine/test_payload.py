"""Requests and results as types: the round trip, what is refused, and what an older program stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar, Literal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.errors import Refused
from backend.engine.payload import Plain, Request, Result, from_plain, to_plain

SERVER = UUID("7b0c3fd0-3c1e-4b39-9d42-1f6c2f1f8a11")


@dataclass(frozen=True)
class Rule:
    protocol: Literal["tcp", "udp"]
    ports: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class OpenPorts(Request, kind="made.up"):
    server_id: UUID
    rules: tuple[Rule, ...] = (Rule("tcp", "25"),)
    until: datetime | None = None
    price_micro: int | None = None


@dataclass(frozen=True)
class Renamed(Result):
    """Once called ``label``."""

    version: ClassVar[int] = 2
    name: str

    @classmethod
    def upgraded(cls, plain: Plain, version: int) -> Plain:
        assert version == 1
        return {"name": plain["label"]}


RULES = st.builds(
    Rule, st.sampled_from(["tcp", "udp"]), st.text(max_size=8), st.lists(st.text(max_size=5), max_size=3).map(tuple)
)
REQUESTS = st.builds(
    OpenPorts,
    st.uuids(),
    st.lists(RULES, max_size=3).map(tuple),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.none() | st.integers(0, 2**62),
)


@given(REQUESTS)
def test_what_goes_through_json_comes_back_equal(request_made: OpenPorts) -> None:
    stored = json.loads(json.dumps(to_plain(request_made)))

    assert from_plain(OpenPorts, stored) == request_made


def test_the_kind_belongs_to_the_type() -> None:
    assert OpenPorts.kind == "made.up"
    assert Request.kind == ""


@pytest.mark.parametrize(
    ("plain", "named"),
    [
        ({}, "server_id"),
        ({"server_id": "mx1"}, "$.server_id"),
        ({"server_id": None}, "$.server_id"),
        ({"server_id": str(SERVER), "rules": {"protocol": "tcp"}}, "$.rules"),
        ({"server_id": str(SERVER), "rules": [{"protocol": "icmp", "ports": "1"}]}, "$.rules[0].protocol"),
        ({"server_id": str(SERVER), "until": "tomorrow"}, "$.until"),
        ({"server_id": str(SERVER), "price_micro": "12"}, "$.price_micro"),
        ({"server_id": str(SERVER), "price_micro": 1.5}, "$.price_micro"),
    ],
)
def test_what_does_not_fit_is_refused_and_the_field_named(plain: Plain, named: str) -> None:
    with pytest.raises(Refused) as refusal:
        from_plain(OpenPorts, plain)

    assert named in refusal.value.detail


def test_a_refusal_quotes_no_value() -> None:
    with pytest.raises(Refused) as refusal:
        from_plain(OpenPorts, {"server_id": str(SERVER), "rules": [{"protocol": "hunter2-secret", "ports": ""}]})

    assert "hunter2" not in f"{refusal.value.detail} {refusal.value.sentence()}"


def test_a_field_nobody_knows_is_passed_over() -> None:
    assert from_plain(OpenPorts, {"server_id": str(SERVER), "later": 1}) == OpenPorts(SERVER)


def test_what_an_older_program_stored_is_read_in_todays_fields() -> None:
    assert from_plain(Renamed, {"label": "mx1"}) == Renamed("mx1")


def test_what_a_newer_program_stored_is_refused_with_a_remedy() -> None:
    with pytest.raises(Refused) as refusal:
        from_plain(Renamed, {"name": "mx1", "_version": 3})

    assert "newer version" in refusal.value.title
    assert refusal.value.remedy


def test_an_older_form_that_lacks_its_field_is_refused() -> None:
    with pytest.raises(Refused):
        from_plain(Renamed, {"other": 1})
