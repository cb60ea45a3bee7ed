"""The import contracts of pyproject.toml hold, and each sees a breach planted in a copy of the source."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import FLOORS, ROOT

LIMIT_S = 60
NO_PLACE = "backend.nowhere"

#: The id of the contract, the module that is planted or added to, and its line.
BREACHES = [
    ("floors", "widgets/planted.py", "from app.frame import TopBar"),
    ("floors", "widgets/planted_rows.py", "from backend.core.errors import MailyardError"),
    ("floors", "backend/core/planted.py", "import widgets.tokens"),
    ("backend-layers", "backend/servers/planted.py", "from backend.accounts.queries import Accounts"),
    ("backend-layers", "backend/core/planted_store.py", "from backend.store.scope import AGENCY"),
    ("backend-layers", "backend/engine/planted.py", "import backend.providers.ports"),
    ("backend-layers", "backend/engine/planted_demo.py", "import backend.demo.emulator.wire"),
    ("no-qt-in-backend", "backend/core/present/planted_qt.py", "from PySide6.QtGui import QColor"),
    ("no-wires-in-gui", "app/shell/planted.py", "import httpx"),
    ("no-wires-in-gui", "widgets/planted_sql.py", "from sqlalchemy import select"),
    ("no-wires-in-gui", "app/shell/planted_types.py", "if TYPE_CHECKING:\n    import paramiko"),
    ("pages-apart", "app/pages/settings/planted.py", "from app.pages.servers.page import ServersPage"),
    ("queries-only-read", "backend/inventory/queries.py", "from backend.inventory.jobs import RefreshInventory"),
    ("queries-only-read", "backend/monitoring/queries.py", "from backend.engine.client import EngineClient"),
    ("schema-is-private", "app/shell/planted_schema.py", "from backend.store.schema.fleet import Server"),
    ("only-bootstrap-builds-the-demo", "app/cli/planted.py", "import backend.demo.emulator.wire"),
    ("no-circles", "backend/core/money.py", "import backend.core.clock\n"),
]
CONTRACTS = sorted({contract for contract, _, _ in BREACHES})


def lint(folder: Path, contract: str = "") -> subprocess.CompletedProcess[str]:
    """Run import-linter in ``folder``, for all contracts or for one."""
    program = Path(sys.executable).parent / "lint-imports"
    only = ["--contract", contract] if contract else []
    command = [str(program), "--no-logo", "--no-cache", *only]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LIMIT_S)


@pytest.fixture(scope="module")
def breached(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source with every breach in it."""
    folder = tmp_path_factory.mktemp("breached")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, folder / floor, ignore=shutil.ignore_patterns("__pycache__"))
    for _, path, line in BREACHES:
        with (folder / path).open("a") as file:
            file.write(f"\nfrom typing import TYPE_CHECKING\n{line}\n")
    with (folder / "backend/core/clock.py").open("a") as file:
        file.write("\nimport backend.core.money\n")
    return folder


def test_the_source_keeps_every_contract() -> None:
    found = lint(ROOT)

    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize(("contract", "path", "line"), BREACHES)
def test_a_planted_import_breaks_its_contract(contract: str, path: str, line: str, breached: Path) -> None:
    found = lint(breached, contract)

    assert found.returncode == 1, found.stdout + found.stderr
    module = path.removesuffix(".py").replace("/", ".")
    said = found.stdout.replace("\n", " ")
    assert module in said or f".{module.split('.')[-1]} " in said, found.stdout


def test_a_folder_without_a_place_breaks_the_layers(breached: Path) -> None:
    package = breached / NO_PLACE.replace(".", "/")
    package.mkdir()
    (package / "__init__.py").touch()

    found = lint(breached, "backend-layers")

    assert found.returncode == 1
    assert NO_PLACE in found.stdout


def test_every_contract_has_a_planted_breach() -> None:
    text = (ROOT / "pyproject.toml").read_text()

    assert sorted(line.split('"')[1] for line in text.splitlines() if line.startswith("id = ")) == CONTRACTS
