"""Fonts of this machine for text in any script, for pictures that carry words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from unicodedata import category, name

from PIL import ImageFont, features

FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts", "/System/Library/Fonts")
# By file name, the best first, as Debian's fonts-noto-core, -noto-cjk and -dejavu-core have them.
LATIN = ("NotoSerif-Bold.ttf", "SourceSerif4-Bold.otf", "DejaVuSerif-Bold.ttf")
# The faces of one collection, in the order that it has them.
CJK = ("NotoSerifCJK-Bold.ttc", "NotoSansCJK-Bold.ttc")
CJK_FACES = {"ja": 0, "ko": 1, "zh": 2, "zh-hant": 3, "zh-tw": 3, "zh-mo": 4, "zh-hk": 4}
SCRIPTS = (
    *("NotoNaskhArabic", "NotoSerifHebrew", "NotoSerifDevanagari", "NotoSerifBengali"),
    *("NotoSerifTamil", "NotoSerifTelugu", "NotoSerifKannada", "NotoSerifMalayalam"),
    *("NotoSerifGujarati", "NotoSerifGurmukhi", "NotoSerifSinhala", "NotoSerifThai"),
    *("NotoSerifLao", "NotoSerifKhmer", "NotoSerifMyanmar", "NotoSerifGeorgian"),
    *("NotoSerifArmenian", "NotoSerifEthiopic", "NotoSerifTibetan"),
)
# Of many scripts, for a line that mixes them.
WIDE = ("DejaVuSans-Bold.ttf", "unifont.ttf", "unifont.otf")
# Letters that take other forms beside their neighbours, or run from the right: without a layout
# engine that knows them they are a row of loose signs.
SHAPED = (
    *("ARABIC", "HEBREW", "SYRIAC", "THAANA", "NKO", "DEVANAGARI", "BENGALI", "TAMIL", "TELUGU"),
    *("KANNADA", "MALAYALAM", "GUJARATI", "GURMUKHI", "SINHALA", "THAI", "LAO", "KHMER"),
    *("MYANMAR", "TIBETAN", "MONGOLIAN"),
)
PROBE_SIZE = 16  # pixels
NO_CHARACTER = "\U0010ffff"  # which no font has
# What needs no picture of its own: spaces, joiners, marks on other letters.
_SILENT = ("Z", "C", "M")


@dataclass
class Font:
    """One face. It loads when it is first asked."""

    path: str  # "" for the one that Pillow brings
    face: int = 0
    _known: dict[str, bool] = field(default_factory=dict, repr=False)

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The font, `size` pixels high."""
        return _load(self.path, self.face, size)

    def has(self, character: str) -> bool:
        """Whether it draws `character`, and not the box that stands for what it lacks."""
        if character not in self._known:
            font = self.at(PROBE_SIZE)
            mask = font.getmask(character, mode="L")
            missing = font.getmask(NO_CHARACTER, mode="L")
            is_box = mask.size == missing.size and bytes(mask) == bytes(missing)
            self._known[character] = mask.getbbox() is not None and not is_box
        return self._known[character]

    def draws(self, text: str) -> bool:
        return all(self.has(character) for character in set(text) if not _is_silent(character))


@lru_cache(maxsize=32)  # a face of ideographs takes some megabytes
def _load(path: str, face: int, size: int) -> ImageFont.FreeTypeFont:
    if not path:
        return ImageFont.load_default(size)
    return ImageFont.truetype(path, size, index=face)


def shapes_letters() -> bool:
    """Whether Pillow was built with the layout engine that all scripts need."""
    return features.check("raqm")


def font_for(text: str, language: str, files: Sequence[str] = ()) -> Font | None:
    """The first font that has all of `text`; those in `files` are asked first.

    None when there is none, or when the script needs more than Pillow can do here.
    """
    if not shapes_letters() and any(_is_shaped(character) for character in set(text)):
        return None
    asked = (*(Font(str(file)) for file in files), *_chain(_cjk_face(text, language)))
    return next((font for font in asked if font.draws(text)), None)


def _cjk_face(text: str, language: str) -> int:
    """Which of the faces that draw the same ideographs each in their own way."""
    for tag in (language, language.partition("-")[0]):
        if tag in CJK_FACES:
            return CJK_FACES[tag]
    if any("\u3041" <= character <= "\u30ff" for character in text):
        return CJK_FACES["ja"]
    return CJK_FACES["zh"]


@lru_cache(maxsize=16)
def _chain(cjk_face: int) -> tuple[Font, ...]:
    return tuple(_found(cjk_face))


def _found(cjk_face: int) -> Iterator[Font]:
    installed = _installed()
    for file in LATIN:
        if file in installed:
            yield Font(installed[file])
    for file in CJK:
        if file in installed:
            yield Font(installed[file], cjk_face)
    for script in SCRIPTS:
        if (file := f"{script}-Bold.ttf") in installed:
            yield Font(installed[file])
    for file in WIDE:
        if file in installed:
            yield Font(installed[file])
    yield Font("")


@lru_cache(maxsize=1)
def _installed() -> dict[str, str]:
    """Every font file by its name."""
    return {
        file.name: str(file)
        for folder in FOLDERS
        for file in sorted(Path(folder).rglob("*"))
        if file.suffix in (".ttf", ".ttc", ".otf")
    }


def _is_silent(character: str) -> bool:
    return category(character)[0] in _SILENT


def _is_shaped(character: str) -> bool:
    return name(character, "").startswith(SHAPED)
