"""The faults that can be armed, and what they do while they are."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from app_backend.events import Event, Hub

MAX_EVENT_DELAY_S = 60.0


@dataclass(frozen=True)
class Armed:
    """What is armed now; nothing by default."""

    event_delay_s: float = 0.0
    """Seconds for which every event is held back between the database and its readers."""


class Faults:
    """Stands between the database's events and the hub; lets all pass at once while nothing is armed.

    Stamps are taken before, so a delayed event still tells when its change was committed.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.armed = Armed()

    def deliver(self, event: Event) -> None:
        """Hand an event to the hub, now or later."""
        if self.armed.event_delay_s > 0:
            asyncio.get_running_loop().call_later(self.armed.event_delay_s, self._hub.publish, event)
        else:
            self._hub.publish(event)
