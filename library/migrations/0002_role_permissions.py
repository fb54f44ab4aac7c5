from django.db import migrations

UPLOADER = ["add_image", "view_image"]
ROLES = {
    "Contributor": UPLOADER,
    "Author": UPLOADER,
    "Editor": [*UPLOADER, "change_image", "delete_image"],
    "Administrator": [*UPLOADER, "change_image", "delete_image"],
}


def grant(apps, schema_editor):
    """Django makes permissions after all migrations, so those a role needs are made here."""
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="library", model="image"
    )
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    for role, codenames in ROLES.items():
        for codename in codenames:
            granted, _ = permission.objects.get_or_create(
                content_type=content_type,
                codename=codename,
                defaults={"name": f"Can {codename.replace('_', ' ')}"},
            )
            group.objects.get(name=role).permissions.add(granted)


def revoke(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role in group.objects.filter(name__in=ROLES):
        role.permissions.remove(*role.permissions.filter(content_type__app_label="library"))


class Migration(migrations.Migration):
    dependencies = [
        ("library", "0001_image"),
        ("accounts", "0002_roles"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
