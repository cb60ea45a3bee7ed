"""Tests that failed and passed alone: ``docs/unsteady.md`` names each, until its cause is mended.

What was unsteady is remembered beside the other caches of this machine. The next commit must carry the line, or one
between must have: a test that nobody wrote down was waved through.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

#: With more in the list they are mended first.
MOST = 5
ENTRY = re.compile(r"^[-*] `(tests/[^`]+)`", re.MULTILINE)


def listed(document: Path) -> list[str]:
    """The tests that the document names, one at the beginning of each line of its list."""
    return ENTRY.findall(document.read_text(encoding="utf-8")) if document.exists() else []


def memory() -> Path:
    """Where this machine remembers."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "mailyard-gate/unsteady.json"


@dataclass(frozen=True)
class Memory:
    """What was unsteady, by the commit it was seen at."""

    file: Path
    checkout: Path

    def remember(self, tests: list[str]) -> None:
        """As seen at the commit that is checked out."""
        commit = self._git("rev-parse", "HEAD").strip()
        if tests and commit:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.file.write_text(json.dumps(sorted({*self._seen(), *((test, commit) for test in tests)})))

    def not_written_down(self, document: Path) -> list[str]:
        """Seen at a commit before this one, and in the document neither now nor at a commit between."""
        now = listed(document)
        return sorted(
            {test for test, commit in self._seen() if test not in now and self._is_owed(test, commit, document)}
        )

    def _is_owed(self, test: str, commit: str, document: Path) -> bool:
        if commit == self._git("rev-parse", "HEAD").strip() or not self._is_before(commit):
            return False
        name = document.relative_to(self.checkout).as_posix()
        return not self._git("log", "--format=%h", f"-S{test}", f"{commit}..HEAD", "--", name).strip()

    def _is_before(self, commit: str) -> bool:
        asked = ["git", "merge-base", "--is-ancestor", commit, "HEAD"]
        return subprocess.run(asked, cwd=self.checkout, capture_output=True).returncode == 0

    def _git(self, *arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=self.checkout, capture_output=True, text=True).stdout

    def _seen(self) -> list[tuple[str, str]]:
        return [tuple(one) for one in json.loads(self.file.read_text())] if self.file.exists() else []
