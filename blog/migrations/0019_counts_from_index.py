from django.db import migrations, models
from django.db.models import F, Q

COLUMNS = (
    F("published_at").desc(),
    F("id").desc(),
    F("visibility"),
    F("unpublish_at"),
    F("status"),
    F("updated_at"),
    F("trashed_at"),
)
LISTED = Q(status="published", trashed_at__isnull=True)


class Migration(migrations.Migration):
    """All that counts and dates are made of, in the indexes that lists are read from."""

    dependencies = [("blog", "0018_remark_resolved")]

    operations = [
        migrations.RemoveIndex("post", "post_newest"),
        migrations.AddIndex("post", models.Index(*COLUMNS, condition=LISTED, name="post_newest")),
        migrations.RemoveIndex("post", "post_newest_in_language"),
        migrations.AddIndex(
            "post",
            models.Index(
                F("language"),
                *COLUMNS,
                F("canonical_url"),
                condition=LISTED,
                name="post_newest_in_language",
            ),
        ),
    ]
