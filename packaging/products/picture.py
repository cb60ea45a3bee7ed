"""A screen of Xvfb as a PNG: with nothing but the standard library, where no graphics program is at hand."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

from products.place import Refused

#: Places of the XWD header (X11/XWDFile.h, version 7), in 32 bit numbers, big-endian.
HEADER, WIDTH, HEIGHT, BITS, LINE, COLOURS = 0, 4, 5, 11, 12, 19
COLOUR_BYTES = 12


def to_png(dump: bytes, target: Path) -> None:
    """:raises Refused: it is no dump of 32 bits a pixel."""
    numbers = struct.unpack(">25I", dump[:100])
    if numbers[1] != 7 or numbers[BITS] != 32:
        raise Refused("the screen is no XWD dump of 32 bits a pixel.")
    width, height, line = numbers[WIDTH], numbers[HEIGHT], numbers[LINE]
    start = numbers[HEADER] + numbers[COLOURS] * COLOUR_BYTES
    rows = bytearray()
    for row in range(height):
        pixels = dump[start + row * line : start + row * line + width * 4]
        rgb = bytearray(width * 3)
        rgb[0::3], rgb[1::3], rgb[2::3] = pixels[2::4], pixels[1::4], pixels[0::4]
        rows += b"\0" + rgb
    parts = _part(b"IHDR", struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0))
    parts += _part(b"IDAT", zlib.compress(bytes(rows), 9)) + _part(b"IEND", b"")
    target.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)


def _part(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
