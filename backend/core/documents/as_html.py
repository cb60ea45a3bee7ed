"""A document as one file of HTML: no script, nothing from elsewhere, light on paper and screen."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from backend.core.documents.document import Block, Cell, Code, Document, Facts, Heading, Paragraph, Steps, Table
from backend.core.present.plain_line import plain_line, plain_lines

#: What a browser may load for the page: its own style, and nothing else.
POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 Inter, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif; color: #1b1f24; background: #fff;
  max-width: 960px; margin: 40px auto; padding: 0 24px; }
header { border-bottom: 2px solid #1b1f24; margin-bottom: 20px; padding-bottom: 12px; }
h1 { font-size: 26px; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 18px; margin: 28px 0 8px; break-after: avoid; overflow-wrap: anywhere; }
p, li, td, dd { overflow-wrap: anywhere; }
header p, footer { color: #57606a; margin: 4px 0 0; }
.warning { border-left: 4px solid #b35900; background: #fff6e9; padding: 8px 12px; }
code { font: 13px/1.45 "JetBrains Mono", "DejaVu Sans Mono", Consolas, monospace; white-space: pre-wrap;
  overflow-wrap: anywhere; word-break: break-all; hyphens: none; user-select: all; }
.block { display: block; background: #f4f6f8; border: 1px solid #d8dee4; border-radius: 4px; padding: 10px 12px; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: 8px 0 16px; }
th { text-align: left; font-weight: 600; background: #f4f6f8; overflow-wrap: anywhere; }
th, td { border: 1px solid #d8dee4; padding: 6px 8px; vertical-align: top; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
dl { display: grid; grid-template-columns: minmax(120px, 26%) 1fr; margin: 8px 0 16px; }
dt, dd { margin: 0; padding: 5px 8px; border-bottom: 1px solid #e6eaee; }
dt { color: #57606a; padding-left: 0; }
footer { border-top: 1px solid #d8dee4; margin-top: 32px; padding-top: 8px; font-size: 13px; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 10.5pt; } code { font-size: 9pt; } }
@page { size: A4; margin: 18mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); } }
"""


def as_html(document: Document) -> str:
    """The whole file. Whatever others wrote is text in it, never markup."""
    title = _escaped(document.title)
    subtitle = f"<p>{_escaped(document.subtitle)}</p>" if document.subtitle else ""
    foot = f"<footer>{_escaped(document.foot)}</footer>\n" if document.foot else ""
    body = "\n".join(_block(each) for each in document.blocks)
    return (
        f'<!DOCTYPE html>\n<html lang="{_escaped(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>{title}</h1>{subtitle}</header>\n<main>\n{body}\n</main>\n{foot}</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Heading(text):
            return f"<h2>{_escaped(text)}</h2>"
        case Paragraph(text, is_warning):
            kind = ' class="warning"' if is_warning else ""
            return f"<p{kind}>{_escaped(text)}</p>"
        case Code():
            return _code(block, ' class="block"')
        case Steps(texts):
            return f"<ol>{''.join(f'<li>{_escaped(each)}</li>' for each in texts)}</ol>"
        case Facts(pairs):
            return f"<dl>{''.join(f'<dt>{_escaped(name)}</dt><dd>{_cell(cell)}</dd>' for name, cell in pairs)}</dl>"
        case Table():
            return "".join(_table(block))


def _table(table: Table) -> Iterator[str]:
    yield "<table>"
    whole = sum(table.shares)
    columns = "".join(f'<col style="width:{share / whole:.2%}">' for share in table.shares)
    yield f"<colgroup>{columns}</colgroup>" if columns else ""
    head = "".join(f'<th scope="col">{_escaped(each)}</th>' for each in table.head)
    yield f"<thead><tr>{head}</tr></thead><tbody>"
    for row in table.rows:
        yield f"<tr>{''.join(f'<td>{_cell(each)}</td>' for each in row)}</tr>"
    yield "</tbody></table>"


def _cell(cell: Cell) -> str:
    return _code(cell) if isinstance(cell, Code) else _escaped(cell)


def _code(code: Code, attributes: str = "") -> str:
    return f"<code{attributes}>{escape(plain_lines(code.text))}</code>"


def _escaped(text: str) -> str:
    return escape(plain_line(text))
