"""The walls of time and of chance in tests: they wait for what happens, and draw what can be drawn again.

A module that is a program of its own, such as a stand-in that answers late, is no test. A test that is in the tier
``all`` or a soak alone may ask for a random moment.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import Breach, Source, name_of

#: On the line that sleeps, with the reason.
MAY = re.compile(r"# house: sleeps, \w+ \w+")
SLEEPS = frozenset({"time.sleep", "qtbot.wait", "QTest.qWait", "QtTest.QTest.qWait"})
IMPORTED = ("time", "random")


def sleeps(source: Source) -> Iterator[Breach]:
    """What a time is long enough for on one machine it is too short for on another."""
    if not _is_of_tests(source):
        return
    lines, long_runs = source.text.splitlines(), _long_runs(source)
    for node, name in _named(source):
        if _does_sleep(name) and not MAY.search(lines[node.lineno - 1]) and not _is_in(node, long_runs):
            yield source.breach(node, f"{name} in a test: wait for what happens, see tests/waiting.py")


def chance(source: Source) -> Iterator[Breach]:
    """What failed once by chance must fail again."""
    if not _is_of_tests(source):
        return
    seeded = {id(each.func) for each in source.calls() if each.args or each.keywords}
    long_runs = _long_runs(source)
    for node, name in _named(source):
        if not name.startswith("random.") or _is_in(node, long_runs):
            continue
        if name != "random.Random" or (id(node) not in seeded and _is_called(source, node)):
            yield source.breach(node, f"{name} draws without a seed in a test: random.Random(SEED) does with one")


def _is_of_tests(source: Source) -> bool:
    is_program = source.path.endswith("/__main__.py") or any(
        isinstance(node, ast.If) and "__name__" in ast.unparse(node.test) for node in source.tree.body
    )
    return source.floor == "tests" and not is_program


def _does_sleep(name: str) -> bool:
    return name in SLEEPS or name.endswith(".qtbot.wait")


def _named(source: Source) -> Iterator[tuple[ast.Name | ast.Attribute, str]]:
    """What is named in whole, by the library's own name for it: ``sleep`` is ``time.sleep`` where it was imported."""
    modules, names = _imports(source)
    inner = {id(node.value) for node in source.nodes if isinstance(node, ast.Attribute)}
    for node in source.nodes:
        if not isinstance(node, ast.Name | ast.Attribute) or id(node) in inner:
            continue
        first, dot, rest = name_of(node).partition(".")
        if first in names:
            yield node, f"{names[first]}{dot}{rest}"
        elif first in modules:
            yield node, f"{modules[first]}{dot}{rest}"
        elif first not in IMPORTED:  # a fixture of that name is no module
            yield node, f"{first}{dot}{rest}"


def _imports(source: Source) -> tuple[dict[str, str], dict[str, str]]:
    modules, names = dict[str, str](), dict[str, str]()
    for node in source.nodes:
        if isinstance(node, ast.Import):
            modules |= {each.asname or each.name: each.name for each in node.names if each.name in IMPORTED}
        elif isinstance(node, ast.ImportFrom) and node.module in IMPORTED:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return modules, names


def _is_called(source: Source, node: ast.AST) -> bool:
    """Else it is named, as by an annotation."""
    return any(each.func is node for each in source.calls())


def _long_runs(source: Source) -> list[ast.AST]:
    """The module, or tests of it, that no ``make test`` runs."""
    for node in source.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark" and _is_long(node.value):
            return [source.tree]
    return [each for each in source.functions() if any(map(_is_long, each.decorator_list))]


def _is_long(mark: ast.expr) -> bool:
    words = [mark] if not isinstance(mark, ast.List | ast.Tuple) else mark.elts
    return any(re.match(r"pytest\.mark\.(soak$|tier\('all')", ast.unparse(each)) for each in words)


def _is_in(node: ast.AST, parts: list[ast.AST]) -> bool:
    return any(part is node for each in parts for part in ast.walk(each))
