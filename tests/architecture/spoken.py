"""The walls of words: what a person sees goes through gettext, whole and with placeholders by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import pairwise

from tests.architecture.source import FLOORS, Breach, Source, name_of

GETTEXT = frozenset({"_", "N_", "ngettext", "pgettext"})
#: Whose words are shown: Qt's setters and our own of the same meaning. Classes of labels and buttons are found by name.
SHOWS = frozenset(
    {"setText", "setToolTip", "setWindowTitle", "setPlaceholderText", "setAccessibleName", "setStatusTip", "setTitle"}
    | {"setAccessibleDescription", "setWhatsThis", "setLabelText", "setSuffix", "setPrefix", "setInformativeText"}
    | {"addAction", "addMenu", "addTab", "addItem", "addItems", "setHtml", "setPlainText", "appendPlainText"}
    | {"addRow", "showMessage", "drawText", "say", "set_text", "set_title", "set_words", "show_words"}
)
#: Which of their arguments, counted from 0, names a look and is not shown.
LOOKS = {"Label": 1, "Button": 1}
SHOWN = ("Label", "Button", "Banner", "Header", "EmptyState", "Panel", "Field", "Badge", "Action", "Column", "CheckBox")
#: Names and signs, the same in every language.
NOT_TRANSLATABLE = frozenset(
    {"Mailyard", "DigitalOcean", "PostgreSQL", "SQLite", "Debian", "SSH", "UTC"}
    | {"mx1.example.net", "https://api.digitalocean.com"}
)
#: What stands in a terminal is English only: programs read it, and its help is made before a language is known.
#: The demo's emulators answer in their providers' words.
TERMINAL = "app/cli/"
ELSEWHERE = (TERMINAL, "app/__main__.py", "app/system.py", "backend/demo/")
KEYWORDS_OF_CODE = frozenset(
    {"kind", "icon_name", "key", "name_key", "object_name", "hint_key", "shortcut", "sort", "surface", "role", "width"}
)
#: Two words of which the first begins with a capital letter: a sentence, wherever it stands.
SENTENCE = re.compile(r"[A-Z][a-z]+ [a-z]+.*", re.DOTALL)
LETTERS = re.compile(r"[A-Za-z]{2,}")
BY_POSITION = re.compile(r"\{\d*[:!}]|%[sdrif]")
#: A number and a word for many: with one of them it is wrong, but for a limit, which is never one.
MANY = re.compile(r"(?<!at most )(?<!at least )(?<!up to )\{(n|count)\} (?!ways\b)[a-z]{2,}s\b")
MANY_OF_CODE = re.compile(r" [a-z]{2,}s\b")
COUNTS = frozenset({"len", "sum", "n", "count"})
EXEMPT_CALLS = frozenset({"debug", "warning", "error", "critical", "exception", "getLogger", "compile"})
TERMINAL_CALLS = frozenset({"log.info", "log.log", "sys.stderr.write"})


def untranslated(source: Source) -> Iterator[Breach]:
    """Words in a call that shows them, and sentences anywhere, which did not come from gettext."""
    if source.floor not in FLOORS or source.path.startswith(ELSEWHERE):
        return
    passed = _passed(source)
    for call in source.calls():
        called = name_of(call.func).split(".")[-1]
        for part in _remedies(call) if source.floor == "backend" else _shown_parts(call, called):
            if id(part) not in passed and _has_words(part):
                yield source.breach(part, f"{called}() shows {ast.unparse(part)[:60]} without gettext")
    for node in source.nodes:
        if isinstance(node, ast.Constant) and id(node) not in passed and SENTENCE.fullmatch(str(node.value)):
            yield source.breach(node, f"the sentence {str(node.value)[:60]!r} did not go through gettext")


def pieces(source: Source) -> Iterator[Breach]:
    """A message is one literal with named placeholders: translators see the whole, and may order it anew."""
    if source.floor not in FLOORS:
        return
    for node in source.calls():
        if name_of(node.func) not in GETTEXT:
            continue
        for message in node.args[:2] if name_of(node.func) == "ngettext" else node.args[:1]:
            if isinstance(message, (ast.JoinedStr, ast.BinOp, ast.Call)):
                yield source.breach(node, f"{ast.unparse(node)[:60]}: put the values in after gettext")
            elif isinstance(message, ast.Constant) and BY_POSITION.search(str(message.value)):
                yield source.breach(node, f"{message.value!r}: placeholders go by name")


def plurals(source: Source) -> Iterator[Breach]:
    """'1 jobs': what is counted goes through ``ngettext``, in messages and in what a terminal shows."""
    if source.floor not in FLOORS:
        return
    for node in source.calls():
        message = node.args[0] if node.args and name_of(node.func) in GETTEXT - {"ngettext"} else None
        if isinstance(message, ast.Constant) and MANY.search(str(message.value)):
            yield source.breach(node, f"{message.value!r} is wrong of one: it wants ngettext")
    for joined in source.nodes if source.path.startswith(TERMINAL) else ():
        parts = joined.values if isinstance(joined, ast.JoinedStr) else []
        if any(_counts(value) and _is_of_many(after) for value, after in pairwise(parts)):
            yield source.breach(joined, f"{ast.unparse(joined)[:60]} is wrong of one: it wants ngettext")


def _counts(part: ast.expr) -> bool:
    value = part.value if isinstance(part, ast.FormattedValue) else part
    called = name_of(value.func) if isinstance(value, ast.Call) else name_of(value)
    return isinstance(part, ast.FormattedValue) and called in COUNTS


def _is_of_many(part: ast.expr) -> bool:
    return isinstance(part, ast.Constant) and bool(MANY_OF_CODE.match(str(part.value)))


def _shown_parts(call: ast.Call, called: str) -> Iterator[ast.expr]:
    """The arguments a person will read."""
    if called in SHOWS or called.endswith(SHOWN):
        yield from (part for place, part in enumerate(call.args) if LOOKS.get(called) != place)
        yield from (each.value for each in call.keywords if each.arg not in KEYWORDS_OF_CODE)


def _remedies(call: ast.Call) -> Iterator[ast.expr]:
    """An error's title and remedy; its detail is for the log."""
    if remedies := [each.value for each in call.keywords if each.arg == "remedy"]:
        yield from (*call.args[:1], *remedies)


def _passed(source: Source) -> set[int]:
    """Constants that are no visible words by where they stand."""
    return {id(each) for node in source.nodes for part in _quiet_parts(node) for each in ast.walk(part)}


def _quiet_parts(node: ast.AST) -> Iterator[ast.AST]:
    """Gettext's own arguments, docstrings, logs, keys of look-ups and annotations."""
    if isinstance(node, ast.Call):
        called = name_of(node.func).split(".")[-1]
        if called in GETTEXT or called in EXEMPT_CALLS or name_of(node.func) in TERMINAL_CALLS:
            yield from node.args
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node
    elif isinstance(node, ast.Subscript):
        yield node.slice
    elif isinstance(node, (ast.Assert, ast.Compare)):
        yield node


def _has_words(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return bool(LETTERS.search(node.value)) and node.value not in NOT_TRANSLATABLE
    if isinstance(node, ast.JoinedStr):
        return any(_has_words(part) for part in node.values if isinstance(part, ast.Constant))
    if isinstance(node, ast.BinOp):
        return _has_words(node.left) or _has_words(node.right)
    if isinstance(node, ast.IfExp):
        return _has_words(node.body) or _has_words(node.orelse)
    return False
