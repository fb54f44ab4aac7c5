"""What a process keeps of its work as long as the state of all content lasts.

Nothing is dropped by a message that could be lost: who asks brings the state that the database
has now, and what was made in another state is not there any more.
"""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from blog.state import ContentState


class Kept:
    """Values by key, at most `limit` bytes of them, the least used dropped first.

    Where the key itself says of which version of something a value is, the state is None.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._state: ContentState | None = None
        self._values: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def has(self, key: Hashable) -> bool:
        """Whether something is kept under `key`, of whichever state."""
        return key in self._values

    def get(self, state: ContentState | None, key: Hashable) -> Any:
        """What was kept under `key` in `state`, None when nothing was."""
        with self._lock:
            if state != self._state or key not in self._values:
                return None
            self._values.move_to_end(key)
            return self._values[key][0]

    def put(self, state: ContentState | None, key: Hashable, value: Any, size: int) -> None:
        """Keep `value`, made in `state` and of about `size` bytes; not when it is too large to
        share the place with others."""
        if size > self.limit // 8:
            return
        with self._lock:
            if state != self._state:
                self._state, self._size = state, 0
                self._values.clear()
            _, replaced = self._values.pop(key, (None, 0))
            self._values[key] = value, size
            self._size += size - replaced
            while self._size > self.limit:
                _, (_, dropped) = self._values.popitem(last=False)
                self._size -= dropped

    def clear(self) -> None:
        with self._lock:
            self._state, self._size = None, 0
            self._values.clear()
