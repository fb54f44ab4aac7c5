"""nginx before the application: what it keeps, for whom and for how long."""

import http.client
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from deploy.stack import wait_until
from tests.faults.asking import report

PUBLISH = """
import time
from datetime import timedelta
from django.utils import timezone
from accounts.models import User
from blog.models import Post
from blog.services import publish_content, save_content
ada = User.objects.filter(username="ada").first() or User.objects.create_user(
    "ada", email="ada@example.org", password="correct horse battery")
post = Post(title="{title}", body="Ink.")
save_content(post, by=None, authors=[ada])
publish_content(post, by=None, at={at})
print(time.time(), post.published_at.timestamp())
"""
PICTURES = """
import io
from PIL import Image
from library.services import store_image
file = io.BytesIO()
Image.effect_noise((64, 64), 80).convert("RGB").save(file, "JPEG")
drawing = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9"/></svg>'
print(store_image(file.getvalue(), "a.jpg").url, store_image(drawing, "b.svg").url)
"""
# What says when and by whom it was answered, not what it is.
OF_THE_MOMENT = {"server", "date", "connection", "x-request-id", "x-process-time", "etag"}
OF_THE_MOMENT |= {"accept-ranges", "content-disposition"}


class Seen(NamedTuple):
    """The first answer that held what was looked for, and the longest time one took until then."""

    asked: float
    answered: float
    slowest: float


def seconds_unseen(stack, path: str, title: str) -> tuple[float, float]:
    """Publish `title` while a reader asks for `path` all the time: from the commit to the first
    question that shows it, and how long an answer took at most."""
    with ThreadPoolExecutor(1) as other:
        publishing = other.submit(stack.python, PUBLISH.format(title=title, at="None"))
        seen = first_sight(stack, path, title)
    return seen.asked - float(publishing.result().split()[0]), seen.slowest


def first_sight(stack, path: str, title: str, limit: float = 300) -> Seen:
    """Ask for `path` until it holds `title`."""
    end, slowest = time.time() + limit, 0.0
    while (asked := time.time()) < end:
        body = stack.get(path)[2]
        answered = time.time()
        slowest = max(slowest, answered - asked)
        if title.encode() in body:
            return Seen(asked, answered, slowest)
        time.sleep(0.02)
    raise AssertionError(f"{title!r} was never seen")


def told_by(stack, path: str, *, expected: set, of, **headers: str) -> set:
    """What `of` says of the answers to one question after another, until all of `expected` came:
    how many that takes hangs on how quick the machine is."""
    seen: set = set()
    end = time.monotonic() + 60
    while seen < expected and time.monotonic() < end:
        seen.add(of(stack.get(path, **headers)[1]))
    return seen


def test_a_page_is_made_once_and_then_comes_from_memory(stack):
    expected = {"MISS", "HIT"}
    assert told_by(stack, "/", expected=expected, of=lambda a: a["X-Cache"]) == expected


def test_who_has_a_cookie_or_a_token_never_meets_the_cache(stack):
    stack.get("/")
    assert stack.get("/", Cookie="a=b")[1]["X-Cache"] is None
    personal = stack.get("/", Authorization="Bearer nonsense")
    assert personal[1]["X-Cache"] is None
    assert "public" not in personal[1].get("Cache-Control", "")


def test_private_answers_are_not_kept(stack):
    told = [stack.get("/nothing-here/")[1]["X-Cache"] for _ in range(10)]
    assert set(told) == {"MISS"}


def test_each_request_has_its_own_id_on_the_same_page(stack):
    ids = {stack.get("/", X_Request_ID=f"request-{number}")[1]["X-Request-ID"] for number in (1, 2)}
    assert ids == {"request-1", "request-2"}


def test_a_page_that_did_not_change_is_a_304_from_memory(stack):
    entity_tag = stack.get("/")[1]["ETag"]
    assert stack.get("/", If_None_Match=entity_tag)[0] == 304


def test_it_is_compressed_once(stack):
    expected = {("gzip", "MISS"), ("gzip", "HIT")}

    def of(answer) -> tuple:
        return answer["Content-Encoding"], answer["X-Cache"]

    assert told_by(stack, "/", expected=expected, of=of, Accept_Encoding="gzip") == expected
    assert stack.get("/")[1]["Content-Encoding"] is None


def test_what_is_published_is_seen_within_a_second(stack):
    found = [seconds_unseen(stack, "/", f"Fresh ink {number}") for number in range(3)]
    report("published", operations=3, slowest=f"{max(delay for delay, _ in found):.2f} s")
    # Between two questions lies an answer, which a busy machine makes longer.
    assert all(delay < 1 + answer for delay, answer in found), found


