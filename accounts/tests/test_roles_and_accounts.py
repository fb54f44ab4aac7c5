"""What is done to accounts: by whom, and what is never allowed."""

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command

from accounts import services
from accounts.models import Role, User
from accounts.services import (
    author_named,
    change_password,
    delete_user,
    ensure_first_administrator,
    save_user,
    set_active,
    set_role,
)
from events.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db) -> User:
    """A superuser."""
    return User.objects.create_superuser("root_user", "root@example.org", "correct horse battery")


@pytest.mark.parametrize("role", [*Role, None])
def test_a_role_is_one_group_and_opens_the_admin(role, rita, sam):
    set_role(rita, role, by=sam)
    rita = User.objects.get(pk=rita.pk)
    assert rita.role == role
    assert rita.is_staff == (role is not None)
    assert rita.groups.count() == (1 if role else 0)
    event = Event.objects.filter(kind="user.role_changed", subject_id=str(rita.pk)).get()
    assert (event.actor, event.payload) == (sam, {"role": role.value if role else None})


@pytest.mark.parametrize("person", ["rita", "cleo", "ada", "eve"])
def test_only_administrators_manage_people(person, request, bob):
    user = request.getfixturevalue(person)
    for attempt in (
        lambda: set_role(user, Role.ADMINISTRATOR, by=user),
        lambda: save_user(bob, by=user, role=Role.AUTHOR),
        lambda: set_active(bob, False, by=user),
        lambda: change_password(bob, "x", by=user),
        lambda: delete_user(bob, by=user),
    ):
        with pytest.raises(PermissionDenied):
            attempt()


def test_an_administrator_does_not_touch_superusers_and_makes_none(sam, root, rita):
    for attempt in (
        lambda: set_role(root, None, by=sam),
        lambda: save_user(root, by=sam, role=None),
        lambda: set_active(root, False, by=sam),
        lambda: change_password(root, "x", by=sam),
        lambda: delete_user(root, by=sam),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    rita.is_superuser = True
    with pytest.raises(PermissionDenied):
        save_user(rita, by=sam, role=None)
    assert not User.objects.get(pk=rita.pk).is_superuser


def test_a_superuser_makes_a_superuser(root, rita):
    rita.is_superuser = True
    save_user(rita, by=root, role=None)
    rita = User.objects.get(pk=rita.pk)
    assert (rita.is_superuser, rita.is_staff, rita.role) == (True, True, Role.ADMINISTRATOR)


# --- the last administrator -------------------------------------------------------------


def test_the_last_administrator_stays_one(sam):
    with pytest.raises(ValidationError, match="needs an administrator"):
        set_role(sam, Role.EDITOR, by=sam)
    with pytest.raises(ValidationError, match="needs an administrator"):
        save_user(sam, by=sam, role=None)
    with pytest.raises(ValidationError, match="needs an administrator"):
        set_active(sam, False, by=None)
    with pytest.raises(ValidationError, match="needs an administrator"):
        delete_user(sam, by=None)
    sam = User.objects.get()
    assert (sam.role, sam.is_active) == (Role.ADMINISTRATOR, True)


def test_an_inactive_administrator_does_not_count(sam, make_user):
    make_user("tom", Role.ADMINISTRATOR, is_active=False)
    with pytest.raises(ValidationError, match="needs an administrator"):
        set_role(sam, None, by=sam)


def test_with_another_one_an_administrator_may_step_down(sam, make_user):
    make_user("tom", Role.ADMINISTRATOR)
    set_role(sam, Role.EDITOR, by=sam)
    assert User.objects.get(pk=sam.pk).role == Role.EDITOR


def test_nobody_deactivates_or_deletes_the_own_account(sam, make_user):
    make_user("tom", Role.ADMINISTRATOR)
    with pytest.raises(ValidationError, match="your own"):
        set_active(sam, False, by=sam)
    own = User.objects.get(pk=sam.pk)
    own.is_active = False
    with pytest.raises(ValidationError) as caught:
        save_user(own, by=sam, role=Role.ADMINISTRATOR)
    assert list(caught.value.message_dict) == ["is_active"]
    with pytest.raises(PermissionDenied):
        delete_user(sam, by=sam)


# --- what accounts hold -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"username": "ab"}, "username"),
        ({"username": "a" * 51}, "username"),
        ({"username": "ada lovelace"}, "username"),
        ({"username": "ада"}, "username"),
        ({"username": "nul\x00"}, "username"),
        ({"username": "ADA"}, "__all__"),
        ({"email": "no address"}, "email"),
        ({"email": "ADA@Example.org"}, "email"),
        ({"email": "\uff41da@example.org"}, "email"),
        ({"display_name": "\x00"}, "display_name"),
        ({"display_name": "x" * 101}, "display_name"),
        ({"bio": "x" * 2_001}, "bio"),
        ({"bio": "\ud800"}, "bio"),
        ({"website": "javascript:alert(1)"}, "website"),
    ],
)
def test_what_cannot_be_an_account_is_refused_by_field(fields, wrong, ada, sam):
    user = User(**{"username": "new_user", "email": "new@example.org", **fields})
    user.set_password("correct horse battery")
    with pytest.raises(ValidationError) as caught:
        save_user(user, by=sam, role=None)
    assert wrong in caught.value.message_dict
    assert not User.objects.exclude(pk__in=[ada.pk, sam.pk]).exists()


