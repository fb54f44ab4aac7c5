from django.template import Context, Template

from lib.markdown import Picture, render
from lib.tests import make_images as make
from library.services import pictures


def draw(source: str, image) -> str:
    return Template("{% load library %}" + source).render(Context({"image": image})).strip()


def test_our_addresses_are_found_in_one_query(make_image, django_assert_num_queries):
    photo = make_image(alt="A bridge")
    gif = make_image(make.animation("GIF"), "wave.gif")
    other = f"/media/images/{photo.digest}/another-name.jpg"
    with django_assert_num_queries(1):
        found = pictures(
            [photo.url, gif.url, other, "/media/images/x/y.jpg", "https://x.org/a.png"]
        )
    folder = f"/media/images/{photo.digest}"
    assert found == {
        photo.url: Picture(
            photo.url,
            1000,
            700,
            "A bridge",
            tuple(
                (mime, ", ".join(f"{folder}/{w}.{ext} {w}w" for w in (480, 800, 1000)))
                for mime, ext in (
                    ("image/avif", "avif"),
                    ("image/webp", "webp"),
                    ("image/jpeg", "jpg"),
                )
            ),
            "111",
        ),
        gif.url: Picture(gif.url, 30, 20, ""),
    }


def test_an_absolute_address_of_this_site_is_ours(make_image, settings):
    image = make_image()
    assert pictures([settings.SITE_URL + image.url])[settings.SITE_URL + image.url].src == image.url


def test_texts_without_our_images_cost_no_query(django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert pictures([]) == {}
        assert pictures(["/elsewhere.png", "https://x.org/a.png"]) == {}


def test_a_transparent_picture_falls_back_to_png(make_image):
    image = make_image(make.encoded(make.noise(600, 400, "RGBA"), "PNG"), "a.png")
    assert [mime for mime, _ in image.picture.sources] == ["image/avif", "image/webp", "image/png"]


def test_a_text_shows_its_picture_with_sources_and_size(make_image):
    image = make_image()
    html = render(f"![Bridge]({image.url})", find_pictures=pictures).html
    assert "<picture>" in html
    assert f"/media/images/{image.digest}/480.avif 480w" in html
    assert 'width="1000" height="700"' in html


def test_the_tag_draws_a_picture_without_a_query(make_image, django_assert_num_queries):
    image = make_image(alt='A "bridge" <b>')
    with django_assert_num_queries(0):
        html = draw('{% picture image sizes="50vw" class="cover" loading="eager" %}', image)
    assert html.startswith('<picture><source type="image/avif" srcset="/media/images/')
    assert html.count('sizes="50vw"') == 3
    assert (
        f'<img class="cover tint-111" src="{image.url}" alt="A &quot;bridge&quot; &lt;b&gt;" '
        'width="1000" height="700" loading="eager" decoding="async"></picture>'
    ) in html


def test_a_decorative_picture_says_nothing(make_image):
    image = make_image(alt="Ornament")
    image.decorative = True
    assert 'alt=""' in draw("{% picture image %}", image)
    assert image.picture.alt == ""
    image.decorative = False
    assert 'alt=""' in draw('{% picture image alt="" %}', image)


def test_the_colour_and_the_focal_point_are_classes(make_image):
    image = make_image(make.encoded(make.scene(600, 400).convert("L").convert("RGB"), "JPEG"))
    image.focal_x, image.focal_y = 0.234, 1
    assert 'class="tint-222 focus-x-20 focus-y-100"' in draw("{% picture image %}", image)
    assert 'class="tint-222"' in render(f"![]({image.url})", find_pictures=pictures).html


def test_what_lets_the_ground_through_has_no_colour_of_its_own(make_image):
    for data in (
        make.encoded(make.noise(60, 40, "RGBA"), "PNG"),
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    ):
        assert "tint" not in draw("{% picture image %}", make_image(data, "a"))
