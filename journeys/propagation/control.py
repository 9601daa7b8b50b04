"""The negative control: before anything is done, every observer must recognise what is there now."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from flutter_bridge import now
from journeys.propagation.observer import Observer
from journeys.propagation.sighting import Sighting
from journeys.propagation.tasks import together
from journeys.propagation.watch import Watch
from journeys.timeline import Sight

PATIENCE = 5.0
# How long a frame is waited for before the semantics are read again all the same.
_PACE = 0.2


class Control:
    """The looks that recognised the old state; `missing` says of the other surfaces why there is none."""

    def __init__(self) -> None:
        self.looks: dict[Watch, Sighting] = {}
        self.missing: dict[Watch, str] = {}

    async def take(self, observers: Sequence[Observer]) -> None:
        """Wait, within bounds, until every watch has seen the old state on its surface."""
        until = now() + PATIENCE
        while True:
            await together(observer.read() for observer in observers)
            for observer in observers:
                for watch, look in (await observer.glance()).items():
                    self._note(watch, look)
            left = until - now()
            if not self.missing or left < 0:
                break
            await together(observer.next_frame(within=min(_PACE, left)) for observer in observers)
        # A frame's time may lie ahead of its receipt; what is done next must come after it.
        latest = max((look.shown.high for look in self.looks.values()), default=0.0)
        await asyncio.sleep(max(0.0, latest - now()))

    def _note(self, watch: Watch, look: Sighting | None) -> None:
        if look is not None and look.sight is Sight.OLD:
            self.looks[watch] = look
            self.missing.pop(watch, None)
        elif watch not in self.looks:
            self.missing[watch] = _why(watch, look)


def _why(watch: Watch, look: Sighting | None) -> str:
    unattempted = "the change was not attempted"
    if not watch.on_screen:
        return (
            f"was not on screen ({watch.finder}) once all that {watch.on.actor} must see was shown: watch it "
            f"in a block of its own, or through another actor; {unattempted}"
        )
    if look is not None and look.sight is Sight.NEW:
        return f"shows {watch.what} before anything was done; {unattempted}"
    why = look.reason if look is not None and look.reason else "it does not stand still"
    return f"was not recognised as it is before the change: {why}; {unattempted}"
