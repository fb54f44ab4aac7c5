"""The life cycle in the documentation runs as it stands there."""

import shutil
import subprocess

import pytest

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
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("The post has lived.\n")
    assert Post.objects.get().trashed_at
