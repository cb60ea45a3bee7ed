"""Our own network counts as up only when every reference target takes a connection."""

from __future__ import annotations

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


def test_the_live_references_are_two_and_independent() -> None:
    assert len({address for address, _port in REFERENCES}) == 2


def test_the_answer_is_kept_for_a_while_and_then_asked_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as target:
        network = OwnNetwork([target])
        assert network.is_up()
    assert network.is_up()

    monkeypatch.setattr(reach, "KEPT_S", 0.0)

    assert not network.is_up()
