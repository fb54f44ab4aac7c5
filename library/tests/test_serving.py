import pytest

from lib.tests import make_images as make
from library.tasks import make_renditions


def rendition(image, name="800.webp"):
    return f"/media/images/{image.digest}/{name}"


def body(response) -> bytes:
    # Not response.close(), which ends the request and with it the connection of the test.
    return b"".join(response.streaming_content)


def test_an_image_is_served_for_a_year_and_runs_nothing(client, make_image):
    image = make_image()
    response = client.get(image.url)
    assert response.status_code == 200
    assert make.decoded(body(response)).size == (1000, 700)
    assert response["Content-Type"] == "image/jpeg"
    assert int(response["Content-Length"]) == image.size
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Content-Disposition"].startswith("inline")
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("800.avif", "image/avif"), ("480.webp", "image/webp"), ("1000.jpg", "image/jpeg")],
)
def test_a_rendition_is_served_with_its_type(client, make_image, name, media_type):
    image = make_image()
    make_renditions(image.pk)
    response = client.get(rendition(image, name))
    assert response.status_code == 200
    assert response["Content-Type"] == media_type
    assert make.decoded(body(response)).width == int(name.partition(".")[0])


def test_a_file_that_is_there_costs_no_query(client, make_image, django_assert_num_queries):
    image = make_image()
    with django_assert_num_queries(0):
        body(client.get(image.url))


def test_a_rendition_that_is_not_made_leads_to_the_image(
    client, make_image, django_assert_num_queries
):
    image = make_image()
    with django_assert_num_queries(1):
        response = client.get(rendition(image))
    assert response.status_code == 302
    assert response["Location"] == image.url
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_what_the_page_names_is_never_broken(client, make_image):
    image = make_image()
    addresses = [
        part.split()[0]
        for _, srcset in image.picture.sources
        for part in [*srcset.split(", "), f"{image.picture.src} x"]
    ]
    for _ in range(2):
        for address in addresses:
            response = client.get(address, follow=True)
            assert response.status_code == 200
            body(response)
        make_renditions(image.pk)


def test_a_known_version_is_answered_by_304_with_the_same_policy(client, make_image):
    image = make_image()
    first = client.get(image.url)
    body(first)
    for header in (
        {"HTTP_IF_NONE_MATCH": first["ETag"]},
        {"HTTP_IF_MODIFIED_SINCE": first["Last-Modified"]},
    ):
        again = client.get(image.url, **header)
        assert again.status_code == 304
        assert again["Cache-Control"] == first["Cache-Control"]
        assert again["Content-Security-Policy"] == first["Content-Security-Policy"]


def test_head_answers_without_a_body(client, make_image):
    image = make_image()
    response = client.head(image.url)
    assert response.status_code == 200
    assert int(response["Content-Length"]) == image.size
    assert body(response) == b""


def test_other_methods_are_refused(client, make_image):
    assert client.post(make_image().url).status_code == 405


def test_a_drawing_is_offered_to_keep_when_it_is_opened(client, make_image):
    image = make_image(b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>', "a.svg")
    response = client.get(image.url)
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"] == 'attachment; filename="a.svg"'
    assert response["Content-Security-Policy"] == (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    )
    body(response)


@pytest.mark.parametrize(
    "path",
    [
        "images/{digest}/other.jpg",
        "images/{digest}/801.webp",
        "images/{digest}/480.png",
        "images/{digest}/1200.avif",
        "images/{digest}/0480.avif",
        "images/{digest}/old-bridge.html",
        "images/{digest}/../../../inkstone.sqlite3",
        "images/{digest}/..%2f..%2f..%2finkstone.sqlite3",
        "images/{digest}/%2e%2e/secret.jpg",
        "images/{digest}/",
        "images/{digest}/.new-abc",
        "images/{zeros}/800.webp",
        "images/{zeros}/a.jpg",
        "images/../secret_key",
    ],
)
def test_what_is_not_there_is_404(client, make_image, path):
    image = make_image()
    response = client.get("/media/" + path.format(digest=image.digest, zeros="0" * 64))
    assert response.status_code == 404
