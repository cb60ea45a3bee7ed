"""The wall of payloads: requests, answers and results of steps are read by their fields, never by a string."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import Breach, Source, name_of

#: Folders of the backend that are no features: they carry payloads, or know none.
BELOW = (
    "backend/core/",
    "backend/store/",
    "backend/engine/",
    "backend/providers/",
    "backend/dnshosts/",
    "backend/wires/",
    "backend/mailu/",
    "backend/demo/",
)
#: What a payload is called where one is held.
HELD = frozenset({"request", "payload", "answer"})
#: What leaves one when called on a context.
LEFT = frozenset({"result", "need"})
LOOSE = frozenset({"Mapping", "MutableMapping", "dict", "Dict"})


def by_string(source: Source) -> Iterator[Breach]:
    """``request["plan"]``, ``ctx.job.request.get("plan")``, ``ctx.result("order")["id"]`` in a feature."""
    if not _is_feature(source):
        return
    for node in source.nodes:
        if (isinstance(node, ast.Subscript) and _is_text(node.slice) and _is_payload(node.value)) or _is_get(node):
            yield source.breach(node, "a payload read by a string")


def loose(source: Source) -> Iterator[Breach]:
    """A parameter that is a mapping where a request, a result or an answer is meant."""
    if not _is_feature(source):
        return
    for node in source.nodes:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for each in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
            is_meant = node.name in ("accept", "steps") or each.arg.lstrip("_") in HELD
            if is_meant and each.annotation is not None and _is_loose(each.annotation):
                yield source.breach(node, f"{node.name}() takes a payload as a mapping")


def _is_feature(source: Source) -> bool:
    return source.path.startswith("backend/") and not source.path.startswith(BELOW)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _is_get(node: ast.AST) -> bool:
    """Whether this is ``payload.get("...")``."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "get":
        return False
    return bool(node.args) and _is_text(node.args[0]) and _is_payload(node.func.value)


def _is_payload(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr in LEFT
    return name_of(node).split(".")[-1].lstrip("_") in HELD


def _is_loose(annotation: ast.expr) -> bool:
    """Whether the annotation names a mapping, alone or beside None."""
    text = annotation.value if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str) else None
    tree = ast.parse(text, mode="eval").body if text is not None else annotation
    return any(
        name_of(each).split(".")[-1] in LOOSE for each in ast.walk(tree) if isinstance(each, ast.Name | ast.Attribute)
    )
