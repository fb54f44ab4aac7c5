from django.db import migrations

CODES = ["view_searchmiss", "delete_searchmiss"]
ROLES = ["Editor", "Administrator"]


def grant(apps, schema_editor):
    """Editors read what was looked for in vain. Django makes permissions after all migrations."""
    of_model, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="blog", model="searchmiss"
    )
    permissions = apps.get_model("auth", "Permission").objects
    for role in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        for code in CODES:
            permission, _ = permissions.get_or_create(
                content_type=of_model,
                codename=code,
                defaults={"name": f"Can {code.replace('_', ' ')}"},
            )
            role.permissions.add(permission)


def revoke(apps, schema_editor):
    for role in apps.get_model("auth", "Group").objects.filter(name__in=ROLES):
        role.permissions.remove(*role.permissions.filter(codename__in=CODES))


class Migration(migrations.Migration):
    dependencies = [("blog", "0006_publish_checks")]
    operations = [migrations.RunPython(grant, revoke)]
