"""Telling a hub (W3C WebSub) that feeds have something new, so that readers need not keep asking.

A receipt stands for each ping: one that fails is made again, and who gets it twice learns nothing
new from the second.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse

from blog.head import absolute
from blog.languages import interface_language, prefix_of
from blog.listings import FEED_FILES
from blog.models import Post, Site
from events import handlers
from events.models import Event
from lib.fetch import FetchError, safe_fetch

# Only what stands in the feed of the site: an import of old posts is no news.
NEWEST = 20
MAX_ANSWER_BYTES = 4_000
# A post can be seen from now on, or reads differently.
KINDS = ("post.live", "post.updated")


def register() -> None:
    """Called when the app is there; without a hub nothing is written down either."""
    if settings.WEBSUB_HUB:
        for kind in KINDS:
            # Not atomic: a request must not hold a transaction.
            handlers.register(kind, ping, name=f"websub:{kind}", atomic=False)


def ping(event: Event) -> None:
    """Tell the hub which feeds changed with the post of `event`, if anyone can see it.

    Raises FetchError when the hub did not take it.
    """
    listed = Post.objects.listed_for(AnonymousUser())
    newest = listed.newest_first().values_list("pk", flat=True)[:NEWEST]
    if int(event.subject_id) not in newest:
        return
    post = listed.select_related("category", "series").filter(pk=event.subject_id).first()
    if post is None:
        return
    topics = [("hub.url", topic) for topic in topics_of(post)]
    answer = safe_fetch(
        settings.WEBSUB_HUB,
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=urlencode([("hub.mode", "publish"), *topics]).encode(),
        max_bytes=MAX_ANSWER_BYTES,
        allow_loopback=settings.WEBHOOKS_ALLOW_LOOPBACK,
    )
    if not 200 <= answer.status < 300:
        raise FetchError(f"The hub answered {answer.status}.")


def topics_of(post: Post) -> list[str]:
    """The absolute addresses of the feeds that `post` stands in."""
    subjects = [post.category, post.series, *post.tags.all(), *post.byline]
    paths = [reverse("blog:home"), *(subject.get_absolute_url() for subject in subjects if subject)]
    # And in those of its language, where that has lists of its own.
    prefix = prefix_of(interface_language(post.language, ""), Site.current().language)
    paths += [prefix + path for path in paths] if prefix else []
    return [absolute(f"{path}{file}") for path in paths for file in FEED_FILES]
