from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0002_role_permissions")]
    operations = [
        migrations.AddField(
            model_name="image",
            name="tint",
            field=models.CharField(blank=True, editable=False, max_length=3, default=""),
            preserve_default=False,
        ),
    ]
