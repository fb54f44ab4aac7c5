from django.db import migrations, models
from django.db.models import Q


def one_per_language(model):
    return migrations.AddConstraint(
        model_name=model,
        constraint=models.UniqueConstraint(
            condition=Q(translation_group__isnull=False),
            fields=("translation_group", "language"),
            name=f"{model}_language_once_per_group",
            violation_error_message="It is linked with another text in this language.",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("blog", "0014_post_corrections")]

    operations = [
        migrations.AddField(
            model_name="page",
            name="translation_group",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="post",
            name="translation_group",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        one_per_language("page"),
        one_per_language("post"),
    ]
