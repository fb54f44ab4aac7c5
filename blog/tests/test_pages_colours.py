"""Text can be read on its ground in both schemes: at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text()
PAIR = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)")
PLAIN = re.compile(r"--([\w-]+): (#\w{6});")

TEXTS = {
    "paper": ["ink", "ink-soft", "seal"],
    "paper-raised": ["ink", "ink-soft", "seal"],
    "paper-sunk": ["ink", "ink-soft", "seal", "note", "tip", "important", "warning", "caution"],
    "mark": ["ink"],
    "slab": ["slab-ink", "slab-soft"],
}


def scheme(name: str) -> dict[str, str]:
    colours = dict(PLAIN.findall(TOKENS))
    place = 1 if name == "light" else 2
    return colours | {match[0]: match[place] for match in PAIR.findall(TOKENS)}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("ground", TEXTS)
def test_text_stands_out_from_its_ground(name, ground):
    colours = scheme(name)
    faint = {}
    for text in TEXTS[ground]:
        lighter, darker = sorted((luminance(colours[text]), luminance(colours[ground])))[::-1]
        ratio = (lighter + 0.05) / (darker + 0.05)
        if ratio < 4.5:
            faint[text] = round(ratio, 2)
    assert faint == {}


def test_browsers_without_light_dark_get_the_light_scheme():
    plain = dict(PLAIN.findall(TOKENS.partition("@supports")[0]))
    assert {name: plain[name] for name, light, _ in PAIR.findall(TOKENS)} == {
        name: light for name, light, _ in PAIR.findall(TOKENS)
    }
