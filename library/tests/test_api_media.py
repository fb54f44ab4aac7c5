"""The library over the API: the rules of the admin, whole bodies, hostile uploads."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.models import Event
from lib.tests import make_images as make
from library.models import Image
from library.services import store_image

pytestmark = pytest.mark.django_db
MEDIA = "/api/v1/media/"
URN = "urn:inkstone:problem:"
PROBLEM = "application/problem+json"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def upload(client):
    def upload(user, data=None, *, address=MEDIA, name="Ink pot.jpg", headers=None, **words):
        client.logout()
        if user is not None:
            client.force_login(user)
        file = SimpleUploadedFile(name, make.jpeg() if data is None else data)
        return client.post(address, {"file": file, **words}, headers=headers)

    return upload


@pytest.fixture
def patch(client):
    def patch(user, image, data, **headers):
        client.force_login(user)
        address = f"{MEDIA}{image.pk}/"
        return client.patch(address, data, content_type="application/json", headers=headers)

    return patch


def test_an_uploaded_picture_is_told_whole(upload, client, ada):
    response = upload(ada, alt="A pot", caption="Of ink", focal_x="0.25")
    assert response.status_code == 201, response.content
    image = Image.objects.get()
    assert response["Location"] == f"https://blog.test{MEDIA}{image.pk}/"
    body = {
        "id": image.pk,
        "name": "Ink pot.jpg",
        "url": f"https://blog.test/media/images/{image.digest}/ink-pot.jpg",
        "media_type": "image/jpeg",
        "width": 60,
        "height": 40,
        "size": image.size,
        "alt": "A pot",
        "decorative": False,
        "caption": "Of ink",
        "credit": "",
        "focal_x": 0.25,
        "focal_y": 0.5,
        "uploaded_by": "ada",
        "created_at": "2026-06-01T12:00:00Z",
        "collections": [],
        "renditions_ready": True,
        "renditions": [],
    }
    assert response.json() == body
    assert client.get(f"{MEDIA}{image.pk}/").json() == body
    listed = {"count": 1, "next": None, "previous": None, "results": [body]}
    assert client.get(MEDIA).json() == listed
    kinds = Event.objects.filter(subject_type="library.image").values_list("kind", flat=True)
    assert list(kinds) == ["image.created", "image.updated"]


def test_renditions_have_their_addresses(upload, ada):
    body = upload(ada, make.photo()).json()
    assert {found["media_type"] for found in body["renditions"]} == {
        "image/avif",
        "image/webp",
        "image/jpeg",
    }
    digest = Image.objects.get().digest
    first = body["renditions"][0]
    assert first["url"] == f"https://blog.test/media/images/{digest}/{first['width']}.avif"


def test_the_same_bytes_answer_the_same_image_and_keep_its_words(upload, ada, bob):
    first = upload(ada, alt="Ada's")
    again = upload(bob, alt="Bob's")
    assert (again.status_code, again.json()) == (200, first.json())
    mine = upload(ada, alt="Ada's new")
    assert (mine.status_code, mine.json()["alt"]) == (200, "Ada's new")


def test_who_does_not_write_sees_no_library(upload, client, rita, ada):
    image = store_image(make.jpeg(), "a.jpg", by=ada)
    for user, status in ((None, 401), (rita, 403)):
        assert upload(user).status_code == status
        for address in (MEDIA, f"{MEDIA}{image.pk}/"):
            response = client.get(address)
            assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
        assert client.delete(f"{MEDIA}{image.pk}/").status_code == status
    assert Image.objects.count() == 1


def test_words_are_changed_by_the_uploader_and_by_editors(patch, ada, bob, eve):
    image = store_image(make.jpeg(), "a.jpg", by=ada)
    assert patch(bob, image, {"alt": "Bob's"}).status_code == 403
    assert patch(ada, image, {"alt": "  A \x0b pot ", "focal_y": 1}).json()["alt"] == "A pot"
    assert patch(eve, image, {"credit": "Eve", "width": 7, "uploaded_by": "eve"}).json() | {} == (
        patch(eve, image, {}).json()
    )
    image.refresh_from_db()
    assert (image.credit, image.width, image.uploaded_by) == ("Eve", 60, ada)


def test_words_of_a_former_version_are_not_written_over(patch, ada, client):
    image = store_image(make.jpeg(), "a.jpg", by=ada)
    client.force_login(ada)
    tag = client.get(f"{MEDIA}{image.pk}/")["ETag"]
    assert patch(ada, image, {"alt": "One"}, if_match=tag).status_code == 200
    stale = patch(ada, image, {"alt": "Two"}, if_match=tag)
    assert (stale.status_code, stale.json()["type"]) == (412, URN + "stale-version")


@pytest.mark.parametrize(
    ("words", "pointer"),
    [
        ({"alt": "x" * 501}, "#/alt"),
        ({"focal_x": 1.5}, "#/focal_x"),
        ({"focal_x": "nan"}, "#/focal_x"),
        ({"focal_y": "inf"}, "#/focal_y"),
        ({"focal_y": None}, "#/focal_y"),
        ({"decorative": "perhaps"}, "#/decorative"),
        ([], "#"),
    ],
)
def test_words_that_do_not_fit_are_refused(words, pointer, patch, ada):
    image = store_image(make.jpeg(), "a.jpg", by=ada)
    response = patch(ada, image, words)
    assert (response.status_code, response["Content-Type"]) == (400, PROBLEM)
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"", 400),
        (b"no picture", 400),
        (b"<html><script>alert(1)</script></html>", 400),
        (make.png_header(60_000, 60_000), 400),
        (make.jpeg()[:200], 400),
        (b"x" * 20_000_001, 400),
        (b"x" * 21_000_001, 413),
    ],
)
def test_what_is_no_picture_is_refused_and_not_kept(data, status, upload, ada):
    response = upload(ada, data)
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    if status == 400:
        assert response.json()["errors"][0]["pointer"] == "#/file"
    assert not Image.objects.exists()


def test_other_types_and_missing_files_are_told(client, ada):
    client.force_login(ada)
    as_json = client.post(MEDIA, {"file": "x"}, content_type="application/json")
    assert (as_json.status_code, as_json.json()["type"]) == (415, URN + "unsupported-media-type")
    without = client.post(MEDIA, {"file": "text"})
    assert without.json()["errors"][0]["pointer"] == "#/file"
    nul = client.post(MEDIA, {"alt": "a\x00b"})
    assert (nul.status_code, nul.json()["type"]) == (400, URN + "malformed-body")
    broken = client.post(MEDIA, b"--x", content_type="multipart/form-data; boundary=")
    assert broken.status_code == 400
    assert client.put(f"{MEDIA}1/", {}, content_type="application/json").status_code == 405


def test_a_dry_run_looks_at_the_picture_and_stores_nothing(upload, ada):
    response = upload(ada, address=f"{MEDIA}?validate_only=true")
    result = {"media_type": "image/jpeg", "width": 60, "height": 40}
    assert response.json() == {"valid": True, "status": 201, "result": result}
    assert upload(ada, b"x", address=f"{MEDIA}?validate_only=true").status_code == 400
    assert not Image.objects.exists()
    assert not default_storage.exists("images")


def test_an_upload_that_is_repeated_gets_the_first_answer(upload, ada):
    key = {"Idempotency-Key": "upload-1"}
    first, again = upload(ada, headers=key), upload(ada, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again["Idempotent-Replayed"] == "true"
    assert again.json() == first.json()
    other = upload(ada, make.jpeg(30, 30), headers=key)
    assert (other.status_code, other.json()["type"]) == (422, URN + "idempotency-mismatch")
    assert Image.objects.count() == 1


def test_editors_delete_what_nothing_uses(client, ada, eve, make_post):
    used, unused = (store_image(make.jpeg(side, side), "a.jpg", by=ada) for side in (20, 30))
    make_post(cover=used)
    client.force_login(ada)
    assert client.delete(f"{MEDIA}{unused.pk}/").status_code == 403
    client.force_login(eve)
    refused = client.delete(f"{MEDIA}{used.pk}/")
    assert (refused.status_code, refused.json()["type"]) == (409, URN + "in-use")
    seen = client.get(f"{MEDIA}{unused.pk}/")["ETag"]
    client.patch(f"{MEDIA}{unused.pk}/", {"alt": "A pot"}, content_type="application/json")
    stale = client.delete(f"{MEDIA}{unused.pk}/", headers={"If-Match": seen})
    assert (stale.status_code, Image.objects.count()) == (412, 2)
    now = {"If-Match": stale["ETag"]}
    assert client.delete(f"{MEDIA}{unused.pk}/", headers=now).status_code == 204
    assert client.delete(f"{MEDIA}{unused.pk}/").status_code == 404
    assert list(Image.objects.all()) == [used]


def test_the_list_is_searched_and_paged_in_three_queries(client, ada, bob):
    for side in range(20, 26):
        store_image(
            make.jpeg(side, side), f"pot {side}.jpg", by=ada, alt="Pot" if side > 22 else ""
        )
    store_image(make.jpeg(), "pen.jpg", by=bob)
    client.force_login(bob)
    counts = {
        f"{MEDIA}?search=POT": 6,
        f"{MEDIA}?without_alt=true": 4,
        f"{MEDIA}?mine=true": 1,
        f"{MEDIA}?search=50%25": 0,
    }
    assert {address: client.get(address).json()["count"] for address in counts} == counts
    seen, address = [], f"{MEDIA}?cursor=first&page_size=3"
    while address:
        page = client.get(address.removeprefix("https://blog.test")).json()
        seen += [image["id"] for image in page["results"]]
        address = page["next"]
    assert len(seen) == len(set(seen)) == 7
    with CaptureQueriesContext(connection) as queries:
        client.get(MEDIA)
    data = [query["sql"] for query in queries if "library_image" in query["sql"]]
    assert len(data) == 2
    for bad in ("seach=x", "mine=perhaps", "page_size=0", "cursor=x"):
        assert client.get(f"{MEDIA}?{bad}").status_code == 400


def test_the_file_is_replaced_by_who_may(client, ada, bob, make_image):
    image = make_image(by=ada, alt="A bridge")
    address = f"{MEDIA}{image.pk}/replace/"

    def send(user, data, query=""):
        client.force_login(user)
        return client.post(address + query, {"file": SimpleUploadedFile("new.jpg", data)})

    assert send(bob, make.jpeg(900)).status_code == 403
    refused = send(ada, b"hello")
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "#/file")
    assert send(ada, make.jpeg(900), "?validate_only=true").status_code == 200
    image.refresh_from_db()
    assert image.width == 1000
    response = send(ada, make.jpeg(900))
    assert response.status_code == 200
    body = response.json()
    assert (body["id"], body["width"], body["alt"]) == (image.pk, 900, "A bridge")
    image.refresh_from_db()
    assert body["url"] == f"https://blog.test{image.url}"
    assert client.get(address).status_code == 405
