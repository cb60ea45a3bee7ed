"""What is near a change: the module's own tests and those that name it, a folder with its fixtures, nothing else."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.near import Near, changed_files


@pytest.mark.parametrize(
    ("changed", "text", "is_near"),
    [
        ("tests/app/test_one.py", "", True),
        ("tests/app/test_other.py", "", False),
        ("tests/app/conftest.py", "", True),
        ("tests/conftest.py", "", True),
        ("tests/backend/conftest.py", "", False),
        ("backend/core/ssh/packages.py", "from backend.core.ssh.packages import install_packages\n", True),
        ("backend/core/ssh/packages.py", "from backend.core.ssh import packages\n", True),
        ("backend/core/ssh/packages.py", "from backend.core.ssh.packages_of import x\n", False),
        ("backend/core/ssh/__init__.py", "from backend.core.ssh import packages\n", True),
        ("docs/acceptance.md", "from docs import acceptance\n", False),
    ],
)
def test_near_is_what_names_the_module(changed: str, text: str, is_near: bool) -> None:
    assert Near([changed]).has("tests/app/test_one.py", text) is is_near


def test_what_changed_is_told_by_git(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.net", *words], cwd=tmp_path, check=True)

    assert changed_files(tmp_path) == []
    git("init", "-q", "-b", "main")
    for name in ("first.py", "second.py"):
        (tmp_path / name).touch()
        git("add", ".")
        git("commit", "-qm", name)
    assert changed_files(tmp_path) == ["second.py"]
    git("switch", "-qc", "work")
    (tmp_path / "third.py").touch()
    git("add", ".")
    git("commit", "-qm", "third")
    (tmp_path / "first.py").write_text("1")
    (tmp_path / "fourth.py").touch()

    assert sorted(changed_files(tmp_path)) == ["first.py", "fourth.py", "third.py"]
