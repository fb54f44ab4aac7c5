"""Uploaded videos: recognised by content, converted, by ffmpeg. No Django here.

What ffmpeg gets to read is hostile. It is told the container (two are taken), may open the one
file and nothing else (`-protocol_whitelist file`, no playlists), uses the decoders of a short list,
and runs within limits of memory, time and file size (lib.limited). There is no shell.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO

from lib import limited
from lib.video_errors import (
    Broken,
    Interrupted,
    NoEncoder,
    NotAVideo,
    TooLarge,
    TooLong,
    VideoError,
)

__all__ = [
    "RECIPES",
    "Broken",
    "Facts",
    "Interrupted",
    "NoEncoder",
    "NotAVideo",
    "TooLarge",
    "TooLong",
    "VideoError",
    "convert",
    "is_available",
    "kept_size",
    "looks_like_video",
    "make_poster",
    "probe",
]

MAX_PIXELS = 4096 * 2304  # of one frame: 4K as cinema cameras and phones make it
LONG_SIDE, SHORT_SIDE = 1920, 1080  # pixels; what is kept is scaled down to fit
MEMORY = 3_000_000_000  # bytes of address space; 4K takes some 1.2 GB of it
PROBE_SECONDS = 10
POSTER_SECONDS = 60
# Both encodings of one video fit into a task of the slow queue (config.celery.QUEUES).
ENCODE_SECONDS = 1_500
MAX_OUTPUT_BYTES = 2_000_000_000
POSTER_AT = 1.0  # seconds from the start: the first frame is often black
ERROR_CHARACTERS = 300

# Decoders of ffmpeg, for what phones, cameras, browsers and editing programs write.
VIDEO_CODECS = frozenset(("h264", "hevc", "vp8", "vp9", "av1", "mpeg4", "mjpeg", "prores"))
DECODERS = (
    "h264,hevc,vp8,vp9,libvpx,libvpx-vp9,av1,libdav1d,libaom-av1,mpeg4,mjpeg,prores,"
    "aac,mp3,mp3float,opus,libopus,vorbis,flac,alac,pcm_s16le,pcm_s16be,pcm_s24le,pcm_f32le"
)
# Brands of the same container that hold a picture.
_PICTURE_BRANDS = frozenset((b"avif", b"avis", b"heic", b"heix", b"hevc", b"mif1", b"msf1"))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of itself. Width and height in pixels, as seen upright; seconds."""

    container: str
    width: int
    height: int
    duration: float | None  # recordings of a browser do not say
    has_sound: bool


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one of the files that readers get is made."""

    extension: str
    media_type: str
    picture: tuple[str, ...]
    sound: tuple[str, ...]


# h264 plays everywhere; vp9 is there for the browsers that are built without it. Quality and
# speed as measured on two cores: 720p takes a little less than its duration for each.
RECIPES = (
    Recipe(
        "mp4",
        "video/mp4",
        (
            *("-c:v", "libx264", "-preset", "veryfast", "-crf", "24"),
            *("-maxrate", "6M", "-bufsize", "12M", "-movflags", "+faststart"),
        ),
        ("-c:a", "aac", "-b:a", "128k", "-ac", "2"),
    ),
    Recipe(
        "webm",
        "video/webm",
        (
            *("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "7", "-row-mt", "1"),
            *("-tile-columns", "2", "-crf", "36", "-b:v", "3M"),
        ),
        ("-c:a", "libopus", "-b:a", "96k", "-ac", "2"),
    ),
)


def is_available() -> bool:
    """Whether this machine can take videos at all."""
    return bool(shutil.which("ffmpeg") and shutil.which("ffprobe"))


def looks_like_video(head: bytes) -> str:
    """The container of a file that begins with `head`, as ffmpeg calls it; "" for none we take."""
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"  # and WebM
    if head[4:8] == b"ftyp" and head[8:12] not in _PICTURE_BRANDS:
        return "mov"  # and MP4
    if head[4:8] in {b"moov", b"wide", b"mdat"}:
        return "mov"
    return ""


def probe(path: Path, *, max_seconds: float) -> Facts:
    """What the video in `path` is. Takes some 100 ms. Raises a VideoError."""
    with path.open("rb") as file:
        container = looks_like_video(file.read(16))
    if not container:
        raise NotAVideo("neither MP4 nor WebM")
    command = ["-show_format", "-show_streams", "-of", "json", *_input(container, path)]
    with _run("ffprobe", command, seconds=PROBE_SECONDS) as output:
        said = output.read(1_000_000)
    try:
        return _facts(json.loads(said), container, max_seconds)
    except (ValueError, KeyError, TypeError, AttributeError, ZeroDivisionError) as error:
        if isinstance(error, VideoError):
            raise
        raise Broken(f"it says strange things of itself: {error}") from error


def kept_size(width: int, height: int) -> tuple[int, int]:
    """The size in which a video of `width` x `height` is kept: even numbers, Full HD at most."""
    long, short = max(width, height), min(width, height)
    scale = min(1.0, LONG_SIDE / long, SHORT_SIDE / short)
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def convert(
    source: Path,
    target: Path,
    recipe: Recipe,
    facts: Facts,
    *,
    max_seconds: float,
    on_progress: Callable[[float], None] = lambda _done: None,
) -> None:
    """Make `target` from `source` as `recipe` says: upright, without metadata.

    `on_progress` gets the part that is done, 0 to 1, some times a minute; what it raises ends the
    work. Raises Broken, TooLong or Interrupted.
    """
    width, height = kept_size(facts.width, facts.height)
    command = [
        *("-y", "-nostdin", "-progress", "pipe:1", "-stats_period", "2"),
        *_input(facts.container, source),
        *("-map", "0:v:0", "-map", "0:a:0?", "-sn", "-dn"),
        *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
        *("-vf", f"scale={width}:{height},setsar=1", "-pix_fmt", "yuv420p", "-fpsmax", "60"),
        *("-t", str(max_seconds), "-threads", "2", *recipe.picture, *recipe.sound),
        *("-f", recipe.extension, f"file:{target}"),
    ]
    with _run("ffmpeg", command, seconds=ENCODE_SECONDS) as output:
        for line in output:
            name, _, value = line.decode(errors="replace").strip().partition("=")
            if name == "out_time_us":
                seconds = int(value) / 1e6 if value.isdecimal() else 0.0
                on_progress(min(seconds / facts.duration, 1.0) if facts.duration else 0.0)


def make_poster(source: Path, target: Path, facts: Facts) -> None:
    """Write one frame of `source` as JPEG to `target`. Raises Broken, TooLong or Interrupted."""
    width, height = kept_size(facts.width, facts.height)
    at = min(POSTER_AT, (facts.duration or 0) / 2)
    command = [
        *("-y", "-nostdin", "-ss", f"{at:.2f}", *_input(facts.container, source)),
        *("-map", "0:v:0", "-frames:v", "1", "-map_metadata", "-1", "-fflags", "+bitexact"),
        *("-vf", f"scale={width}:{height},setsar=1", "-pix_fmt", "yuvj420p", "-q:v", "4"),
        *("-threads", "1", "-f", "image2", "-update", "1", f"file:{target}"),
    ]
    with _run("ffmpeg", command, seconds=POSTER_SECONDS):
        pass
    if not target.exists():
        raise Broken("not one frame of it can be read")


def _input(container: str, path: Path) -> list[str]:
    return [
        *("-protocol_whitelist", "file", "-format_whitelist", container),
        *("-codec_whitelist", DECODERS, "-f", container, "-i", f"file:{path}"),
    ]


def _facts(said: dict, container: str, max_seconds: float) -> Facts:
    streams = said.get("streams", [])
    films = [
        stream
        for stream in streams
        if stream.get("codec_type") == "video"
        and not stream.get("disposition", {}).get("attached_pic")
    ]
    if not films or films[0].get("codec_name") not in VIDEO_CODECS:
        raise NotAVideo("no picture in it that we can read")
    film = films[0]
    width, height = int(film["width"]), int(film["height"])
    if not 0 < width * height <= MAX_PIXELS:
        raise TooLarge(f"{width} x {height} pixels")
    shape = Fraction(film.get("sample_aspect_ratio", "1:1").replace(":", "/") or "1")
    if Fraction(1, 4) <= shape <= 4:  # Else nonsense; 0 is how "unknown" is written.
        width = max(1, round(width * shape))
    turned = [data["rotation"] for data in film.get("side_data_list", []) if "rotation" in data]
    if turned and round(float(turned[0]) / 90) % 2:
        width, height = height, width
    seconds = said.get("format", {}).get("duration")
    duration = float(seconds) if seconds else None
    if duration is not None and not 0 < duration <= max_seconds:
        raise TooLong(f"{duration:.0f} seconds")
    has_sound = any(stream.get("codec_type") == "audio" for stream in streams)
    return Facts(container, width, height, duration, has_sound)


@contextmanager
def _run(program: str, arguments: list[str], *, seconds: int) -> Iterator[IO[bytes]]:
    """Run `program`; the block reads its output. Raises a VideoError when it does not end well."""
    path = shutil.which(program)
    if path is None:
        raise NoEncoder(program)
    limits = [MEMORY, 4 * seconds, MAX_OUTPUT_BYTES]
    command = [
        *(sys.executable, "-I", "-S", limited.__file__, *map(str, limits)),
        *(path, "-hide_banner", "-v", "error", *arguments),
    ]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(  # noqa: S603 (a list, ours)
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={"PATH": "/usr/bin:/bin", "AV_LOG_FORCE_NOCOLOR": "1"},
        )
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            with process.stdout as output:
                yield output
            process.wait()
        finally:
            timer.cancel()
            if process.poll() is None:
                process.kill()
            process.wait()
        if late.is_set():
            raise TooLong(f"{program} took longer than {seconds} seconds")
        if process.returncode < 0:
            raise Interrupted(f"{program} was ended by signal {-process.returncode}")
        if process.returncode:
            size = errors.seek(0, 2)
            errors.seek(max(0, size - ERROR_CHARACTERS))
            raise Broken(errors.read().decode(errors="replace").strip() or f"{program} failed")
