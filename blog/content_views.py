"""The pages of posts and pages, and the text of a post as it was typed."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from blog import fragments, reading
from blog.around import around
from blog.caching import ReaderView, reader_page
from blog.context_processors import menu_path
from blog.fragments import page_of_parts
from blog.head import absolute, content_head
from blog.languages import bcp47, interface_language, speaking
from blog.models import Content, Page, Post
from blog.models.content import HEAVY_FIELDS
from blog.translations import translations_of
from lib.api.prepared import PreparedList


class ContentView(ReaderView):
    """A post or a page by its address, in its own language as far as we speak it.

    For anonymous readers the database is asked whether it is there; what is shown of it is kept
    in parts (blog.fragments): what is told of it alone, and what depends on other texts.
    """

    model: type[Content]
    name: str  # in templates
    template_name: str
    parts = [("text", "kept_as")]  # what the template keeps in its main block, by which fact

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        versions = fragments.versions(request)
        if versions is None:
            content = get_object_or_404(self.get_queryset(), slug=slug)
            return self.shown(content)
        row = next(iter(_public(self.model).filter(slug=slug).values_list(*_ROW)), None)
        if row is None:
            raise Http404
        key, language, group = row
        # What is linked with others shows their titles, too.
        kept_as = versions.of(self.model, key) if group is None else f"{self.name} {key}"
        place = "text" if group is None else f"{self.name} {key}"
        facts = {"kept_as": kept_as, "place": place, "key": key}

        @cache
        def find() -> Content:
            return get_object_or_404(self.get_queryset(), pk=key)

        def bare() -> Content:
            version = versions.of(self.model, key)
            return fragments.during_version(version, "bare", lambda: _without_text(find()))

        with self.speaking(language):
            frame = ("top", kept_as), ("masthead", menu_path(request))
            shown = [(name, facts[fact]) for name, fact in self.parts]
            if html := page_of_parts(request, *frame, *shown, ("foot", place)):
                response = HttpResponse(html)
            else:
                context = {**self.context(find, bare), **facts}
                response = render(request, self.template_name, context)
        response["Content-Language"] = bcp47(language)
        return response

    def shown(self, content: Content) -> HttpResponse:
        """The page of a content that is at hand, with nothing kept."""
        context = self.context(lambda: content, lambda: content)
        with self.speaking(content.language):
            response = render(self.request, self.template_name, context)
            if context["head"].hidden:
                response["X-Robots-Tag"] = "noindex"
        response["Content-Language"] = bcp47(content.language)
        return response

    def get_queryset(self):
        contents = self.model.objects.visible_to(self.request.user)
        return contents.select_related("cover").defer("body", "body_text")

    def speaking(self, language: str) -> AbstractContextManager:
        """Our words, and the lists they lead to, in the language of the text."""
        site_language = self.request.site.language
        return speaking(interface_language(language, site_language), site_language)

    def context(self, find: Callable[[], Content], bare: Callable[[], Content]) -> dict[str, Any]:
        """What the template reads of what `find` gives, or of `bare` where its text is not needed.
        Neither is asked before something is read."""
        user, site = self.request.user, self.request.site
        translations = SimpleLazyObject(lambda: translations_of(bare(), user))
        return {
            "content": SimpleLazyObject(find),
            self.name: SimpleLazyObject(find),
            "translations": translations,
            "head": SimpleLazyObject(lambda: content_head(find(), site, translations)),
            "toc": SimpleLazyObject(lambda: reading.table_of_contents(find().headings)),
        }


class PostView(ContentView):
    model, name, template_name = Post, "post", "blog/post_detail.html"
    parts = [*ContentView.parts, ("around", "key")]

    def get_queryset(self):
        return super().get_queryset().for_listing().defer(None).defer("body", "body_text")

    def context(self, find: Callable[[], Content], bare: Callable[[], Content]) -> dict[str, Any]:
        user = self.request.user
        return {
            **super().context(find, bare),
            "around": SimpleLazyObject(lambda: around(bare(), user)),
            "was_updated": SimpleLazyObject(lambda: reading.was_updated(find())),
        }


class PageView(ContentView):
    model, name, template_name = Page, "page", "blog/page_detail.html"


# What is asked of a text for each request.
_ROW = ("pk", "language", "translation_group")


@cache
def _public(model: type[Content]) -> PreparedList:
    """What anyone may open by its address."""

    def source(at: datetime) -> QuerySet:
        return model.objects.listed_for(AnonymousUser(), at)

    return PreparedList(source)


def _without_text(content: Content) -> Content:
    """A copy of `content` as it was fetched, short of what takes the most memory."""
    bare = type(content).__new__(type(content))
    bare.__dict__ = {k: v for k, v in vars(content).items() if k not in HEAVY_FIELDS}
    return bare


@reader_page
@require_safe
def post_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """The text of a post as it was typed, byte for byte."""
    posts = Post.objects.visible_to(request.user).only("body", "slug", "language")
    post = get_object_or_404(posts, slug=slug)
    return HttpResponse(
        post.body,
        content_type="text/markdown; charset=utf-8",
        headers={
            "Content-Language": bcp47(post.language),
            # The page is what search engines should show; this is the same text again.
            "Link": f'<{absolute(post.get_absolute_url())}>; rel="canonical"',
            "X-Robots-Tag": "noindex",
        },
    )
