import django.utils.timezone
from django.db import migrations, models


def key():
    return models.BigAutoField(
        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
    )


class Migration(migrations.Migration):
    dependencies = [("events", "0007_event_position")]

    operations = [
        migrations.CreateModel(
            name="Feed",
            fields=[
                ("id", key()),
                ("epoch", models.CharField(max_length=16)),
                ("last_position", models.BigIntegerField(default=0)),
                ("clock_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("horizon", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(pk=1), name="feed_has_one_row"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Exposure",
            fields=[
                ("id", key()),
                ("subject_type", models.CharField(max_length=60)),
                ("subject_id", models.CharField(max_length=60)),
                ("audience", models.CharField(max_length=60)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["subject_type", "subject_id", "audience"], name="exposed_once"
                    ),
                ],
            },
        ),
    ]
