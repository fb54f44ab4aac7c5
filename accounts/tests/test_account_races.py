"""What two requests at once must not both get. Needs a database that serves several threads."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import PersonalToken, TokenFamily, User
from accounts.tests.api_client import PASSWORD, App, app_of, sign_in
from accounts.tokens import MAX_PERSONAL_TOKENS, make_personal_token
from lib.limits import hit

AT_ONCE = 6


@pytest.fixture
def at_once():
    """Runs `action(number)` in threads that start together; what each returned."""
    if connection.vendor == "sqlite":
        pytest.skip("threads cannot share SQLite's database in memory")

    def run(action, count: int = AT_ONCE) -> list:
        barrier, results = threading.Barrier(count), []

        def work(number: int) -> None:
            barrier.wait()
            try:
                results.append(action(number))
            finally:
                connection.close()

        threads = [threading.Thread(target=work, args=[number]) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == count
        return results

    return run


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_refresh_wins_and_the_family_ends(at_once, rita):
    for _round in range(5):
        token = sign_in("rita").json()["refresh_token"]
        answers = at_once(
            lambda _, token=token: App().post("auth/refresh/", {"refresh_token": token})
        )
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200] + [401] * (AT_ONCE - 1)
        won = next(answer.json() for answer in answers if answer.status_code == 200)
        after = App().post("auth/refresh/", {"refresh_token": won["refresh_token"]})
        assert after.status_code == 401
        assert App(won["access_token"]).get("users/me/").status_code == 401
    assert TokenFamily.objects.in_use().count() == 0


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_one_registration_wins_and_the_others_conflict(at_once):
    def register(number: int):
        # The same name and address in other letters.
        fields = {"username": ("nora", "NORA")[number % 2], "password": PASSWORD}
        return App().post("users/", {**fields, "email": ("n@e.org", "N@E.ORG")[number % 2]})

    codes = sorted(answer.status_code for answer in at_once(register))
    assert codes == [201] + [409] * (AT_ONCE - 1)
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_no_token_too_many(at_once, rita):
    for _ in range(MAX_PERSONAL_TOKENS - 2):
        make_personal_token(rita, name="Script", scopes=["read"])
    app = app_of("rita")
    fields = {"name": "Another", "scopes": ["read"]}
    codes = sorted(at_once(lambda _: App(app.token).post("auth/tokens/", fields).status_code))
    assert codes == [201] * 2 + [400] * (AT_ONCE - 2)
    assert PersonalToken.objects.in_use().count() == MAX_PERSONAL_TOKENS


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_parallel_guesses_are_counted_each(at_once, rita):
    codes = at_once(lambda number: sign_in("rita", f"guess {number}").status_code, 16)
    assert sorted(codes) == [401] * 5 + [429] * 11


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_cache_of_the_database_loses_no_count(at_once, settings):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache_of_this_test",
        }
    }
    call_command("createcachetable")
    try:
        passed = at_once(lambda _: hit("race", 7, 60), 16).count(None)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE cache_of_this_test")
    assert passed == 7
