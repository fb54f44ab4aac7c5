"""Images and videos that are sorted together."""

import pytest
from django.core.exceptions import PermissionDenied

from lib.tests import make_images as make
from library.collecting import put_into, save_collection
from library.models import Collection, Image

pytestmark = pytest.mark.django_db
IMAGES, VIDEOS = "/admin/library/image/", "/admin/library/video/"
COLLECTIONS = "/admin/library/collection/"


@pytest.fixture
def harbours(db):
    return save_collection(Collection(name="Harbours"), by=None)


def test_many_are_put_in_and_taken_out_at_once(client, ada, harbours, make_image, make_video):
    pictures, film = [make_image(make.jpeg(width)) for width in (41, 42, 43)], make_video()
    client.force_login(ada)
    for address, chosen in ((IMAGES, pictures[:2]), (VIDEOS, [film])):
        data = {
            "action": "put_into_collection",
            "_selected_action": [one.pk for one in chosen],
            "collection": harbours.pk,
        }
        assert client.post(address, data).status_code == 302
        found = client.get(f"{address}?collection={harbours.pk}").context["cl"].queryset
        assert set(found) == set(chosen)
    page = client.get(COLLECTIONS).content.decode()
    assert f'<a href="{IMAGES}?collection={harbours.pk}">2</a>' in page
    data = {
        "action": "take_out_of_collection",
        "_selected_action": [pictures[0].pk],
        "collection": harbours.pk,
    }
    client.post(IMAGES, data)
    assert list(harbours.images.all()) == [pictures[1]]
    assert Image.objects.count() == 3


@pytest.mark.parametrize("key", ["", "x", "999999999", "9" * 30])
def test_without_a_collection_nothing_is_sorted_and_people_are_told(
    client, ada, make_image, harbours, key
):
    image = make_image(make.jpeg(41))
    client.force_login(ada)
    data = {
        "action": "put_into_collection",
        "_selected_action": [image.pk],
        "collection": key,
    }
    response = client.post(IMAGES, data, follow=True)
    assert response.status_code == 200
    assert not harbours.images.exists()
    assert client.get(f"{IMAGES}?collection={key or 'x'}").status_code == 200


def test_names_are_taken_once_and_only_editors_delete(client, ada, eve, rita, harbours):
    client.force_login(rita)
    assert client.get(COLLECTIONS).status_code == 404
    with pytest.raises(PermissionDenied):
        put_into(harbours, [], by=rita)
    client.force_login(ada)
    response = client.post(f"{COLLECTIONS}add/", {"name": "Harbours"})
    assert "already exists" in response.content.decode()
    change = f"{COLLECTIONS}{harbours.pk}/change/"
    assert client.post(change, {"name": "Ports"}).status_code == 302
    delete = f"{COLLECTIONS}{harbours.pk}/delete/"
    assert client.post(delete, {"post": "yes"}).status_code == 404
    client.force_login(eve)
    assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not Collection.objects.exists()


def test_the_api_filters_by_collection(client, ada, harbours, make_image, make_video):
    inside, _outside = make_image(make.jpeg(41)), make_image(make.jpeg(42))
    film = make_video()
    put_into(harbours, [inside, film], by=None)
    client.force_login(ada)
    for address, thing in (("media/", inside), ("media/videos/", film)):
        found = client.get(f"/api/v1/{address}?collection={harbours.pk}").json()
        assert [one["id"] for one in found["results"]] == [thing.pk]
        assert client.get(f"/api/v1/{address}?collection=x").status_code == 400
