from django.db import migrations


def grant(apps, schema_editor):
    """Administrators see backups and the clock's jobs."""
    kinds = apps.get_model("contenttypes", "ContentType").objects
    permissions = apps.get_model("auth", "Permission").objects
    administrators = apps.get_model("auth", "Group").objects.get(name="Administrator")
    for app, model, name in [
        ("transfer", "backuprun", "backup"),
        ("events", "scheduledjob", "scheduled job"),
    ]:
        kind, _ = kinds.get_or_create(app_label=app, model=model)
        permission, _ = permissions.get_or_create(
            content_type=kind, codename=f"view_{model}", defaults={"name": f"Can view {name}"}
        )
        administrators.permissions.add(permission)


def revoke(apps, schema_editor):
    for role in apps.get_model("auth", "Group").objects.filter(name="Administrator"):
        role.permissions.remove(
            *role.permissions.filter(codename__in=["view_backuprun", "view_scheduledjob"])
        )


class Migration(migrations.Migration):
    dependencies = [
        ("transfer", "0003_backup_run"),
        ("events", "0006_scheduled_job"),
        ("accounts", "0002_roles"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
