"""Webhooks: signed, in order, tried for three days, never to a private address."""

import base64
import hashlib
import hmac
import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as outbox
from django.core.exceptions import PermissionDenied, ValidationError

from accounts.models import Role
from accounts.services import set_role
from events import webhooks
from events.models import WebhookAttempt, WebhookEndpoint
from events.services import record
from events.tasks import sweep
from events.webhook_tasks import deliver_webhooks
from lib.fetch import Answer, FetchError

pytestmark = pytest.mark.django_db

# What was before the endpoint is not told to it: so later than any day on which this runs.
NOON = datetime(2100, 5, 1, 12, tzinfo=UTC)


class Receiver:
    """A program at the other end; answers as the test says."""

    def __init__(self):
        self.status, self.headers, self.requests = 200, {}, []
        self.refused = None  # a kind

    def __call__(self, url, *, method, headers, body, max_bytes, allow_loopback):
        assert method == "POST"
        if self.status is None:
            raise FetchError("ConnectionRefusedError: refused")
        self.requests.append((url, headers, json.loads(body), body))
        status = 400 if json.loads(body)["type"] == self.refused else self.status
        return Answer(status, self.headers, b"Thank you\0", 0.01, "8.8.8.8")

    @property
    def told(self):
        return [body["type"] for _url, _headers, body, _raw in self.requests]


@pytest.fixture
def receiver(monkeypatch, time_machine):
    time_machine.move_to(NOON, tick=False)
    made = Receiver()
    monkeypatch.setattr(webhooks, "safe_fetch", made)
    return made


@pytest.fixture
def endpoint(sam, receiver) -> WebhookEndpoint:
    made = WebhookEndpoint(url="https://hooks.example.org/in", kinds=["post.*", "user.*"])
    return webhooks.save_endpoint(made, by=sam)


@pytest.fixture
def after(time_machine):
    """`after(hours=1)`: that later, everything that beat does in a minute."""
    moment = [NOON]

    def later(**delta):
        moment[0] += timedelta(**delta)
        time_machine.move_to(moment[0], tick=False)
        sweep()
        deliver_webhooks()

    return later


def test_an_event_is_told_signed_and_as_its_owner_sees_it(endpoint, receiver, make_post, after):
    post = make_post(draft=True, title="Ink")
    after()
    url, headers, body, raw = receiver.requests[-1]
    assert url == "https://hooks.example.org/in"
    assert body["type"] == "post.created"
    assert body["timestamp"] == "2100-05-01T12:00:00Z"
    assert body["data"]["subject"] == {"type": "post", "id": str(post.pk)}
    assert body["data"]["object"]["title"] == "Ink"
    assert headers["Content-Type"] == "application/json"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    key = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + raw
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    delivery = endpoint.deliveries.get(kind="post.created")
    assert (delivery.state, delivery.message_id) == ("done", headers["webhook-id"])
    attempt = delivery.attempts.get()
    assert (attempt.status, attempt.answer) == (200, "Thank you\N{REPLACEMENT CHARACTER}")


