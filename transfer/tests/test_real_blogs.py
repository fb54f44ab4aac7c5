"""Blogs that nobody here wrote, read whole; a few posts of each are imported.

They are not part of the project: without them these tests are skipped.
"""

import shutil
from collections import Counter
from pathlib import Path

import pytest

from blog.models import Post
from tests.shared import SHARED_DATA
from transfer.markdown import shortcodes
from transfer.markdown.reader import read_folder
from transfer.markdown.source import Source
from transfer.tests.builders import UTC, run

pytestmark = pytest.mark.skipif(
    not SHARED_DATA.is_dir(), reason=f"The blogs are not at {SHARED_DATA}."
)

RUST = "md-rust-blog-zola-toml"
KUBERNETES = "md-kubernetes-blog-hugo-yaml"
JEKYLL = "md-jekyll-news-liquid"
HEXO = "md-hexo-unit-test"


@pytest.fixture(scope="module")
def source():
    known: dict[str, Source] = {}

    def read(name: str) -> Source:
        if name not in known:
            known[name] = read_folder(SHARED_DATA / name, UTC)
        return known[name]

    return read


def facts(source: Source) -> dict:
    """What there is to count in a source."""
    posts = source.posts
    return {
        "dialect": source.dialect,
        "found": source.found,
        "posts": sum(not post.is_page for post in posts),
        "pages": sum(post.is_page for post in posts),
        "drafts": sum(post.draft for post in posts),
        "authors": len({name for post in posts for name in post.authors}),
        "tags": len({tag for post in posts for tag in post.tags}),
        "addresses": sum(len(post.addresses) for post in posts),
        "skipped": Counter(skip.kind for skip in source.skipped),
        "losses": Counter(loss.kind for post in posts for loss in post.losses),
    }


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            RUST,
            {
                "dialect": "zola",
                "found": 754,
                "posts": 750,
                "pages": 0,
                "drafts": 0,
                "authors": 153,
                "tags": 0,
                "addresses": 1490,
                "skipped": {"section": 3, "empty": 1},
                "losses": {"unknown_key": 1026},
            },
        ),
        (
            KUBERNETES,
            {
                "dialect": "hugo",
                "found": 478,
                "posts": 468,
                "pages": 0,
                "drafts": 0,
                "authors": 6,
                "tags": 0,
                "addresses": 834,
                "skipped": {"section": 10},
                "losses": {"unknown_key": 8},
            },
        ),
        (
            JEKYLL,
            {
                "dialect": "jekyll",
                "found": 102,
                "posts": 102,
                "pages": 0,
                "drafts": 0,
                "authors": 10,
                "tags": 1,
                "addresses": 404,
                "skipped": {},
                "losses": {"unknown_key": 91, "bad_date": 1},
            },
        ),
        (
            HEXO,
            {
                "dialect": "hexo",
                "found": 16,
                "posts": 15,
                "pages": 1,
                "drafts": 0,
                "authors": 0,
                "tags": 3,
                "addresses": 16,
                "skipped": {},
                "losses": {"no_title": 1},
            },
        ),
    ],
)
def test_every_file_is_accounted_for(source, name, expected):
    assert facts(source(name)) == expected


def test_languages_come_from_the_folders(source):
    languages = Counter(post.language for post in source(KUBERNETES).posts)
    assert languages == {"en": 386, "zh-hans": 78, "pt-br": 2, "ko": 1, "nb": 1}


def test_front_matter_in_odd_places_is_found(source):
    posts = {Path(post.path).name + post.language: post for post in source(KUBERNETES).posts}
    hidden = posts["2016-01-00-Simple-Leader-Election-With-Kubernetes.mdzh-hans"]
    assert hidden.title == "Kubernetes 和 Docker 简单的 leader election"
    bom = posts["2019-07-23-get-started-with-kubernetes-using-python.mden"]
    assert bom.title == "Get started with Kubernetes (using Python)"
    wide = posts["2019-12-09-kubernetes-1.17-release-announcement.mdzh-hans"]
    assert wide.published_at.isoformat() == "2019-12-09T21:00:00+00:00"
    chinese_keys = posts["2016-07-00-Bringing-End-To-End-Kubernetes-Testing-To-Azure-2.mdzh-hans"]
    assert chinese_keys.published_at.isoformat() == "2016-07-18T00:00:00+00:00"


def test_a_date_that_is_none_is_told_with_its_line_and_the_file_name_helps(source):
    losses = [loss for post in source(JEKYLL).posts for loss in post.losses]
    bad = next(loss for loss in losses if loss.kind == "bad_date")
    assert (Path(bad.path).name, bad.line) == ("2023-01-29-jekyll-3-9-3-released.markdown", 3)


@pytest.mark.parametrize(
    ("name", "left"),
    [
        (RUST, {}),
        (KUBERNETES, {"param": 2, "table": 1}),
        (JEKYLL, {"expression": 45, "assign": 5, "for": 5}),
        (HEXO, {}),
    ],
)
def test_shortcodes_without_a_plain_meaning_are_counted(source, name, left):
    found = source(name)
    losses = [
        loss.name
        for post in found.posts
        for loss in shortcodes.translate(
            post.body, found.dialect, path=post.path, first_line=1, config=found.config
        )[1]
    ]
    assert Counter(losses) == left


@pytest.mark.django_db
def test_a_few_real_posts_arrive_with_their_addresses(tmp_path, settings, client):
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.CELERY_BROKER_URL = "memory://"
    for name, paths in {
        RUST: [
            *("content/Rust-1.0@0.md", "content/Rust-1.0@1.md", "content/Rust-1.12"),
            *("content/inside-rust/_index.md", "content/inside-rust/stage0-redesign"),
            "content/all-hands.md",
        ],
        KUBERNETES: [
            "content/en/blog/_posts/2017-05-00-Draft-Kubernetes-Container-Development.md",
            "content/en/blog/_posts/2020-12-02-dockershim-faq.md",
            "content/zh/blog/_posts/2020-12-02-dockershim-faq.md",
        ],
    }.items():
        for path in paths:
            origin, target = SHARED_DATA / name / path, tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if origin.is_dir() else shutil.copy)(origin, target)
    rust = run(tmp_path / RUST, name=RUST)
    kubernetes = run(tmp_path / KUBERNETES, name=KUBERNETES)
    assert (rust.created, kubernetes.created) == (5, 3)
    for path, slug in {
        "/2014/09/15/Rust-1.0.html": "rust-1-0",
        "/2015/05/15/Rust-1.0.html": "rust-1-0-2",
        "/releases/1.0.0": "rust-1-0-2",
        "/blog/2017/05/Draft-Kubernetes-Container-Development": (
            "draft-kubernetes-container-development"
        ),
        "/dockershim": "dockershim-faq",
        "/zh/blog/2020/12/02/dockershim-faq/": "dockershim-faq-zh",
    }.items():
        answer = client.get(path)
        assert (answer.status_code, answer.get("Location")) == (301, f"/posts/{slug}/"), path
    assert Post.objects.get(slug="redesigning-the-initial-bootstrap-sequence").category.name == (
        "Inside Rust Blog"
    )
    again = run(tmp_path / RUST, name=RUST)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 5)
