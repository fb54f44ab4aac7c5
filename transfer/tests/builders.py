"""Small sites on disk."""

import io
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image

from transfer.markdown.importer import Options, import_folder
from transfer.markdown.reader import read_folder
from transfer.markdown.source import Source, SourcePost
from transfer.report import Report

UTC = ZoneInfo("UTC")


def png(colour: str = "red", width: int = 8, height: int = 6) -> bytes:
    """A small picture; another colour gives other bytes."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(file, "PNG")
    return file.getvalue()


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    """Write `files` (path to text or bytes) under `folder`."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def read(folder: Path, files: dict[str, str | bytes]) -> Source:
    return read_folder(write(folder, files), UTC)


def read_one(folder: Path, path: str, text: str | bytes) -> SourcePost:
    """The post that a site of this one file has."""
    source = read(folder, {path: text})
    assert source.skipped == []
    return source.posts[0]


def run(folder: Path, **options) -> Report:
    """Import `folder` under the name "site"."""
    return import_folder(folder, Options(name=options.pop("name", "site"), **options))
