"""Collections over the API: the rules of the admin, whole bodies."""

import pytest
from django.core.exceptions import ValidationError

from lib.tests import make_images as make
from library.collecting import put_into, save_collection, sort_into
from library.models import Collection, Image, Video

pytestmark = pytest.mark.django_db
COLLECTIONS = "/api/v1/media/collections/"
JSON = "application/json"


@pytest.fixture
def harbours(db) -> Collection:
    return save_collection(Collection(name="Harbours"), by=None)


def one(collection, tail: str = "") -> str:
    return f"{COLLECTIONS}{collection.pk}/{tail}"


def test_one_is_made_renamed_and_deleted(client, ada, eve):
    client.force_login(ada)
    tried = client.post(f"{COLLECTIONS}?validate_only=true", {"name": "Inks"}, content_type=JSON)
    assert (tried.status_code, Collection.objects.exists()) == (200, False)
    made = client.post(COLLECTIONS, {"name": " Inks "}, content_type=JSON)
    collection = Collection.objects.get()
    assert made.status_code == 201, made.content
    assert made["Location"] == f"https://blog.test{one(collection)}"
    body = made.json()
    assert body.pop("created_at")
    assert body == {"id": collection.pk, "name": "Inks", "images": 0, "videos": 0}
    held = {"HTTP_IF_MATCH": made["ETag"]}
    renamed = client.patch(one(collection), {"name": "Ink"}, content_type=JSON, **held)
    assert (renamed.status_code, renamed.json()["name"]) == (200, "Ink")
    stale = client.patch(one(collection), {"name": "Inks"}, content_type=JSON, **held)
    assert (stale.status_code, stale["ETag"]) == (412, renamed["ETag"])
    assert client.delete(one(collection)).status_code == 403
    client.force_login(eve)
    assert client.delete(one(collection)).status_code == 204
    assert client.get(one(collection)).status_code == 404


def test_images_and_videos_are_put_in_and_taken_out(client, ada, harbours, make_image, make_video):
    pictures, film = [make_image(make.jpeg(width)) for width in (41, 42)], make_video()
    client.force_login(ada)
    sent = {"images": [picture.pk for picture in pictures], "videos": [film.pk]}
    for _again in range(2):
        answer = client.post(one(harbours, "put/"), sent, content_type=JSON)
        assert answer.status_code == 200, answer.content
        assert (answer.json()["images"], answer.json()["videos"]) == (2, 1)
    for address, found in (("", pictures), ("videos/", [film])):
        listed = client.get(f"/api/v1/media/{address}?collection={harbours.pk}").json()
        assert {row["id"] for row in listed["results"]} == {thing.pk for thing in found}
    sent = {"images": [pictures[0].pk], "videos": [film.pk]}
    answer = client.post(one(harbours, "take/"), sent, content_type=JSON)
    assert (answer.json()["images"], answer.json()["videos"]) == (1, 0)
    assert (Image.objects.count(), Video.objects.count()) == (2, 1)


def test_what_is_wrong_is_told_and_changes_nothing(client, ada, harbours, make_image):
    save_collection(Collection(name="Towers"), by=None)
    image = make_image()
    client.force_login(ada)
    for name in ("", " ", "x" * 101, "Towers", None):
        answer = client.patch(one(harbours), {"name": name}, content_type=JSON)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/name"), name
    for sent, pointer in (
        ({"images": [image.pk, 999_999_999]}, "#/images"),
        ({"images": "1"}, "#/images"),
        ({"videos": [0]}, "#/videos/0"),
        ({"images": [image.pk] * 101}, "#/images"),
        ({"images": [10**18]}, "#/images/0"),
        ({"images": [10**30]}, None),
        ({"images": []}, None),
        ({}, None),
    ):
        answer = client.post(one(harbours, "put/"), sent, content_type=JSON)
        assert answer.status_code == 400, sent
        pointers = [error.get("pointer") for error in answer.json().get("errors", ())]
        assert pointer is None or pointer in pointers, (sent, answer.json())
    assert not harbours.images.exists()
    assert client.post(one(harbours, "put/?force=1"), {}, content_type=JSON).status_code == 400
    assert client.get(f"{COLLECTIONS}?sort=1").status_code == 400
    assert client.get(f"{COLLECTIONS}999999999/").status_code == 404
    assert client.put(one(harbours), {}, content_type=JSON).status_code == 405
    assert client.get(one(harbours, "put/")).status_code == 405


