"""The examples of the Markdown specifications, which are not ours and so not in the repository."""

import json
import os
from pathlib import Path

import pytest

_PROJECT = Path(__file__).resolve().parents[2]
SHARED_DATA = Path(os.environ.get("SHARED_DATA", _PROJECT.parent / "shared" / "data"))


def examples(name: str) -> list[dict]:
    """The examples in `<name>.json`; skips the test where the file is not there."""
    path = SHARED_DATA / "markdown-spec" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"needs the specification's examples in {path}")
    return json.loads(path.read_text(encoding="utf-8"))


def same(html: str, expected: str) -> bool:
    """Equal but for the order of attributes in a check box and XHTML's slash."""
    return _plain(html) == _plain(expected)


def _plain(html: str) -> str:
    html = html.replace(" />", ">")
    for checked in ('checked="" ', ""):
        html = html.replace(
            f'<input type="checkbox" {checked}disabled="">',
            f'<input {checked}disabled="" type="checkbox">',
        )
    return html
