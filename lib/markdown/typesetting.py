"""What a typesetter does to a finished text: small classes where style sheets cannot look."""

import re

_WITH_MARKS = {"zh", "ja", "ko"}
_IDEOGRAPH = re.compile(
    "[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_EMPHASIS = re.compile(r"<em>([^<]+)</em>")
# Browsers take a formula in a line for a picture, after which a line may end.
_FORMULA = re.compile(
    r"(<math(?: [^<>]*+)?>(?:[^<]|<(?!/math>))*+</math>)"
    r"([,.;:!?)\]}\u2019\u201d\u2026\u3001\u3002\u300b\u300d\u300f\u3011\uff01\uff09\uff0c\uff1a\uff1b\uff1f]+)"
)


def typeset(html: str, language: str) -> str:
    """`html` as `Finisher.walk` writes it, of a text in `language` (a BCP 47 tag).

    A formula keeps the comma behind it on its line. Emphasis that is all Latin letters is
    `em.latin` in Chinese, Japanese and Korean: it is slanted, dots are for ideographs.
    """
    if "</math>" in html:
        html = _FORMULA.sub(r'<span class="together">\1\2</span>', html)
    if "<em>" in html and language.lower().partition("-")[0] in _WITH_MARKS:
        html = _EMPHASIS.sub(_latin, html)
    return html


def _latin(found: re.Match[str]) -> str:
    return found[0] if _IDEOGRAPH.search(found[1]) else f'<em class="latin">{found[1]}</em>'