def test_who_may_what_as_in_the_admin(client, ada, eve, rita, harbours, make_image):
    image = make_image()
    client.force_login(rita)
    changes = (
        ("post", COLLECTIONS, {"name": "Mine"}),
        ("patch", one(harbours), {"name": "Mine"}),
        ("delete", one(harbours), {}),
        ("post", one(harbours, "put/"), {"images": [image.pk]}),
        ("post", one(harbours, "take/"), {"images": [image.pk]}),
    )
    for method, address, sent in (*changes, ("get", COLLECTIONS, {}), ("get", one(harbours), {})):
        options = {} if method == "get" else {"content_type": JSON}
        assert getattr(client, method)(address, sent, **options).status_code == 403, address
    client.logout()
    for method, address, sent in changes:
        assert getattr(client, method)(address, sent, content_type=JSON).status_code == 401
    assert Collection.objects.get().name == "Harbours"


def test_the_list_is_by_name_and_costs_the_same_whatever_is_in_it(
    client, ada, harbours, make_image, make_video, django_assert_max_num_queries
):
    for name in ("Towers", "Bridges"):
        save_collection(Collection(name=name), by=None)
    things = [make_image(make.jpeg(width)) for width in (41, 42)]
    put_into(harbours, [*things, make_video(b"1"), make_video(b"2"), make_video(b"3")], by=None)
    client.force_login(ada)
    with django_assert_max_num_queries(6):
        rows = client.get(COLLECTIONS).json()["results"]
    assert [(row["name"], row["images"], row["videos"]) for row in rows] == [
        ("Bridges", 0, 0),
        ("Harbours", 2, 3),
        ("Towers", 0, 0),
    ]
    rows = client.get(f"{COLLECTIONS}?search=OWER&cursor=first").json()["results"]
    assert [row["name"] for row in rows] == ["Towers"]


def test_a_name_that_was_taken_meanwhile_is_told(harbours, monkeypatch):
    monkeypatch.setattr(Collection, "full_clean", lambda *args, **options: None)
    with pytest.raises(ValidationError, match="has this name"):
        save_collection(Collection(name="Harbours"), by=None)


# --- of one image or video ----------------------------------------------------------------


def test_what_is_in_collections_names_them_and_is_sorted_anew(
    client, bob, cleo, rita, harbours, make_image, make_video
):
    towers = save_collection(Collection(name="Towers"), by=None)
    things = {"": make_image(make.jpeg(), by=bob), "videos/": make_video(uploaded_by=bob)}
    for folder, thing in things.items():
        address = f"/api/v1/media/{folder}{thing.pk}/"
        put_into(harbours, [thing], by=None)
        # Who uploads sorts what others uploaded, too, and says nothing of it.
        client.force_login(cleo)
        before = client.get(address)
        in_harbours, in_towers = ({"id": one.pk, "name": one.name} for one in (harbours, towers))
        assert before.json()["collections"] == [in_harbours]
        held = {"HTTP_IF_MATCH": before["ETag"]}
        sent = {"collections": [towers.pk, in_harbours]}
        tried = client.patch(f"{address}?validate_only=true", sent, content_type=JSON)
        assert tried.json()["result"]["collections"] == [in_harbours, in_towers]
        moved = client.patch(address, {"collections": [in_towers]}, content_type=JSON, **held)
        assert (moved.status_code, moved.json()["collections"]) == (200, [in_towers])
        assert list(thing.collections.all()) == [towers]
        assert client.patch(address, sent, content_type=JSON, **held).status_code == 412
        sent = {"collections": [], "alt": "A pier"}
        assert client.patch(address, sent, content_type=JSON).status_code == 403
        client.force_login(rita)
        assert client.patch(address, sent, content_type=JSON).status_code == 403
        assert thing.collections.count() == 1
        client.force_login(bob)
        described = client.patch(address, sent, content_type=JSON).json()
        assert (described["collections"], described["alt"]) == ([], "A pier")


def test_what_is_no_collection_is_refused_by_its_place(client, ada, harbours, make_image):
    image = make_image(make.jpeg())
    client.force_login(ada)
    wrong = [harbours.pk, harbours.pk + 1, "x", True, 0, 10**18, {}, {"id": None}, None, [1], 1.5]
    answer = client.patch(f"/api/v1/media/{image.pk}/", {"collections": wrong}, content_type=JSON)
    assert answer.status_code == 400
    pointers = [error["pointer"] for error in answer.json()["errors"]]
    assert pointers == [f"#/collections/{place}" for place in range(1, len(wrong))]
    for sent in ("x", 1, None, [harbours.pk] * 101):
        answer = client.patch(
            f"/api/v1/media/{image.pk}/", {"collections": sent}, content_type=JSON
        )
        assert answer.status_code == 400, sent
    assert not image.collections.exists()


def test_a_collection_that_went_meanwhile_is_told(harbours, make_image):
    image = make_image(make.jpeg())
    gone = Collection(pk=harbours.pk + 1, name="Gone")
    with pytest.raises(ValidationError, match="nothing with these keys"):
        sort_into(image, [harbours, gone], by=None)
    assert not image.collections.exists()
