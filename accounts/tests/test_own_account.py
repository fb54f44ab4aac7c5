"""One's own pages: the hub and the profile, with its picture."""

import io
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image as Picture

from accounts import profile
from accounts.models import AuditEntry, User
from lib.avatars import MAX_BYTES, SIDES

pytestmark = pytest.mark.django_db
HUB, PROFILE = "/account/", "/account/profile/"
FIELDS = {
    "display_name": "Rita Reads",
    "bio": "I read.\r\nA lot.",
    "website": "https://rita.example",
    "links": "https://social.example/@rita Social\nhttps://rita.example/about",
    "language": "zh-hans",
    "time_zone": "Asia/Shanghai",
}


def picture(size=(300, 200), kind="JPEG", **options) -> bytes:
    buffer = io.BytesIO()
    Picture.new("RGB", size, "navy").save(buffer, kind, **options)
    return buffer.getvalue()


def upload(data: bytes, name: str = "me.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.mark.parametrize("path", [HUB, PROFILE, "/account/data/", "/account/leave/"])
def test_a_visitor_is_led_to_sign_in(path, client, db):
    response = client.get(path)
    assert response.status_code == 302
    assert response["Location"] == f"/account/login/?next={path}"


def test_the_hub_leads_everywhere(client, rita, ada):
    client.force_login(rita)
    html = client.get(HUB).content.decode()
    for name in ("own:profile", "account_email", "mfa_index", "usersessions_list", "own:leave"):
        assert f'href="{reverse(name)}"' in html
    assert "/admin/" not in html
    assert client.post(HUB).status_code == 405
    client.force_login(ada)
    assert 'href="/admin/"' in client.get(HUB).content.decode()


def test_the_hub_takes_few_queries(client, rita, django_assert_num_queries):
    client.force_login(rita)
    client.get(HUB)
    with django_assert_num_queries(5):
        client.get(HUB)


def test_a_reader_changes_the_profile(client, rita):
    client.force_login(rita)
    assert client.post(PROFILE, FIELDS).status_code == 302
    rita.refresh_from_db()
    assert rita.display_name == "Rita Reads"
    assert rita.bio.split() == ["I", "read.", "A", "lot."]
    assert rita.links == [
        {"name": "Social", "url": "https://social.example/@rita"},
        {"name": "", "url": "https://rita.example/about"},
    ]
    assert (rita.language, rita.time_zone) == ("zh-hans", "Asia/Shanghai")
    html = client.get(PROFILE).content.decode()
    assert "https://social.example/@rita Social" in html
    entry = AuditEntry.objects.get(action="user.updated", actor=rita)
    assert "links" in entry.detail["changed"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", "x" * 101),
        ("bio", "x" * 2_001),
        ("website", "javascript:alert(1)"),
        ("links", "javascript:alert(1) x"),
        ("links", "not-an-address"),
        ("links", f"https://x.example {'n' * 61}"),
        ("links", f"https://x.example/{'n' * 200}"),
        ("links", "\n".join(f"https://x.example/{n}" for n in range(11))),
        ("language", "tlh"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_changes(field, value, client, rita):
    client.force_login(rita)
    response = client.post(PROFILE, {**FIELDS, field: value})
    assert response.status_code == 200
    assert field in response.context["form"].errors
    rita.refresh_from_db()
    assert (rita.display_name, rita.links) == ("", [])


def test_what_is_no_part_of_a_profile_is_not_changed(client, rita):
    client.force_login(rita)
    more = {"is_staff": "on", "username": "root", "email": "x@y.z", "is_superuser": "on", "id": "1"}
    assert client.post(PROFILE, {**FIELDS, **more}).status_code == 302
    before, rita = rita, User.objects.get(pk=rita.pk)
    assert (rita.username, rita.email, rita.is_staff) == (before.username, before.email, False)
    with pytest.raises(TypeError):
        profile.save_profile(rita, by=rita, is_staff=True)


def test_characters_that_xml_forbids_do_not_come_in(client, rita):
    client.force_login(rita)
    dirty = {"display_name": "Ri\x0bta", "links": "https://x.example a\x0bb"}
    client.post(PROFILE, {**FIELDS, **dirty})
    rita.refresh_from_db()
    assert rita.display_name == "Rita"
    assert rita.links == [{"name": "ab", "url": "https://x.example"}]


def test_nobody_changes_the_profile_of_another(rita, ada, sam):
    with pytest.raises(PermissionDenied):
        profile.save_profile(ada, by=rita, bio="Mine now")
    with pytest.raises(PermissionDenied):
        profile.set_avatar(ada, picture(), "me.jpg", by=rita)
    assert profile.save_profile(ada, by=sam, bio="An author.").bio == "An author."


def test_a_picture_becomes_squares_without_metadata(client, rita, settings):
    exif = Picture.Exif()
    exif[0x010E] = "Taken at home"
    client.force_login(rita)
    files = {"avatar": upload(picture(exif=exif.tobytes()))}
    assert client.post(PROFILE, {**FIELDS, **files}).status_code == 302
    rita.refresh_from_db()
    assert re.fullmatch(r"[0-9a-f]{64}", rita.avatar)
    for side in SIDES:
        response = client.get(rita.avatar_urls[side])
        data = b"".join(response.streaming_content)
        assert response["Content-Type"] == "image/webp"
        assert "immutable" in response["Cache-Control"]
        assert b"Taken at home" not in data
        square = Picture.open(io.BytesIO(data))
        assert square.size == (side, side)
        assert not square.getexif()
    assert f'src="{rita.avatar_url}"' in client.get(HUB).content.decode()


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "AVIF"])
def test_each_kind_of_picture_is_taken(kind, rita):
    assert profile.set_avatar(rita, picture(kind=kind), "me", by=rita).avatar


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "me.jpg"),
        (b"no picture", "me.jpg"),
        (picture()[:400], "me.jpg"),
        (picture(), "me.html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "me.svg"),
        (picture() + b"<script>alert(1)</script>", "me.jpg"),
        (picture((4_100, 4_000), "PNG"), "big.png"),
        (b"\xff\xd8" + b"x" * MAX_BYTES, "big.jpg"),
    ],
)
def test_what_is_no_picture_is_refused_and_nothing_changes(data, name, client, rita):
    client.force_login(rita)
    response = client.post(PROFILE, {**FIELDS, "avatar": upload(data, name)})
    assert response.status_code == 200
    assert "avatar" in response.context["form"].errors
    rita.refresh_from_db()
    assert (rita.avatar, rita.display_name) == ("", "")


