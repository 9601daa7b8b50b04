"""How the moment is learnt at which a backend made a change durable."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from flutter_bridge import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A change became durable at a moment inside `committed`, on `flutter_bridge.now()`'s clock.

    `change` is what changed, in the backend's words: `avatar…` and `picture…` concern pictures, `name…` and
    `display_name…` concern names, `bio…` and `post…` neither, anything else both. `source` says how
    the moment is known.
    """

    change: str
    committed: Interval
    source: str

    def concerns(self, subject: str) -> bool:
        """Whether it may have changed a subject: `picture` or `name`."""
        said = self.change.removeprefix("profile.").lower()
        for prefixes, concerned in _WORDS:
            if said.startswith(prefixes):
                return concerned == subject
        return True


_WORDS = (
    (("avatar", "picture"), "picture"),
    (("name", "display_name"), "name"),
    (("bio", "post"), ""),
)


class Commits(Protocol):
    """A backend's reports of what it has committed."""

    def listen(self, person_id: str) -> AbstractAsyncContextManager[AsyncIterator[Commit]]:
        """Report a person's changes: all that are committed while the context is open."""
        ...
