"""``mailyard doctor`` on a machine that lacks something: says it, with the package to install."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from app import system
from app.cli.finding import Finding
from app.cli.findings import of_accounts, of_machine

if TYPE_CHECKING:
    from app.cli.session import CommandSession


def found(what: str) -> Finding:
    return next(each for each in of_machine() if each.what == what)


def test_without_a_session_bus_it_names_what_is_lost(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    finding = found("session bus")

    assert finding.verdict == "warning"
    assert "no keyring" in finding.words
    assert "apt install dbus-user-session" in finding.remedy
    (tmp_path / "bus").touch()
    assert found("session bus").verdict == "ok"


def test_without_fonts_of_the_system_it_names_a_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(system, "Path", _Elsewhere(tmp_path))

    assert found("fonts").remedy == "apt install fonts-dejavu-core"
    folder = tmp_path / "usr/share/fonts/truetype"
    folder.mkdir(parents=True)
    (folder / "one.ttf").touch()
    assert found("fonts").verdict == "ok"


@pytest.mark.parametrize(
    ("state", "verdict", "remedy"),
    [
        ("refused", "critical", "mailyard account token Main"),
        ("clock", "warning", "Set this computer's clock"),
        ("unreachable", "warning", "mailyard account verify Main"),
    ],
)
def test_an_account_in_trouble_has_the_remedy_of_its_trouble(
    monkeypatch: pytest.MonkeyPatch, state: str, verdict: str, remedy: str
) -> None:
    row = SimpleNamespace(name="Main", state=state, note="as it was told")
    monkeypatch.setattr("app.cli.accounts.accounts", lambda _session: [row])

    (finding,) = of_accounts(cast("CommandSession", None))

    assert (finding.verdict, finding.words) == (verdict, "as it was told")
    assert remedy in finding.remedy


class _Elsewhere:
    """Paths of a system whose root is a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, *parts: str) -> Path:
        return self._root.joinpath(*(part.lstrip("/") for part in parts))
