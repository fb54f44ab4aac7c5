"""GIF files taken apart into blocks (GIF89a specification, W3C) and put together again.

Encoding an animation again costs colours and often doubles its size, so its frames are kept as
they are and only what does not draw is left out. The caller decodes the result to check it.
"""

import struct
from collections.abc import Iterator

from lib.image_errors import Damaged

_HEADER = 13  # bytes: signature and logical screen descriptor
_IMAGE, _EXTENSION, _TRAILER = 0x2C, 0x21, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")


def extent(data: bytes) -> tuple[int, int, int]:
    """(frames, width, height) of a GIF without decoding one; in pixels, with what its frames
    claim outside of the picture, which a decoder makes room for. Raises Damaged.
    """
    frames, (width, height) = 0, struct.unpack_from("<HH", data, 6)
    for kind, block in _blocks(data):
        if kind == _IMAGE:
            x, y, w, h = struct.unpack_from("<HHHH", block, 1)
            frames, width, height = frames + 1, max(width, x + w), max(height, y + h)
    return frames, width, height


def rewrite(data: bytes) -> bytes:
    """The same frames, colours and timing without comments, foreign blocks and trailing bytes.

    Raises Damaged when a block is cut off.
    """
    start = _after_header(data)
    drawn = [block for kind, block in _blocks(data) if kind in {_IMAGE, _GRAPHIC_CONTROL}]
    loop = [block for kind, block in _blocks(data) if kind == _APPLICATION and _is_loop(block)]
    return b"".join([b"GIF89a", data[6:start], *loop[:1], *drawn, bytes([_TRAILER])])


def _is_loop(block: bytes) -> bool:
    return block[3:14] in _LOOPS and len(block) == 19


def _after_header(data: bytes) -> int:
    if len(data) < _HEADER:
        raise Damaged("the GIF ends in its header")
    return _HEADER + _table_size(data[10])


def _table_size(flags: int) -> int:
    """Bytes of the colour table that `flags` announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(label, bytes) of each block up to the trailer."""
    at = _after_header(data)
    try:
        while data[at] != _TRAILER:
            if data[at] == _IMAGE:
                label = _IMAGE
                # Descriptor of 10 bytes, its colour table, the LZW code size.
                body = at + 10 + _table_size(data[at + 9]) + 1
            elif data[at] == _EXTENSION:
                label = data[at + 1]
                body = at + 2
            else:
                raise Damaged("the GIF has an unknown block")
            end = _after_sub_blocks(data, body)
            yield label, data[at:end]
            at = end
    except IndexError as error:
        raise Damaged("the GIF is cut off") from error


def _after_sub_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1