def test_characters_that_xml_forbids_are_stripped_from_names(ada, sam):
    ada.display_name, ada.bio = "Ada\x0b  Lovelace", "one\ntwo\x01"
    save_user(ada, by=sam, role=Role.AUTHOR)
    ada.refresh_from_db()
    assert (ada.display_name, ada.bio) == ("Ada Lovelace", "one\ntwo")


def test_any_number_of_people_have_no_address(make_user):
    assert make_user("one", email="").email is None
    assert make_user("two", email=None).email_key is None


def test_a_change_is_an_event_that_names_the_fields_and_no_values(ada, sam):
    ada.bio = "Secret."
    save_user(ada, by=sam, role=Role.AUTHOR)
    event = Event.objects.get(kind="user.updated")
    assert (event.actor, event.payload) == (sam, {"changed": ["bio"]})


def test_a_hook_that_refuses_a_name_leaves_nothing(ada, sam, monkeypatch):
    def refuse(user, old_username):
        raise ValidationError({"username": "No."})

    monkeypatch.setattr(services, "naming_hooks", [refuse])
    ada.username = "lovelace"
    with pytest.raises(ValidationError, match="No"):
        save_user(ada, by=sam, role=Role.AUTHOR)
    assert User.objects.get(pk=ada.pk).username == "ada"


def test_who_has_posts_is_deactivated_not_deleted(ada, sam, make_post):
    make_post(author=ada)
    with pytest.raises(ValidationError, match="Deactivate"):
        delete_user(ada, by=sam)
    set_active(ada, False, by=sam)
    assert not User.objects.get(pk=ada.pk).is_active
    with pytest.raises(ValidationError, match="inactive already"):
        set_active(ada, False, by=sam)


def test_who_has_none_is_deleted(rita, sam):
    pk = rita.pk
    delete_user(rita, by=sam)
    assert not User.objects.filter(pk=pk).exists()
    assert Event.objects.get(kind="user.deleted").payload == {"username": "rita"}


# --- the first administrator ------------------------------------------------------------


def test_a_new_installation_gets_an_administrator_with_a_one_time_password():
    user, password = ensure_first_administrator()
    user = User.objects.get(pk=user.pk)
    assert (user.username, user.role, user.is_staff, user.is_superuser) == (
        "admin",
        Role.ADMINISTRATOR,
        True,
        True,
    )
    assert user.check_password(password)
    assert user.must_change_password
    again, second = ensure_first_administrator()
    assert (again.pk, second == password) == (user.pk, False)
    change_password(User.objects.get(), "my own good words", by=user)
    assert ensure_first_administrator()[1] is None


def test_a_taken_name_does_not_stop_the_first_administrator(make_user):
    make_user("Admin")
    user, password = ensure_first_administrator()
    assert (user.username, bool(password)) == ("admin_2", True)


def test_where_somebody_administers_nobody_is_added(sam):
    assert ensure_first_administrator() == (sam, None)


def test_createsuperuser_makes_an_administrator(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    call_command(
        "createsuperuser", username="root_user", email="Root@Example.org", interactive=False
    )
    user = User.objects.get()
    assert (user.role, user.is_staff, user.email_key) == (
        Role.ADMINISTRATOR,
        True,
        "root@example.org",
    )
    assert user.groups.get() == Group.objects.get(name=Role.ADMINISTRATOR)


def test_an_author_of_an_import_is_one_person_who_cannot_sign_in():
    one, same = author_named("Graydon  Hoare"), author_named("Graydon Hoare")
    assert one == same
    assert (one.username, one.is_active, one.has_usable_password()) == (
        "graydon_hoare",
        False,
        False,
    )
    assert author_named("李白").username.startswith("author")
    assert author_named("李白").pk != author_named("杜甫").pk


def test_a_made_name_is_never_the_former_one_of_somebody_else(ada, sam, client, make_post):
    make_post(author=ada)
    ada.username = "countess"
    save_user(ada, by=sam, role=Role.AUTHOR)
    named = author_named("Ada")
    assert named.username == "ada_2"
    assert client.get("/authors/ada/").headers["Location"] == "/authors/countess/"
    assert Event.objects.filter(kind="user.created", subject_id=str(named.pk)).exists()
