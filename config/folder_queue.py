"""The queue of an installation without Redis: a message is a file in a folder.

Kombu's own transport opens the file under its final name and writes it afterwards. A worker that
looks in between takes an empty message, cannot read it and ends, and with it the whole stack. Here
a file gets its name when it is whole.
"""

import os
import time
import uuid
from pathlib import Path
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    """Kombu's channel, whose files are never seen half written."""

    def _put(self, queue: str, payload: dict[str, Any], **kwargs: Any) -> None:
        # Files are taken in the order of their names; what begins with a dot is no message.
        name = f"{time.monotonic_ns() // 1_000_000}_{uuid.uuid4()}.{queue}.msg"
        folder = Path(self.data_folder_out)
        unfinished = folder / f".{name}"
        try:
            unfinished.write_text(dumps(payload))
            unfinished.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"Cannot add a message to {folder}") from error

    def _queue_bind(self, exchange: str, *args: Any) -> None:
        file = self._exchange_file(exchange)
        if not file.exists():
            file.parent.mkdir(exist_ok=True)
            unfinished = file.with_name(f".{uuid.uuid4()}")
            unfinished.write_text("[]")
            try:
                os.link(unfinished, file)  # fails where another process was first
            except FileExistsError:
                pass
            finally:
                unfinished.unlink()
        super()._queue_bind(exchange, *args)


class Transport(filesystem.Transport):
    Channel = Channel
