from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_role_permissions")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="token_version",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
    ]
