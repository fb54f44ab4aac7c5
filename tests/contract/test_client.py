"""The Python client that openapi-python-client makes of the schema, at work."""

import importlib
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def inkstone(site, tmp_path_factory):
    """The generated package, imported."""
    folder = tmp_path_factory.mktemp("client")
    document = folder / "openapi.json"
    with urllib.request.urlopen(f"{site.address}/api/v1/schema/") as answer:
        document.write_bytes(answer.read())
    made = subprocess.run(
        [
            str(Path(sys.executable).with_name("openapi-python-client")),
            *("generate", "--path", str(document), "--meta", "none"),
            *("--output-path", str(folder / "inkstone_client")),
        ],
        env={"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    said = made.stdout + made.stderr
    # The stream is no JSON document; everything else becomes a method.
    assert "stream" in said or "warning" not in said.lower()
    sys.path.insert(0, str(folder))
    yield importlib.import_module("inkstone_client")
    sys.path.remove(str(folder))


def test_write_publish_list_and_be_refused(site, inkstone):
    def call(tag: str, name: str):
        return importlib.import_module(f"inkstone_client.api.{tag}.{name}").sync_detailed

    models = importlib.import_module("inkstone_client.models")
    author = inkstone.AuthenticatedClient(site.address, site.tokens["author"])
    body = models.PostInput(title="On generated clients", body="They know our **types**.")
    made = call("posts", "create_post")(client=author, body=body)
    assert made.status_code == 201
    assert isinstance(made.parsed, models.Post)
    assert made.parsed.status == models.ContentStatus.DRAFT

    tried = call("posts", "publish_post")(
        made.parsed.id,
        client=author,
        body=models.PublishInput(),
        validate_only=models.PublishPostValidateOnly.TRUE,
    )
    assert isinstance(tried.parsed, models.DryRun)
    assert tried.parsed.report

    done = call("posts", "publish_post")(made.parsed.id, client=author, body=models.PublishInput())
    assert isinstance(done.parsed, models.Post)
    assert done.parsed.state == models.ContentState.PUBLISHED

    anyone = inkstone.Client(site.address)
    newest = models.ListPostsOrdering("-created_at")
    listed = call("posts", "list_posts")(client=anyone, ordering=newest, page_size=5)
    assert made.parsed.id in [post.id for post in listed.parsed.results]

    refused = call("posts", "create_post")(client=anyone, body=body)
    assert refused.status_code == 401
    assert isinstance(refused.parsed, models.UnauthorizedProblem)
    gone = call("posts", "get_post")(10**9, client=anyone)
    assert isinstance(gone.parsed, models.NotFoundProblem)
    assert gone.parsed.request_id
