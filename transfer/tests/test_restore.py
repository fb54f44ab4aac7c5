"""A site that comes back from its backup as it was, into an empty place and into no other.

Each restore runs in a process of its own, as an operator's does: into SQLite always, and into
PostgreSQL where the tests run on that.
"""

import os
import secrets
import subprocess
import sys

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from blog.models import Tag
from blog.services import save_content, trash_content
from events.mail import queue_rendered_mail
from tests.shared import ROOT
from transfer.backup.check import check_backup
from transfer.backup.restore import SiteNotEmpty, check_is_empty
from transfer.backup.write import write_backup
from transfer.markdown.importer import Options, import_folder

pytestmark = pytest.mark.django_db


class Place:
    """An installation of its own."""

    def __init__(self, folder, database: str = ""):
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {
            **kept,
            "DATA_DIR": str(folder),
            "DATABASE_URL": database,
            "REDIS_URL": "",
            "SECRET_KEY": secrets.token_urlsafe(64),
            "EMAIL_URL": "dummymail://",
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(  # noqa: S603
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )

    def succeed(self, *arguments: str) -> str:
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout


def make_place(tmp_path, vendor: str) -> Place:
    folder = tmp_path / secrets.token_hex(4)
    if vendor == "sqlite":
        return Place(folder)
    if connection.vendor != "postgresql":
        pytest.skip("the tests do not run on PostgreSQL here")
    psycopg = pytest.importorskip("psycopg")
    name = f"restore_{secrets.token_hex(6)}"
    connection.ensure_connection()
    facts, password = connection.connection.info, connection.settings_dict["PASSWORD"]
    # In a connection of its own: a database is not made inside a transaction.
    with psycopg.connect(facts.dsn, password=password, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    login = f"{facts.user}:{password}" if password else facts.user
    return Place(folder, f"postgres://{login}@{facts.host}:{facts.port}/{name}")


@pytest.fixture
def backup(tmp_path, make_post, make_page, ada, eve):
    """A site with something of everything."""
    import_folder(ROOT / "transfer" / "sample" / "site", Options(name="sample"))
    post = make_post(title="Über Tusche 墨", tags=["纸"], author=ada)
    post.body = "Changed.\r\n\tTabs, 👩‍🎨 and trailing spaces  \n"
    save_content(post, by=eve)
    trash_content(make_page(title="Gone"), by=eve)
    gone = make_post(title="Deleted for ever")
    gone.delete()
    default_storage.save("images/ab/tusche-墨.svg", ContentFile(b"<svg/>"))
    default_storage.save("images/ab/empty", ContentFile(b""))
    queue_rendered_mail("rita@example.org", "Hello", "Text", kind="test")
    path = tmp_path / "site.tar"
    with open(path, "wb") as out:
        write_backup(out)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_every_row_and_file_comes_back(backup, tmp_path, vendor):
    place = make_place(tmp_path, vendor)
    said = place.succeed("restore", "--keep-work", str(backup))
    assert said.startswith("Restored: ")
    again = tmp_path / "again.tar"
    place.succeed("backup", str(again))
    first, second = check_backup(backup), check_backup(again)
    assert second.tables == first.tables
    assert second.media == first.media
    # The next post must not get the number of one that was deleted.
    assert second.sequences == first.sequences
    assert first.tables["blog.post"]["rows"] > 5
    assert first.media["files"] > 4
    # The index, which no backup has, finds what was restored.
    found = place.succeed(
        "shell",
        "-c",
        "from django.contrib.auth.models import AnonymousUser as A\n"
        "from blog.models import Post\nfrom blog.search import search_posts\n"
        "print(search_posts(Post.objects.listed_for(A()), '墨').count())",
    )
    assert int(found.split()[-1]) >= 1
    # And it is not empty any more.
    refused = place.run("restore", str(backup))
    assert refused.returncode == 3
    assert "not empty" in refused.stderr


@pytest.mark.slow
def test_a_damaged_one_changes_nothing(backup, tmp_path):
    place = Place(tmp_path / "empty")
    data = bytearray(backup.read_bytes())
    data[len(data) // 2] ^= 1
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(data)
    refused = place.run("restore", str(damaged))
    assert refused.returncode == 1
    assert "Nothing was restored." in refused.stderr
    # Not a table was made, not a file was put.
    database = place.folder / "inkstone.sqlite3"
    assert not database.exists() or database.stat().st_size == 0
    assert not list(place.folder.glob("media/*"))


def test_a_fresh_site_counts_as_empty(db):
    """Whatever a new migration puts into a table must be named, or nothing can be restored."""
    check_is_empty()
    Tag.objects.create(name="paper", slug="paper")
    with pytest.raises(SiteNotEmpty, match=r"blog\.tag"):
        check_is_empty()
