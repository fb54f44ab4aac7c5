"""Cleans an uploaded picture; a big one in a process of its own, within limits.

A JPEG is decoded at a half and a GIF frame by frame. Of all other formats the whole picture is in
memory, more than once: 50 megapixels of WebP take 800 MB. A web process must not grow by that, nor
end with it. No Django here.
"""

import json
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from lib import image_errors, images, limited
from lib.image_errors import Damaged, ImageError, TooManyPixels

ROOT = Path(__file__).resolve().parent.parent
# Up to this many a picture takes at most 115 MB here (WebP: 19 bytes a pixel).
MAX_PIXELS_HERE = 6_000_000
MEMORY = 1_500_000_000  # bytes of address space, of which Python and its libraries have 200 MB
CPU_SECONDS = 10
SECONDS = 20  # below the time limit of a request (deploy/gunicorn.conf.py)
_CODE = "import sys; sys.path.insert(0, sys.argv[1]); from lib import images_apart as a; a.main()"


def clean(data: bytes, name: str = "") -> images.Cleaned:
    """As `lib.images.clean`. Takes some 0.2 s more when the picture is big.

    Raises TooManyPixels also when it takes more time than there is, Damaged when its decoder
    does not survive it.
    """
    facts = images.inspect(data, name)
    is_frugal = facts.format in {"JPEG", "GIF", "SVG"}
    is_big = facts.animated or facts.width * facts.height > MAX_PIXELS_HERE
    if is_frugal or not is_big:
        return images.clean(data, name)
    limits = [str(number) for number in (MEMORY, CPU_SECONDS, 0)]
    program = [sys.executable, "-c", _CODE, str(ROOT)]
    try:
        done = subprocess.run(  # noqa: S603 (our own program; what was uploaded is its input)
            [sys.executable, "-I", "-S", limited.__file__, *limits, *program],
            input=data,
            capture_output=True,
            cwd="/",
            env={},  # it needs no secret
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TooManyPixels(f"not decoded within {SECONDS} s") from error
    head, _line, picture = done.stdout.partition(b"\n")
    if done.returncode or not head:
        raise Damaged(f"its decoder ended with {done.returncode}")
    said = json.loads(head)
    if "error" in said:
        raise _refusal(said)
    return images.Cleaned(data=picture, **said)


def _refusal(said: dict[str, str]) -> ImageError:
    kind = getattr(image_errors, said["error"], Damaged)
    return kind(said["reason"])


def main() -> None:
    """In the other process: clean what comes in, and tell what became of it."""
    picture = b""
    try:
        cleaned = images.clean(sys.stdin.buffer.read())
    except ImageError as error:
        said = {"error": type(error).__name__, "reason": str(error)}
    else:
        names = [field.name for field in fields(cleaned) if field.name != "data"]
        said = {name: getattr(cleaned, name) for name in names}
        picture = cleaned.data
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + picture)
