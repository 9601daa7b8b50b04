"""Looks for elements on a phone's screen, by any of the server's strategies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fake_android.device import Device
from fake_android.gestures import stroke
from fake_android.locators import locate
from fake_android.node import AndroidNode
from fake_android.settings import LookupSettings

SWIPE_STEP = 0.005
"""Seconds that a step of UiScrollable's swipes takes."""

SETTLED = 2.0
"""How many seconds a swiped list is given to come to rest."""


@dataclass(frozen=True, slots=True)
class Search:
    """How an element is looked for: in `context`, an element's id, or everywhere if that is empty."""

    strategy: str
    selector: str
    context: str = ""


@dataclass(frozen=True, slots=True)
class SwipedScreen:
    """A phone's screen as a lookup reads it, and swipes it where the locator says so."""

    device: Device

    async def window(self) -> AndroidNode:
        """Return the root of the active window."""
        return await self.device.window()

    async def swipe(self, start: tuple[int, int], end: tuple[int, int], *, steps: int) -> None:
        """Swipe in steps of 5 ms each, and wait until the screen rests."""
        await self.device.touch([stroke(start, end, seconds=steps * SWIPE_STEP)])
        await self.device.quiet(SETTLED)


async def find(
    device: Device,
    search: Search,
    context: AndroidNode | None,
    *,
    multiple: bool,
    settings: Mapping[str, Any],
    app_package: str,
) -> list[AndroidNode]:
    """Return the nodes found, at most one unless `multiple`; raises `Refusal` for what can't be read."""
    return await locate(
        SwipedScreen(device),
        search.strategy,
        search.selector,
        context=context,
        multiple=multiple,
        settings=LookupSettings.of(settings),
        app_package=app_package,
    )
