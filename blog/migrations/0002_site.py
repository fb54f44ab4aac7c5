from django.db import migrations


def make_site(apps, schema_editor):
    apps.get_model("blog", "Site").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("blog", "0001_content")]
    operations = [migrations.RunPython(make_site, migrations.RunPython.noop)]
