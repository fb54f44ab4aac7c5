import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Image",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        editable=False, max_length=64, unique=True, verbose_name="content hash"
                    ),
                ),
                (
                    "file",
                    models.FileField(
                        editable=False, max_length=255, upload_to="", verbose_name="file"
                    ),
                ),
                ("name", models.CharField(max_length=200, verbose_name="file name")),
                (
                    "media_type",
                    models.CharField(editable=False, max_length=40, verbose_name="type"),
                ),
                (
                    "width",
                    models.PositiveIntegerField(
                        editable=False, help_text="Pixels.", verbose_name="width"
                    ),
                ),
                (
                    "height",
                    models.PositiveIntegerField(
                        editable=False, help_text="Pixels.", verbose_name="height"
                    ),
                ),
                (
                    "size",
                    models.PositiveBigIntegerField(
                        editable=False, help_text="Bytes.", verbose_name="size"
                    ),
                ),
                (
                    "fallback",
                    models.CharField(
                        blank=True,
                        choices=[("", "no renditions"), ("jpg", "JPEG"), ("png", "PNG")],
                        editable=False,
                        max_length=3,
                        verbose_name="renditions",
                    ),
                ),
                (
                    "alt",
                    models.CharField(
                        blank=True,
                        help_text="What the picture shows, for those who do not see it.",
                        max_length=500,
                        verbose_name="alternative text",
                    ),
                ),
                (
                    "decorative",
                    models.BooleanField(
                        default=False,
                        help_text="It says nothing that the text does not: screen readers pass over it.",
                        verbose_name="decorative",
                    ),
                ),
                ("caption", models.CharField(blank=True, max_length=500, verbose_name="caption")),
                ("credit", models.CharField(blank=True, max_length=200, verbose_name="credit")),
                (
                    "focal_x",
                    models.FloatField(
                        default=0.5,
                        help_text="What must stay in view: 0 is the left edge, 1 the right.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="focal point, across",
                    ),
                ),
                (
                    "focal_y",
                    models.FloatField(
                        default=0.5,
                        help_text="0 is the upper edge, 1 the lower.",
                        validators=[
                            django.core.validators.MinValueValidator(0),
                            django.core.validators.MaxValueValidator(1),
                        ],
                        verbose_name="focal point, down",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="uploaded"
                    ),
                ),
                (
                    "renditions_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="renditions made"),
                ),
                ("renditions_claimed_at", models.DateTimeField(editable=False, null=True)),
                ("renditions_tries", models.PositiveSmallIntegerField(default=0, editable=False)),
                (
                    "renditions_error",
                    models.CharField(
                        blank=True, editable=False, max_length=300, verbose_name="renditions failed"
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="images",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "image",
                "verbose_name_plural": "images",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("renditions_at", None)),
                        fields=["id"],
                        name="image_without_renditions",
                    )
                ],
            },
        ),
    ]
