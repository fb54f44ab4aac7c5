"""The search index proper: what Django's models cannot say, for each database."""

from django.db import migrations

POSTGRESQL = [
    "ALTER TABLE blog_searchpart ADD COLUMN title tsvector, ADD COLUMN document tsvector",
    "CREATE INDEX search_part_title ON blog_searchpart USING gin (title)",
    "CREATE INDEX search_part_document ON blog_searchpart USING gin (document)",
]
POSTGRESQL_BACK = [
    "ALTER TABLE blog_searchpart DROP COLUMN title, DROP COLUMN document",
]
SQLITE = [
    # Tokens come folded and cut; marks belong to words, or Hindi would fall apart.
    """CREATE VIRTUAL TABLE blog_search_index USING fts5(
        title, summary, body,
        tokenize = "unicode61 remove_diacritics 0 categories 'L* N* M* Co'",
        prefix = '1 2 3'
    )""",
    """CREATE TRIGGER blog_searchpart_gone AFTER DELETE ON blog_searchpart
    BEGIN DELETE FROM blog_search_index WHERE rowid = old.id; END""",
]
SQLITE_BACK = [
    "DROP TRIGGER IF EXISTS blog_searchpart_gone",
    "DROP TABLE blog_search_index",
]


def forwards(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL if on_postgresql else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    on_postgresql = schema_editor.connection.vendor == "postgresql"
    for statement in POSTGRESQL_BACK if on_postgresql else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("blog", "0004_search")]
    operations = [migrations.RunPython(forwards, backwards)]
