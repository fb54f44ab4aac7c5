"""What a page made by an import asks its site for, and would not get."""

import re
from urllib.parse import unquote

from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.models import User
from blog.models import Category, OldAddress, Page, Post, Series, Tag
from blog.models.address import path_key
from transfer.markdown.links import Asked, asked_by
from transfer.markdown.plan import Plan
from transfer.markdown.prepare import Prepared
from transfer.markdown.source import Loss, Source

_LIBRARY = re.compile(r"/media/images/[0-9a-f]{32,64}/")
_NUMBERED = {"archive_year", "archive_month"}


class Checker:
    """Knows every address that leads somewhere, before and after this import."""

    def __init__(self, source: Source, plan: Plan) -> None:
        now = timezone.now()
        self._live: set[str] = set(OldAddress.objects.values_list("key", flat=True))
        for model in (Post, Page):
            for slug in model.objects.published(now).values_list("slug", flat=True):
                self._live.add(path_key(model(slug=slug).get_absolute_url()))
        for model in (Category, Tag, Series):
            for slug in model.objects.values_list("slug", flat=True):
                self._live.add(path_key(model(slug=slug).get_absolute_url()))
        for username in User.objects.values_list("username", flat=True):
            self._live.add(path_key(User(username=username).get_absolute_url()))
        for post in source.posts:
            if post.draft or (post.published_at and post.published_at > now):
                continue
            self._live.add(path_key(plan.url(post)))
            self._live.update(map(path_key, post.addresses))
        self._live.update(map(path_key, source.sections))

    def dead(self, html: str, page: str, prepared: Prepared) -> list[Loss]:
        """The images and links of `html`, shown at `page`, that answer 404: one loss each."""
        losses = []
        for asked in asked_by(html, page):
            if self._is_live(asked):
                continue
            kind = "missing_image" if asked.is_image else "dead_link"
            line = prepared.line_of(asked.address)
            losses.append(
                Loss(kind, prepared.post.path, line, asked.address[:300], target=asked.path)
            )
        return losses

    def _is_live(self, asked: Asked) -> bool:
        path = unquote(asked.path)
        if path_key(path) in self._live or _LIBRARY.match(path):
            return True
        try:
            match = resolve(path)
        except Resolver404:
            return False
        # Addresses without a variable part are the site's own; those with one were looked up.
        return not match.kwargs and match.url_name not in _NUMBERED and not match.args
