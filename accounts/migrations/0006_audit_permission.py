from django.db import migrations


def grant(apps, schema_editor):
    """Django makes permissions after all migrations, so the one a role needs is made here."""
    of_model, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="accounts", model="auditentry"
    )
    permission, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=of_model,
        codename="view_auditentry",
        defaults={"name": "Can view audit entry"},
    )
    administrator = apps.get_model("auth", "Group").objects.get(name="Administrator")
    administrator.permissions.add(permission)


def revoke(apps, schema_editor):
    administrator = apps.get_model("auth", "Group").objects.filter(name="Administrator").first()
    if administrator:
        administrator.permissions.remove(
            *administrator.permissions.filter(
                content_type__app_label="accounts", codename="view_auditentry"
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_audit_trail"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
