"""The modules that build packages, as packaging/package.py finds them."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.packaging.machine import ROOT

MOMENT = 1_700_000_000


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], Any]]:
    """A fresh module of packaging/products by its name; builds are of :data:`MOMENT`."""
    monkeypatch.syspath_prepend(str(ROOT / "packaging"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(MOMENT))
    yield lambda name: importlib.import_module(f"products.{name}")
    for name in [name for name in sys.modules if name.split(".")[0] == "products"]:
        del sys.modules[name]
