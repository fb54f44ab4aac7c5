"""Categories, tags and series in the admin."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from blog import services
from blog.models import Category, Series, Tag
from lib.admin import QuickList, RefusalsAreFormErrors


class TermAdmin(QuickList, RefusalsAreFormErrors, admin.ModelAdmin):
    list_display = ["name", "slug", "posts"]
    search_fields = ["name", "slug"]
    ordering = ["name", "id"]
    fields = ["name", "slug", "description"]
    posts_lookup = ""  # how the list of posts is asked for those of one term

    @admin.display(description=_("posts"))
    def posts(self, term) -> str:
        changelist = reverse("admin:blog_post_changelist")
        address = f"{changelist}?{self.posts_lookup}__id__exact={term.pk}"
        return format_html('<a href="{}">{}</a>', address, _("Show"))

    def save_model(self, request, term, form, change) -> None:
        services.save_term(term, by=request.user)

    def get_actions(self, request):
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)  # one at a time: each is an address readers know
        return actions

    def get_deleted_objects(self, objs, request):
        # The stock page would list every post.
        counts = {str(_("posts that stay, without it")): sum(term.posts.count() for term in objs)}
        return [str(term) for term in objs], counts, set(), []

    def delete_model(self, request, term) -> None:
        services.delete_term(term, by=request.user)


@admin.register(Category)
class CategoryAdmin(TermAdmin):
    posts_lookup = "category"


@admin.register(Tag)
class TagAdmin(TermAdmin):
    posts_lookup = "tags"


@admin.register(Series)
class SeriesAdmin(TermAdmin):
    posts_lookup = "series"
