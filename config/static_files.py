"""How static files are built: every name holds the hash of its content, also in imports."""

from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage


class BuiltFiles(ManifestStaticFilesStorage):
    # Else a module would ask for another by the name that only the source has.
    support_js_module_import_aggregation = True


class CompressedBuiltFiles(CompressedManifestStaticFilesStorage):
    support_js_module_import_aggregation = True
