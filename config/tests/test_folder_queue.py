"""The queue of an installation without Redis."""

from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from config.folder_queue import Transport


@pytest.fixture
def channel(tmp_path):
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    options = {
        "data_folder_in": str(tmp_path / "messages"),
        "data_folder_out": str(tmp_path / "messages"),
        "control_folder": str(tmp_path / "control"),
    }
    with Connection("localhost", transport=Transport, transport_options=options) as connection:
        yield connection.default_channel


def test_messages_come_out_as_they_went_in(channel):
    for number in range(3):
        channel._put("events", {"number": number})
    assert sorted(channel._get("events")["number"] for _ in range(3)) == [0, 1, 2]
    with pytest.raises(Empty):
        channel._get("events")


def test_a_message_that_is_being_written_is_not_taken(channel, monkeypatch):
    seen = []
    write = Path.write_text

    def look(path: Path, text: str):
        for part in (text[:0], text[:5], text):  # as a slow disk would let it grow
            write(path, part)
            assert channel._size("events") == 0
            with pytest.raises(Empty):
                channel._get("events")
            seen.append(part)
        return len(text)

    monkeypatch.setattr(Path, "write_text", look)
    channel._put("events", {"number": 1})
    assert len(seen) == 3
    assert channel._get("events") == {"number": 1}


def test_the_list_of_queues_is_never_seen_empty(channel, tmp_path, monkeypatch):
    file = tmp_path / "control" / "events.exchange"
    opened = Path.open

    def look(path: Path, *args, **kwargs):
        if path == file:
            assert file.stat().st_size
        return opened(path, *args, **kwargs)

    monkeypatch.setattr(Path, "open", look)
    for queue in ("one", "two", "one"):
        channel._queue_bind("events", queue, "", queue)
    assert sorted(entry.queue for entry in channel.get_table("events")) == ["one", "two"]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_a_folder_that_cannot_be_written_is_the_brokers_error(channel, tmp_path):
    (tmp_path / "messages").rmdir()
    with pytest.raises(ChannelError):
        channel._put("events", {})
