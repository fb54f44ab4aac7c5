from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("blog", "0016_working_revisions")]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                F("language"),
                F("published_at").desc(),
                F("id").desc(),
                F("visibility"),
                F("unpublish_at"),
                F("status"),
                F("updated_at"),
                condition=Q(status="published", trashed_at__isnull=True),
                name="post_newest_in_language",
            ),
        ),
    ]
