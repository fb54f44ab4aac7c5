"""static/css/code.css fits what the renderer writes, and can be read."""

import re
from pathlib import Path

import pytest

from lib.markdown.code import CODE_CLASSES

STYLE = (Path(__file__).resolve().parents[2] / "static/css/code.css").read_text(encoding="utf-8")
COLOURS = dict(re.findall(r"--code-(\w+): light-dark\((#\w{6}, #\w{6})\);", STYLE))


def luminance(colour: str) -> float:
    """WCAG 2.2, "relative luminance"."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1])
@pytest.mark.parametrize("name", sorted(set(COLOURS) - {"background"}))
def test_contrast_is_at_least_that_of_wcag_aa(name, scheme):
    one, other = (luminance(COLOURS[key].split(", ")[scheme]) for key in (name, "background"))
    assert (max(one, other) + 0.05) / (min(one, other) + 0.05) >= 4.5


def test_styled_classes_are_those_of_the_renderer():
    styled = re.findall(r"pre\.code (:is\([^)]*\)|\.\w+)", STYLE)
    assert set(re.findall(r"\.(\w+)", " ".join(styled))) <= CODE_CLASSES
