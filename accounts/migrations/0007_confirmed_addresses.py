from django.db import migrations


def keep_addresses(apps, schema_editor):
    """Who has an account by now got it from an administrator, who vouched for the address."""
    users = apps.get_model("accounts", "User").objects.exclude(email=None)
    addresses = apps.get_model("account", "EmailAddress").objects
    rows = [
        addresses.model(user_id=pk, email=email.lower(), primary=True, verified=True)
        for pk, email in users.values_list("pk", "email")
    ]
    addresses.bulk_create(rows, batch_size=1_000, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_audit_permission"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(keep_addresses, migrations.RunPython.noop)]
