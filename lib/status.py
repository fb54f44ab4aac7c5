"""How a site says how it is: checks and counts that each app brings, collected in one place.

An app registers from its AppConfig.ready(); `config.health` asks. Nothing here knows an app.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

# A sentence that says what is wrong and tells no secret, "" when all is well.
Check = Callable[[], str]


@dataclass(frozen=True)
class WorkCount:
    """How much of one kind of work there is.

    `late_since` is when the oldest of what is due should have begun; `address` is the page of
    the admin that lists what was given up.
    """

    waiting: int = 0
    running: int = 0
    failed: int = 0  # waits for another try
    parked: int = 0
    late_since: datetime | None = None
    address: str = ""

    def lateness(self, now: datetime) -> timedelta:
        return max(now - self.late_since, timedelta()) if self.late_since else timedelta()


CountWork = Callable[[], WorkCount]

checks: dict[str, tuple[Check, bool]] = {}
work: dict[str, tuple[str, CountWork]] = {}


def register_check(name: str, check: Check, *, required: bool = False) -> None:
    """Let `/readyz` ask `check`. Without a `required` part the site cannot answer at all, so that
    no request should be sent to it; without another it does less."""
    checks[name] = (check, required)


def register_work(name: str, label: str, count: CountWork) -> None:
    """Show a kind of work that is done later on the page Work of the admin, in `/readyz` and
    `/metrics`. `name` is the metric's label, `label` what people read (may be lazy)."""
    work[name] = (label, count)
