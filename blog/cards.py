"""The picture of a post for other sites: drawn when it is first asked for, then kept as a file.

Its address holds a digest of all that is on it, so that a new title has a new address and no
cache shows the old one. A post with a cover has that instead.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from blog.languages import direction
from blog.models import Content, Post, Site
from lib import cards, storage

FOLDER = "cards"  # in the storage
KEPT_FOR = timedelta(days=90)  # then it is drawn anew for who asks
# Goes into the digest: raise it when the same words make another picture.
VERSION = 1
WIDTH, HEIGHT, MEDIA_TYPE = cards.WIDTH, cards.HEIGHT, "image/png"


@dataclass(frozen=True)
class Card:
    """What is on the picture of a post, and where it is found."""

    slug: str
    title: str
    names: str
    site: str
    language: str

    @property
    def digest(self) -> str:
        facts = (VERSION, self.title, self.names, self.site, self.language, settings.CARD_FONTS)
        return blake2b(repr(facts).encode(), digest_size=10).hexdigest()

    @property
    def path(self) -> str:
        return reverse("blog:post_card", args=[self.slug, self.digest])

    def image(self) -> bytes:
        """The PNG, from the storage or new. Raises OSError when it cannot be kept."""
        name = f"{FOLDER}/{self.digest}.png"
        try:
            return storage.read(name)
        except FileNotFoundError:
            pass
        image = cards.draw(
            self.title,
            self.names,
            self.site,
            language=self.language,
            from_right=direction(self.language) == "rtl",
            fonts=settings.CARD_FONTS,
        )
        storage.write(name, image)
        return image


def card_of(content: Content, site: Site) -> Card | None:
    """The card of what anyone may read and that has no cover; None where no font has the letters.

    Takes a post from `for_listing()`: its byline is on the card.
    """
    if (
        not isinstance(content, Post)
        or content.cover_id
        or not content.is_published
        or content.visibility != Content.Visibility.PUBLIC
    ):
        return None
    names = " · ".join(person.name for person in content.byline)
    card = Card(content.slug, content.title, names, site.name, content.language)
    texts = (card.title, card.names, card.site)
    return card if cards.is_drawable(texts, card.language, settings.CARD_FONTS) else None


def drop_old(slot: datetime | None = None) -> int:
    """Delete the pictures that were drawn KEPT_FOR ago: of former titles, mostly. Answers how
    many."""
    try:
        _folders, files = default_storage.listdir(FOLDER)
    except FileNotFoundError:
        return 0
    names = [f"{FOLDER}/{file}" for file in files]
    before = timezone.now() - KEPT_FOR
    old = [name for name in names if default_storage.get_modified_time(name) < before]
    for name in old:
        default_storage.delete(name)
    return len(old)
