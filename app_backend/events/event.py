"""What an event is, as it travels through PostgreSQL."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Self

CHANNEL = "app_backend_events"
"""The PostgreSQL channel all processes on one database share."""

Data = dict[str, Any]
"""What happened, as JSON: complete, so that a reader needs no look into the database."""


@dataclass(frozen=True)
class Event:
    """Something that was committed at `committed_at` (Unix seconds, never later than the commit)."""

    id: str
    name: str
    committed_at: float
    data: Data

    def as_json(self) -> Data:
        """Return it as JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: Data) -> Self:
        """Return the event that `as_json` described."""
        return cls(id=value["id"], name=value["name"], committed_at=value["committed_at"], data=value["data"])
