from io import StringIO

import pytest
from django.core.management import call_command

from blog.models import Page, Post, Series
from library.models import Image
from transfer.management.commands.load_sample import SAMPLE

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample(settings):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.CELERY_BROKER_URL = "memory://"
    out = StringIO()
    call_command("load_sample", stdout=out, stderr=out)
    return out.getvalue()


def test_the_sample_shows_what_a_page_can_hold(sample):
    assert sample == "Loaded the sample: 8 posts, 2 pages, 3 authors, 3 images.\n"
    html = "".join(Post.objects.published().values_list("body_html", flat=True))
    for sign in ("<table", "<pre", "<math", "footnote", "<figure", "admonition", "<picture"):
        assert sign in html, sign
    assert Post.objects.filter(language="zh-hans").count() == 3
    assert list(Series.objects.get().posts.order_by("series_part").values_list("series_part")) == [
        *((1,), (2,), (3,)),
    ]
    assert set(Page.objects.values_list("slug", flat=True)) == {"about", "about-zh"}
    assert Post.objects.filter(featured=True).count() == 1


def test_loading_it_twice_or_into_a_site_with_posts_does_nothing(sample):
    before = Post.objects.count(), Image.objects.count()
    out = StringIO()
    call_command("load_sample", stdout=out)
    assert "not loaded" in out.getvalue()
    assert (Post.objects.count(), Image.objects.count()) == before


def test_its_pictures_are_small_files():
    for file in (SAMPLE / "site" / "static" / "images").iterdir():
        assert file.stat().st_size < 150_000
