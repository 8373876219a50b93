"""What people of the demo attach."""

from __future__ import annotations

import struct
import zlib

PDF = b"%PDF-1.4 a receipt %%EOF"
WIDTH, HEIGHT = 240, 160


def picture() -> bytes:
    """A parcel on a table, as a PNG."""
    rows = b"".join(b"\x00" + b"".join(_colour(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    size = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", size), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(map(_chunk, chunks))


def _chunk(named: tuple[bytes, bytes]) -> bytes:
    name, data = named
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _colour(x: int, y: int) -> bytes:
    if 60 <= x < 180 and 40 <= y < 130:
        is_tape = 112 <= x < 128 or 40 <= y < 46
        return bytes((222, 200, 160)) if is_tape else bytes((184, 140, 92))
    return bytes((236, 232, 226)) if y < 100 else bytes((203, 188, 170))
