from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0001_event"),
    ]

    operations = [
        migrations.AddField(
            model_name="event",
            name="dedupe_key",
            field=models.CharField(editable=False, max_length=200, null=True, unique=True),
        ),
    ]
