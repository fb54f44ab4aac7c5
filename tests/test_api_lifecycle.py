"""The life cycle in the documentation runs as it stands there."""

import shutil
import subprocess

import pytest

from accounts.tokens import make_personal_token
from blog.models import Post
from lib.tests import make_images as make
from tests.shared import ROOT


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_documented_life_of_a_post(live_server, ada, tmp_path):
    picture = tmp_path / "ink pot.jpg"
    picture.write_bytes(make.jpeg())
    done = subprocess.run(
        [shutil.which("sh"), str(ROOT / "docs/api-lifecycle.sh")],
        env={
            "PATH": "/usr/bin:/bin",
            "BASE": live_server.url,
            "LOGIN": "ada",
            "PASSWORD": "correct horse battery",
            "PICTURE": str(picture),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The post has lived.\n")
    assert Post.objects.get().trashed_at


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_ten_documented_jobs(live_server, ada, make_post, tmp_path):
    make_post(title="On ink", slug="on-ink", body="墨 is ink.", tags=["ink"])
    picture = tmp_path / "pot.jpg"
    picture.write_bytes(make.jpeg())
    _token, text = make_personal_token(ada, name="Guide", scopes=["read", "write", "media"])
    guide = (ROOT / "docs/api.md").read_text().partition("## Ten jobs by curl")[2]
    commands = guide.partition("```sh\n")[2].partition("```")[0]
    assert commands.count("\n# ") == 9
    done = subprocess.run(
        [shutil.which("sh"), "-e", "-c", commands],
        env={
            "PATH": "/usr/bin:/bin",
            "SITE": live_server.url,
            "TOKEN": text,
            "LOGIN": "ada",
            "PASSWORD": "correct horse battery",
            "PICTURE": str(picture),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "On ink" in (tmp_path / "posts.ndjson").read_text()
    draft = Post.objects.get(title="On paper")
    assert draft.is_scheduled
    assert "access_token" in done.stdout
