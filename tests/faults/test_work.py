"""Side effects while workers, the broker and the mail server die: none lost, none twice."""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.stack import ROOT, Stack, free_port, wait_until
from tests.faults.asking import report
from tests.faults.receivers import MailServer, WebhookReceiver

KILLING_SECONDS, KILLS = 25, 100  # at least both
PUBLISHES = 200


@pytest.fixture(scope="module")
def ports():
    return {"mail": free_port(), "hooks": free_port()}


@pytest.fixture(scope="module")
def outbox(servers, ports):
    """A stack whose mail and webhooks come to us; the test itself is its beat."""
    with Stack(
        parts=("redis", "worker"),
        safe_writes=False,
        EMAIL_URL=f"smtp://127.0.0.1:{ports['mail']}",
        WEBHOOKS_ALLOW_LOOPBACK="true",
    ) as running:
        running.python(ENDPOINT.format(port=ports["hooks"]))
        yield running


ENDPOINT = """
from accounts.models import Role, User
from accounts.services import set_role
from events.models import WebhookEndpoint
from events.webhooks import save_endpoint
sam = User.objects.create_user("sam", email="sam@example.org", password="correct horse battery")
set_role(sam, Role.ADMINISTRATOR)
save_endpoint(WebhookEndpoint(url="http://127.0.0.1:{port}/", kinds=["post.published"]), by=sam)
"""

# Writes posts and publishes them, each with a mail in the same transaction, for some seconds,
# a number of times, or until a file is there; says how many, and how long the slowest took.
PUBLISH = """
import os, time
from django.db import transaction
from accounts.models import User
from blog.models import Post
from blog.services import publish_content, save_content
from events.mail import queue_rendered_mail
sam = User.objects.get(username="sam")
end = time.monotonic() + {seconds}
done, slowest = 0, 0.0
while done < {limit} and time.monotonic() < end and not os.path.exists("{stop}"):
    began = time.monotonic()
    with transaction.atomic():
        post = Post(title=f"{title} {{done}}", body="Ink.")
        save_content(post, by=None, authors=[sam])
        publish_content(post, by=None)
        queue_rendered_mail("rita@example.org", "Hello", "Text.", kind="{title}")
    slowest = max(slowest, time.monotonic() - began)
    done += 1
    time.sleep({pause})
print(done, slowest)
"""

# What beat does each minute, as if the leases of the dead and all waits were over.
CATCH_UP = """
import json, time
from datetime import timedelta
from django.utils import timezone
from events.models import Event, Mail, Receipt, WebhookDelivery, WebhookEndpoint
from events.tasks import sweep
from events.webhook_tasks import deliver_webhooks
for turn in range({turns}):
    now = timezone.now()
    WebhookEndpoint.objects.update(not_before=None)
    for model in (Receipt, Mail, WebhookDelivery):
        dead = model.objects.filter(claimed_until__lt=now + model.LEASE - timedelta(seconds=12))
        dead.update(claimed_until=now - timedelta(seconds=1))
        model.objects.waiting().update(due_at=now)
    sweep.delay()
    deliver_webhooks.delay()
    time.sleep(1)
    left = sum(m.objects.waiting().count() for m in (Receipt, Mail, WebhookDelivery))
    left += Event.objects.filter(position=None).count()
    if not left:
        break
mails = Mail.objects.filter(kind="{title}")
print(json.dumps({{
    "left": left,
    "mails": list(mails.filter(state="done").values_list("message_id", flat=True)),
    "in_doubt": list(mails.filter(state="parked").values_list("message_id", flat=True)),
    "events": list(WebhookDelivery.objects.filter(kind="post.published", state="done")
        .values_list("message_id", flat=True)),
    "parked": WebhookDelivery.objects.parked().count(),
}}))
"""


def caught_up(stack: Stack, title: str) -> dict:
    """What became of everything, once nothing is left to do; a busy machine takes its time."""
    return json.loads(stack.python(CATCH_UP.format(turns=240, title=title)))


