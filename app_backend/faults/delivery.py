"""Faults between the database's events and their readers: late, lost, doubled."""

from __future__ import annotations

import asyncio

from app_backend.events import Deliver, Event
from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import EventsDelayed, EventsDoubled, EventsLost


class FaultyDelivery:
    """Delivers events, unless a fault strikes. A delayed event still tells when its change was committed."""

    def __init__(self, deliver: Deliver, faults: Faults) -> None:
        self._deliver = deliver
        self._faults = faults

    def __call__(self, event: Event) -> None:
        """Deliver an event now, later, twice, or never."""
        if self._faults.strike(EventsLost):
            return
        delayed = self._faults.strike(EventsDelayed)
        for _ in range(2 if self._faults.strike(EventsDoubled) else 1):
            if delayed is None:
                self._deliver(event)
            else:
                asyncio.get_running_loop().call_later(delayed.delay_ms / 1000, self._deliver, event)
