"""Which language a page speaks, how its text runs, and where the lists of a language are.

The site's lists are at plain addresses. Behind the name of a language, as in /zh-hans/archive/,
the same lists hold what is written in it, with our words in it. A post has one address, without.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_language_info, get_supported_language_variant
from django.utils.translation.trans_real import parse_accept_lang_header

INTERFACE = tuple(code for code, _name in settings.LANGUAGES)  # what our words are translated into
# What else is listed under a language, by the tags that people give their texts. An index finds
# listed tags, where "everything that begins with en-" would be a look at every post.
_VARIANTS = {
    "en": ("en-au", "en-ca", "en-gb", "en-ie", "en-in", "en-nz", "en-sg", "en-us", "en-za"),
    "zh-hans": ("zh", "zh-cn", "zh-hans-cn", "zh-hans-sg", "zh-sg"),
}
# What stands before the path of a list in the language that is being spoken: "/zh-hans", say.
_prefix: ContextVar[str] = ContextVar("prefix of lists", default="")

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


def tags_under(language: str) -> tuple[str, ...]:
    """The tags of the texts in the lists of `language`."""
    return (language, *_VARIANTS.get(language, ()))


def named_by(path: str) -> str:
    """The language whose name `path` begins with; "" when it begins with none."""
    first = path[1:].partition("/")[0]
    return first if first in INTERFACE else ""


def prefix_of(language: str, site_language: str) -> str:
    """What stands before the paths of the lists for who reads `language`."""
    is_own = language == interface_language(site_language, site_language)
    return "" if is_own or language not in INTERFACE else f"/{language}"


def list_path(path: str) -> str:
    """The `path` of a list in the language that is being spoken."""
    return _prefix.get() + path


@contextmanager
def speaking(language: str, site_language: str) -> Iterator[None]:
    """Our words in `language`, and `list_path` to its lists."""
    token = _prefix.set(prefix_of(language, site_language))
    try:
        with translation.override(language):
            yield
    finally:
        _prefix.reset(token)


def asked_for(accepted: str) -> str:
    """The first language of an Accept-Language header that we speak; "" when there is none."""
    for tag, _weight in parse_accept_lang_header(accepted):
        if spoken := interface_language(tag, ""):
            return spoken
    return ""
