"""What tests of the core share."""

from __future__ import annotations

import pytest

from backend.core.secrets import keys


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little work for scrypt: how much it does is a test of its own."""
    monkeypatch.setattr(keys, "SCRYPT_N", 2**4)