def test_a_scheduled_post_is_seen_within_a_second_of_its_time(stack):
    soon = "timezone.now() + timedelta(seconds=2.3)"
    with ThreadPoolExecutor(1) as other:
        saving = other.submit(stack.python, PUBLISH.format(title="Due ink", at=soon))
        seen = first_sight(stack, "/", "Due ink")
    saved, due = map(float, saving.result().split())
    late = seen.asked - max(saved, due)
    report("scheduled", operations=1, late=f"{late:.2f} s")
    assert seen.answered >= due
    assert late < 1 + seen.slowest


def test_pictures_come_from_the_disk_with_the_headers_of_the_application(stack):
    for url in stack.python(PICTURES).split():
        served, made = (stack.get(url, behind=behind) for behind in (False, True))
        assert served[0] == made[0] == 200
        assert served[2] == made[2]
        own, theirs = (
            {k.lower(): v for k, v in headers.items() if k.lower() not in OF_THE_MOMENT}
            for headers in (served[1], made[1])
        )
        assert own == theirs
        # An attachment, or not; its name is only told by the application.
        kinds = [a[1].get("Content-Disposition", "inline").split(";")[0] for a in (served, made)]
        assert kinds[0] == kinds[1]
        assert served[1]["X-Process-Time"] is None


def test_a_picture_that_is_not_on_the_disk_is_the_applications_to_answer(stack):
    answer = stack.get(f"/media/images/{'0' * 64}/320.avif")
    assert answer[0] == 404
    assert answer[1]["X-Process-Time"]


def test_metrics_are_not_for_the_public(stack):
    assert stack.get("/metrics")[0] == 404
    assert stack.get("/metrics", behind=True)[0] == 200


def test_a_client_that_asks_too_much_is_told_to_wait(stack):
    with ThreadPoolExecutor(200) as clients:
        answers = list(clients.map(stack.get, ["/admin/login/"] * 400))
    refused = [answer for answer in answers if answer[0] == 429]
    assert refused
    assert refused[0][1]["Retry-After"] == "1"
    time.sleep(1)


def test_what_is_too_big_is_refused_in_the_words_of_the_door(stack):
    """nginx refuses it before the application sees it."""
    for path, kind in (("/api/v1/media/", "application/problem+json"), ("/admin/", "text/html")):
        asked = http.client.HTTPConnection("127.0.0.1", stack.ports["nginx"], timeout=30)
        asked.putrequest("POST", path)
        asked.putheader("Content-Length", str(31 * 1024**2))
        asked.endheaders()
        answer = asked.getresponse()
        said = answer.read()
        assert (answer.status, answer.headers.get_content_type()) == (413, kind)
        assert answer.headers["X-Request-ID"].encode() in said or kind == "text/html"
        asked.close()


def test_the_log_of_nginx_tells_what_it_refused_and_no_more(stack):
    log = stack.folder / "nginx.log"
    before = len(log.read_bytes())
    secret = "s3cret-of-a-link"
    stack.web.stop()
    try:
        stack.get(f"/account/password/reset/key/{secret}/?q={secret}", Cookie=f"a={secret}")
        stack.get(f"/api/v1/{secret}", Authorization=secret, Referer=secret, User_Agent=secret)
        stack.get(f"/%0a%22{secret}%e2%80%a8")
    finally:
        stack.start("web")
    said = log.read_bytes()[before:].decode()
    assert secret not in said
    lines = [json.loads(line) for line in said.splitlines()]
    told = [(line["status"], line["begins"]) for line in lines if line["logger"] == "nginx"]
    assert (503, "/account") in told
    assert (503, "/api") in told
    assert (503, "other") in told


def test_while_the_application_is_down_readers_get_the_last_copy(stack):
    stack.get("/")
    stack.get("/atom.xml")
    stack.web.stop()
    try:
        time.sleep(0.6)
        status, headers, body = stack.get("/")
        assert (status, headers["X-Cache"]) == (200, "STALE")
        assert b"</html>" in body
        assert stack.get("/atom.xml")[0] == 200
        for path in ("/never-asked-before/", "/admin/", "/api/v1/posts/"):
            status, headers, body = stack.get(path)
            assert (status, headers["Retry-After"]) == (503, "5")
        assert headers["Content-Type"] == "application/problem+json"
        # No copy of what is public goes to whom a personal answer was due.
        assert stack.get("/", Cookie="a=b")[0] == 503
    finally:
        stack.start("web")
    wait_until(lambda: stack.get("/")[1]["X-Cache"] in ("MISS", "HIT"), "a new copy")
