"""The cast and the builders that every test may use."""

import gc
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.models import Role, User
from accounts.services import set_role
from blog.models import Category, Page, Post, Series, Tag
from blog.services import publish_content, save_content, save_term
from lib import images_apart, video

# The same examples in every run, however slow the machine: what fails here fails everywhere.
# More are tried by hand: `--hypothesis-profile=default`, which draws others each time.
settings.register_profile(
    "ours", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ours")


def pytest_collection_finish() -> None:
    """The collector need not go through four thousand tests and all modules again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once():
    """Each test's client sets up all middleware; looking through the folders took a tenth of it."""
    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def find_once(self):
        if not found:
            find(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def sitemap_in_one_part():
    """Keys go on growing while tests are rolled back (PostgreSQL), and sitemaps are cut by key."""
    from blog import sitemaps

    sitemaps.KEYS_PER_PART = 10_000_000


@pytest.fixture(scope="session", autouse=True)
def patient_with_programs():
    """A busy machine may take its time over a picture or a film."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(images_apart, "SECONDS", 600)
        patch.setattr(video, "PROBE_SECONDS", 600)
        patch.setattr(video, "POSTER_SECONDS", 600)
        yield


@pytest.fixture(autouse=True)
def media_folder(settings, tmp_path):
    """Uploads of a test go to its own folder."""
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def empty_cache(settings, worker_id):
    """A cache of its own for each process of the run: Redis where it is configured."""
    if settings.REDIS_URL:
        number = int(worker_id.removeprefix("gw")) if worker_id != "master" else 0
        address = settings.REDIS_URL.rpartition("/")[0]
        mine = {
            **settings.CACHES["default"],
            "LOCATION": f"{address}/{number + 1}",
            "OPTIONS": {},  # without the short time-outs: a busy machine must not fail a test
        }
    else:
        mine = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": mine}
    cache.clear()


@pytest.fixture
def make_user(db):
    def make(username: str, role: Role | None = None, **fields) -> User:
        fields.setdefault("email", f"{username}@example.org")
        user = User.objects.create_user(username, password="correct horse battery", **fields)
        if role:
            set_role(user, role)
        return User.objects.get(pk=user.pk)

    return make


@pytest.fixture
def ada(make_user) -> User:
    """Writes and publishes her own posts."""
    return make_user("ada", Role.AUTHOR, display_name="Ada Lovelace")


@pytest.fixture
def bob(make_user) -> User:
    """Another writer."""
    return make_user("bob", Role.AUTHOR, display_name="Bob")


@pytest.fixture
def cleo(make_user) -> User:
    """Contributes: writes drafts, may not publish."""
    return make_user("cleo", Role.CONTRIBUTOR)


@pytest.fixture
def eve(make_user) -> User:
    """Edits everything."""
    return make_user("eve", Role.EDITOR)


@pytest.fixture
def sam(make_user) -> User:
    """Administers."""
    return make_user("sam", Role.ADMINISTRATOR)


@pytest.fixture
def rita(make_user) -> User:
    """Reads, with an account."""
    return make_user("rita")


@pytest.fixture
def make_post(make_user):
    """`make_post(author=ada, published_at=..., tags=[...], **fields)`: a saved post.

    Published at noon on 1 May 2026 unless `draft=True` or a `published_at` is given.
    """

    def make(*, author=None, authors=None, tags=(), draft=False, published_at=None, **fields):
        if authors is None:
            authors = [author or User.objects.filter(username="ada").first() or make_user("ada")]
        fields.setdefault("title", "On ink")
        fields.setdefault("body", "Ink is *black*.")
        post = Post(**fields)
        tags = [make_term_of(Tag, tag) if isinstance(tag, str) else tag for tag in tags]
        save_content(post, by=None, authors=authors, tags=tags)
        if not draft:
            publish_content(post, by=None, at=published_at or datetime(2026, 5, 1, 12, tzinfo=UTC))
        return Post.objects.get(pk=post.pk)

    return make


@pytest.fixture
def make_page(db):
    def make(*, draft=False, **fields):
        fields.setdefault("title", "About us")
        fields.setdefault("body", "We make ink.")
        page = Page(**fields)
        save_content(page, by=None)
        if not draft:
            publish_content(page, by=None, at=datetime(2026, 5, 1, 12, tzinfo=UTC))
        return Page.objects.get(pk=page.pk)

    return make


def make_term_of(model, name: str):
    return model.objects.filter(name=name).first() or save_term(model(name=name))


@pytest.fixture
def make_category(db):
    return lambda name="Craft", **fields: save_term(Category(name=name, **fields))


@pytest.fixture
def make_tag(db):
    return lambda name="paper", **fields: save_term(Tag(name=name, **fields))


@pytest.fixture
def make_series(db):
    return lambda name="Making ink", **fields: save_term(Series(name=name, **fields))
