"""Requests that come twice count once, and two at a time do not overwrite each other."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test import Client

from blog.models import Post, Tag
from events.idempotency import keep_answer, kept_answer
from events.models import Event, KeptAnswer
from events.tasks import forget_answers

pytestmark = pytest.mark.django_db
POSTS = "/api/v1/posts/"
URN = "urn:inkstone:problem:"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


def post_json(client, address, data, key=None, **headers):
    if key is not None:
        headers["Idempotency-Key"] = key
    return client.post(address, data, content_type="application/json", headers=headers)


@pytest.fixture
def writer(client, ada):
    client.force_login(ada)
    return client


def test_a_repeated_create_makes_one_post_and_gets_the_same_answer(writer):
    first = post_json(writer, POSTS, {"title": "One", "tags": ["ink"]}, key="k-1")
    again = post_json(writer, POSTS, '{"tags":["ink"],  "title":"One"}', key='"k-1"')
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (again["ETag"], again["Location"]) == (first["ETag"], first["Location"])
    assert "Idempotent-Replayed" not in first
    assert again["Idempotent-Replayed"] == "true"
    assert Post.objects.count() == 1
    assert Event.objects.filter(kind="post.created").count() == 1


def test_a_repeated_step_is_taken_once(writer, make_post, ada):
    post = make_post(author=ada, draft=True)
    answers = [post_json(writer, f"{POSTS}{post.pk}/publish/", {}, key="p") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert post.revisions.count() == 2


@pytest.mark.parametrize(
    ("address", "data"),
    [(POSTS, {"title": "Two"}), (f"{POSTS}?fields=id", {"title": "One"})],
)
def test_a_key_is_for_one_request(address, data, writer):
    post_json(writer, POSTS, {"title": "One"}, key="k")
    response = post_json(writer, address, data, key="k")
    assert (response.status_code, response.json()["type"]) == (422, URN + "idempotency-mismatch")
    assert Post.objects.count() == 1


def test_keys_of_two_people_have_nothing_to_do_with_each_other(writer, client, bob):
    post_json(writer, POSTS, {"title": "One"}, key="k")
    client.force_login(bob)
    response = post_json(client, POSTS, {"title": "One"}, key="k")
    assert response.json()["author_name"] == "Bob"
    assert Post.objects.count() == 2


def test_a_refusal_is_not_kept(writer):
    refused = post_json(writer, POSTS, {"title": ""}, key="k")
    assert refused.status_code == 400
    assert not KeptAnswer.objects.exists()
    assert post_json(writer, POSTS, {"title": "Better"}, key="k").status_code == 201


def test_a_crash_leaves_neither_the_post_nor_a_stuck_key(writer, monkeypatch):
    def crash(*args):
        raise RuntimeError("the power went")

    monkeypatch.setattr("events.idempotency.keep_answer", crash)
    writer.raise_request_exception = False
    response = post_json(writer, POSTS, {"title": "One"}, key="k")
    assert (response.status_code, response.json()["type"]) == (500, URN + "internal-error")
    assert response.json()["request_id"] == response["X-Request-ID"]
    assert not Post.objects.exists()
    monkeypatch.setattr("events.idempotency.keep_answer", keep_answer)
    assert post_json(writer, POSTS, {"title": "One"}, key="k").status_code == 201


def test_a_key_is_kept_for_a_day(writer):
    with time_machine.travel(NOW, tick=False):
        post_json(writer, POSTS, {"title": "One"}, key="k")
    with time_machine.travel(NOW + timedelta(hours=23, minutes=59), tick=False):
        forget_answers()
        assert "Idempotent-Replayed" in post_json(writer, POSTS, {"title": "One"}, key="k")
    with time_machine.travel(NOW + timedelta(hours=24), tick=False):
        assert "Idempotent-Replayed" not in post_json(writer, POSTS, {"title": "One"}, key="k")
        assert KeptAnswer.objects.count() == 1
    with time_machine.travel(NOW + timedelta(hours=48), tick=False):
        forget_answers()
    assert not KeptAnswer.objects.exists()


@pytest.mark.parametrize("key", ["x" * 256, "two words", "a\tb", '"'])
def test_a_key_that_cannot_be_kept_is_refused(key, writer):
    response = post_json(writer, POSTS, {"title": "One"}, key=key)
    assert (response.status_code, response.json()["type"]) == (400, URN + "bad-header")
    assert not Post.objects.exists()


def test_a_dry_run_uses_up_no_key(writer):
    tried = post_json(writer, f"{POSTS}?validate_only=true", {"title": "One"}, key="k")
    assert tried.json()["valid"] is True
    assert not KeptAnswer.objects.exists()


# --- at the same time -------------------------------------------------------------------


def at_once(*requests):
    """The answers to requests that are made at the same moment, each by its own connection."""
    barrier, answers = threading.Barrier(len(requests)), [None] * len(requests)

    def ask(place, request):
        barrier.wait()
        try:
            answers[place] = request()
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=ask, args=(place, request))
        for place, request in enumerate(requests)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


parallel = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="threads cannot share SQLite's database in memory"
)


@parallel
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_two_changes_of_one_version_one_is_refused(ada, make_post):
    post = make_post(author=ada)
    clients = [signed_in(ada) for _ in range(4)]

    def change(number):
        return lambda: clients[number].put(
            f"{POSTS}{post.pk}/",
            {"title": f"Title {number}"},
            content_type="application/json",
            headers={"If-Match": '"v2.0"'},
        )

    answers = at_once(*map(change, range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    winner = next(answer for answer in answers if answer.status_code == 200)
    post.refresh_from_db()
    assert (post.title, post.version) == (winner.json()["title"], 3)


@parallel
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_patches_of_different_fields_both_count(ada, make_post):
    post = make_post(author=ada)
    clients = [signed_in(ada) for _ in range(2)]
    given = [{"subtitle": "New"}, {"seo_title": "New"}]
    at_once(
        *(
            lambda client=client, data=data: client.patch(
                f"{POSTS}{post.pk}/", data, content_type="application/json"
            )
            for client, data in zip(clients, given, strict=True)
        )
    )
    post.refresh_from_db()
    assert (post.subtitle, post.seo_title, post.version) == ("New", "New", 4)


@parallel
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_race_for_a_slug_and_a_tag_ends_without_an_error(ada):
    clients = [signed_in(ada) for _ in range(4)]
    data = {"title": "On ink", "tags": ["brand new"]}
    answers = at_once(*(lambda c=client: post_json(c, POSTS, data) for client in clients))
    assert [answer.status_code for answer in answers] == [201] * 4
    slugs = {answer.json()["slug"] for answer in answers}
    assert slugs == {"on-ink", "on-ink-2", "on-ink-3", "on-ink-4"}
    assert Tag.objects.filter(name="brand new").count() == 1


@parallel
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_same_key_twice_at_once_makes_one_post(ada):
    clients = [signed_in(ada) for _ in range(4)]
    data = {"title": "On ink"}
    answers = at_once(*(lambda c=client: post_json(c, POSTS, data, key="k") for client in clients))
    statuses = sorted(answer.status_code for answer in answers)
    assert set(statuses) <= {201, 409}
    assert Post.objects.count() == 1
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"] == URN + "idempotency-in-flight"
            assert answer["Retry-After"] == "1"
    assert post_json(clients[0], POSTS, data, key="k")["Idempotent-Replayed"] == "true"


@parallel
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_key_in_flight_is_told(ada):
    client = signed_in(ada)
    entered, leave, waited = threading.Event(), threading.Event(), []

    def first():
        try:
            with transaction.atomic():
                kept_answer(f"user:{ada.pk}", "k", "print")
                entered.set()
                waited.append(leave.wait(60))
        finally:
            connections.close_all()

    thread = threading.Thread(target=first)
    thread.start()
    assert entered.wait(60)
    answer = post_json(client, POSTS, {"title": "One"}, key="k")
    leave.set()
    thread.join()
    assert (answer.status_code, answer.json()["type"]) == (409, URN + "idempotency-in-flight")
    assert post_json(client, POSTS, {"title": "One"}, key="k").status_code == 201
