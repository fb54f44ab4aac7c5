"""Tell the library which of its images posts and pages use already."""

import re

from django.db import migrations

DIGEST = re.compile("/images/([0-9a-f]{64})/")


def note(apps, schema_editor):
    image, use = (apps.get_model("library", name) for name in ("Image", "ImageUse"))
    ids = dict(image.objects.values_list("digest", "pk"))
    if not ids:
        return
    for kind in ("post", "page"):
        rows = apps.get_model("blog", kind).objects.values_list("pk", "body", "cover_id")
        for pk, body, cover_id in rows.iterator(200):
            places = {("text", ids.get(digest)) for digest in DIGEST.findall(body)}
            places.add(("cover", cover_id))
            use.objects.bulk_create(
                [
                    use(image_id=image_id, kind=kind, object_id=pk, place=place)
                    for place, image_id in places
                    if image_id
                ],
                ignore_conflicts=True,
            )


def forget(apps, schema_editor):
    apps.get_model("library", "ImageUse").objects.filter(kind__in=["post", "page"]).delete()


class Migration(migrations.Migration):
    dependencies = [("blog", "0007_search_permissions"), ("library", "0004_image_uses")]
    operations = [migrations.RunPython(note, forget)]
