"""All the phones of a run: a pool for each target, made when it is first needed, closed with the run."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from flutter_bridge import BrowserMissing
from flutter_bridge.appium import TRANSIT_S, AppiumSession, open_appium_session
from flutter_bridge.mobile_web import chromium_capabilities, grid_capabilities
from journeys.devices.place import APPIUM, STAND_IN_ACTIVITY, STAND_IN_APP, Place
from journeys.devices.sessions.pool import DevicePool, Leasing
from journeys.devices.sessions.stages import (
    AppiumStage,
    Marking,
    MobileWebStage,
    PlayedJourney,
    session_start_timeout,
)
from journeys.errors import SetupError
from journeys.stage import Stage
from journeys.targets import Target

STAND_IN_TRANSIT_S = 0.01
"""A stand-in writes to the very socket that is read here, so what it sent has arrived."""

STAND_IN_LINKS = "journeys-reference://open"
"""What stands before a path in the stand-in's deep links."""

# What a phone has to be prepared for and a stand-in has no parts of: Appium's own apps, its lock.
_STAND_IN = {
    "appium:appPackage": STAND_IN_APP,
    "appium:appActivity": STAND_IN_ACTIVITY,
    "appium:skipServerInstallation": True,
    "appium:skipDeviceInitialization": True,
    "appium:skipUnlock": True,
    "appium:ignoreHiddenApiPolicyError": True,
    "appium:suppressKillServer": True,
}
# How long adb may take for one command: on a busy machine a cold start takes longer than Appium's 20 s.
_ADB_PATIENCE = {"appium:adbExecTimeout": 60_000}
_NAMES = {"android": "Android", "ios": "iOS"}


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

    async def __aexit__(self, *_: object) -> None:
        for pool in self._pools.values():
            self._open.push_async_exit(pool)
        await self._open.aclose()

    def stage(
        self, target: Target, *, app_url: str, evidence: Path, played: PlayedJourney | None = None
    ) -> Stage:
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
            name=place.display_name,
            links=links,
            evidence=evidence,
            transit=STAND_IN_TRANSIT_S if place.stand_in else TRANSIT_S,
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
                start_timeout=session_start_timeout(place.target),
            )

        return DevicePool(
            place.display_name,
            place.devices,
            connect,
            advice=f"{'' if place.stand_in else 'connect another, or '}play some actors elsewhere, as "
            f"--cast 'alice={place.target.name},*=web' does",
            leasing=self._leasing,
            shared=_shared_name(place, server),
            noted=self._noted,
        )


def _shared_name(place: Place, server: str) -> str:
    """Return the name by which all who could use a target's devices know them."""
    if place.target.appium_url is not None:
        parts = urlsplit(server)
        # Without the name and the key that may stand before the host.
        return f"{parts.netloc.rpartition('@')[2]}{parts.path}"
    # A stand-in belongs to the Appium that was started beside it; a phone to the host it is plugged into.
    return f"{socket.gethostname()} {urlsplit(server).netloc}" if place.stand_in else socket.gethostname()


def app_capabilities(place: Place, device: str | None) -> dict[str, object]:
    """Return what a session with the app on a device is asked for; None: whichever device Appium finds."""
    target = place.target
    wanted: dict[str, object] = {"platformName": _NAMES[target.platform]}
    if target.platform == "android":
        wanted |= _ADB_PATIENCE
    if place.stand_in:
        wanted |= _STAND_IN
    if device is not None:
        wanted["appium:udid"] = device
    if target.app is not None:
        wanted["appium:app"] = target.app
    if target.app_id is not None:
        wanted["appium:appPackage" if target.platform == "android" else "appium:bundleId"] = target.app_id
    if target.activity is not None:
        wanted["appium:appActivity"] = target.activity
    return wanted | dict(target.capabilities)


def browser_capabilities(target: Target) -> dict[str, object]:
    """Return what a session with the web build in a browser is asked for."""
    if target.platform != "chromium":
        wanted: dict[str, object] = {"platformName": _NAMES[target.platform], "browserName": target.browser}
        if target.devices:
            wanted["appium:udid"] = target.devices[0]
        return wanted | dict(target.capabilities)
    if target.provider == "grid":
        return grid_capabilities(target.capabilities, pixel_ratio=target.pixel_ratio or 1.0)
    try:
        return chromium_capabilities(pixel_ratio=target.pixel_ratio or 1.0) | dict(target.capabilities)
    except BrowserMissing as problem:
        raise SetupError(f"{target.name}: {problem}") from problem
