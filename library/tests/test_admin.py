import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lib.tests import make_images as make
from library.models import Image

ADD = "/admin/library/image/add/"
LIST = "/admin/library/image/"


def change(image):
    return f"/admin/library/image/{image.pk}/change/"


def form(data=None, name="bridge.jpg", **words):
    fields = {"alt": "", "caption": "", "credit": "", "focal_x": "0.5", "focal_y": "0.5", **words}
    return fields | ({"upload": SimpleUploadedFile(name, data)} if data is not None else {})


@pytest.mark.django_db  # Its people come by name, so pytest cannot know.
@pytest.mark.parametrize("person", ["cleo", "ada", "eve", "sam"])
def test_whoever_writes_uploads(client, request, person):
    user = request.getfixturevalue(person)
    client.force_login(user)
    response = client.post(ADD, form(make.photo(), alt="A bridge", caption="Spring"))
    assert response.status_code == 302
    image = Image.objects.get()
    assert (image.alt, image.caption, image.uploaded_by) == ("A bridge", "Spring", user)
    assert client.get(change(image)).status_code == 200


def test_a_reader_does_not(client, rita):
    client.force_login(rita)
    assert client.post(ADD, form(make.photo())).status_code in {302, 403, 404}
    assert not Image.objects.exists()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello", "not a picture we can use"),
        (make.png_header(50_000, 50_000), "too many pixels"),
        (make.photo()[:5_000], "damaged"),
        (make.jpeg() + b"<script>", "something else at once"),
    ],
    ids=["text", "bomb", "cut", "polyglot"],
)
def test_a_bad_file_is_a_form_error_and_the_words_stay(client, ada, data, reason):
    client.force_login(ada)
    response = client.post(ADD, form(data, alt="My words"))
    assert response.status_code == 200
    assert reason in str(response.context["adminform"].form.errors["upload"])
    assert "My words" in response.content.decode()
    assert not Image.objects.exists()


def test_no_file_is_a_form_error(client, ada):
    client.force_login(ada)
    response = client.post(ADD, form())
    assert response.status_code == 200
    assert "upload" in response.context["adminform"].form.errors


def test_the_same_file_again_leads_to_the_image_that_is_there(client, ada, bob, make_image):
    image = make_image(by=ada, alt="Ada's words")
    client.force_login(bob)
    assert client.post(ADD, form(make.photo(), alt="Bob's words")).status_code == 302
    image = Image.objects.get()
    assert (image.alt, image.uploaded_by) == ("Ada's words", ada)


def test_words_are_changed_by_uploader_and_editor_only(client, ada, bob, eve, make_image):
    image = make_image(by=ada)
    for user, allowed in ((ada, True), (eve, True), (bob, False)):
        client.force_login(user)
        response = client.post(change(image), form(alt=f"By {user}", focal_x="0.2"))
        assert (response.status_code == 302) is allowed
        image.refresh_from_db()
        assert (image.alt == f"By {user}") is allowed
    assert image.focal_x == 0.2


def test_a_focal_point_outside_is_refused(client, ada, make_image):
    image = make_image(by=ada)
    client.force_login(ada)
    response = client.post(change(image), form(focal_x="1.5"))
    assert "focal_x" in response.context["adminform"].form.errors


def test_only_editors_delete(client, ada, eve, make_image, django_capture_on_commit_callbacks):
    image = make_image(by=ada)
    delete = f"/admin/library/image/{image.pk}/delete/"
    client.force_login(ada)
    assert client.post(delete, {"post": "yes"}).status_code == 404
    client.force_login(eve)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(delete, {"post": "yes"}).status_code == 302
    assert not Image.objects.exists()
    assert not image.file.storage.exists(image.file.name)


def test_a_cover_is_not_deleted_and_the_post_is_named(client, eve, make_image, make_post):
    image = make_image()
    make_post(title="On bridges", cover=image)
    client.force_login(eve)
    response = client.post(f"/admin/library/image/{image.pk}/delete/", {"post": "yes"})
    assert response.status_code == 200
    assert "On bridges" in response.content.decode()
    assert Image.objects.exists()


def test_the_list_costs_the_same_whatever_its_length(
    client, eve, make_image, settings, django_assert_num_queries
):
    # Also where Redis would hold a copy of the session.
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.db"
    client.force_login(eve)
    for widths in (range(40, 42), range(42, 60)):
        for width in widths:
            make_image(make.jpeg(width), by=eve)
        # Session, person, role's permissions, the count, the rows, the dates of the filter,
        # the collections of the filter and of the actions.
        with django_assert_num_queries(9):
            response = client.get(LIST)
    assert response.content.decode().count('class="thumbnail ') == 20


def test_the_list_is_searched_and_filtered(client, eve, make_image):
    make_image(make.jpeg(41), "bridge.jpg", alt="Stone")
    make_image(make.jpeg(42), "tower.jpg")
    make_image(make.animation("GIF"), "wave.gif", alt="Sea")
    client.force_login(eve)
    for query, names in (
        ("q=stone", {"bridge.jpg"}),
        ("alt=missing", {"tower.jpg"}),
        ("type=gif", {"wave.gif"}),
        ("type=nonsense", {"bridge.jpg", "tower.jpg", "wave.gif"}),
    ):
        found = client.get(f"{LIST}?{query}").context["cl"].queryset
        assert {image.name for image in found} == names
