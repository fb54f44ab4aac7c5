from django.db import migrations

MODELS = {
    "webhookendpoint": ["add", "change", "delete", "view"],
    "webhookdelivery": ["change", "view"],
    "receipt": ["change", "view"],
    "mail": ["change", "view"],
}


def grant(apps, schema_editor):
    """Django makes permissions after all migrations, so those the role needs are made here."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    administrators = apps.get_model("auth", "Group").objects.get(name="Administrator")
    for model, actions in MODELS.items():
        of_model, _ = content_type.objects.get_or_create(app_label="events", model=model)
        for action in actions:
            granted, _ = permission.objects.get_or_create(
                content_type=of_model,
                codename=f"{action}_{model}",
                defaults={"name": f"Can {action} {model}"},
            )
            administrators.permissions.add(granted)


def revoke(apps, schema_editor):
    administrators = apps.get_model("auth", "Group").objects.filter(name="Administrator").first()
    if administrators:
        administrators.permissions.remove(
            *administrators.permissions.filter(
                content_type__app_label="events", content_type__model__in=MODELS
            )
        )


class Migration(migrations.Migration):
    dependencies = [
        ("events", "0009_webhook"),
        ("accounts", "0003_role_permissions"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
