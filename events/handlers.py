"""Who must be told what: handlers, registered by the apps that care.

    @handles("user.created", name="welcome_mail")
    def send_welcome_mail(event: Event) -> None: ...

The module with the handler is imported by its app's `AppConfig.ready()`. A handler runs in a
worker after the event was committed, in one transaction with its receipt: what it writes to the
database happens once, even when its worker is killed. What it does elsewhere may happen twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

from events.models import Event

Function = Callable[[Event], None]


@dataclass(frozen=True)
class Handler:
    name: str
    kind: str
    run: Function
    # The events of one subject are taken one after the other.
    ordered: bool
    # In one transaction with the receipt. Without it the handler may take long and must be safe
    # to run twice by itself.
    atomic: bool


_handlers: dict[str, Handler] = {}


def register(
    kind: str, function: Function, *, name: str, ordered: bool = False, atomic: bool = True
) -> None:
    """Have `function` called for each event of `kind`: "user.created", or "user.*" for all of them.

    `name` stands in the receipts: it is unique and stays. Registering the same again replaces it.
    Raises ValueError when another function has the name.
    """
    known = _handlers.get(name)
    if known and (known.run.__module__, known.run.__qualname__) != (
        function.__module__,
        function.__qualname__,
    ):
        raise ValueError(f"Two handlers are called {name}.")
    _handlers[name] = Handler(name, kind, function, ordered, atomic)


def handles(
    kind: str, *, name: str, ordered: bool = False, atomic: bool = True
) -> Callable[[Function], Function]:
    """`register` as a decorator."""

    def decorate(function: Function) -> Function:
        register(kind, function, name=name, ordered=ordered, atomic=atomic)
        return function

    return decorate


def unregister(name: str) -> None:
    """Forget a handler; for tests."""
    _handlers.pop(name, None)


def handlers_of(kind: str) -> list[Handler]:
    """Whom to tell of an event of `kind`, in the order they were registered."""
    return [handler for handler in _handlers.values() if matches(handler.kind, kind)]


def handler_named(name: str) -> Handler | None:
    """The handler that receipts of this name are for; None when no app has it any more."""
    return _handlers.get(name)


def names() -> list[str]:
    """The names of all handlers."""
    return list(_handlers)


def matches(pattern: str, kind: str) -> bool:
    """Whether `kind` is meant by `pattern`: the same, "post.*" for "post.live", or "*"."""
    if pattern.endswith("*"):
        return kind.startswith(pattern[:-1])
    return kind == pattern
