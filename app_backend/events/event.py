"""What an event is, as it travels through PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

CHANNEL = "app_backend_events"
"""The PostgreSQL channel all processes on one database share."""

Data = dict[str, Any]
"""What happened, as JSON: complete, so that a reader needs no look into the database."""

MAX_FORMS = 16
"""How many forms of an event are kept: readers may ask under as many host names as they like."""


@dataclass(frozen=True)
class Event:
    """Something that was committed between two readings of the wall clock, in Unix seconds.

    `committed_at` was read before the commit, `committed_by` once word of it had come out of PostgreSQL,
    which it does after the commit only; None before it travelled.
    """

    id: str
    name: str
    committed_at: float
    data: Data
    committed_by: float | None = None
    request_id: str | None = None
    """The request that made the change; None where it was none."""
    _forms: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def form(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return what `make` returns, which is asked once for all readers who have the same key."""
        found = self._forms.get(key)
        if found is None:
            found = make()
            if len(self._forms) < MAX_FORMS:
                self._forms[key] = found
        return found

    def as_json(self) -> Data:
        """Return it as it travels."""
        return {
            "id": self.id,
            "name": self.name,
            "committed_at": self.committed_at,
            "data": self.data,
            "request_id": self.request_id,
        }

    @classmethod
    def from_json(cls, value: Data, *, committed_by: float) -> Self:
        """Return the event that `as_json` described, received at `committed_by`."""
        return cls(
            id=value["id"],
            name=value["name"],
            committed_at=value["committed_at"],
            data=value["data"],
            committed_by=committed_by,
            # Another process on the database may be older than this field.
            request_id=value.get("request_id"),
        )