def test_the_signature_is_that_of_the_convention():
    """The example of the specification's reference implementation."""
    assert (
        webhooks.signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_only_what_was_asked_for_and_happened_since_is_told(receiver, sam, rita, after):
    record("user.before", rita)
    one = WebhookEndpoint(url="https://one.example.org/", kinds=["user.happy"])
    all_ = WebhookEndpoint(url="https://all.example.org/", kinds=["*"])
    after(minutes=1)
    for endpoint in (one, all_):
        webhooks.save_endpoint(endpoint, by=sam)
    record("user.happy", rita)
    record("user.bored", rita)
    after(minutes=1)
    told = [(url, body["type"]) for url, _headers, body, _raw in receiver.requests]
    assert ("https://one.example.org/", "user.happy") in told
    assert [kind for url, kind in told if "one" in url] == ["user.happy"]
    assert {kind for url, kind in told if "all" in url} >= {"user.happy", "user.bored"}
    assert "user.before" not in {kind for _url, kind in told}


def test_a_new_secret_signs_beside_the_old_one_for_a_day(endpoint, receiver, sam, rita, after):
    old = endpoint.secret
    new = webhooks.rotate_secret(endpoint, by=sam).secret
    assert new != old
    record("user.happy", rita)
    after(hours=1)
    _url, headers, _body, raw = receiver.requests[-1]
    stamp = int(headers["webhook-timestamp"])
    assert headers["webhook-signature"].split() == [
        webhooks.signature(secret, headers["webhook-id"], stamp, raw) for secret in (new, old)
    ]
    record("user.happy", rita)
    after(days=2)
    assert len(receiver.requests[-1][1]["webhook-signature"].split()) == 1


def test_a_receiver_that_was_down_for_hours_gets_all_in_order_once(
    endpoint, receiver, rita, bob, ada, after
):
    """60 events in seven hours of silence: none lost, none doubled."""
    receiver.status = None
    users, sent = (rita, bob, ada), []
    for number in range(60):
        user = users[number % 3]
        record(f"user.step_{'abcdefghij'[number % 10]}", user, payload={"n": number})
        sent.append((str(user.pk), f"user.step_{'abcdefghij'[number % 10]}"))
        after(minutes=7)
    assert receiver.requests == []
    failures = WebhookAttempt.objects.count()
    assert 10 < failures < 500, "it is left in peace, and still tried"
    receiver.status = 200
    for _ in range(14):
        after(hours=1)
    got = [
        (body["data"]["subject"]["id"], body["type"])
        for _url, _headers, body, _raw in receiver.requests
        if "step" in body["type"]
    ]
    for user in users:
        key = str(user.pk)
        assert [entry for entry in got if entry[0] == key] == [e for e in sent if e[0] == key]
    ids = Counter(headers["webhook-id"] for _url, headers, _body, _raw in receiver.requests)
    assert set(ids.values()) == {1}
    assert len(got) == 60


def test_a_later_event_of_a_subject_waits_for_the_earlier_one(endpoint, receiver, rita, bob, after):
    record("user.first", rita)
    after()
    receiver.requests.clear()
    receiver.status = 500
    record("user.second", rita)
    after(seconds=1)
    receiver.status = 200
    record("user.third", rita)
    record("user.other", bob)
    after(seconds=2)
    assert "user.third" not in receiver.told[:2]
    after(minutes=1)
    own = [kind for kind in receiver.told if kind in ("user.second", "user.third")]
    assert own == ["user.second", "user.second", "user.third"]
    assert "user.other" in receiver.told


def test_each_try_has_the_same_id_and_text(endpoint, receiver, make_post, after):
    post = make_post(draft=True, title="Before")
    receiver.status = 503
    after()
    post.title = "After"
    post.save()
    receiver.status = 200
    after(minutes=10)
    first, second = [r for r in receiver.requests if r[2]["type"] == "post.created"]
    assert first[1]["webhook-id"] == second[1]["webhook-id"]
    assert first[3] == second[3]


def test_retry_after_is_heard(endpoint, receiver, rita, after):
    receiver.status, receiver.headers = 429, {"retry-after": "7200"}
    record("user.happy", rita)
    after()
    delivery = endpoint.deliveries.get(kind="user.happy")
    assert delivery.due_at == NOON + timedelta(hours=2)


def test_an_endpoint_that_fails_for_three_days_is_paused_and_its_owner_told(
    endpoint, receiver, rita, sam, after
):
    receiver.status = None
    for _ in range(30):
        record("user.happy", rita)
        after(hours=4)
    endpoint.refresh_from_db()
    assert endpoint.paused_at is not None
    assert "three days" in endpoint.pause_reason
    attempts = WebhookAttempt.objects.count()
    after(hours=5)
    assert WebhookAttempt.objects.count() == attempts, "a paused endpoint is left alone"
    mails = [message for message in outbox.outbox if message.to == [sam.email]]
    assert len(mails) == 1
    assert "paused" in mails[0].subject
    assert f"/admin/events/webhookendpoint/{endpoint.pk}/change/" in mails[0].body
    receiver.status = 200
    webhooks.resume_endpoint(endpoint, by=sam)
    for _ in range(3):
        after(minutes=1)
    assert receiver.told.count("user.happy") == 30
    assert not endpoint.deliveries.waiting().exists()


def test_an_endpoint_that_says_gone_is_paused_at_once(endpoint, receiver, rita, after):
    receiver.status = 410
    record("user.happy", rita)
    after()
    endpoint.refresh_from_db()
    assert endpoint.paused_at == NOON


def test_one_event_that_is_refused_for_three_days_is_given_up(endpoint, receiver, rita, bob, after):
    """Others get through, so it is not the endpoint that is paused."""
    receiver.refused = "user.bad"
    record("user.bad", rita)
    for _ in range(30):
        record("user.fine", bob)
        after(hours=4)
    bad = endpoint.deliveries.get(kind="user.bad")
    assert (bad.state, bad.tries, bad.error) == ("parked", 10, "It answered 400.")
    assert bad.attempts.count() == 10
    endpoint.refresh_from_db()
    assert endpoint.paused_at is None
    assert receiver.told.count("user.fine") == 30


def test_what_is_given_up_or_delivered_can_be_sent_again_with_its_id(
    endpoint, receiver, rita, sam, after
):
    record("user.happy", rita)
    after()
    delivery = endpoint.deliveries.get(kind="user.happy")
    webhooks.replay(delivery, by=sam)
    with pytest.raises(ValidationError):
        webhooks.replay(delivery, by=sam)
    after(minutes=1)
    ids = [r[1]["webhook-id"] for r in receiver.requests if r[2]["type"] == "user.happy"]
    assert ids == [delivery.message_id] * 2


def test_an_owner_who_is_no_administrator_any_more_gets_nothing(
    endpoint, receiver, sam, rita, make_user, after
):
    make_user("second", Role.ADMINISTRATOR)
    set_role(sam, None)
    receiver.requests.clear()
    record("user.happy", rita)
    after()
    endpoint.refresh_from_db()
    assert receiver.requests == []
    assert endpoint.paused_at is not None


@pytest.mark.parametrize(
    "fields",
    [
        {"url": "http://127.0.0.1/"},
        {"url": "http://169.254.169.254/latest/"},
        {"url": "https://example.org:8443/"},
        {"url": "ftp://example.org/"},
        {"url": ""},
        {"kinds": []},
        {"kinds": ["post.*"] * 51},
        {"kinds": ["Post!"]},
        {"kinds": "post.*"},
        {"kinds": [1]},
        {"kinds": {"a": 1}},
    ],
)
def test_what_cannot_be_an_endpoint_is_refused(sam, fields):
    made = WebhookEndpoint(**{"url": "https://hooks.example.org/", "kinds": ["*"], **fields})
    with pytest.raises(ValidationError):
        webhooks.save_endpoint(made, by=sam)


def test_only_administrators_have_webhooks(eve, endpoint):
    for function in (
        webhooks.rotate_secret,
        webhooks.delete_endpoint,
        webhooks.ping_endpoint,
        webhooks.pause_endpoint,
        webhooks.resume_endpoint,
        webhooks.save_endpoint,
    ):
        with pytest.raises(PermissionDenied):
            function(endpoint, by=eve)


# --- the API ------------------------------------------------------------------------------

URL = "/api/v1/webhooks/"
NEW = {"url": "https://hooks.example.org/in", "description": "Ours", "kinds": ["post.live"]}


def test_the_life_of_a_webhook_over_the_api(client, sam, receiver, rita, after):
    client.force_login(sam)
    made = client.post(URL, NEW, content_type="application/json")
    assert made.status_code == 201
    key, secret = made.json()["id"], made.json()["secret"]
    assert made.json() == {
        **NEW,
        "id": key,
        "owner": "sam",
        "created_at": "2100-05-01T12:00:00Z",
        "paused_at": None,
        "pause_reason": "",
        "failing_since": None,
        "secret": secret,
    }
    one = f"{URL}{key}/"
    assert "secret" not in client.get(one).json()
    assert [row["id"] for row in client.get(URL).json()["results"]] == [key]
    changed = client.patch(one, {"kinds": ["user.*"]}, content_type="application/json")
    assert changed.json()["kinds"] == ["user.*"]
    rotated = client.post(f"{one}rotate/").json()["secret"]
    assert rotated != secret
    assert client.post(f"{one}ping/").json()["status"] == 200
    assert receiver.told == ["webhook.ping"]
    record("user.happy", rita)
    after()
    log = client.get(f"{one}deliveries/").json()["results"]
    assert [(row["kind"], row["state"]) for row in log] == [
        ("user.happy", "done"),
        ("webhook.ping", "done"),
    ]
    detail = f"{one}deliveries/{log[0]['id']}/"
    assert json.loads(client.get(detail).json()["body"])["type"] == "user.happy"
    assert client.get(detail).json()["attempts"][0]["status"] == 200
    assert client.post(f"{detail}replay/").json()["state"] == "waiting"
    assert client.post(f"{detail}replay/").status_code == 400
    assert client.post(f"{one}pause/").json()["pause_reason"]
    assert client.post(f"{one}resume/").json()["paused_at"] is None
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**NEW, "url": "http://10.0.0.1/"}, "#/url"),
        ({**NEW, "kinds": ["POST"]}, "#/kinds"),
        ({**NEW, "kinds": []}, "#/kinds"),
        ({"url": NEW["url"]}, "#/kinds"),
        ({**NEW, "url": "x" * 3000}, "#/url"),
    ],
)
def test_a_bad_webhook_is_refused_with_a_pointer(client, sam, body, pointer):
    client.force_login(sam)
    answer = client.post(URL, body, content_type="application/json")
    assert answer.status_code == 400
    assert pointer in {error["pointer"] for error in answer.json()["errors"]}


@pytest.mark.parametrize("who", ["anonymous", "rita", "ada", "eve"])
def test_others_find_no_webhooks(client, request, who, endpoint):
    if who != "anonymous":
        client.force_login(request.getfixturevalue(who))
    expected = 401 if who == "anonymous" else 404
    one = f"{URL}{endpoint.pk}/"
    assert client.get(URL).status_code == expected
    assert client.get(one).status_code == expected
    for path in (URL, *(f"{one}{name}/" for name in ("rotate", "ping", "pause", "resume"))):
        assert client.post(path, NEW, content_type="application/json").status_code == expected
    assert client.delete(one).status_code == expected


def test_reading_the_log_costs_a_fixed_number_of_queries(
    client, sam, endpoint, receiver, rita, after, django_assert_max_num_queries
):
    for _ in range(10):
        record("user.happy", rita)
    after()
    client.force_login(sam)
    with django_assert_max_num_queries(16):
        assert len(client.get(f"{URL}{endpoint.pk}/deliveries/").json()["results"]) >= 10
