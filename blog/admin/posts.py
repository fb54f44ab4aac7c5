"""Posts in the admin."""

from django.contrib import admin
from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from blog import policy
from blog.admin.calendar import CalendarPage
from blog.admin.content import ContentAdmin, ContentChangeList, StateFilter
from blog.admin.workflow import WorkflowPage
from blog.forms import AuthorForm, BylineFormSet, PostForm, authors_from
from blog.models import Post, PostAuthor
from blog.search import MAX_QUERY_LENGTH, matching
from blog.tagging import split_names, tags_named
from lib.admin import TolerantAutocomplete


class MineFilter(admin.SimpleListFilter):
    title = _("author")
    parameter_name = "mine"

    def lookups(self, request, model_admin):
        return [("1", _("Written by me"))]

    def queryset(self, request, queryset):
        return queryset.written_by(request.user) if self.value() == "1" else queryset


class AuthorInline(TolerantAutocomplete, admin.TabularInline):
    """The byline. It is written by the service, in the order of the places."""

    model = PostAuthor
    form = AuthorForm
    formset = BylineFormSet
    fields = ["user", "place"]
    autocomplete_fields = ["user"]
    extra = 1
    verbose_name = _("author")
    verbose_name_plural = _("authors, in order (you, when empty)")

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("user").order_by("position")

    def has_view_permission(self, request, obj=None) -> bool:
        return policy.may_name_authors(request.user)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission


class PostChangeList(ContentChangeList):
    def get_queryset(self, request, exclude_parameters=None):
        byline = Prefetch("post_authors", PostAuthor.objects.select_related("user"))
        return super().get_queryset(request, exclude_parameters).prefetch_related(byline)


@admin.register(Post)
class PostAdmin(CalendarPage, WorkflowPage, ContentAdmin):
    form = PostForm
    inlines = [AuthorInline]
    autocomplete_fields = ["category", "tags", "series", "cover"]
    list_display = ["title", "state", "byline", "category", "published", "changed"]
    list_select_related = ["category"]
    list_filter = [StateFilter, MineFilter, "category", "visibility", "featured"]
    fieldsets = [
        (None, {"fields": ["title", "subtitle", "body"]}),
        (_("In lists"), {"fields": ["excerpt", "cover", "category", "tags", "featured"]}),
        (_("Series"), {"fields": ["series", "series_part"], "classes": ["collapse"]}),
        (_("Corrections"), {"fields": ["corrections"], "classes": ["collapse"]}),
        (_("When and for whom"), {"fields": ["published_at", "unpublish_at", "visibility"]}),
        (
            _("Address, language and search engines"),
            {
                "fields": ["slug", "language", "seo_title", "seo_description", "canonical_url"],
                "classes": ["collapse"],
            },
        ),
    ]

    search_help_text = _("Words of the title, the text or the address.")

    def get_changelist(self, request, **kwargs):
        return PostChangeList

    def get_search_results(self, request, queryset, search_term):
        """By the site's own index, and by a part of an address."""
        if not search_term.strip():
            return queryset, False
        keys = matching(Post.objects.all(), search_term).order_by().values("pk")
        by_address = Q(slug__icontains=search_term.strip()[:MAX_QUERY_LENGTH])
        return queryset.filter(Q(pk__in=keys) | by_address), False

    @admin.display(description=_("authors"))
    def byline(self, post: Post) -> str:
        return ", ".join(user.name for user in post.byline)

    def get_fieldsets(self, request, obj=None):
        """As for all; who may make tags types new ones after those that are chosen."""
        fieldsets = super().get_fieldsets(request, obj)
        if not request.user.has_perm("blog.add_tag"):
            return fieldsets
        return [
            (title, {**options, "fields": _with_new_tags(options["fields"])})
            for title, options in fieldsets
        ]

    def get_links(self, request, form, formsets) -> dict:
        links = {"tags": form.cleaned_data["tags"]}
        if typed := split_names(form.cleaned_data.get("new_tags", "")):
            named = tags_named(typed, by=request.user)
            links["tags"] = list(dict.fromkeys([*links["tags"], *named]))
        if formsets:
            # None named on a new post: it is by who makes it.
            links["authors"] = authors_from(formsets[0]) or ([] if form.instance.pk else None)
        return links


def _with_new_tags(fields: list[str]) -> list[str]:
    return [each for name in fields for each in ((name, "new_tags") if name == "tags" else (name,))]