def children(pid: int) -> list[int]:
    """The processes that the worker keeps to do the work."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(status.parent.name))
    return found


def in_background(stack: Stack, script: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup()\n{script}"],
        cwd=ROOT,
        env={**stack.environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_workers_are_killed_in_the_middle_of_their_work(outbox, ports):
    dice = random.Random(7)  # noqa: S311  Dice, not secrets.
    mail, hooks = MailServer(ports["mail"]), WebhookReceiver(ports["hooks"])
    try:
        stop = outbox.folder / "stop"
        writing = in_background(
            outbox,
            PUBLISH.format(title="Killed", seconds=600, limit=10_000, pause=0.03, stop=stop),
        )
        kills, began = 0, time.monotonic()
        while writing.poll() is None:
            if kills >= KILLS and time.monotonic() - began > KILLING_SECONDS:
                stop.touch()
            time.sleep(dice.uniform(0.05, 0.3))
            for child in children(outbox.worker.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                    kills += 1
        done = int(writing.communicate()[0].split()[0])
        state = caught_up(outbox, "Killed")
    finally:
        mail.close()
        hooks.close()
    arrived = set(mail.messages)
    lost = set(state["mails"]) - arrived
    doubled = [key for key, count in mail.messages.items() if count > 1]
    told = [key for key, _body in hooks.calls]
    report(
        "Workers killed",
        operations=2 * done,
        faults=kills,
        lost=len(lost) + len(set(state["events"]) - set(told)),
        doubled=len(doubled),
        mails_in_doubt=len(state["in_doubt"]),
        webhooks_repeated_under_their_id=len(told) - len(set(told)),
    )
    assert state["left"] == 0
    assert kills >= KILLS
    assert lost == set()
    assert doubled == []
    # Every one is accounted for: sent, or shown to a person as in doubt.
    assert len(state["mails"]) + len(state["in_doubt"]) == done
    assert len(set(told)) == len(state["events"]) == done
    assert state["parked"] == 0


def test_redis_is_stopped_during_200_publishes(outbox, ports):
    mail, hooks = MailServer(ports["mail"]), WebhookReceiver(ports["hooks"])
    before = len(json.loads(outbox.python(CATCH_UP.format(turns=1, title="Redis")))["events"])
    try:
        writing = in_background(
            outbox, PUBLISH.format(title="Redis", seconds=600, limit=PUBLISHES, pause=0.02, stop="")
        )
        wait_until(lambda: len(hooks.calls) > 5, "the first webhooks")
        outbox.redis.kill()
        done, slowest = writing.communicate()[0].split()
        outbox.start("redis")
        began = time.monotonic()
        wait_until(outbox.worker_is_back, "the worker")
        state = caught_up(outbox, "Redis")
        took = time.monotonic() - began
    finally:
        mail.close()
        hooks.close()
    told = {key for key, _body in hooks.calls}
    report(
        "Redis stopped during publishes",
        operations=int(done),
        faults=1,
        lost=PUBLISHES - len(told) + PUBLISHES - len(mail.messages),
        doubled=sum(mail.messages.values()) - len(mail.messages) + len(hooks.calls) - len(told),
        slowest_save=f"{float(slowest):.2f} s",
        all_done_after=f"{took:.0f} s",
    )
    assert int(done) == PUBLISHES, "no save failed"
    assert float(slowest) < 30, "no save waits for the broker"
    assert state["left"] == 0
    assert len(state["events"]) - before == len(told) == PUBLISHES
    assert len(mail.messages) == PUBLISHES
    assert set(mail.messages.values()) == {1}


def test_the_mail_server_is_away_and_comes_back(outbox, ports):
    hooks = WebhookReceiver(ports["hooks"])
    wait_until(outbox.worker_is_back, "the worker")
    try:
        writing = in_background(
            outbox, PUBLISH.format(title="Mail", seconds=600, limit=50, pause=0, stop="")
        )
        assert int(writing.communicate()[0].split()[0]) == 50
        away = json.loads(outbox.python(CATCH_UP.format(turns=3, title="Mail")))
        mail = MailServer(ports["mail"])
        try:
            state = caught_up(outbox, "Mail")
        finally:
            mail.close()
    finally:
        hooks.close()
    report(
        "Mail server away",
        operations=50,
        faults=1,
        lost=50 - len(mail.messages),
        doubled=sum(mail.messages.values()) - len(mail.messages),
    )
    assert away["mails"] == away["in_doubt"] == []
    assert len(state["mails"]) == 50
    assert state["in_doubt"] == []
    assert set(mail.messages) == set(state["mails"])
    assert set(mail.messages.values()) == {1}
