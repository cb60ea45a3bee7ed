"""Words of others are shown as typed: no place where Qt decides by itself whether they are markup."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.source import FLOORS, Breach, Source, name_of

#: Names that stand in one place, which answers for it, or in none.
ROOMS = {
    **dict.fromkeys(("setToolTip", "showText", "setTabToolTip", "showMessage"), "widgets/tip.py"),
    "ToolTipRole": "widgets/record_model.py",
    **dict.fromkeys(("setWhatsThis", "setTabWhatsThis", "WhatsThisRole", "setStatusTip", "StatusTipRole"), ""),
    **dict.fromkeys(("QMessageBox", "QErrorMessage", "QWhatsThis", "QTextBrowser", "QTextEdit", "setHtml"), ""),
    **dict.fromkeys(("QTextDocument", "QGraphicsTextItem", "AutoText", "RichText", "MarkdownText"), ""),
    **dict.fromkeys(("QInputDialog", "QProgressDialog", "QWizardPage", "QSplashScreen", "LabelItem", "setTitle"), ""),
}
#: These guess until they are told the format.
TOLD = ("QLabel", "QStaticText")
FORMAT = "TextFormat.PlainText"


def guessed(source: Source) -> Iterator[Breach]:
    """Names by which words reach a guess, and labels in a file that tells no format."""
    if source.floor not in FLOORS:
        return
    for node in source.nodes:
        name = _name(node)
        if name in ROOMS and source.path != ROOMS[name]:
            room = ROOMS[name]
            yield source.breach(node, f"{name} " + (f"belongs in {room}" if room else "reads words as markup"))
        elif name in TOLD and FORMAT not in source.text:
            yield source.breach(node, f"{name} guesses markup: call setTextFormat(Qt.{FORMAT}), or use widgets.label")


def _name(node: ast.AST) -> str:
    """Of a use, as a call or a base; a name that is imported alone is none."""
    if isinstance(node, (ast.Name, ast.Attribute)):
        return name_of(node).rpartition(".")[2]
    return ""
