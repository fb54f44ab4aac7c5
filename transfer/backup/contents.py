"""What belongs in a backup, at any state of the migrations, and how values are written.

Tables are read and filled through the models as the migrations describe them, not as the code
does today: so a backup can be made before an upgrade's migrations ran, and an old one restored.
"""

import base64
import binascii
import datetime as dt
import hashlib
import json
import uuid
from collections.abc import Callable, Iterable
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.dateparse import parse_date, parse_datetime, parse_time

from transfer.backup.archive import BackupError

Migration = tuple[str, str]  # app label and name

# Everything else that has a model is in the backup, so that what a new app keeps is, too.
LEFT_OUT = {
    "sessions.session": "whoever was signed in signs in again",
    "usersessions.usersession": "goes with the sessions",
    "accounts.tokenfamily": "goes with the sessions: what was ended since must not come back",
    "account.emailconfirmation": "is asked for again",
    "accounts.dataexport": "ends after some days, and its files are not here",
    "events.feed": "made anew: a mirror must notice that the site went back",
    "events.scheduledjob": "what this machine's clock has done",
    "transfer.backuprun": "tells of the files of this machine",
    "blog.searchpart": "made anew from the posts",
    "blog.searchword": "made anew from the posts",
}
MICROSECOND = dt.timedelta(microseconds=1)


def applied_migrations(connection: BaseDatabaseWrapper) -> set[Migration]:
    """The migrations that `connection`'s database has, of whatever app; none when it is empty."""
    return set(MigrationRecorder(connection).applied_migrations())


class Contents:
    """The tables of a backup whose database had the migrations `applied`.

    Raises BackupError when this code does not know all of them.
    """

    def __init__(self, applied: Iterable[Migration]):
        loader = MigrationLoader(None)  # from the code alone, whatever database there is
        replaced = {node for squash in loader.replacements.values() for node in squash.replaces}
        known = set(loader.disk_migrations) | replaced
        installed = loader.migrated_apps
        # Rows of apps that were taken out long ago say nothing.
        self.migrations = sorted(node for node in set(applied) if node[0] in installed)
        if unknown := [".".join(node) for node in self.migrations if node not in known]:
            raise BackupError(
                "It comes from a newer or another version of Inkstone, which has "
                + ", ".join(unknown[:5])
                + ("…" if len(unknown) > 5 else "")
                + ". Use that version."
            )
        self._loader = loader

    @property
    def leaves(self) -> list[Migration]:
        """The last migrations: those that none of the others builds on."""
        nodes = set(self.migrations) & set(self._loader.graph.nodes)
        return sorted(
            node
            for node in nodes
            if not any(child.key in nodes for child in self._loader.graph.node_map[node].children)
        )

    def leaves_of(self, app: str) -> list[Migration]:
        """The last migrations of one app."""
        nodes = {node for node in self.migrations if node[0] == app}
        graph = self._loader.graph
        return sorted(
            node
            for node in nodes & set(graph.nodes)
            if not any(child.key in nodes for child in graph.node_map[node].children)
        )

    @cached_property
    def apps(self) -> Apps:
        """The models as they were then."""
        if not self.leaves:
            raise BackupError("The database is empty: run `manage.py migrate` first.")
        return self._loader.project_state(self.leaves).apps

    @cached_property
    def tables(self) -> dict[str, "Table"]:
        """What a backup holds, by label such as "blog.post"; links between tables included."""
        found = {
            model._meta.label_lower: Table(model)
            for model in self.apps.get_models(include_auto_created=True)
            if model._meta.managed
            and not model._meta.proxy
            and not model._meta.swapped
            and model._meta.label_lower not in LEFT_OUT
        }
        return dict(sorted(found.items()))

    def describe(self) -> dict[str, list[list[str]]]:
        """The columns of each table with their kind, as the header has them."""
        return {
            label: [[column.name, column.kind] for column in table.columns]
            for label, table in self.tables.items()
        }


