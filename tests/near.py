"""What ``make check`` runs: the test modules that changed since ``main``, and those that name a module that did.

``make test`` runs far more; this is what can be had before each commit. Where nothing changed the last commit counts,
and where git tells nothing every module is near.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import pytest

from tests.requirements import ROOT

NEAR = pytest.StashKey["Near | None"]()
GIT_S = 60
#: What many tests stand on; a change of theirs makes a whole folder near.
FOR_A_FOLDER = frozenset({"conftest.py", "__init__.py"})


class Near:
    """``changed``: paths of files, from the root."""

    def __init__(self, changed: Iterable[str]) -> None:
        paths = [PurePosixPath(each) for each in changed if each.endswith(".py")]
        self._files = {str(path) for path in paths}
        self._folders = {str(path.parent) for path in paths if path.name in FOR_A_FOLDER and path.parts[0] == "tests"}
        self._modules = [".".join(path.with_suffix("").parts).removesuffix(".__init__") for path in paths]

    def has(self, path: str, text: str) -> bool:
        """Whether the test module at ``path`` is to run."""
        folders = {str(parent) for parent in PurePosixPath(path).parents}
        return path in self._files or bool(folders & self._folders) or any(map(text.__contains__, self._names()))

    def _names(self) -> Iterable[str]:
        """As an import statement says them, whole or from the package."""
        for module in self._modules:
            package, _dot, name = module.rpartition(".")
            yield f"from {module} import"
            yield f"import {module}\n"
            yield f"from {package} import {name}"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--near", action="store_true", help="only the test modules near what changed since main")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[NEAR] = None
    if config.getoption("--near"):
        changed = changed_files(ROOT)
        config.stash[NEAR] = Near(changed) if changed else None


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    near = config.stash[NEAR]
    if near is None or not collection_path.name.startswith("test_"):
        return None
    path = collection_path.relative_to(ROOT).as_posix()
    return None if near.has(path, collection_path.read_text()) else True


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """That nothing is near a change of a document is no failure."""
    if session.config.stash[NEAR] is not None and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
        session.exitstatus = pytest.ExitCode.OK


def changed_files(root: Path) -> list[str]:
    """Since the branch left ``main``, committed or not; else by the last commit."""
    beside = _git(root, "diff", "--name-only", "main...HEAD") + _git(root, "diff", "--name-only", "HEAD")
    new = _git(root, "ls-files", "--others", "--exclude-standard")
    return [*beside, *new] or _git(root, "diff", "--name-only", "HEAD~1", "HEAD")


def _git(root: Path, *words: str) -> list[str]:
    """Lines of its answer; none where there is no git, no such commit, no repository."""
    try:
        done = subprocess.run(["git", *words], cwd=root, capture_output=True, text=True, timeout=GIT_S)
    except OSError:
        return []
    return done.stdout.splitlines() if done.returncode == 0 else []
