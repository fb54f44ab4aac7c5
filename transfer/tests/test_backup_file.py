"""The file of a backup: whole or refused, whatever somebody did to it."""

import gzip
import io
import json
import tarfile
import tracemalloc

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import OperationalError

from accounts.models import User
from blog.models import Tag
from transfer.backup.archive import ArchiveReader, ArchiveWriter, BackupError, media_name
from transfer.backup.check import check_backup
from transfer.backup.contents import LEFT_OUT, Contents, applied_migrations
from transfer.backup.write import whole_file, write_backup
from transfer.models import BackupRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def backup(tmp_path, make_post, ada):
    """The file of a small site: posts, people, an upload with a name that is not ASCII."""
    make_post(title="Über Tusche 墨", body="*Ink*\n" * 100, tags=["纸"])
    default_storage.save("images/ab/tusche-墨.svg", ContentFile(b"<svg/>"))
    path = tmp_path / "site.tar"
    with open(path, "wb") as out:
        write_backup(out)
    return path


def rewritten(path, change):
    """The same backup after `change(name, data)`, which gives the new member or None; with a
    checksum that fits, as whoever means harm would make it."""
    out = io.BytesIO()
    archive = ArchiveWriter(out)
    with tarfile.open(path) as tar:
        for member in tar:
            data = tar.extractfile(member).read()
            if member.name == "summary.json":
                archive.finish(json.loads(data))
            elif member.name == "checksum.json":
                continue
            elif changed := change(member.name, data):
                archive.add_bytes(*changed)
    path.write_bytes(out.getvalue())
    return path


def test_it_tells_what_is_in_it(backup):
    summary = check_backup(backup)
    assert summary.tables["blog.post"]["rows"] == 1
    assert summary.tables["accounts.user"]["rows"] == User.objects.count()
    assert summary.media["files"] == 1
    assert summary.header["settings"]["SITE_URL"] == "https://blog.test"
    assert "Whole" not in str(summary)
    with tarfile.open(backup) as tar:
        assert "media/images/ab/tusche-墨.svg" in tar.getnames()


def test_it_holds_no_setting_that_is_a_secret(backup, settings):
    assert settings.SECRET_KEY.encode() not in backup.read_bytes()
    assert set(check_backup(backup).header) == {
        *("format", "created_at", "database", "settings", "migrations", "tables"),
    }


def test_every_byte_counts(backup):
    whole = backup.read_bytes()
    for position in range(0, len(whole), 1_009):
        damaged = bytearray(whole)
        damaged[position] ^= 0x10
        backup.write_bytes(damaged)
        with pytest.raises(BackupError):
            for _ in ArchiveReader(open(backup, "rb")):  # noqa: SIM115  read to the hash only
                pass


@pytest.mark.parametrize("kept", [0, 100, 512, 5_000, -512, -1])
def test_one_that_was_cut_short_is_refused(backup, kept):
    whole = backup.read_bytes()
    backup.write_bytes(whole[:kept])
    with pytest.raises(BackupError):
        check_backup(backup)


def test_what_was_put_behind_it_is_refused(backup):
    with open(backup, "ab") as file:
        file.write(b"\0" * 512 + b"more")
    with pytest.raises(BackupError, match="behind its end"):
        check_backup(backup)


@pytest.mark.parametrize("data", [b"", b"no tar", b"\0" * 20_480, b"\x1f\x8b" + b"x" * 2_000])
def test_a_foreign_file_is_refused(tmp_path, data):
    path = tmp_path / "foreign"
    path.write_bytes(data)
    with pytest.raises(BackupError):
        check_backup(path)
    with pytest.raises(BackupError, match="cannot be read"):
        check_backup(tmp_path / "missing")


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, b"3", b"S"])
def test_links_folders_and_devices_are_refused(backup, tmp_path, kind):
    with tarfile.open(backup) as tar:
        first = tar.next()
        header = tar.extractfile(first).read()
    out = io.BytesIO()
    archive = ArchiveWriter(out)
    archive.add_bytes("inkstone-backup.json", header)
    info = tarfile.TarInfo("media/images/link")
    info.type, info.linkname = kind, "/etc/passwd"
    out.write(info.tobuf())
    backup.write_bytes(out.getvalue())
    with pytest.raises(BackupError, match="no plain file"):
        check_backup(backup)


