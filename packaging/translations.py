"""The catalogues of words: ``python packaging/translations.py LANGUAGE`` brings one up to date and compiles it.

Words are found in the sources by their marks (``_``, ``N_``, ``ngettext``, ``pgettext``), in the capability matrix and
in the catalogue of DNS panels; a ``.po`` file keeps what was translated, gets what is new with nothing beside it, and
loses what is used no more. What is compiled lies beside it in GNU's ``.mo`` form (gettext manual, section 10.3), since
no set-up step should need a compiler.
"""

from __future__ import annotations

import ast
import json
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "resources/translations"
SOURCES = ("app", "widgets", "backend")
MARKS = {"_": 1, "N_": 1, "ngettext": 2, "pgettext": 2}
CONTEXT = "\x04"  # between a context and its words, as in a .mo file
MAGIC = 0x950412DE
HEADER = "Content-Type: text/plain; charset=UTF-8\nLanguage: {language}\nPlural-Forms: nplurals=2; plural=(n != 1);\n"

#: The English words; of a plural, one and many. Words with a context begin with it and :data:`CONTEXT`.
Words = tuple[str, ...]
Catalogue = dict[Words, Words]


def words_in_use() -> set[Words]:
    """All that a person may be shown through gettext."""
    found: set[Words] = set()
    for source in SOURCES:
        for path in sorted((ROOT / source).rglob("*.py")):
            found.update(_marked(ast.parse(path.read_text())))
    found.update((text,) for text in (*_of_the_matrix(), *_of_the_panels()) if text)
    return found


def read(path: Path) -> Catalogue:
    """What a ``.po`` file says. Entries are as :func:`write` writes them."""
    found: Catalogue = {}
    entry: dict[str, str] = {}
    name = ""
    for line in [*path.read_text().splitlines(), ""]:
        text = line
        if line.startswith("msg"):
            name, _space, text = line.partition(" ")
        if text.startswith('"'):
            entry[name] = entry.get(name, "") + json.loads(text)
        elif not line and entry:
            plain = "msgid_plural" not in entry
            if "msgctxt" in entry:
                entry["msgid"] = entry["msgctxt"] + CONTEXT + entry["msgid"]
            source = (entry["msgid"],) if plain else (entry["msgid"], entry["msgid_plural"])
            target = (entry["msgstr"],) if plain else (entry["msgstr[0]"], entry["msgstr[1]"])
            if source != ("",):
                found[source] = target
            entry = {}
    return found


def write(path: Path, language: str, catalogue: Mapping[Words, Words]) -> None:
    """In the order of the English words."""
    lines = ['msgid ""', 'msgstr ""', *(_quoted(f"{each}\n") for each in HEADER.format(language=language).splitlines())]
    for source, target in sorted(catalogue.items()):
        context, mark, english = source[0].rpartition(CONTEXT)
        lines += ["", *([f"msgctxt {_quoted(context)}"] if mark else []), f"msgid {_quoted(english)}"]
        if len(source) == 1:
            lines.append(f"msgstr {_quoted(target[0])}")
        else:
            lines.append(f"msgid_plural {_quoted(source[1])}")
            lines += [f"msgstr[{number}] {_quoted(text)}" for number, text in enumerate(target)]
    path.write_text("\n".join(lines) + "\n")


def compiled(language: str, catalogue: Mapping[Words, Words]) -> bytes:
    """The ``.mo`` file: what is not translated is left out, so that English stands there."""
    pairs = {"": HEADER.format(language=language)}
    pairs |= {"\0".join(source): "\0".join(target) for source, target in catalogue.items() if all(target)}
    ordered = sorted((source.encode(), target.encode()) for source, target in pairs.items())
    count, start = len(ordered), 28
    at = start + 16 * count
    tables: tuple[list[bytes], list[bytes]] = ([], [])
    texts = b""
    for side in (0, 1):
        for pair in ordered:
            tables[side].append(struct.pack("<II", len(pair[side]), at + len(texts)))
            texts += pair[side] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, count, start, start + 8 * count, 0, at)
    return head + b"".join(tables[0]) + b"".join(tables[1]) + texts


def update(language: str) -> Catalogue:
    """Bring the files of a language up to date; what they say now."""
    folder = FOLDER / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "mailyard.po"
    known = read(path) if path.exists() else {}
    now = {source: known.get(source, ("",) * len(source)) for source in words_in_use()}
    write(path, language, now)
    path.with_suffix(".mo").write_bytes(compiled(language, now))
    return now


def _marked(tree: ast.AST) -> Iterator[Words]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            given = [each.value for each in node.args[: MARKS[node.func.id]] if isinstance(each, ast.Constant)]
            texts = [value for value in given if isinstance(value, str) and value]
            if len(texts) == MARKS[node.func.id]:
                yield (CONTEXT.join(texts),) if node.func.id == "pgettext" else tuple(texts)


def _of_the_matrix() -> Iterator[str]:
    """What is told of each cloud: how a token is made, and what it can."""
    for cloud in json.loads((ROOT / "resources/data/capabilities.json").read_text())["providers"]:
        recipe = cloud["recipe"]
        yield from (*recipe["steps"], recipe["secret"], recipe.get("key_id") or "")
        yield from (cell["note"] for cell in cloud["cells"].values())


def _of_the_panels() -> Iterator[str]:
    """What is told of the forms of DNS hosts."""
    for panel in json.loads((ROOT / "resources/data/dns_panels.json").read_text())["panels"]:
        yield from panel.get("notes", ())


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        said = update(name)
        print(f"{name}: {sum(all(target) for target in said.values())} of {len(said)} translated")