def test_a_removed_picture_is_deleted_unless_somebody_else_shows_it(
    client, rita, ada, settings, django_capture_on_commit_callbacks
):
    for user in (rita, ada):
        profile.set_avatar(user, picture(), "me.jpg", by=user)
    folder = settings.MEDIA_ROOT / "avatars" / rita.avatar
    client.force_login(rita)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(PROFILE, {**FIELDS, "no_avatar": "on"})
    rita.refresh_from_db()
    assert rita.avatar == ""
    assert folder.exists()
    with django_capture_on_commit_callbacks(execute=True):
        profile.remove_avatar(ada, by=ada)
    assert not folder.exists()
    assert client.get(f"/media/avatars/{folder.name}/96.webp").status_code == 404


def test_the_same_picture_again_changes_nothing(rita, settings):
    profile.set_avatar(rita, picture(), "me.jpg", by=rita)
    folder = settings.MEDIA_ROOT / "avatars" / rita.avatar
    profile.set_avatar(rita, picture(), "again.jpg", by=rita)
    assert sorted(path.name for path in folder.iterdir()) == ["192.webp", "384.webp", "96.webp"]


@pytest.mark.parametrize(
    "links", ["x", [1], [{"url": 1}], [{"name": "x"}], [None], [{"url": "https://x.example\x00"}]]
)
def test_links_of_a_wrong_shape_are_refused(links, rita):
    with pytest.raises(ValidationError) as refused:
        profile.save_profile(rita, by=rita, links=links)
    assert list(refused.value.message_dict) == ["links"]


def test_a_visitor_chooses_the_language_of_account_pages(client):
    html = client.get("/account/login/?next=/account/data/").content.decode()
    assert '<button type="submit" name="language" value="zh-hans" lang="zh-Hans">' in html
    assert 'name="next" value="/account/login/?next=/account/data/"' in html
    response = client.post("/account/language/", {"language": "zh-hans", "next": "/account/login/"})
    assert (response.status_code, response["Location"]) == (302, "/account/login/")
    cookie = response.cookies["language"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/account/", True, "Lax")
    html = client.get("/account/login/").content.decode()
    assert 'value="zh-hans" lang="zh-Hans" aria-current="true"' in html
    assert "登录" in html
    client.post("/account/language/", {"language": "xx", "next": "/account/login/"})
    assert client.get("/account/login/")["Content-Language"] == "zh-Hans"


def test_a_person_s_choice_of_a_language_is_kept_in_the_profile(client, rita):
    client.force_login(rita)
    chosen = {"language": "zh-hans", "next": "/account/data/"}
    response = client.post("/account/language/", chosen)
    assert (response.status_code, response["Location"]) == (302, "/account/data/")
    assert "language" not in response.cookies
    rita.refresh_from_db()
    assert rita.language == "zh-hans"
    assert client.get(HUB)["Content-Language"] == "zh-Hans"
    response = client.post("/account/language/", {"language": "xx", "next": "//elsewhere.example"})
    assert response["Location"] == HUB
    rita.refresh_from_db()
    assert rita.language == "zh-hans"
    assert client.get("/account/language/").status_code == 405


@pytest.mark.parametrize("kept", ["x" * 2000, "zh-" + "x" * 2000, "../..", "\xe9", "zh_Hans;"])
def test_a_strange_cookie_for_the_language_is_passed_over(client, kept):
    client.cookies["language"] = kept
    assert client.get("/account/login/")["Content-Language"] == "en"
