"""The picture that stands for a text where its address is shared: title, names, site."""

import io
import re
from collections.abc import Iterator, Sequence
from unicodedata import category

from PIL import Image, ImageDraw, ImageFont

from lib.fonts import Font, font_for
from lib.text import CJK_RANGES

WIDTH, HEIGHT = 1200, 630  # pixels; what Open Graph's readers show whole
MARGIN = 84
PAPER, INK, SOFT, LINE = "#f6f5f1", "#1a1d20", "#565b5e", "#d5d3cb"
SLAB, SLAB_INK, SEAL, WELL = "#1f2428", "#eceae4", "#ab2f20", "#d8503c"
SIZES = (92, 80, 70, 60, 52, 46)  # of the title; the first in which it fits
MAX_LINES = 5
LEADING = 1.22
TITLE_HEIGHT = 330
SMALL = 32  # of names and site
COLOURS = 48  # flat paper and the edges of letters need no more
SMOOTH = 4  # shapes are drawn so many times larger
# What may not begin a line, in scripts that break anywhere (JIS X 4051, the common part).
NOT_FIRST = "、。，．・：；？！」』）〕】〉》”’…—ー々ゝゞっゃゅょッャュョ,.!?:;)]}%"
NOT_LAST = "「『（〔【〈《“‘([{"
_WIDE = f"{CJK_RANGES}\u3000-\u3002\u3008-\u3011\uff00-\uff65"
_PIECES = re.compile(f"[{_WIDE}]|[^\\s{_WIDE}]+|\\s+")
# Emoji and other signs that fonts for text lack; a title says the same without.
_SIGNS = ("So", "Sk", "Cn", "Co", "Cf")


class Undrawable(ValueError):
    """No font here has all the letters: boxes would be worse than no picture."""


def is_drawable(texts: Sequence[str], language: str, fonts: Sequence[str] = ()) -> bool:
    """Whether `draw` can make a picture of these."""
    return all(_font(text, language, fonts)[1] is not None for text in texts)


