"""Our own network counts as up only when every reference target takes a connection."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from backend.monitoring import reach
from backend.monitoring.reach import REFERENCES, OwnNetwork
from tests.backend.monitoring.watched import listening, refusing


@pytest.mark.parametrize(
    ("targets", "is_up"),
    [((listening, listening), True), ((listening, refusing), False), ((refusing, refusing), False), ((), False)],
)
def test_all_references_must_answer(targets: tuple[type, type], is_up: bool) -> None:
    with ExitStack() as stack:
        assert OwnNetwork([stack.enter_context(target()) for target in targets]).is_up() is is_up


@pytest.mark.parametrize(("target", "is_up"), [(listening, True), (refusing, False)])
def test_a_look_is_always_a_fresh_one(target: type, is_up: bool) -> None:
    with target() as reference:
        network = OwnNetwork([reference])
        assert asyncio.run(network.look()) is is_up
        assert network.is_up() is is_up
    assert not asyncio.run(network.look())
    assert not network.is_up()


def test_references_that_do_not_answer_are_asked_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    both = asyncio.Event()

    async def connect(host: str, _port: int) -> tuple[None, None]:
        asked.append(host)
        if len(asked) == 2:
            both.set()
        await both.wait()
        raise OSError("no route")

    monkeypatch.setattr(asyncio, "open_connection", connect)

    assert not asyncio.run(OwnNetwork([("192.0.2.1", 443), ("192.0.2.2", 443)]).look())
    assert asked == ["192.0.2.1", "192.0.2.2"]


def test_the_live_references_are_two_and_independent() -> None:
    assert len({address for address, _port in REFERENCES}) == 2


def test_the_answer_is_kept_for_a_while_and_then_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as target:
        network = OwnNetwork([target])
        assert network.is_up()
    assert network.is_up()

    monkeypatch.setattr(reach, "KEPT_S", 0.0)

    assert not network.is_up()
