"""What a backend says of the changes it has made durable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

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
