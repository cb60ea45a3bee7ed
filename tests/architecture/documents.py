"""The walls of documents: what they name of ours is there, and an entry of the changelog is one sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tests.architecture.source import FOLDERS, ROOT, Breach, Source

ACCEPTANCE = "docs/acceptance.md"
#: Those that speak of today; a decision speaks of its day.
LIVING = ("README.md", "docs/*.md", "docs/guide/*.md")
CHANGES = "changelog.d/*.md"
QUOTED = re.compile(r"`([^`]+)`")
#: Where a name of the acceptance may begin, or in the folder of the one before it in its row.
FROM = (ROOT / "tests", ROOT, ROOT / "docs")
#: A file, a folder, or a test in a file.
NAMED = re.compile(r"(?P<path>[\w./*-]+?(\.py|/|\.md))(::(?P<test>\w+))?")
OURS = re.compile(rf"({'|'.join((*FOLDERS, 'docs', 'resources', 'changelog.d'))})/[\w./*<>-]*")
ENDED = re.compile(r"[.!?](?=\s|$)")
PLACEHOLDER = re.compile(r"<[^>]*>")

DocumentWall = Callable[[Source], Iterator[Breach]]


def documents(root: Path = ROOT) -> list[Source]:
    """All that a wall may be about, in order."""
    found = {path for pattern in (*LIVING, CHANGES) for path in root.glob(pattern)}
    return [Source(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in sorted(found)]


def promised(source: Source) -> Iterator[Breach]:
    """The acceptance names a file or a test that is not there."""
    if source.path != ACCEPTANCE:
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        before: Path | None = None
        for named in QUOTED.findall(line):
            told = NAMED.fullmatch(named)
            if told is None:
                continue
            found = _found(told["path"], [*FROM, *([before] if before else [])])
            if found is None:
                yield source.breach(number, f"there is no {told['path']}")
                continue
            before = found if found.is_dir() else found.parent
            if told["test"] and told["test"] not in _functions(found):
                yield source.breach(number, f"there is no {told['test']} in {told['path']}")


def named(source: Source) -> Iterator[Breach]:
    """Another document that speaks of today names a path of ours that is not there; ``<provider>`` is any name."""
    if source.path == ACCEPTANCE or Path(source.path).match(CHANGES):
        return
    for number, line in enumerate(source.text.splitlines(), 1):
        for path in filter(OURS.fullmatch, QUOTED.findall(line)):
            if _found(PLACEHOLDER.sub("*", path), [ROOT]) is None:
                yield source.breach(number, f"there is no {path}")


def entries(source: Source) -> Iterator[Breach]:
    """A file of the changelog holds one sentence, or a list of them."""
    if not Path(source.path).match(CHANGES):
        return
    lines = source.text.splitlines()
    begins = [number for number, line in enumerate(lines) if line.startswith("- ")] or [0]
    for begin, after in zip(begins, [*begins[1:], len(lines)], strict=True):
        text = " ".join(lines[begin:after]).strip()
        if len(ENDED.findall(QUOTED.sub("x", text))) != 1 or not text.endswith("."):
            yield source.breach(begin + 1, "an entry is one sentence, with a stop at its end")
    if begins[0]:
        yield source.breach(1, "a list of entries begins with its first")


WALLS: dict[str, DocumentWall] = {
    "promises without their tests": promised,
    "names of nothing in documents": named,
    "changes in one sentence": entries,
}


def document_breaches(found: Sequence[Source], wall: str) -> list[Breach]:
    """Where ``found`` leaves one wall."""
    return [breach for source in found for breach in WALLS[wall](source)]


def _found(path: str, places: Sequence[Path]) -> Path | None:
    """The first that there is of a path, which may be a pattern, in some folders."""
    there = (each for place in places for each in sorted(place.glob(path.rstrip("/"))))
    return next((each for each in there if each.is_dir() or not path.endswith("/")), None)


def _functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
