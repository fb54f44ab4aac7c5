"""Tiny clips for tests, made by ffmpeg on the spot: colour bars and a tone."""

import struct
import subprocess
import tempfile
from functools import cache
from pathlib import Path


@cache
def clip(*, turned: bool = False, place: bool = False, extension: str = "mp4") -> bytes:
    """Less than half a second, 64 x 48 pixels. `turned` says that it stands on its side."""
    codec = {"mp4": "libx264", "webm": "libvpx"}[extension]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"clip.{extension}"
        command = [
            *("ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=64x48:d=0.4:r=10"),
            *("-f", "lavfi", "-i", "sine=d=0.4", "-c:v", codec, "-pix_fmt", "yuv420p"),
            *(["-metadata", "location=+40.0000-074.0000/"] if place else []),
            *(["-preset", "ultrafast"] if codec == "libx264" else ["-deadline", "realtime"]),
            *("-threads", "1", str(path)),
        ]
        subprocess.run(command, check=True)  # noqa: S603  Our own program.
        data = path.read_bytes()
    return _turned(data) if turned else data


def _turned(data: bytes) -> bytes:
    """By a quarter, as phones write it: in the matrix of the first track's header."""
    start = data.index(b"tkhd") + 44
    one = 1 << 16
    matrix = struct.pack(">9i", 0, one, 0, -one, 0, 0, 48 * one, 0, 1 << 30)
    return data[:start] + matrix + data[start + len(matrix) :]
