"""What an import stores, and what a second one leaves alone."""

from datetime import UTC, datetime

import pytest
from django.core.exceptions import ValidationError

from blog.models import Category, OldAddress, Page, Post, Revision, Site, Tag
from blog.services import save_content, trash_content
from blog.translations import unlink_translation
from events.models import Event
from library.models import Image
from transfer.markdown import importer
from transfer.models import ImportedItem
from transfer.tests.builders import png, run, write

pytestmark = pytest.mark.django_db

HUGO = {
    "content/en/blog/first/index.md": (
        "---\ntitle: First steps\ndate: 2020-05-06\nauthors: [Ada Reyes, Bo Lind]\n"
        "categories: [Craft, Ink]\ntags: [paper]\naliases: [/one.html]\n"
        "series: Slow\npart: 1\n---\n"
        '{{< figure src="a.png" caption="A" >}}\n\nSee [the next]({{< ref "second.md" >}}#part), '
        "[that](/blog/second/), [docs](/docs/x), ![](gone.png), ![](https://e.example/x.png), "
        "![](/img/b.png).\n"
    ),
    "content/en/blog/first/a.png": png("red"),
    "content/en/blog/second.md": "---\ntitle: Second\ndate: 2020-05-07\n---\nBack: [1](first/)\n",
    "content/zh/blog/first/index.md": "---\ntitle: 第一\ndate: 2020-05-08\n---\n![](a.png)\n",
    "content/zh/blog/first/a.png": png("red"),
    "content/en/about.md": "---\ntitle: About\nweight: 2\n---\nWe\n",
    "static/img/b.png": png("blue"),
}


@pytest.fixture
def site(tmp_path, settings):
    # The renditions of an import are a worker's business.
    settings.CELERY_TASK_ALWAYS_EAGER = False
    settings.CELERY_BROKER_URL = "memory://"
    return write(tmp_path / "site", HUGO)


def counts(report) -> tuple[int, int, int, int, int]:
    return (*(report.found, report.created, report.updated, report.unchanged, len(report.skipped)),)


def kept(site) -> dict:
    """Everything an import may write, to be compared."""
    return {
        model: list(model.objects.order_by("pk").values())
        for model in (Post, Page, Revision, Event, OldAddress, ImportedItem, Image, Tag, Category)
    }


def test_posts_arrive_whole(site):
    report = run(site)
    assert counts(report) == (4, 4, 0, 0, 0)
    post = Post.objects.get(title="First steps")
    assert post.is_published
    assert post.published_at == post.created_at == datetime(2020, 5, 6, tzinfo=UTC)
    assert [user.name for user in post.byline] == ["Ada Reyes", "Bo Lind"]
    assert not any(user.is_active or user.has_usable_password() for user in post.byline)
    assert (post.category.name, post.series.name, post.series_part) == ("Craft", "Slow", 1)
    assert {tag.name for tag in post.tags.all()} == {"paper", "Ink"}
    assert (post.language, post.slug) == ("en", "first")
    page = Page.objects.get()
    assert (page.title, page.menu_position, page.is_published) == ("About", 2, True)


def test_pictures_are_stored_once_and_links_lead_here(site):
    run(site)
    assert Image.objects.count() == 2
    red, blue = Image.objects.order_by("pk")
    post = Post.objects.get(title="First steps")
    assert post.body == (
        f'![]({red.url} "A")\n\nSee [the next](/posts/second/#part), [that](/posts/second/), '
        f"[docs](/docs/x), ![](gone.png), ![](https://e.example/x.png), ![]({blue.url}).\n"
    )
    assert Post.objects.get(title="第一").body == f"![]({red.url})\n"
    assert Post.objects.get(title="Second").body == "Back: [1](/posts/first/)\n"


def test_a_translation_takes_its_language_into_the_slug(site):
    run(site)
    post = Post.objects.get(title="第一")
    assert (post.slug, post.language) == ("first-zh", "zh-hans")


def test_old_addresses_answer_one_redirect(site, client):
    run(site)
    for path, target in {
        "/one.html": "/posts/first/",
        "/blog/first/": "/posts/first/",
        "/Blog/First": "/posts/first/",
        "/zh/blog/first/": "/posts/first-zh/",
    }.items():
        answer = client.get(path)
        assert (answer.status_code, answer["Location"]) == (301, target)


def test_every_missing_thing_is_reported_as_the_page_asks_for_it(site):
    report = run(site)
    losses = {loss.kind: (loss.path, loss.line, loss.target) for loss in report.losses}
    path = "content/en/blog/first/index.md"
    assert losses == {
        "missing_image": (path, 13, "/posts/first/gone.png"),
        "dead_link": (path, 13, "/docs/x"),
        "external_image": (path, 13, ""),
    }


