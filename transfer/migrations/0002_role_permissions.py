from django.db import migrations

ROLES = ("Editor", "Administrator")


def grant(apps, schema_editor):
    """Django makes permissions after all migrations, so the one a role needs is made here."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    of_model, _ = content_type.objects.get_or_create(app_label="transfer", model="importeditem")
    view, _ = permission.objects.get_or_create(
        content_type=of_model,
        codename="view_importeditem",
        defaults={"name": "Can view imported file"},
    )
    for role in group.objects.filter(name__in=ROLES):
        role.permissions.add(view)


def revoke(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role in group.objects.filter(name__in=ROLES):
        role.permissions.remove(*role.permissions.filter(content_type__app_label="transfer"))


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0001_imported_item"),
        ("accounts", "0002_roles"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
