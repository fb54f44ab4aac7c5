"""One part after another is taken away while people read and write."""

import http.client
import json
import os
import subprocess
import time

import pytest

from deploy.stack import wait_until
from tests.faults.asking import NOBODY, Load, ask, report

WRITERS = 4
TOKENS = """
from datetime import timedelta
from accounts.models import Role, User
from accounts.services import set_role
from accounts.tokens import make_personal_token
from django.utils import timezone
for number in range({writers}):
    name = f"writer{{number}}"
    user = User.objects.filter(username=name).first()
    if user is None:
        user = User.objects.create_user(
            name, email=f"{{name}}@example.org", password="correct horse battery")
        set_role(user, Role.AUTHOR)
    end = timezone.now() + timedelta(days=1)
    print(make_personal_token(user, name="fault", scopes=["read", "write"], expires_at=end)[1])
"""
STORED = """
import json
from blog.models import Post
print(json.dumps(list(Post.objects.filter(title__startswith="{start}")
    .values_list("title", flat=True))))
"""


@pytest.fixture(scope="module")
def tokens(stack) -> list[str]:
    return stack.python(TOKENS.format(writers=WRITERS)).split()


def send(stack, path: str, body: dict, source: str, token: str = "") -> int:
    """The status of a POST of JSON through nginx; NOBODY when there is no answer."""
    connection = http.client.HTTPConnection(
        "127.0.0.1", stack.ports["nginx"], timeout=40, source_address=(source, 0)
    )
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return NOBODY
    finally:
        connection.close()


class Writing:
    """Writers who save one post after another, and remember what was acknowledged."""

    def __init__(self, stack, tokens: list[str], start: str):
        self.stack, self.tokens, self.start = stack, tokens, start
        self.acknowledged: list[str] = []

    def one(self, client: int, number: int) -> int:
        title = f"{self.start} {client}-{number}"
        body = {"title": title, "body": "Ink."}
        source = f"127.0.1.{client + 1}"
        status = send(self.stack, "/api/v1/posts/", body, source, self.tokens[client])
        if status == 201:
            self.acknowledged.append(title)
        return status

    def lost_and_doubled(self) -> tuple[int, int]:
        stored = json.loads(self.stack.python(STORED.format(start=self.start)))
        lost = set(self.acknowledged) - set(stored)
        return len(lost), len(stored) - len(set(stored))


def test_postgresql_restarts_during_writes(stack, tokens):
    writing = Writing(stack, tokens, "Restarted")
    load = Load(writing.one, clients=WRITERS, expected=(201,), pause=0.02)
    with load as tally:
        wait_until(load.all_answered(), "all write")
        for mode in ("fast", "immediate"):  # an orderly stop, and a crash
            stack.stop_postgres(mode)
            stack.start_postgres()
            # The kept connections are found to be dead and made anew.
            wait_until(load.all_answered(), f"all write again after stop {mode}")
    lost, doubled = writing.lost_and_doubled()
    refused = [when for when, _status in tally.failed]
    span = max(refused, default=0) - min(refused, default=0)
    report(
        "PostgreSQL restarted",
        operations=tally.asked,
        faults=2,
        refused=len(refused),
        between_both=f"{span:.1f} s",
        lost=lost,
        doubled=doubled,
    )
    assert writing.acknowledged
    assert (lost, doubled) == (0, 0)
    assert {status for _when, status in tally.failed} <= {503}


def test_without_redis_people_read_search_sign_in_and_save(stack, tokens):
    writing = Writing(stack, tokens, "Without Redis")
    readers = ["/", "/search/?q=ink", "/api/v1/posts/", "/atom.xml"]

    def read(client: int, number: int) -> int:
        path = readers[number % len(readers)]
        return ask(stack.ports["nginx"], path, source=f"127.0.2.{client + 1}", Cookie="a=b")

    def sign_in(client: int, number: int) -> int:
        body = {"username": f"writer{number % WRITERS}", "password": "correct horse battery"}
        return send(stack, "/api/v1/auth/token/", body, f"127.0.3.{client + 1}")

    with (
        Load(read, clients=3, pause=0.03) as reading,
        Load(writing.one, clients=2, expected=(201,), pause=0.05) as saving,
        Load(sign_in, clients=1, pause=1.5) as signing_in,
    ):
        time.sleep(1.5)
        stack.redis.kill()
        time.sleep(6)
        stack.start("redis")
        time.sleep(2)
    lost, doubled = writing.lost_and_doubled()
    failed = {
        name: tally.failed
        for name, tally in {"read": reading, "saved": saving, "signed in": signing_in}.items()
        if tally.failed
    }
    report(
        "Redis killed",
        operations=reading.asked + saving.asked + signing_in.asked,
        faults=1,
        failed=sum(map(len, failed.values())),
        slowest=f"{max(reading.slowest, saving.slowest):.2f} s",
        lost=lost,
        doubled=doubled,
    )
    assert failed == {}
    assert (lost, doubled) == (0, 0)


def test_guesses_are_limited_without_redis(stack):
    stack.redis.kill()
    try:
        body = {"username": "writer0", "password": "wrong guess"}
        statuses = [send(stack, "/api/v1/auth/token/", body, "127.0.4.1") for _ in range(70)]
    finally:
        stack.start("redis")
    # Each Gunicorn worker counts for itself meanwhile.
    guesses = statuses.count(401)
    report("Guesses without Redis", operations=len(statuses), let_through=guesses)
    assert statuses[-1] == 429
    assert guesses <= 20 * int(stack.environment["WEB_CONCURRENCY"])


def test_a_full_disk_stores_nothing_and_says_so(stack):
    if os.geteuid() != 0:
        pytest.skip("Only root can mount a small disk.")
    media = stack.folder / "data" / "media"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k,mode=755", "tmpfs", str(media)], check=False
    )
    if mounted.returncode != 0:
        pytest.skip("This machine does not let us mount a small disk.")
    try:
        said = stack.python(FILL)
        left = [str(path) for path in media.rglob("*") if path.is_file()]
        ready = json.loads(stack.get("/readyz", behind=True)[2])
    finally:
        subprocess.run(["umount", str(media)], check=True)
    report("Disk full", operations=1, faults=1, half_written=len(left))
    assert said.split() == ["507", "0"]
    assert left == []
    assert "MB left" in ready["parts"].get("storage", {}).get("reason", ""), ready


FILL = """
import io
from PIL import Image as Picture
from django.test import Client
from accounts.models import User
from accounts.services import set_role
from accounts.models import Role
from library.models import Image
from django.core.files.uploadedfile import SimpleUploadedFile
from django.conf import settings
eve = User.objects.filter(username="eve").first() or User.objects.create_user(
    "eve", email="eve@example.org", password="correct horse battery")
set_role(eve, Role.EDITOR)
file = io.BytesIO()
Picture.effect_noise((1200, 900), 90).convert("RGB").save(file, "JPEG", quality=95)
before = Image.objects.count()
client = Client(raise_request_exception=False)
client.force_login(eve)
upload = SimpleUploadedFile("big.jpg", file.getvalue(), "image/jpeg")
fields = {"upload": upload, "decorative": "on", "focal_x": "0.5", "focal_y": "0.5"}
answer = client.post("/admin/library/image/add/", fields, HTTP_HOST="127.0.0.1")
print(answer.status_code, Image.objects.count() - before)
"""
