"""Changes whose time has come, and many who read at once: published once, seen by all."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog import working
from blog.models import Post, Revision, WorkingRevision
from events.models import Event
from events.tests.test_races import side_by_side

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="threads cannot share SQLite's database in memory"
    ),
]


def test_one_of_many_readers_publishes_and_all_see_it(ada, make_post):
    post = make_post(author=ada)
    path, doors = "/posts/on-ink/", ("/posts/on-ink/", f"/api/v1/posts/{post.pk}/")
    for number in range(5):
        before = Revision.objects.count(), Event.objects.filter(kind="post.updated").count()
        working.keep_changes(Post.objects.get(), {"body": f"Text {number}."}, by=ada)
        due = timezone.now() - timedelta(seconds=1)
        WorkingRevision.objects.update(publish_at=due, scheduled_by=ada)
        answers = side_by_side(
            *[lambda path=door: Client().get(path).content for door in doors * 3],
            working.publish_due,
        )
        assert [f"Text {number}.".encode() in answer for answer in answers[:-1]] == [True] * 6
        after = Revision.objects.count(), Event.objects.filter(kind="post.updated").count()
        assert after == (before[0] + 1, before[1] + 1)
    assert not WorkingRevision.objects.exists()
    assert Client().get(path).status_code == 200


def test_two_who_publish_the_same_changes_publish_them_once(ada, make_post):
    post = make_post(author=ada)
    working.keep_changes(post, {"title": "New"}, by=ada)

    def publish():
        try:
            return working.publish_changes(post, by=ada).version
        except working.ValidationError as error:
            return error.messages

    answers = side_by_side(publish, publish)
    assert sorted(map(str, answers)) == ["3", "['There are no changes to publish.']"]
