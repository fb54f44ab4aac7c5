"""The report before publication: each rule, its level, and the same refusal at every door."""

import pytest
from django.core.exceptions import ValidationError

from blog.checks import LOOKS, NotPublishable, publish_report
from blog.diffs import diff
from blog.models import Site
from blog.models.checks import Level, Rule
from blog.services import publish_content, save_site
from lib.tests import make_images as make
from library.services import store_image

pytestmark = pytest.mark.django_db


def broken(post) -> list[str]:
    return [finding.rule.value for finding in publish_report(post)]


@pytest.fixture
def draft(make_post, ada):
    def draft(body="Text.", **fields):
        fields.setdefault("seo_description", "About ink.")
        return make_post(author=ada, draft=True, body=body, **fields)

    return draft


def set_level(**levels):
    site = Site.current()
    site.publish_checks = levels
    save_site(site, by=None)


def test_there_is_a_look_for_each_rule():
    assert set(LOOKS) == set(Rule)


def test_a_text_without_fault_has_an_empty_report(draft):
    assert (
        publish_report(draft("## One\n\n### Two\n\n[home](/) [out](https://other.example/x)")) == []
    )


@pytest.mark.parametrize(
    ("body", "fields", "rule"),
    [
        ("  \n", {}, "empty_body"),
        ("![](/media/x.jpg)", {}, "missing_alt"),
        ("# One\n\n### Three", {}, "heading_order"),
        ("### Three", {}, "heading_order"),
        ("[x](/posts/nowhere/)", {}, "dead_link"),
        ("[x](https://blog.test/posts/nowhere/)", {}, "dead_link"),
        ("[x](/nowhere/)", {}, "dead_link"),
        ("[x](/authors/nobody/)", {}, "dead_link"),
        ("[x](#nowhere)", {}, "dead_link"),
        ("[x](/media/images/none.jpg)", {}, "dead_link"),
        ("Text.", {"seo_description": ""}, "missing_description"),
        ("Text.", {"title": "x" * 71}, "long_title"),
        ("Text.", {"seo_title": "x" * 71}, "long_title"),
    ],
)
def test_a_broken_rule_is_found(body, fields, rule, draft):
    assert broken(draft(body, **fields)) == [rule]


def test_links_that_lead_somewhere_are_fine(draft, make_post, make_page, make_tag, ada):
    other, page, tag = make_post(title="Other"), make_page(), make_tag()
    image = store_image(make.jpeg(), "a.jpg", alt="A pot")
    links = [
        other.get_absolute_url(),
        f"https://blog.test{other.get_absolute_url()}?x=1#y",
        page.get_absolute_url(),
        tag.get_absolute_url(),
        ada.get_absolute_url(),
        image.url,
        *("/archive/", "/atom.xml", "/static/css/base.css", "#one", "mailto:a@b.example"),
        *("relative.html", "?page=2", "https://blog.test", "//other.example/x"),
    ]
    text = "# One\n\n" + " ".join(f"[x]({link})" for link in links)
    assert publish_report(draft(text)) == []
    # A draft is no place to lead readers to.
    hidden = draft(title="Hidden")
    assert broken(draft(f"[x]({hidden.get_absolute_url()})")) == ["dead_link"]


def test_pictures_of_the_library_bring_their_words(draft, ada):
    said = store_image(make.jpeg(20, 20), "a.jpg", alt="A pot")
    silent = store_image(make.jpeg(21, 21), "b.jpg")
    decorative = store_image(make.jpeg(22, 22), "c.jpg")
    decorative.decorative = True
    decorative.save()
    assert (
        publish_report(draft(f"![]({said.url}) ![]({decorative.url}) ![Words]({silent.url})")) == []
    )
    assert broken(draft(f"![]({silent.url})")) == ["missing_alt"]
    found = publish_report(draft(cover=silent))
    assert [(finding.rule, finding.field) for finding in found] == [(Rule.MISSING_ALT, "cover")]


def test_a_large_file_that_is_sent_as_it_is(draft):
    image = store_image(make.jpeg(), "a.jpg", alt="A pot")
    image.size = 2_500_000
    image.save()
    (found,) = publish_report(draft(f"![]({image.url})"))
    assert found.rule == Rule.LARGE_IMAGE
    assert "2.5 MB" in found.message


def test_a_rule_warns_refuses_or_is_off(draft, ada, eve):
    text = "[x](/posts/nowhere/)"
    assert [finding.level for finding in publish_report(draft(text))] == [Level.WARNING]
    publish_content(draft(text), by=ada)
    set_level(dead_link="off")
    assert publish_report(draft(text)) == []
    set_level(dead_link="blocking", long_title="blocking")
    post = draft(text, title="x" * 71)
    for user in (ada, eve):
        with pytest.raises(NotPublishable) as refused:
            publish_content(post, by=user)
    assert set(refused.value.message_dict) == {"body", "title"}
    publish_content(post, by=None)  # an import brings what was public before


def test_the_admin_and_the_api_refuse_alike(draft, client, ada):
    set_level(missing_description="blocking")
    post = draft(seo_description="")
    client.force_login(ada)
    address = f"/api/v1/posts/{post.pk}/publish/"
    for query in ("", "?validate_only=true"):
        response = client.post(address + query, {}, content_type="application/json")
        assert response.status_code == 400
        body = response.json()
        assert body["type"] == "urn:inkstone:problem:not-publishable"
        assert [(found["rule"], found["pointer"]) for found in body["report"]] == [
            ("missing_description", "#/seo_description")
        ]
    data = {"action": "publish", "_selected_action": [post.pk]}
    told = client.post("/admin/blog/post/", data, follow=True).content.decode()
    assert "have no description" in told
    post.refresh_from_db()
    assert post.status == "draft"


@pytest.mark.parametrize("levels", [{"x": "off"}, {"dead_link": "x"}, {"empty_body": "off"}, []])
def test_levels_that_make_no_sense_are_refused(levels):
    site = Site.current()
    site.publish_checks = levels
    with pytest.raises(ValidationError):
        save_site(site, by=None)


def test_a_difference_of_huge_texts_is_bounded():
    old = "\n".join(f"line {number % 40}" for number in range(20_000))
    new = "\n".join(f"line {number % 41}" for number in range(20_000))
    lines = diff(f"same\n{old}\nend", f"same\n{new}\nend")
    assert lines[0].startswith("@@ -")
    assert "-same" not in lines
    assert len(lines) < 45_000
    small = diff("a\nb\nc\nd\ne\nf\ng\nh", "a\nb\nc\nd\ne\nf\nG\nh")
    assert small == ["@@ -4,5 +4,5 @@", " d", " e", " f", "-g", "+G", " h"]
