from django.db import migrations

EDITOR = ["accounts.user.choose_user"]
ADMINISTRATOR = [
    *EDITOR,
    *(f"accounts.user.{action}_user" for action in ("add", "change", "delete", "view")),
    "auth.group.view_group",
    "events.event.view_event",
]
ROLES = {"Editor": EDITOR, "Administrator": ADMINISTRATOR}


def grant(apps, schema_editor):
    """Django makes permissions after all migrations, so those a role needs are made here."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    for role, codes in ROLES.items():
        group_permissions = group.objects.get(name=role).permissions
        for code in codes:
            app, model, codename = code.split(".")
            of_model, _ = content_type.objects.get_or_create(app_label=app, model=model)
            granted, _ = permission.objects.get_or_create(
                content_type=of_model,
                codename=codename,
                defaults={"name": f"Can {codename.replace('_', ' ')}"},
            )
            group_permissions.add(granted)


def revoke(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role in group.objects.filter(name__in=ROLES):
        role.permissions.remove(
            *role.permissions.filter(content_type__app_label__in=["accounts", "auth", "events"])
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_roles"),
        ("events", "0001_event"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
