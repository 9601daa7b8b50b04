"""All the phones of a run: a pool for each target, made when it is first needed, closed with the run."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from flutter_bridge.appium import TRANSIT, AppiumSession, open_appium_session
from journeys.devices.capabilities import STAND_IN_LINKS, app_capabilities, browser_capabilities
from journeys.devices.leasing import Leasing
from journeys.devices.marking import Marking, Played
from journeys.devices.needs import APPIUM
from journeys.devices.place import Place
from journeys.devices.pool import DevicePool
from journeys.devices.stages import AppiumStage, MobileWebStage, opening
from journeys.stage import Stage
from journeys.targets import Target

# A stand-in writes to the very socket that is read here: what it sent has arrived.
STAND_IN_TRANSIT = 0.01


class Devices:
    """The phones of a run; `addresses` are those of the servers that were started for it, by name.

    `leasing` is how they are shared with others, where they are; `noted` hears of each that is played on.
    """

    def __init__(
        self,
        places: Iterable[Place],
        *,
        addresses: Mapping[str, str],
        leasing: Leasing | None = None,
        noted: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._places = {place.target.name: place for place in places}
        self._addresses = addresses
        self._leasing = leasing
        self._noted = noted
        self._pools: dict[str, DevicePool] = {}
        self._marking = Marking()
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            self._open.push_async_exit(pool)
        await self._open.aclose()

    def stage(self, target: Target, *, app_url: str, evidence: Path, played: Played | None = None) -> Stage:
        """Return where a target's actors open their app; `app_url` is where its web build is served.

        `played` is the journey they do that in, for providers whose pages show how it went.
        """
        place = self._places[target.name]
        server = target.appium_url or self._addresses[APPIUM]
        if target.shows_web_build:
            return MobileWebStage(
                target,
                server=server,
                capabilities=lambda: browser_capabilities(target),
                url=app_url,
                evidence=evidence,
            )
        if target.name not in self._pools:
            self._pools[target.name] = self._pool(place, server)
        links = target.links or (STAND_IN_LINKS if place.stand_in else None)
        return AppiumStage(
            self._pools[target.name],
            target,
            name=place.shown,
            links=links,
            evidence=evidence,
            transit=STAND_IN_TRANSIT if place.stand_in else TRANSIT,
            marking=self._marking,
            played=played,
        )

    def _pool(self, place: Place, server: str) -> DevicePool:
        def connect(device: str | None) -> AbstractAsyncContextManager[AppiumSession]:
            return open_appium_session(
                server=server,
                capabilities=app_capabilities(place, device),
                pixel_ratio=place.target.pixel_ratio,
                system_names=place.target.system_names,
                frames=place.target.frames,
                start_timeout=opening(place.target),
            )

        return DevicePool(
            place.shown,
            place.devices,
            connect,
            advice=f"{'' if place.stand_in else 'connect another, or '}play some actors elsewhere, as "
            f"--cast 'alice={place.target.name},*=web' does",
            leasing=self._leasing,
            shared=_shared(place, server),
            noted=self._noted,
        )


def _shared(place: Place, server: str) -> str:
    """Return the name by which all who could use a target's devices know them."""
    if place.target.appium_url is not None:
        parts = urlsplit(server)
        # Without the name and the key that may stand before the host.
        return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    # A stand-in belongs to the Appium that was started beside it; a phone to the host it is plugged into.
    return f"{socket.gethostname()} {urlsplit(server).netloc}" if place.stand_in else socket.gethostname()
