"""What a browser would send back from the admin's form of a post or page."""

from blog.models import Page, Post

INLINE = {
    "post_authors-TOTAL_FORMS": "0",
    "post_authors-INITIAL_FORMS": "0",
    "post_authors-MIN_NUM_FORMS": "0",
    "post_authors-MAX_NUM_FORMS": "1000",
}


def filled(content: Post | Page | None = None, *, byline: bool = False, **changes) -> dict:
    """The form of `content` (an empty one when None), with `changes`.

    `byline`: with the table of authors that editors see.
    """
    form = {"title": "", "subtitle": "", "body": "", "excerpt": "", "cover": "", "slug": ""}
    form |= {"language": "en", "seo_title": "", "seo_description": "", "canonical_url": ""}
    form |= {"visibility": "public", "tags": [], "category": "", "series": "", "series_part": ""}
    form |= {f"{name}_{half}": "" for name in ("published_at", "unpublish_at") for half in (0, 1)}
    if content is not None:
        texts = ("title", "subtitle", "body", "excerpt", "slug", "language", "visibility")
        form |= {name: getattr(content, name) for name in texts}
        form["opened_version"] = content.version
        if content.published_at:
            form["published_at_0"] = f"{content.published_at:%Y-%m-%d}"
            form["published_at_1"] = f"{content.published_at:%H:%M:%S}"
    if isinstance(content, Post):
        form["tags"] = [tag.pk for tag in content.tags.all()]
        form["category"] = content.category_id or ""
    if byline:
        form |= INLINE
        entries = list(content.post_authors.order_by("position")) if content else []
        form["post_authors-TOTAL_FORMS"] = form["post_authors-INITIAL_FORMS"] = str(len(entries))
        for number, entry in enumerate(entries):
            prefix = f"post_authors-{number}"
            form |= {f"{prefix}-id": entry.pk, f"{prefix}-post": content.pk}
            form |= {f"{prefix}-user": entry.user_id, f"{prefix}-place": entry.position + 1}
    return form | changes
