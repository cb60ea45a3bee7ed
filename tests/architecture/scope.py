"""The wall around the store: what reads or writes past a session's scope stays inside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import FLOORS, Breach, Source, name_of

STORE = "backend/store/"
#: SQLAlchemy's ways to name a table, or anything at all, without a class of ours.
CONSTRUCTS = frozenset({"text", "table", "literal_column", "TextClause", "TableClause"})
#: Methods of a statement or a session that lead past what the session looks at.
METHODS = frozenset({"from_statement", "get_bind", "connection", "exec_driver_sql"})


def past_the_scope(source: Source) -> Iterator[Breach]:
    """Each gives another workspace's rows; a session's scope says whose there are."""
    if source.floor not in FLOORS or source.path.startswith(STORE):
        return
    library = _library_names(source)
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and _is_of_library(node.module):
            for alias in node.names:
                if alias.name in CONSTRUCTS:
                    yield source.breach(node, f"{alias.name} of SQLAlchemy belongs in {STORE}")
        elif isinstance(node, ast.Attribute) and node.attr in CONSTRUCTS:
            if name_of(node).split(".")[0] in library:
                yield source.breach(node, f"{name_of(node)} belongs in {STORE}")
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            yield source.breach(node, f"{node.func.attr}() reads past a session's scope: it belongs in {STORE}")


def _library_names(source: Source) -> set[str]:
    """What the file calls SQLAlchemy and its modules."""
    found = set()
    for node in source.nodes:
        if isinstance(node, ast.Import):
            found |= {(each.asname or "sqlalchemy") for each in node.names if _is_of_library(each.name)}
        elif isinstance(node, ast.ImportFrom) and _is_of_library(node.module):
            found |= {each.asname or each.name for each in node.names}
    return found


def _is_of_library(module: str | None) -> bool:
    return (module or "").split(".")[0] == "sqlalchemy"
