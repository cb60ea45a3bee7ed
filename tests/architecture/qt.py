"""The walls of Qt: one place for colours, one for the style sheet, no nested event loops, no lambda that holds self."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import FLOORS, Breach, Source, name_of

THEME = "app/shell/appearance/theme.py"
TOKENS = "widgets/tokens.py"
APPLICATION = "app/application.py"
MENU = "widgets/menu.py"
#: The end of a called name, and the one file that may call it.
CALLS = {
    "setStyleSheet": THEME,
    "exec": APPLICATION,
    "exec_": "",
    "processEvents": "",
    "QTableWidget": "",
    "QTreeWidget": "",
    "QMenu": MENU,
    "QApplication.instance": APPLICATION,
    "QGuiApplication.instance": APPLICATION,
    "QCoreApplication.instance": APPLICATION,
}
NAMES = ("QTableWidget", "QTreeWidget")
HEX = re.compile(r"#(?:[0-9a-fA-F]{3,4}){1,2}")


def stray_calls(source: Source) -> Iterator[Breach]:
    """Calls that have one place or none; classes of forbidden lists count as bases and imports too."""
    if source.floor not in FLOORS:
        return
    for call in source.calls():
        called = name_of(call.func)
        for ending, room in CALLS.items():
            if f".{called}".endswith(f".{ending}") and source.path != room:
                yield source.breach(call, f"{called}()" + (f" belongs in {room}" if room else " is not used here"))
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name in NAMES:
                    yield source.breach(node, f"{alias.name}: lists are a RecordModel with columns")
        elif isinstance(node, ast.ClassDef) and "QMenu" in _bases(node) and source.path != MENU:
            yield source.breach(node, f"a QMenu has square corners: {MENU} has one without")


def colours(source: Source) -> Iterator[Breach]:
    """Colours come from widgets/tokens.py."""
    if source.floor not in FLOORS or source.path == TOKENS:
        return
    for node in source.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and HEX.fullmatch(node.value):
            yield source.breach(node, f"the colour {node.value} belongs in {TOKENS}")
        elif isinstance(node, ast.Attribute) and ".GlobalColor." in f".{name_of(node)}" and node.attr != "transparent":
            yield source.breach(node, f"the colour {node.attr} belongs in {TOKENS}")
        elif isinstance(node, ast.Call) and name_of(node.func).endswith("QColor") and _is_fixed(node):
            yield source.breach(node, f"a colour of constants belongs in {TOKENS}")


def lambdas(source: Source) -> Iterator[Breach]:
    """A lambda that captures self on a signal keeps the widget for ever."""
    for node in source.calls():
        if source.floor in FLOORS and name_of(node.func).endswith(".connect"):
            for argument in node.args:
                if isinstance(argument, ast.Lambda) and _names(argument, "self"):
                    yield source.breach(node, "a lambda that captures self on a signal")


def _bases(node: ast.ClassDef) -> set[str]:
    return {name_of(base).rpartition(".")[2] for base in node.bases}


def _is_fixed(call: ast.Call) -> bool:
    """Made of nothing but constants; QColor() is no colour."""
    return bool(call.args) and all(isinstance(argument, ast.Constant) for argument in call.args)


def _names(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))
