"""What a backend says of the changes it has made durable, and from which moment a budget runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from flutter_bridge import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A change became durable at a moment inside `committed`, on `flutter_bridge.now()`'s clock.

    `change` is what changed, in the backend's words, such as `message`; `key` is what it is about, such as a
    conversation's id. `source` says how the moment is known.
    """

    change: str
    committed: Interval
    key: str = ""
    source: str = "event"


class Commits(Protocol):
    """A backend's reports of what it has committed."""

    def listen(self, key: str) -> AbstractAsyncContextManager[AsyncIterator[Commit]]:
        """Report the changes about a key: all that are committed while the context is open.

        Raises `InfrastructureError` where the backend can't be reached.
        """
        ...


@dataclass(frozen=True, slots=True)
class Tap:
    """The clock that starts with what a person does; `tap` is the only one."""

    def __str__(self) -> str:
        """Return what reports call it."""
        return "tap"


tap: Final = Tap()
"""A budget runs from the person's action: `cast.propagation(within=1.0, since=tap)`."""


@dataclass(frozen=True, slots=True)
class CommitOf:
    """The clock that starts with a commit about a key; made by `commit()`.

    `change` is what changed, in the backend's words; without one, any that changes the surface.
    """

    key: str
    change: str = ""

    def __str__(self) -> str:
        """Return what reports call it."""
        return f"commit “{self.change}” of {self.key}" if self.change else "commit"


def commit(change: str, *, key: str) -> CommitOf:
    """Have a budget run from what a backend commits under this name about this key, and nothing else.

    `change.expect("Hello", on=bob.on(Chat).last_message, since=commit("message", key=conversation.id))`
    """
    if not (isinstance(change, str) and isinstance(key, str) and change and key):
        raise TypeError(
            f'commit("message", key="…") takes what changed and what it is about, '
            f"not {change!r} and key={key!r}"
        )
    return CommitOf(key, change)