@pytest.mark.parametrize(
    "name",
    [
        *("media/../../etc/passwd", "media//etc/passwd", "media/a/../b", "media/./a", "media/"),
        *("media/a\\..\\b", "media/a\nb", "media/.restore-x/a", "/etc/passwd", "../x", "other/x"),
        "media/" + "a" * 600,
    ],
)
def test_a_name_that_leads_elsewhere_is_refused(backup, name):
    def rename(old, data):
        return (name if old.startswith("media/") else old), data

    with pytest.raises(BackupError):
        check_backup(rewritten(backup, rename))
    if name.startswith("media/"):
        with pytest.raises(BackupError):
            media_name(name)


@pytest.mark.slow
def test_a_bomb_is_refused_in_little_memory(backup):
    bomb = gzip.compress(b"[" + b"0" * 200_000_000 + b"]\n", compresslevel=1)

    def replace(name, data):
        return name, bomb if name.startswith("tables/blog.tag/") else data

    rewritten(backup, replace)
    tracemalloc.start()
    try:
        with pytest.raises(BackupError, match="unpacks to more"):
            check_backup(backup)
        assert tracemalloc.get_traced_memory()[1] < 150_000_000
    finally:
        tracemalloc.stop()


def test_a_header_that_asks_for_much_memory_is_refused(tmp_path):
    info = tarfile.TarInfo("inkstone-backup.json")
    info.size = 8_000_000_000
    path = tmp_path / "big"
    path.write_bytes(info.tobuf() + b"{}")
    with pytest.raises(BackupError, match="larger than in any"):
        check_backup(path)
    info.type = tarfile.XHDTYPE
    path.write_bytes(info.tobuf() + b"x" * 1_000)
    with pytest.raises(BackupError, match="larger than in any"):
        check_backup(path)


NONSENSE = {
    "no JSON": b"no json",
    "no row": b"{}",
    "too few": b"[1]",
    "deep": b"[" * 10_000,
    "no number": b'["x", "a", "b", ""]',
    "no text": b"[1, 2, 3, 4]",
    "huge": b"[" + b"9" * 5_000 + b"]",
}


@pytest.mark.parametrize("line", NONSENSE.values(), ids=NONSENSE)
def test_rows_that_make_no_sense_are_refused(backup, line):
    def replace(name, data):
        return name, gzip.compress(line + b"\n") if name.startswith("tables/blog.tag/") else data

    with pytest.raises(BackupError):
        check_backup(rewritten(backup, replace))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda header: header | {"format": 99}, "form that this version does not know"),
        (lambda header: header | {"migrations": [["blog", "9999_later"]]}, "newer or another"),
        (lambda header: header | {"migrations": "all"}, "not what a backup's is"),
        (lambda header: header | {"tables": {}}, "not those of the version"),
    ],
)
def test_a_description_of_another_version_is_refused(backup, change, reason):
    def replace(name, data):
        if name == "inkstone-backup.json":
            data = json.dumps(change(json.loads(data))).encode()
        return name, data

    with pytest.raises(BackupError, match=reason):
        check_backup(rewritten(backup, replace))


def test_a_table_that_lacks_a_part_or_has_it_twice_is_refused(backup):
    def leave_out(name, data):
        return None if name.startswith("tables/blog.tag/") else (name, data)

    with pytest.raises(BackupError, match="not what it says"):
        check_backup(rewritten(backup, leave_out))


