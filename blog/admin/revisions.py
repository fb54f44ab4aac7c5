"""The history of posts and pages, to read."""

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from blog.models import Content, Page, Post, Revision
from blog.models.content import HEAVY_FIELDS
from lib.admin import QuickList

HEAVY = [f"{kind}__{field}" for kind in ("post", "page") for field in HEAVY_FIELDS]


class RevisionChangeList(ChangeList):
    def get_queryset(self, request, exclude_parameters=None):
        return super().get_queryset(request, exclude_parameters).defer("snapshot", *HEAVY)


@admin.register(Revision)
class RevisionAdmin(QuickList, admin.ModelAdmin):
    list_display = ["label", "number", "editor", "reason", "created_at"]
    list_display_links = ["label"]
    list_select_related = ["post", "page", "editor"]
    sortable_by = []
    ordering = ["-id"]
    fields = ["of", "number", "editor", "reason", "created_at", "content"]
    readonly_fields = fields

    def get_queryset(self, request):
        revisions = super().get_queryset(request).defer(*HEAVY)
        if request.user.has_perm("blog.edit_any_content"):
            return revisions
        posts = Post.objects.editable_by(request.user)
        pages = Page.objects.editable_by(request.user)
        return revisions.filter(Q(post__in=posts.values("pk")) | Q(page__in=pages.values("pk")))

    def get_changelist(self, request, **kwargs):
        return RevisionChangeList

    @admin.display(description=_("of"))
    def label(self, revision: Revision) -> str:
        return revision.subject.title

    @admin.display(description=_("of"))
    def of(self, revision: Revision) -> str:
        subject: Content = revision.subject
        change = f"admin:blog_{subject._meta.model_name}_change"
        return format_html('<a href="{}">{}</a>', reverse(change, args=[subject.pk]), subject.title)

    @admin.display(description=_("content"))
    def content(self, revision: Revision) -> str:
        rows = ((name, "" if value is None else value) for name, value in revision.snapshot.items())
        terms = format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows)
        return format_html('<dl class="snapshot">{}</dl>', terms)

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
