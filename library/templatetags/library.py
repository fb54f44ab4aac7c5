"""Pictures in templates."""

from django import template

from library.models import Image

register = template.Library()


@register.inclusion_tag("library/_picture.html")
def picture(image: Image, **attributes) -> dict:
    """An image as `<picture>` with its renditions and size. Costs no query.

    Takes `sizes` (as in HTML; "100vw" when not given), `class`, `alt` (the image's own when not
    given), `loading` ("lazy" when not given) and `fetchpriority`. Where the style sheet crops it,
    the focal point stays in view; its colour stands there until it is loaded.
    """
    return {
        "picture": image.picture,
        "sizes": attributes.get("sizes", "100vw"),
        "css_class": " ".join(
            filter(
                None,
                [
                    attributes.get("class", ""),
                    f"tint-{image.tint}" if image.tint else "",
                    image.focus_classes,
                ],
            )
        ),
        "alt": attributes.get("alt", image.text_alternative),
        "loading": attributes.get("loading", "lazy"),
        "fetchpriority": attributes.get("fetchpriority", ""),
    }
