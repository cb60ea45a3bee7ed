"""A picture of the window in 256 colours: a fifth of the file, and nobody sees a difference."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

MOST = 256
#: Rows of colours compared with the whole palette at a time.
AT_ONCE = 4096


def reduced(picture: QImage) -> QImage:
    """Its commonest colours, and each other one as the nearest of these."""
    image = picture.convertToFormat(QImage.Format.Format_RGB32)
    width, height = image.width(), image.height()
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, image.bytesPerLine() // 4)[:, :width]
    colours, which, counts = np.unique(pixels, return_inverse=True, return_counts=True)
    palette = colours[np.argsort(counts)[::-1][:MOST]]
    index = _nearest(colours, palette)[which].reshape(height, width).astype(np.uint8)
    rows = np.zeros((height, -(-width // 4) * 4), np.uint8)
    rows[:, :width] = index
    made = QImage(rows.tobytes(), width, height, rows.shape[1], QImage.Format.Format_Indexed8).copy()
    made.setColorTable([int(colour) | 0xFF000000 for colour in palette])
    return made


def _nearest(colours: NDArray[Any], palette: NDArray[Any]) -> NDArray[Any]:
    """The place in the palette of each colour, by the distance of red, green and blue."""
    wanted, there = _channels(colours), _channels(palette)
    found = [
        np.argmin(((wanted[at : at + AT_ONCE, None] - there[None]) ** 2).sum(2), 1)
        for at in range(0, len(wanted), AT_ONCE)
    ]
    return np.concatenate(found)


def _channels(colours: NDArray[Any]) -> NDArray[Any]:
    return np.stack([colours >> shift & 0xFF for shift in (16, 8, 0)], 1).astype(np.int64)
