"""The wall of paths in strings: what a string names of ours is there, since neither mypy nor an import tells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product
from pathlib import Path

from tests.architecture.source import FLOORS, FOLDERS, ROOT, Breach, Source

#: ``app.pages.settings.accounts``, with a name in it after a colon or a dot.
PATH = re.compile(rf"({'|'.join(FOLDERS)})(\.[A-Za-z_]\w*)+(:[A-Za-z_]\w*)?")
#: Written like a module, and none: a file of an installation, a folder that a test plants.
NO_PATHS = frozenset({"app.db", "backend.nowhere"})
#: Stands in an f-string for what cannot be told by reading.
UNKNOWN = "\0"

Strings = dict[str, frozenset[str]]


def broken(source: Source) -> Iterator[Breach]:
    """``"app.pages.lost:Page"``, and put together: ``f"{ROOM}.lost:Page"``, ``f"app.shell.{name}" for name in ...``."""
    joined = [node for node in source.nodes if isinstance(node, ast.JoinedStr)]
    inner = {id(part) for node in joined for part in ast.walk(node) if part is not node}
    plain = (node for node in source.nodes if isinstance(node, ast.Constant) and id(node) not in inner)
    put_together = [node for node in joined if _may_be_path(node)]
    names = _strings(source) if put_together else {}
    for node in (*plain, *put_together):
        for text in sorted(_values(node, names)):
            if says := _fault(text, source.floor):
                yield source.breach(node, says)


def _may_be_path(node: ast.JoinedStr) -> bool:
    first = node.values[0] if node.values else None
    return isinstance(first, ast.FormattedValue) or (isinstance(first, ast.Constant) and "." in str(first.value))


def _fault(text: str, floor: str) -> str:
    """What is wrong with a path; empty where nothing is, or where the text is no path of ours."""
    if text in NO_PATHS or not PATH.fullmatch(text.replace(UNKNOWN, "x")):
        return ""
    if UNKNOWN in text and floor in FLOORS:
        return f"what {text.replace(UNKNOWN, '{...}')} names cannot be told by reading"
    dotted, colon, name = text.partition(UNKNOWN)[0].rstrip(".").partition(":")
    parts = dotted.split(".")
    found = next(end for end in range(len(parts), -1, -1) if end == 0 or _is_module(parts[:end]))
    if colon and found != len(parts):
        return f"there is no module {dotted}"
    rest = [name] if colon else parts[found:]
    if rest and rest[0] not in _bound(_file(parts[:found])):
        return f"there is no {rest[0]} in {'.'.join(parts[:found])}"
    return ""


def _values(node: ast.expr, names: Strings) -> frozenset[str]:
    """All a string may be; what cannot be told of one put together stands in it as :data:`UNKNOWN`."""
    if isinstance(node, ast.Constant):
        return frozenset({node.value}) if isinstance(node.value, str) else frozenset()
    if isinstance(node, ast.FormattedValue):
        return _values(node.value, names) or frozenset({UNKNOWN})
    if isinstance(node, ast.JoinedStr):
        return frozenset(map("".join, product(*(_values(part, names) for part in node.values))))
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return frozenset().union(*(_values(each, names) for each in node.elts))
    return names.get(node.id, frozenset()) if isinstance(node, ast.Name) else frozenset()


def _strings(source: Source) -> Strings:
    """Strings, and rows of them, that names stand for; a loop's name stands for each it runs over."""
    found = _imported(source) | _assigned(source)
    for node in source.nodes:
        if isinstance(node, ast.For | ast.comprehension):
            for name in _targets([node.target]):
                found[name] = found.get(name, frozenset()) | _values(node.iter, found)
    return found


def _imported(source: Source) -> Strings:
    """Of what another module assigns itself."""
    found: Strings = {}
    for node in source.tree.body:
        if isinstance(node, ast.ImportFrom) and node.module and _is_module(node.module.split(".")):
            there = _assigned(_read(_file(node.module.split("."))))
            found |= {each.asname or each.name: there[each.name] for each in node.names if each.name in there}
    return found


def _assigned(source: Source) -> Strings:
    found: Strings = {}
    for node in source.tree.body:
        if isinstance(node, ast.Assign):
            found |= dict.fromkeys(_targets(node.targets), _values(node.value, found))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            found |= dict.fromkeys(_targets([node.target]), _values(node.value, found))
    return found


def _targets(targets: Sequence[ast.expr]) -> list[str]:
    return [each.id for each in targets if isinstance(each, ast.Name)]


def _is_module(parts: Sequence[str]) -> bool:
    path = ROOT.joinpath(*parts)
    return bool(parts) and parts[0] in FOLDERS and (path.is_dir() or path.with_suffix(".py").is_file())


def _file(parts: Sequence[str]) -> Path:
    path = ROOT.joinpath(*parts)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _read(path: Path) -> Source:
    return Source(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8") if path.is_file() else "")


@cache
def _bound(path: Path) -> frozenset[str]:
    """The names a module has when it runs: what it defines, sets or imports, but not for the type checker alone."""
    return frozenset(_names(_read(path).tree.body))


def _names(body: Sequence[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from ((each.asname or each.name).split(".")[0] for each in node.names)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (part.id for each in targets for part in ast.walk(each) if isinstance(part, ast.Name))
        elif isinstance(node, ast.If) and ast.unparse(node.test) != "TYPE_CHECKING":
            yield from _names([*node.body, *node.orelse])
        elif isinstance(node, ast.Try):
            yield from _names([*node.body, *(each for one in node.handlers for each in one.body), *node.orelse])
