"""People in the admin: who finds them, what may be set, and what is never possible."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from events.models import Event

pytestmark = pytest.mark.django_db
LIST = "/admin/accounts/user/"
PASSWORD = "correct horse battery"


def url(user: User, tail: str = "change/") -> str:
    return f"{LIST}{user.pk}/{tail}"


def filled(user: User, **changes) -> dict:
    """The form of `user` as a browser would send it back."""
    form = {
        "username": user.username,
        "email": user.email or "",
        "display_name": user.display_name,
        "bio": user.bio,
        "website": user.website,
        "language": user.language,
        "time_zone": user.time_zone,
        "role": user.role or "",
        "is_active": "on",
    }
    form.update(changes)
    return {name: value for name, value in form.items() if value is not None}


@pytest.fixture
def root(db) -> User:
    return User.objects.create_superuser("root_user", "root@example.org", PASSWORD)


def test_an_administrator_changes_a_profile_and_a_role(client, sam, ada):
    client.force_login(sam)
    response = client.post(url(ada), filled(ada, display_name="Ada L.", role="Editor"))
    assert (response.status_code, response["Location"]) == (302, LIST)
    ada = User.objects.get(pk=ada.pk)
    assert (ada.display_name, ada.role, ada.is_staff) == ("Ada L.", Role.EDITOR, True)
    assert Event.objects.filter(kind="user.role_changed", actor=sam).count() == 1


@pytest.mark.parametrize("person", ["cleo", "ada", "eve"])
def test_others_find_no_people_at_all(person, request, client, bob):
    client.force_login(request.getfixturevalue(person))
    for address in (LIST, f"{LIST}add/", url(bob), url(bob, "password/"), url(bob, "delete/")):
        assert client.get(address).status_code == 404
        assert client.post(address, filled(bob, role="Administrator")).status_code == 404
    assert client.get("/admin/auth/group/").status_code == 404
    assert User.objects.get(pk=bob.pk).role == Role.AUTHOR


def test_a_new_account_gets_a_one_time_password(client, sam):
    client.force_login(sam)
    form = {
        "username": "newcomer",
        "email": "new@example.org",
        "display_name": "",
        "role": "Author",
    }
    response = client.post(f"{LIST}add/", {**form, "password1": PASSWORD, "password2": PASSWORD})
    user = User.objects.get(username="newcomer")
    assert (response.status_code, response["Location"]) == (302, url(user))
    assert (user.role, user.must_change_password) == (Role.AUTHOR, True)
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "EVE"}, "taken"),
        ({"username": "e v e"}, "letters"),
        ({"email": "EVE@example.org"}, "taken"),
        ({"role": "Owner"}, "valid choice"),
        ({"website": "javascript:alert(1)"}, "valid URL"),
        ({"bio": "x" * 2_001}, "2000"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(changes, said, client, sam, ada, eve):
    client.force_login(sam)
    response = client.post(url(ada), filled(ada, **changes))
    assert response.status_code == 200
    assert said in response.content.decode()
    stored = User.objects.get(pk=ada.pk)
    assert (stored.username, stored.email, stored.role) == ("ada", "ada@example.org", Role.AUTHOR)


def test_what_only_a_service_knows_is_a_form_error_too(client, sam):
    client.force_login(sam)
    for changes in ({"role": "Editor"}, {"is_active": None}):
        response = client.post(url(sam), filled(sam, **changes))
        assert response.status_code == 200
        assert "errornote" in response.content.decode()
    assert User.objects.get().role == Role.ADMINISTRATOR


def test_fields_that_are_not_in_the_form_are_never_set(client, sam, ada):
    client.force_login(sam)
    planted = {"is_superuser": "on", "is_staff": "on", "groups": "4", "user_permissions": "1"}
    planted |= {"password": "x", "email_key": "x", "date_joined_0": "2001-01-01", "id": "99"}
    client.post(url(ada), filled(ada, role="", **planted))
    stored = User.objects.get(pk=ada.pk)
    assert (stored.is_superuser, stored.is_staff, stored.role) == (False, False, None)
    assert not stored.user_permissions.exists()
    assert stored.check_password(PASSWORD)


def test_an_administrator_only_looks_at_a_superuser(client, sam, root):
    client.force_login(sam)
    assert client.get(url(root)).status_code == 200
    assert client.post(url(root), filled(root, display_name="Mine")).status_code == 404
    for tail in ("password/", "delete/"):
        assert client.get(url(root, tail)).status_code == 404
        assert client.post(url(root, tail), {"post": "yes"}).status_code == 404
    assert User.objects.get(pk=root.pk).display_name == ""


def test_a_superuser_makes_superusers(client, root, ada):
    client.force_login(root)
    client.post(url(ada), filled(ada, is_superuser="on"))
    assert User.objects.get(pk=ada.pk).is_superuser


def test_a_password_given_by_an_administrator_is_for_one_time(client, sam, ada):
    client.force_login(sam)
    new = {"password1": "another good word", "password2": "another good word"}
    assert client.get(url(ada, "password/")).status_code == 200
    assert client.post(url(ada, "password/"), new).status_code == 302
    ada.refresh_from_db()
    assert ada.must_change_password
    assert ada.check_password("another good word")
    assert Event.objects.get(kind="user.password_changed").actor == sam


def test_the_own_password_is_changed_where_the_old_one_is_asked_for(client, sam):
    client.force_login(sam)
    response = client.get(url(sam, "password/"))
    assert response["Location"] == "/admin/password_change/"


def test_a_writer_with_posts_is_not_deleted(client, sam, ada, make_post):
    make_post(author=ada)
    client.force_login(sam)
    assert client.get(url(ada, "delete/")).status_code == 200
    response = client.post(url(ada, "delete/"), {"post": "yes"}, follow=True)
    assert "Deactivate it instead" in response.content.decode()
    assert User.objects.filter(pk=ada.pk).exists()


def test_somebody_without_posts_is_deleted(client, sam, rita):
    client.force_login(sam)
    assert client.post(url(rita, "delete/"), {"post": "yes"}).status_code == 302
    assert not User.objects.filter(pk=rita.pk).exists()


def test_accounts_are_deactivated_one_by_one_with_an_answer_for_each(client, sam, ada, root):
    client.force_login(sam)
    action = {"action": "deactivate", "_selected_action": [ada.pk, root.pk, sam.pk]}
    html = client.post(LIST, action, follow=True).content.decode()
    assert "1 account changed." in html
    assert "Root_user: You may not do this." in html
    assert "Sam: You cannot deactivate your own account." in html
    assert set(User.objects.filter(is_active=False)) == {ada}


@pytest.mark.parametrize("query", ["?q=ada", "?q=lovelace", "?q=ADA@example.org", "?role=Author"])
def test_people_are_found(query, client, sam, ada, eve):
    client.force_login(sam)
    html = client.get(LIST + query).content.decode()
    assert url(ada) in html
    assert url(eve) not in html


def test_the_list_costs_the_same_for_3_and_30_people(client, sam, make_user):
    client.force_login(sam)
    counts = []
    for start, end in ((0, 3), (3, 30)):
        for number in range(start, end):
            make_user(f"user_{number}", Role.AUTHOR)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 10


def test_roles_are_shown_and_never_changed(client, root):
    client.force_login(root)
    group = f"/admin/auth/group/{Group.objects.first().pk}/"
    assert client.get("/admin/auth/group/").status_code == 200
    assert client.get(f"{group}change/").status_code == 200
    assert client.post(f"{group}change/", {"name": "x"}).status_code == 404
    assert client.get("/admin/auth/group/add/").status_code == 404
    assert client.get(f"{group}delete/").status_code == 404


def test_editors_choose_authors_without_seeing_the_list_of_people(client, eve, cleo, ada):
    query = "/admin/autocomplete/?app_label=blog&model_name=postauthor&field_name=user&term=ada"
    client.force_login(eve)
    response = client.get(query)
    assert response.json()["results"] == [{"id": str(ada.pk), "text": "Ada Lovelace"}]
    client.force_login(cleo)
    assert client.get(query).status_code == 404