def test_nothing_that_is_kept_points_at_what_is_left_out(db):
    from django.db import connection

    contents = Contents(applied_migrations(connection))
    for table in contents.tables.values():
        for column in table.columns:
            target = column.field.related_model
            if target is not None:
                assert target._meta.label_lower not in LEFT_OUT, (table.label, column.name)
    labels = {model._meta.label_lower for model in contents.apps.get_models()}
    assert set(LEFT_OUT) <= labels | {"sessions.session"}


# --- writing ----------------------------------------------------------------------------


def test_a_write_that_fails_leaves_what_was_there(tmp_path):
    target = tmp_path / "site.tar"
    target.write_bytes(b"yesterday's")

    def fail():
        with whole_file(target) as out:
            out.write(b"half")
            raise OSError("disk full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert target.read_bytes() == b"yesterday's"
    assert [path.name for path in tmp_path.iterdir()] == ["site.tar"]


def test_the_file_is_its_owners_alone_and_a_killed_ones_rest_is_removed(tmp_path):
    target = tmp_path / "site.tar"
    (tmp_path / ".site.tar.part-old").write_bytes(b"half")
    with whole_file(target) as out:
        out.write(b"whole")
    assert target.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["site.tar"]


def test_links_and_unfinished_files_are_left_out(tmp_path, settings, ada):
    folder = settings.MEDIA_ROOT / "images"
    folder.mkdir(parents=True)
    (folder / "whole.png").write_bytes(b"png")
    (folder / ".new-half").write_bytes(b"pn")
    (settings.MEDIA_ROOT / "round").symlink_to(settings.MEDIA_ROOT)
    out = io.BytesIO()
    summary = write_backup(out)
    assert summary.media["files"] == 1
    assert summary.left_out == ["'round' (a link to a folder)"]


@pytest.mark.slow
def test_memory_stays_flat(ada):
    """2,000 rows of 10 KB must not be in memory at a time."""
    Tag.objects.bulk_create(
        Tag(name=f"tag {number}", slug=f"tag-{number}", description="ink " * 2_500)
        for number in range(2_000)
    )

    class Nowhere(io.RawIOBase):
        def write(self, data):
            return len(data)

    tracemalloc.start()
    try:
        write_backup(Nowhere())
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_the_command_writes_checks_and_remembers(tmp_path, make_post, capsys):
    make_post()
    path = tmp_path / "site.tar"
    call_command("backup", str(path))
    assert capsys.readouterr().out.startswith("Written: ")
    run = BackupRun.objects.latest_of(BackupRun.Kind.BACKUP, good=True)
    assert (run.path, run.sha256) == (str(path), check_backup(path).sha256)
    call_command("backup", "--check", str(path))
    assert capsys.readouterr().out.startswith("Whole: ")


def test_the_command_says_what_is_wrong(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        call_command("backup", str(tmp_path / "nowhere" / "site.tar"))
    (tmp_path / "foreign").write_bytes(b"foreign")
    with pytest.raises(CommandError, match="incomplete"):
        call_command("backup", "--check", str(tmp_path / "foreign"))


def test_one_that_goes_to_another_program_is_remembered_too(capsysbinary):
    """Else the doctor would ask for one for ever where containers have no folder for it."""
    call_command("backup", "-", verbosity=0)
    assert capsysbinary.readouterr().out.startswith(b"inkstone-backup.json")
    run = BackupRun.objects.latest_of(BackupRun.Kind.BACKUP, good=True)
    assert (run.path, run.size > 0) == ("", True)


def test_a_database_that_is_away_is_a_sentence(monkeypatch, tmp_path):
    def away(*args):
        raise OperationalError("connection failed: refused\nIs it running?")

    monkeypatch.setattr("transfer.management.commands.backup.write_backup", away)
    with pytest.raises(CommandError, match=r"failed: connection failed: refused$"):
        call_command("backup", str(tmp_path / "site.tar"))
    assert list(tmp_path.iterdir()) == []
