"""What is copied into another program; of a secret, the histories of the desktop are told to keep none."""

from __future__ import annotations

import sys

from PySide6.QtCore import QMimeData, QStringListModel
from PySide6.QtGui import QGuiApplication

#: Formats by which a clipboard's history leaves a copy out, and what lies in them: Klipper's (KDE's password managers
#: use it, and other histories follow it), and the one of Windows ("Clipboard Formats", Cloud Clipboard and History).
KLIPPER = ("x-kde-passwordManagerHint", b"secret")
WINDOWS = ('application/x-qt-windows-mime;value="ExcludeClipboardContentFromMonitorProcessing"', b"1")
HINTS = (KLIPPER, WINDOWS) if sys.platform == "win32" else (KLIPPER,)


def copy_text(text: str, *, is_secret: bool = False) -> None:
    """To the clipboard, exactly as it is."""
    clipboard = QGuiApplication.clipboard()
    if not is_secret:
        clipboard.setText(text)
        return
    data = _made_by_qt()
    data.setText(text)
    for name, value in HINTS:
        data.setData(name, value)
    clipboard.setMimeData(data)


def _made_by_qt() -> QMimeData:
    """Empty. One that Python makes needs Python when it is deleted, and the clipboard holds it until the process ends:
    with PySide 6.11 that ends in a crash.
    """
    model = QStringListModel([""])
    data = model.mimeData([model.index(0)])
    data.clear()
    return data
