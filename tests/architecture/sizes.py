"""The walls of size: long files, long functions, functions of many parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from tests.architecture.source import FLOORS, Breach, Source

FILE, FUNCTION, PARAMETERS = 350, 40, 5
DATA_TABLE = "# house: data table"
#: Alembic writes them, and after a release nobody changes them.
REVISIONS = "backend/store/migrations/versions/"


def files(source: Source) -> Iterator[Breach]:
    """A file tells one story."""
    if source.length > FILE and not _is_data(source):
        yield source.breach(source.length, f"{source.length} lines in a file, the wall is {FILE}")


def functions(source: Source) -> Iterator[Breach]:
    """A function fits a glance."""
    for node in source.functions():
        if length(node) > FUNCTION and not source.path.startswith(REVISIONS):
            yield source.breach(node, f"{length(node)} lines in {node.name}, the wall is {FUNCTION}")


def parameters(source: Source) -> Iterator[Breach]:
    """What a caller must know the order of; keyword-only ones are named at the call."""
    for node in source.functions():
        taken = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
        if taken[:1] in (["self"], ["cls"]):
            del taken[0]
        if len(taken) > PARAMETERS and not _is_command(node) and not _is_case(source, node):
            yield source.breach(node, f"{len(taken)} parameters by position in {node.name}, the wall is {PARAMETERS}")


def largest(found: Sequence[Source], count: int = 10) -> list[tuple[str, str]]:
    """The longest files and functions of the floors, as (size, where)."""
    floors = [source for source in found if source.floor in FLOORS and not source.path.startswith(REVISIONS)]
    longest = sorted(floors, key=lambda source: -source.length)[: count // 2]
    parts = [
        (length(node), f"{source.path}:{node.lineno} {node.name}") for source in floors for node in source.functions()
    ]
    parts.sort(reverse=True)
    return [(f"{source.length} of {FILE}", source.path) for source in longest] + [
        (f"{size} of {FUNCTION}", where) for size, where in parts[: count - len(longest)]
    ]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _is_data(source: Source) -> bool:
    return DATA_TABLE in source.text.splitlines()[:10] or source.path.startswith(REVISIONS)


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Typer reads a command's options from its parameters; only typer calls it, by name."""
    return any(
        "command" in ast.unparse(decorator) or "callback" in ast.unparse(decorator) for decorator in node.decorator_list
    )


def _is_case(source: Source, node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """pytest calls tests and fixtures, by name."""
    return source.floor == "tests" and (
        node.name.startswith("test_") or any("fixture" in ast.unparse(each) for each in node.decorator_list)
    )