def test_a_second_run_changes_nothing(site):
    first = run(site)
    before = kept(site)
    second = run(site)
    assert counts(second) == (4, 0, 0, 4, 0)
    assert kept(site) == before
    assert second.losses == first.losses


def test_a_dry_run_stores_nothing_and_reports_the_same(site):
    before = kept(site)
    dry = run(site, dry_run=True)
    assert kept(site) == before
    real = run(site)
    for report in (dry, real):
        report.seconds = 0
    dry.dry_run = False
    assert dry.as_dict() == real.as_dict()


def test_an_interrupted_run_goes_on_where_it_stopped(site, monkeypatch):
    def stop(done, total, path):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        importer.import_folder(site, importer.Options(name="site"), stop)
    assert ImportedItem.objects.count() == 2
    half = set(Post.objects.values_list("pk", "version"))
    report = run(site)
    assert counts(report) == (4, 2, 0, 2, 0)
    assert half < set(Post.objects.values_list("pk", "version"))
    assert "/posts/second/#part" in Post.objects.get(title="First steps").body


def test_a_failure_within_a_post_leaves_no_half_of_it(site, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("power cut")

    monkeypatch.setattr(importer.ImportedItem.objects, "update_or_create", fail)
    with pytest.raises(RuntimeError):
        run(site)
    assert (Post.objects.count(), OldAddress.objects.count()) == (0, 0)


def test_a_changed_file_updates_its_post_and_keeps_the_address(site):
    run(site)
    text = "---\ntitle: Second!\ndate: 2021-01-01\ndraft: true\n---\nNew\n"
    write(site, {"content/en/blog/second.md": text})
    report = run(site)
    assert counts(report) == (4, 0, 1, 3, 0)
    post = Post.objects.get(slug="second")
    assert (post.title, post.body, post.status) == ("Second!", "New\n", Post.Status.DRAFT)
    assert post.revisions.count() > 1
    assert run(site).unchanged == 4


def test_a_picture_that_turns_up_later_is_taken_in(site):
    run(site)
    write(site, {"content/en/blog/first/gone.png": png("green")})
    report = run(site)
    assert (report.updated, report.unchanged) == (1, 3)
    assert "missing_image" not in report.losses_by_kind()


def test_what_was_edited_here_is_not_overwritten(site, eve):
    run(site)
    post = Post.objects.get(slug="second")
    post.body = "Edited here\n"
    save_content(post, by=eve)
    assert run(site).unchanged == 4
    write(site, {"content/en/blog/second.md": "---\ntitle: B\ndate: 2020-05-07\n---\nThere\n"})
    report = run(site)
    assert [(skip.kind, skip.path) for skip in report.skipped] == [
        ("edited_here", "content/en/blog/second.md")
    ]
    post.refresh_from_db()
    assert post.body == "Edited here\n"


def test_what_was_deleted_or_binned_here_does_not_come_back(site):
    run(site)
    trash_content(Post.objects.get(slug="second"), by=None)
    Post.objects.get(slug="first-zh").delete()
    assert run(site).created == 0
    write(site, {"content/zh/blog/first/index.md": "---\ntitle: 二\ndate: 2020-05-08\n---\n新\n"})
    report = run(site)
    assert [skip.kind for skip in report.skipped] == ["deleted_here"]
    assert not Post.objects.filter(title="二").exists()


def test_posts_without_an_author_belong_to_the_one_named_or_to_the_site(site, eve):
    run(site)
    assert Post.objects.get(slug="second").author.name == Site.current().name
    run(site, name="again", author=eve)
    assert Post.objects.get(slug="second-en").author == eve


def test_drafts_stay_hidden_and_future_dates_are_scheduled(tmp_path):
    write(
        tmp_path,
        {
            "content/posts/a.md": "---\ntitle: A\ndate: 2020-01-01\ndraft: true\n---\nx\n",
            "content/posts/b.md": "---\ntitle: B\ndate: 2999-01-01\n---\nx\n",
            "content/posts/c.md": "---\ntitle: C\ndate: 2020-01-01\n---\n<!-- later -->\n",
        },
    )
    run(tmp_path)
    assert Post.objects.get(title="A").status == Post.Status.DRAFT
    assert Post.objects.get(title="B").is_scheduled
    assert not Post.objects.published().filter(title__in="AB").exists()


def test_two_posts_of_one_address_both_arrive(tmp_path):
    text = '+++\npath = "2020/01/0{0}/same"\ntitle = "Same {0}"\naliases = ["same"]\n+++\nx\n'
    write(tmp_path, {f"content/same@{n}.md": text.format(n + 1) for n in range(2)})
    report = run(tmp_path)
    assert set(Post.objects.values_list("slug", flat=True)) == {"same", "same-2"}
    assert [(loss.kind, loss.path) for loss in report.losses] == [
        ("address_taken", "content/same@1.md")
    ]


def test_a_picture_that_is_none_stays_and_is_reported(tmp_path):
    write(
        tmp_path,
        {
            "content/posts/a.md": "---\ntitle: A\ndate: 2020-01-01\n---\n![](/x.png)\n",
            "static/x.png": b"<html>not a picture</html>",
        },
    )
    report = run(tmp_path)
    assert set(report.losses_by_kind()) == {"refused_image", "missing_image"}
    assert Image.objects.count() == 0


def test_files_outside_the_folder_are_not_taken(tmp_path):
    write(tmp_path, {"secret.png": png()})
    site = write(
        tmp_path / "site",
        {
            "content/posts/a.md": (
                "---\ntitle: A\ndate: 2020-01-01\n---\n![](../../../secret.png) ![](/../secret.png)"
            )
        },
    )
    (site / "content" / "posts" / "b.png").symlink_to(tmp_path / "secret.png")
    report = run(site)
    assert Image.objects.count() == 0
    assert "missing_image" in report.losses_by_kind()


def test_links_to_the_old_site_become_our_own(tmp_path):
    write(
        tmp_path,
        {
            "content/posts/a.md": "---\ntitle: A\ndate: 2020-01-01\n---\nx\n",
            "content/posts/b.md": (
                "---\ntitle: B\ndate: 2020-01-02\n---\n"
                "[a](https://old.example/posts/a/) [c](https://old.example/posts/c/)\n"
            ),
        },
    )
    run(tmp_path, site="https://old.example")
    assert Post.objects.get(title="B").body == "[a](/posts/a/) [c](https://old.example/posts/c/)\n"


def test_a_post_that_is_refused_takes_nobody_with_it(tmp_path, monkeypatch):
    text = "---\ntitle: {}\ndate: 2020-01-0{}\nauthor: Ada Reyes\ntags: [ink]\n---\nx\n"
    write(tmp_path, {f"content/posts/{n}.md": text.format(n, n) for n in (1, 2)})
    save = importer.save_content

    def refuse_the_first(content, **kwargs):
        save(content, **kwargs)
        if content.title == "1":
            raise ValidationError("Not this one.")

    monkeypatch.setattr(importer, "save_content", refuse_the_first)
    report = run(tmp_path)
    assert [(skip.kind, skip.detail) for skip in report.skipped] == [("refused", "Not this one.")]
    post = Post.objects.get()
    assert (post.author.name, post.tags.get().name) == ("Ada Reyes", "ink")


def test_translations_are_linked_by_the_name_of_their_files(tmp_path):
    """In folders of languages, or by an ending; or by a key that the files share."""
    text = "---\ntitle: {}\ndate: 2026-01-0{}\n---\nInk.\n"
    files = {
        "en/blog/ink.md": text.format("Ink", 1),
        "zh/blog/ink.md": text.format("墨", 2),
        "en/blog/alone.md": text.format("Alone", 3),
        "en/blog/reed/index.md": text.format("Reed", 4),
        "zh/blog/reed/index.md": text.format("芦苇", 5),
        "en/blog/paper.md": text.format("Paper", 6).replace("date", "translationKey: p\ndate"),
        "zh/blog/zhi.md": text.format("纸", 7).replace("date", "translationKey: p\ndate"),
        "en/blog/pen.md": text.format("Pen", 8),
        "en/blog/pen.fr.md": text.format("Plume", 9),
    }
    write(tmp_path, {f"content/{name}": words for name, words in files.items()})
    report = run(tmp_path)
    groups: dict = {}
    for post in Post.objects.exclude(translation_group=None):
        groups.setdefault(post.translation_group, set()).add(post.title)
    linked = [{"Ink", "墨"}, {"Reed", "芦苇"}, {"Paper", "纸"}, {"Pen", "Plume"}]
    assert sorted(map(sorted, groups.values())) == sorted(map(sorted, linked))
    assert report.translations == 8
    # A link that somebody removed since is not made again.
    unlink_translation(Post.objects.get(title="墨"), by=None)
    assert run(tmp_path).translations == 0
    assert Post.objects.get(title="墨").translation_group is None
