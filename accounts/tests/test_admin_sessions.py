"""What an administrator sees of the ways into an account, and does about them."""

import pytest
from django.urls import reverse

from accounts.models import AuditEntry, User
from events.models import Mail

pytestmark = pytest.mark.django_db
LIST = reverse("admin:accounts_user_changelist")


def act(client, action: str, *users: User):
    rows = {"_selected_action": [user.pk for user in users]}
    return client.post(LIST, {"action": action, **rows}, follow=True)


def test_the_page_tells_of_factors_sessions_and_last_sign_in(client, sam, ada):
    elsewhere = type(client)()
    elsewhere.post("/account/login/", {"login": "ada", "password": "correct horse battery"})
    client.force_login(sam)
    html = client.get(reverse("admin:accounts_user_change", args=[ada.pk])).content.decode()
    assert "Browsers: 1, apps: 0, personal tokens: 0" in html
    assert "Second factors" in html


def test_an_administrator_signs_somebody_out_everywhere(client, sam, ada):
    elsewhere = type(client)()
    elsewhere.force_login(ada)
    client.force_login(sam)
    assert act(client, "sign_out", ada).status_code == 200
    assert elsewhere.get("/account/").status_code == 302
    assert AuditEntry.objects.filter(action="user.signed_out_everywhere", actor=sam).exists()


def test_an_administrator_stays_here_when_signing_out_themselves(client, sam):
    elsewhere = type(client)()
    elsewhere.force_login(sam)
    client.force_login(sam)
    act(client, "sign_out", sam)
    assert client.get(LIST).status_code == 200
    assert elsewhere.get("/account/").status_code == 302


def test_an_administrator_mails_a_link_to_a_new_password(client, sam, ada, make_user):
    nobody = make_user("no_address", email=None)
    client.force_login(sam)
    response = act(client, "send_reset", ada, nobody)
    told = [str(message) for message in response.context["messages"]]
    assert "no_address: There is no e-mail address." in told
    mail = Mail.objects.get(to="ada@example.org")
    assert "/account/password/reset/key/" in mail.text
    assert AuditEntry.objects.filter(action="user.reset_sent", subject_id=str(ada.pk)).exists()


def test_a_superuser_is_not_touched_by_an_administrator(client, sam, make_user):
    root = make_user("root", is_superuser=True, is_staff=True)
    elsewhere = type(client)()
    elsewhere.force_login(root)
    client.force_login(sam)
    act(client, "sign_out", root)
    act(client, "send_reset", root)
    assert elsewhere.get("/account/").status_code == 200
    assert not Mail.objects.exists()


@pytest.mark.parametrize("action", ["sign_out", "send_reset"])
def test_nobody_else_does_any_of_it(action, client, eve, ada):
    client.force_login(eve)
    assert act(client, action, ada).status_code == 404
    assert not Mail.objects.exists()


def test_secrets_of_second_factors_are_nowhere_in_the_admin(client, make_user):
    client.force_login(make_user("root", is_superuser=True, is_staff=True))
    for path in ("mfa/authenticator/", "account/emailaddress/", "usersessions/usersession/"):
        assert client.get(f"/admin/{path}").status_code == 404