def draw(
    title: str,
    names: str,
    site: str,
    *,
    language: str,
    from_right: bool = False,
    fonts: Sequence[str] = (),
) -> bytes:
    """A PNG of WIDTH x HEIGHT with the `title`, who wrote it and where.

    `language` is a BCP 47 tag in lower case. Raises Undrawable.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = _Pen(ImageDraw.Draw(picture), language, from_right)
    pen.draw.rectangle((0, 0, WIDTH, 16), fill=SLAB)
    title, font = _needed(title, language, fonts)
    lines, size = _set(pen, title, font)
    top = MARGIN + 8
    for line in lines:
        pen.line(line.rstrip(), font.at(size), top, INK)
        top += round(size * LEADING)
    foot = HEIGHT - MARGIN - SMALL
    pen.draw.rectangle((MARGIN, foot - 44, WIDTH - MARGIN, foot - 43), fill=LINE)
    names, font = _needed(names, language, fonts)
    pen.line(_cut(pen, names, font.at(SMALL), 520), font.at(SMALL), foot - 10, SOFT)
    _site(picture, pen, *_needed(site, language, fonts), foot)
    out = io.BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


class _Pen:
    """Writes lines from the side where the language begins."""

    def __init__(self, draw: ImageDraw.ImageDraw, language: str, from_right: bool) -> None:
        self.draw, self.from_right = draw, from_right
        self.shaping = {"direction": "rtl" if from_right else "ltr", "language": language}

    def width(self, text: str, font: ImageFont.FreeTypeFont) -> float:
        return self.draw.textlength(text, font, **self._options(font))

    def line(self, text: str, font, top: float, fill: str, *, at_end: bool = False) -> None:
        right = self.from_right != at_end
        place = (WIDTH - MARGIN if right else MARGIN, top)
        self.draw.text(
            place, text, fill, font, anchor="ra" if right else "la", **self._options(font)
        )

    def _options(self, font: ImageFont.FreeTypeFont) -> dict[str, str]:
        # The font that Pillow brings, and a Pillow without the engine, take no such wishes.
        return self.shaping if font.layout_engine == ImageFont.Layout.RAQM else {}


def _font(text: str, language: str, fonts: Sequence[str]) -> tuple[str, Font | None]:
    """`text` as it can be drawn, and with what."""
    text = " ".join(text.split())
    if font := font_for(text, language, fonts):
        return text, font
    text = " ".join("".join(c for c in text if category(c) not in _SIGNS).split())
    return text, font_for(text, language, fonts)


def _needed(text: str, language: str, fonts: Sequence[str]) -> tuple[str, Font]:
    text, font = _font(text, language, fonts)
    if font is None:
        raise Undrawable(text)
    return text, font


def _set(pen: _Pen, title: str, font: Font) -> tuple[list[str], int]:
    """The lines of the title, and the size in which they fit; shortened in the smallest."""
    room = WIDTH - 2 * MARGIN
    for size in SIZES:
        lines = _lines(pen, title, font.at(size), room)
        most = min(MAX_LINES, int(TITLE_HEIGHT / (size * LEADING)))
        if len(lines) <= most:
            return lines, size
    rest = "".join(lines[most - 1 :])
    return [*lines[: most - 1], _cut(pen, rest, font.at(size), room)], size


def _lines(pen: _Pen, text: str, font, room: float) -> list[str]:
    """`text` broken after spaces, and between ideographs but not before a comma."""
    lines, line = [], ""
    for piece in _units(text):
        if line and pen.width((line + piece).rstrip(), font) > room:
            lines.append(line)
            line = ""
        line += piece
        while pen.width(line.rstrip(), font) > room:  # a word longer than a line
            fits = len(line) - 1
            while fits > 1 and pen.width(line[:fits], font) > room:
                fits -= 1
            lines.append(line[:fits])
            line = line[fits:]
    return [*lines, line] if line else lines


def _units(text: str) -> Iterator[str]:
    """What is never broken, in order."""
    unit = ""
    for piece in _PIECES.findall(text):
        if unit and not (piece[0] in NOT_FIRST or unit[-1] in NOT_LAST or piece.isspace()):
            yield unit
            unit = ""
        unit += piece
    if unit:
        yield unit


def _cut(pen: _Pen, text: str, font, room: float) -> str:
    """`text`, or as much of it as fits, with dots for the rest."""
    if pen.width(text, font) <= room:
        return text
    while text and pen.width(f"{text}…", font) > room:
        text = text[:-1].rstrip()
    return f"{text}…"


def _site(picture: Image.Image, pen: _Pen, site: str, font: Font, top: int) -> None:
    """The mark and the name of the site, where lines end."""
    name = _cut(pen, site, font.at(SMALL), 400)
    pen.line(name, font.at(SMALL), top - 10, INK, at_end=True)
    side = 46
    width = round(pen.width(name, font.at(SMALL))) + 18
    left = MARGIN + width if pen.from_right else WIDTH - MARGIN - width - side
    mark = _mark(side)
    picture.paste(mark, (left, top - 13), mark)


def _mark(side: int) -> Image.Image:
    """The inkstone of templates/components/_mark.html."""
    unit = side * SMOOTH / 32
    mark = Image.new("RGBA", (side * SMOOTH, side * SMOOTH))
    draw = ImageDraw.Draw(mark)

    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
        return left * unit, top * unit, right * unit, bottom * unit

    draw.rounded_rectangle(box(2.5, 1, 29.5, 31), 6 * unit, fill=SLAB)
    draw.chord(box(6.5, 7, 25.5, 26), 193, 347, fill=WELL)
    draw.ellipse(box(5.3, 12, 26.7, 33), fill=SLAB)
    draw.ellipse(box(6.5, 7, 25.5, 26), outline=SLAB_INK, width=round(1.5 * unit))
    draw.rectangle(box(8, 27.2, 24, 30.2), fill=SLAB)
    return mark.resize((side, side), Image.Resampling.LANCZOS)
