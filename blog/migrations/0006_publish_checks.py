from django.db import migrations, models

import blog.models.checks


class Migration(migrations.Migration):
    dependencies = [("blog", "0005_search_index")]
    operations = [
        migrations.AddField(
            model_name="site",
            name="publish_checks",
            field=models.JSONField(
                blank=True,
                default=dict,
                help_text="Rule to level: off, warning or blocking. What is not named warns.",
                validators=[blog.models.checks.level_by_rule],
                verbose_name="checks before publication",
            ),
        ),
    ]
