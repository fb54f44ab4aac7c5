from django.db import migrations

TERMS = ("category", "tag", "series")
CONTRIBUTOR = [
    *("post.add_post", "post.change_post", "post.view_post"),
    *(f"{term}.view_{term}" for term in TERMS),
    "revision.view_revision",
]
AUTHOR = [*CONTRIBUTOR, "post.publish_content", "tag.add_tag"]
EDITOR = [
    *AUTHOR,
    "post.edit_any_content",
    *("page.add_page", "page.change_page", "page.view_page"),
    *(f"{term}.{action}_{term}" for term in TERMS for action in ("add", "change", "delete")),
    "oldaddress.view_oldaddress",
]
ADMINISTRATOR = [
    *EDITOR,
    # For ever, that is: the bin is for whoever may edit.
    *("post.delete_post", "page.delete_page"),
    *("site.view_site", "site.change_site"),
    *(f"oldaddress.{action}_oldaddress" for action in ("add", "change", "delete")),
]
ROLES = {
    "Contributor": CONTRIBUTOR,
    "Author": AUTHOR,
    "Editor": EDITOR,
    "Administrator": ADMINISTRATOR,
}


def grant(apps, schema_editor):
    """Django makes permissions after all migrations, so those a role needs are made here."""
    content_type = apps.get_model("contenttypes", "ContentType")
    permission = apps.get_model("auth", "Permission")
    group = apps.get_model("auth", "Group")
    for role, codes in ROLES.items():
        group_permissions = group.objects.get(name=role).permissions
        for code in dict.fromkeys(codes):
            model, codename = code.split(".")
            of_model, _ = content_type.objects.get_or_create(app_label="blog", model=model)
            granted, _ = permission.objects.get_or_create(
                content_type=of_model,
                codename=codename,
                defaults={"name": f"Can {codename.replace('_', ' ')}"},
            )
            group_permissions.add(granted)


def revoke(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role in group.objects.filter(name__in=ROLES):
        role.permissions.remove(*role.permissions.filter(content_type__app_label="blog"))


class Migration(migrations.Migration):
    dependencies = [
        ("blog", "0002_site"),
        ("accounts", "0002_roles"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(grant, revoke)]
