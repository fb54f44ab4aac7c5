from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("events", "0006_scheduled_job")]

    operations = [
        migrations.AddField(
            model_name="event",
            name="position",
            field=models.BigIntegerField(editable=False, null=True, unique=True),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["id"],
                name="event_without_place",
                condition=models.Q(position__isnull=True),
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                fields=["subject_type", "subject_id", "position"], name="event_places_of_subject"
            ),
        ),
    ]
