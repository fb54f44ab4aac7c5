"""Categories, tags, series and the site's own settings: who may, and what is refused."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from blog.models import Category, Post, Series, Site, Tag
from blog.services import delete_term, save_site, save_term
from events.models import Event

pytestmark = pytest.mark.django_db
MODELS = [Category, Tag, Series]
MAY_ADD = {Category: {"eve", "sam"}, Tag: {"ada", "eve", "sam"}, Series: {"eve", "sam"}}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("person", ["rita", "cleo", "ada", "eve", "sam"])
def test_who_may_add_a_term(model, person, request):
    user = request.getfixturevalue(person)
    if person in MAY_ADD[model]:
        term = save_term(model(name="Ink"), by=user)
        event = Event.objects.get(kind=f"{model._meta.model_name}.created")
        assert (event.subject_id, event.actor) == (str(term.pk), user)
        return
    with pytest.raises(PermissionDenied):
        save_term(model(name="Ink"), by=user)
    assert not model.objects.exists()


@pytest.mark.parametrize("model", MODELS)
def test_an_author_changes_no_term(model, ada):
    term = save_term(model(name="Ink"))
    term.name = "Mine"
    with pytest.raises(PermissionDenied):
        save_term(term, by=ada)
    with pytest.raises(PermissionDenied):
        delete_term(term, by=ada)


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "\x00"},
        {"name": "\ud800"},
        {"name": "\x01"},
        {"slug": "a/b"},
        {"slug": "per%cent"},
        {"slug": "x" * 101},
        {"description": "x" * 2_001},
    ],
)
@pytest.mark.parametrize("model", MODELS)
def test_what_cannot_be_stored_is_refused(model, fields, eve):
    with pytest.raises(ValidationError) as caught:
        save_term(model(**{"name": "Ink", **fields}), by=eve)
    assert set(fields) <= set(caught.value.message_dict)
    assert not model.objects.exists()


def test_posts_outlive_their_category_and_tag(make_post, make_category, make_tag, eve):
    category, tag = make_category(), make_tag()
    make_post(category=category, tags=[tag])
    delete_term(category, by=eve)
    delete_term(tag, by=eve)
    post = Post.objects.get()
    assert (post.category, list(post.tags.all())) == (None, [])
    assert Event.objects.filter(kind__in=["category.deleted", "tag.deleted"]).count() == 2


def test_the_site_is_settled_by_administrators_only(eve, sam):
    site = Site.current()
    site.name = "Ink & stone"
    with pytest.raises(PermissionDenied):
        save_site(site, by=eve)
    save_site(site, by=sam)
    assert Site.current().name == "Ink & stone"
    assert Event.objects.get(kind="site.updated").actor == sam


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("language", "../etc"), ("posts_per_page", 0), ("posts_per_page", 101)],
)
def test_settings_that_would_break_every_page_are_refused(field, value, sam):
    site = Site.current()
    setattr(site, field, value)
    with pytest.raises(ValidationError) as caught:
        save_site(site, by=sam)
    assert field in caught.value.message_dict
