"""What `collectstatic` builds is what pages ask for; a missing entry would be a 500."""

import re

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client


@pytest.fixture
def built(settings, tmp_path):
    """The static files as an image has them, without the slow compression."""
    settings.STATIC_BUILT = True
    settings.STATIC_ROOT = tmp_path / "static"
    settings.WHITENOISE_USE_FINDERS = False
    settings.WHITENOISE_KEEP_ONLY_HASHED_FILES = True
    settings.STORAGES = {
        **django_settings.STORAGES,
        "staticfiles": {"BACKEND": "config.static_files.BuiltFiles"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)


def test_pages_ask_for_built_files_that_may_be_kept_for_ever(built, make_post):
    post = make_post(body="Ink.\n\n```python\nprint(1)\n```")
    client = Client()
    for address in ("/", post.get_absolute_url(), "/account/login/", "/nothing-here/"):
        page = client.get(address).content.decode()
        files = set(re.findall(r"\"(/static/[^\"]+)\"", page))
        assert files, address
        for file in files:
            answer = client.get(file)
            assert answer.status_code == 200, file
            assert "immutable" in answer["Cache-Control"], file
            # Reading to the end closes the file; close() would end the test's connection too.
            assert b"".join(answer.streaming_content), file