class Table:
    """One table: its columns, and its rows as lines of JSON."""

    def __init__(self, model: type[models.Model]):
        self.model = model
        self.label = model._meta.label_lower
        self.columns = [
            Column(field)
            for field in model._meta.local_concrete_fields
            if not getattr(field, "generated", False)
        ]
        self._has_json = any(column.kind == "JSONField" for column in self.columns)

    def rows(self, using: str) -> models.QuerySet:
        """All rows as tuples, by key; managers of the model hide none."""
        names = [column.field.attname for column in self.columns]
        return models.QuerySet(self.model, using=using).order_by("pk").values_list(*names)

    def line(self, row: tuple) -> bytes:
        """A row as one line of JSON."""
        try:
            return _dumps([_encode(value) for value in row])
        except TypeError as error:
            raise BackupError(f"{self.label} holds what no backup can carry: {error}.") from error

    def digest_line(self, line: bytes) -> bytes:
        """What a row's hash is made of: PostgreSQL keeps the keys of JSON in another order."""
        return _dumps(json.loads(line), sort_keys=True) if self._has_json else line

    def values(self, line: bytes) -> list[Any]:
        """The Python values of a line. Raises BackupError when it is no row of this table."""
        try:
            row = json.loads(line)
            if not isinstance(row, list) or len(row) != len(self.columns):
                raise ValueError("not as many values as columns")
            return [column.decode(value) for column, value in zip(self.columns, row, strict=True)]
        except (ValueError, TypeError, RecursionError, OverflowError, InvalidOperation) as error:
            raise BackupError(f"A row of {self.label} in it makes no sense: {error}.") from error


class Column:
    """One column of a table."""

    def __init__(self, field: models.Field):
        self.field = field
        self.name = field.column
        target = field
        while target.remote_field and hasattr(target, "target_field"):
            target = target.target_field
        self.kind = target.get_internal_type()
        if self.kind not in READERS:
            raise BackupError(f"{field} is a {self.kind}, which no backup can carry.")
        self._read = READERS[self.kind]

    def decode(self, value: Any) -> Any:
        """The Python value of what JSON has. Raises ValueError or TypeError when it is none."""
        if value is None and (self.field.null or self.kind == "JSONField"):
            return None
        return self._read(value)

    def adapt(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """A decoded value as the database wants it."""
        if value is None and self.kind == "JSONField" and not self.field.null:
            return connection.ops.adapt_json_value(None, None)  # JSON's own null
        return self.field.get_db_prep_save(value, connection)


class RowHash:
    """The number of rows of a table, and one SHA-256 over all of them."""

    def __init__(self, table: Table):
        self.table = table
        self.rows = 0
        self._sha256 = hashlib.sha256()

    def add(self, line: bytes) -> None:
        self.rows += 1
        self._sha256.update(self.table.digest_line(line) + b"\n")

    def result(self) -> dict[str, Any]:
        return {"rows": self.rows, "sha256": self._sha256.hexdigest()}


def _dumps(row: list, **options) -> bytes:
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"), **options).encode()


def _encode(value: Any) -> Any:
    match value:
        case None | bool() | int() | float() | str() | dict() | list():
            return value
        case dt.date() | dt.time():  # a datetime is a date
            return value.isoformat()
        case dt.timedelta():
            return value // MICROSECOND
        case Decimal() | uuid.UUID():
            return str(value)
        case bytes() | memoryview():
            return base64.b64encode(value).decode()
    raise TypeError(f"a {type(value).__name__}")


def _exactly(*kinds: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"{value!r:.60} is no {kinds[0].__name__}")
        return value

    return read


def _parsed(parse: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(value: str) -> Any:
        parsed = parse(_exactly(str)(value))
        if parsed is None:
            raise ValueError(f"{value!r:.60} cannot be read")
        return parsed

    return read


def _bytes(value: str) -> bytes:
    try:
        return base64.b64decode(_exactly(str)(value), validate=True)
    except binascii.Error as error:
        raise ValueError("bytes that cannot be read") from error


_integer, _text = _exactly(int), _exactly(str)
READERS: dict[str, Callable[[Any], Any]] = {
    **{
        f"{size}{kind}": _integer
        for size in ("", "Small", "Big")
        for kind in ("AutoField", "IntegerField")
    },
    **{f"Positive{size}IntegerField": _integer for size in ("", "Small", "Big")},
    **{
        f"{kind}Field": _text
        for kind in ("Char", "Text", "Slug", "Email", "URL", "File", "GenericIPAddress", "FilePath")
    },
    "BooleanField": _exactly(bool),
    "FloatField": _exactly(float, int),
    "DateTimeField": _parsed(parse_datetime),
    "DateField": _parsed(parse_date),
    "TimeField": _parsed(parse_time),
    "DurationField": lambda value: _integer(value) * MICROSECOND,
    "DecimalField": _parsed(Decimal),
    "UUIDField": _parsed(uuid.UUID),
    "BinaryField": _bytes,
    "JSONField": lambda value: value,
}
