"""Which language a page speaks, and how its text runs."""

from django.utils.translation import get_language_info, get_supported_language_variant

# Languages written from right to left, by the first part of their tag (Unicode CLDR 46,
# characterOrder right-to-left), unless a script in the tag says otherwise.
# fmt: off
RTL_LANGUAGES = frozenset((
    "ar", "arc", "ckb", "dv", "fa", "he", "ks", "lrc", "mzn", "nqo", "ps", "sd", "syr", "ug",
    "ur", "yi",
))
RTL_SCRIPTS = frozenset(("arab", "hebr", "nkoo", "syrc", "thaa", "adlm", "rohg"))
# fmt: on


def direction(tag: str) -> str:
    """ "rtl" or "ltr" for the BCP 47 `tag`."""
    parts = tag.lower().split("-")
    script = next((part for part in parts[1:] if len(part) == 4 and part.isalpha()), "")
    if script:
        return "rtl" if script in RTL_SCRIPTS else "ltr"
    return "rtl" if parts[0] in RTL_LANGUAGES else "ltr"


def bcp47(tag: str) -> str:
    """`tag` in the spelling BCP 47 recommends: zh-Hans, pt-BR."""
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(_subtag(part) for part in rest)])


def _subtag(part: str) -> str:
    if len(part) == 4 and part.isalpha():
        return part.title()
    return part.upper() if len(part) == 2 else part.lower()


def own_name(tag: str) -> str:
    """What a language is called by those who speak it; its tag when nobody has told us."""
    try:
        return get_language_info(tag)["name_local"]
    except KeyError:
        return bcp47(tag)


def interface_language(tag: str, otherwise: str) -> str:
    """The language of the words around a text in `tag`: its own when we are translated into it.

    Traditional Chinese does not count as Simplified; `otherwise` is the site's language.
    """
    try:
        return get_supported_language_variant("zh-hans" if tag == "zh" else tag, strict=True)
    except LookupError:
        return otherwise
