"""The reader's pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.generic import DetailView, ListView

from accounts.models import User
from blog.models import Category, Page, Post, Series, Tag


class PostListView(ListView):
    """A page of posts; subclasses say of what."""

    template_name = "blog/post_list.html"
    context_object_name = "posts"

    def get_paginate_by(self, queryset) -> int:
        return self.request.site.posts_per_page

    def get_queryset(self):
        return Post.objects.listed_for(self.request.user).newest_first().for_listing()


class HomeView(PostListView):
    pass


class TermView(PostListView):
    model_of_term = Category
    field = "category"

    def get_queryset(self):
        self.term = get_object_or_404(self.model_of_term, slug=self.kwargs["slug"])
        return super().get_queryset().filter(**{self.field: self.term})


class CategoryView(TermView):
    pass


class TagView(TermView):
    model_of_term, field = Tag, "tags"


class SeriesView(TermView):
    model_of_term, field = Series, "series"


class AuthorView(PostListView):
    def get_queryset(self):
        self.author = get_object_or_404(User, username__iexact=self.kwargs["username"])
        return super().get_queryset().filter(authors=self.author)


class PostView(DetailView):
    def get_queryset(self):
        return Post.objects.visible_to(self.request.user)


class PageView(DetailView):
    def get_queryset(self):
        return Page.objects.visible_to(self.request.user)


def post_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    post = get_object_or_404(Post.objects.visible_to(request.user), slug=slug)
    return HttpResponse(post.body, content_type="text/markdown; charset=utf-8")


def not_found(request: HttpRequest, exception=None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)
