"""What tests of the core share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from backend.core.secrets import keys
from tests.drawer import Drawer, in_place


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little work for scrypt: how much it does is a test of its own."""
    monkeypatch.setattr(keys, "SCRYPT_N", 2**4)


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    """The keyring of this test."""
    made = Drawer()
    with in_place(made):
        yield made
