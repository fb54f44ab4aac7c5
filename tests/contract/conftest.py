"""A real server of the API on PostgreSQL, and people of each role with a token.

These tests run only when asked for by their path, as the step `api` of `.ci/run` does.
"""

import json
from dataclasses import dataclass

import pytest

from deploy.stack import Stack, missing

LIMITS = ("ANONYMOUS", "USER", "SEARCH", "WRITE", "UPLOAD", "TOKEN")
MAKE_PEOPLE = """
import json
from django.test import RequestFactory
from accounts import tokens
from accounts.models import Role, User
from accounts.services import set_role
found = {}
cast = {"reader": None, "author": Role.AUTHOR, "editor": Role.EDITOR, "admin": Role.ADMINISTRATOR}
for name, role in cast.items():
    user = User.objects.create_user(
        f"the_{name}", email=f"{name}@example.org", password="correct horse battery"
    )
    if role:
        set_role(user, role)
    pair = tokens.sign_in_app(User.objects.get(pk=user.pk), RequestFactory().post("/"))
    found[name] = pair.access
print(json.dumps(found))
"""


def pytest_ignore_collect(collection_path, config):
    return None if any("contract" in str(argument) for argument in config.args) else True


@dataclass(frozen=True)
class Site:
    """Where it is, and a token of each role; "" for nobody."""

    address: str
    tokens: dict[str, str]
    log: str  # the path of the server's


@pytest.fixture(scope="session")
def site():
    if lacking := missing():
        pytest.skip(f"not installed: {', '.join(lacking)}")
    variables = {f"API_LIMIT_{name}": "100000000" for name in LIMITS}
    # Straight at the application: what a proxy would change is no matter of the schema.
    variables |= {"BEHIND_PROXY": "false", "TRUSTED_PROXY_COUNT": "0", "WEB_CONCURRENCY": "2"}
    variables |= {"ACCESS_TOKEN_SECONDS": "86400"}
    # Slowness is no matter of the schema either: a busy machine would answer 503.
    variables |= {"DATABASE_STATEMENT_TIMEOUT": "60s"}
    with Stack(parts=("redis", "web"), **variables) as stack:
        stack.manage("load_sample")
        tokens = {"anonymous": "", **json.loads(stack.python(MAKE_PEOPLE))}
        yield Site(stack.web_address, tokens, str(stack.web.log))


@pytest.fixture(autouse=True)
def media_folder() -> None:
    """Nothing of ours: the server has folders of its own."""


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Nothing of ours: the server has a Redis of its own."""
