"""The file itself: plain or gzipped, one physical line at a time."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, cast

BOM = b"\xef\xbb\xbf"
GZIP = b"\x1f\x8b"
LONGEST_LINE = 64 * 1024
# Stands in for what is longer than any line of this form, so that a file without
# line ends cannot fill the memory.
OVERLONG = b"\0overlong"


class UnreadableFile(Exception):
    """The file gives no lines at all, or stops giving them half-way."""


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Every line that has something on it, without its end, as an editor counts."""
    try:
        with path.open("rb") as file:
            packed = file.peek(2).startswith(GZIP)
            stream = gzip.GzipFile(fileobj=file) if packed else file
            for number, piece in enumerate(pieces(cast(BinaryIO, stream)), 1):
                if line := piece.strip():
                    yield number, line
    except (OSError, EOFError, zlib.error) as exc:
        raise UnreadableFile(getattr(exc, "strerror", None) or str(exc)) from exc


def pieces(stream: BinaryIO) -> Iterator[bytes]:
    piece = stream.readline(LONGEST_LINE).removeprefix(BOM)
    while piece:
        yield whole(piece, stream)
        piece = stream.readline(LONGEST_LINE)


def whole(piece: bytes, stream: BinaryIO) -> bytes:
    if piece.endswith(b"\n") or len(piece) < LONGEST_LINE - len(BOM):
        return piece
    rest = piece
    while rest and not rest.endswith(b"\n"):
        rest = stream.readline(LONGEST_LINE)
    return OVERLONG
