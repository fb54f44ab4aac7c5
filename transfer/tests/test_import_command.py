import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from blog.models import Post
from transfer.models import ImportedItem
from transfer.tests.builders import write

pytestmark = pytest.mark.django_db

FILES = {
    "content/posts/good.md": "---\ntitle: Good\ndate: 2020-01-01\nodd: 1\n---\n[x](/gone/)\n",
    "content/posts/bad.md": "---\ntitle: Bad\ndate: [\n---\nx\n",
}


def call(*args: str) -> str:
    out = StringIO()
    call_command("import_markdown", *args, stdout=out)
    return out.getvalue()


def test_the_report_names_what_happened_even_when_files_are_broken(tmp_path):
    site = write(tmp_path / "site", FILES)
    file = tmp_path / "report.json"
    text = call(str(site), "--report", str(file))
    report = json.loads(file.read_text("utf-8"))
    names = ("source", "dialect", "found", "created", "updated", "unchanged", "skipped")
    assert [report[name] for name in names] == ["site", "hugo", 2, 1, 0, 0, 1]
    assert report["skipped_files"][0]["path"] == "content/posts/bad.md"
    assert report["skipped_files"][0]["line"] == 4
    assert report["losses"]["dead_link"] == {
        "count": 1,
        "by_name": {},
        "examples": [
            {
                "kind": "dead_link",
                "path": "content/posts/good.md",
                "line": 6,
                "detail": "/gone/",
                "target": "/gone/",
            }
        ],
    }
    assert report["losses"]["unknown_key"]["by_name"] == {"odd": 1}
    assert "1 created, 0 updated, 0 unchanged, 1 skipped" in text
    assert "bad_front_matter: content/posts/bad.md:4" in text


def test_a_dry_run_says_so_and_stores_nothing(tmp_path):
    text = call(str(write(tmp_path / "site", FILES)), "--dry-run")
    assert "dry run" in text
    assert "1 created" in text
    assert not Post.objects.exists()


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["{}/nowhere"], "There is no folder"),
        (["{}", "--as", "nobody"], "There is no user nobody"),
        (["{}", "--language", "12"], "is no language"),
        (["{}", "--site", "old.example"], "--site wants an address"),
        (["{}", "--report", "{}/no/where.json"], "There is no folder"),
    ],
)
def test_a_wrong_argument_gets_one_clear_sentence(tmp_path, args, sentence):
    with pytest.raises(CommandError, match=sentence):
        call(*(arg.format(tmp_path) for arg in args))


def test_author_and_language_fill_what_files_leave_open(tmp_path, ada):
    call(str(write(tmp_path / "site", FILES)), "--as", "ada", "--language", "de")
    post = Post.objects.get()
    assert (post.author, post.language) == (ada, "de")


def test_editors_see_imported_files_and_nobody_changes_them(tmp_path, client, eve, ada):
    call(str(write(tmp_path / "site", FILES)))
    item = ImportedItem.objects.get()
    shown = reverse("admin:transfer_importeditem_changelist")
    deleted = reverse("admin:transfer_importeditem_delete", args=[item.pk])
    client.force_login(eve)
    assert "content/posts/good.md" in client.get(shown).content.decode()
    assert client.post(deleted, {"post": "yes"}).status_code in {403, 404}
    client.force_login(ada)
    assert client.get(shown).status_code in {403, 404}
